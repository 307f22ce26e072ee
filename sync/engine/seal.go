package engine

import (
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/plan"
	"syncbox/sync/store"
)

// seal gives a digest of what a decision writes to a side and of what it overwrites there, as far as that was read. It is
// the same in a preview and in the run after it where nothing has changed in between: what either of them has created is
// named by its key on the other side.
func (c *cycle) seal(t *store.Txn, to connectors.Side, w *work) uint64 {
	values, seen := w.d.CRM, w.item.CRM
	if to == connectors.ERP {
		values, seen = w.d.ERP, w.item.ERP
	}
	b := append([]byte(nil), byte(to), writeKind(to, w.d.Verdict))
	if to == connectors.CRM {
		b = append(b, bit(w.retires), bit(c.unnamed(w)), bit(w.displace != nil && w.displace.Key != ""))
	}
	if v := w.d.Verdict; v == plan.DeleteCRM || v == plan.DeleteERP {
		return xxh3.HashSeed(w.seenOn(to).AppendCanonical(b), c.State.Seed)
	}
	rules := c.Mapper.Rules(w.rule.Entity)
	for _, i := range sortedFields(values) {
		b = append(b, byte(rules.Fields[i].Code), byte(rules.Fields[i].Code>>8))
		b = named(t, values[i]).AppendCanonical(b)
		if seen != nil && !seen.Gone {
			b = named(t, seen.Cells[i].Value).AppendCanonical(b)
		}
	}
	return xxh3.HashSeed(b, c.State.Seed)
}

func bit(is bool) byte {
	if is {
		return 1
	}
	return 0
}

// writeKind tells apart what a write makes of a record.
func writeKind(to connectors.Side, v plan.Verdict) byte {
	switch {
	case to == connectors.ERP && v == plan.CreateERP, to == connectors.CRM && v == plan.CreateCRM, to == connectors.CRM && v == plan.Replace,
		to == connectors.CRM && (v == plan.Deactivate || v == plan.DeleteCRM), to == connectors.ERP && v == plan.DeleteERP:
		return byte(v)
	}
	return byte(plan.Write)
}

// named gives a value in which every reference names the record by the key that it had first: links and keys that a run
// makes differ from those that its preview has made.
func named(t *store.Txn, v record.Value) record.Value {
	switch v.Kind {
	case record.Rows:
		rows := make([]record.Fields, len(v.Rows))
		for n, row := range v.Rows {
			rows[n] = record.Fields{}
			for name, cell := range row {
				rows[n][name] = named(t, cell)
			}
		}
		v.Rows = rows
	case record.Ref:
		text, _, _ := strings.Cut(v.Text, " ")
		id, err := strconv.ParseUint(text, 10, 64)
		l, ok := t.Get(plan.LinkID(id))
		switch {
		case err != nil || !ok:
		case l.Born == connectors.CRM && l.CRM != "":
			v.Text = "crm " + string(l.CRM)
		default:
			v.Text = "erp " + string(l.ERP)
		}
	}
	return v
}
