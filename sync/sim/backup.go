package sim

import (
	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
)

// backup is a copy of the ERP's data, and of what the things were like then.
type backup struct {
	data   product.Backup
	things []kept
}

// kept is what the ERP knew of a thing.
type kept struct {
	at     record.Key
	gone   bool
	births int
	shows  []*write
}

// takeBackup copies the ERP's data.
func (w *world) takeBackup() {
	b := &backup{data: w.erp.Backup()}
	for _, t := range w.things {
		k := kept{at: t.at[connectors.ERP], gone: t.gone, births: t.births[connectors.ERP]}
		for i := range t.cells {
			k.shows = append(k.shows, t.cells[i].shows[connectors.ERP])
		}
		b.things = append(b.things, k)
	}
	w.backup = b
	w.trace("a backup of the ERP is taken")
}

// restore puts the last backup in place of the ERP's data. Whatever was typed until now may be lost, on both
// sides: a person takes the old data as the truth.
func (w *world) restore() {
	if w.backup == nil {
		return
	}
	w.trace("the ERP's data is what it was at the last backup")
	w.troubled = w.steady
	w.erp.Restore(w.backup.data)
	for n, t := range w.things {
		t.forgive()
		k := &kept{}
		if n < len(w.backup.things) {
			k = &w.backup.things[n]
		}
		if k.at == "" {
			w.unborn(t, k.births)
			continue
		}
		if t.gone && !k.gone {
			t.back = w.steady
		}
		if t.at[connectors.ERP] != k.at {
			t.mayBe++ // its place was another's; it is one more customer there now
			t.former = true
		}
		t.at[connectors.ERP], t.gone, t.births[connectors.ERP] = k.at, k.gone, k.births
		for i := range t.cells {
			now := t.cells[i].shows[connectors.ERP]
			t.cells[i].shows[connectors.ERP] = k.shows[i]
			if k.shows[i] != nil && k.shows[i] != now { // known anew to be so, by nobody who has seen what came after
				w.typed(t, i, connectors.ERP, k.shows[i].value).forgiven = true
			}
		}
	}
}

// unborn notes that the ERP does not know a thing any more, if it ever did, nor that the box created it there more
// often than births tells.
func (w *world) unborn(t *thing, births int) {
	if t.at[connectors.ERP] != "" || t.births[connectors.ERP] > 0 {
		w.left(t, connectors.ERP)
		t.gone, t.births[connectors.ERP] = true, births
	}
}
