package salesmanagement

import (
	"context"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// place says which dossier a row belongs to.
type place uint8

const (
	ours      place = iota
	elsewhere       // of another dossier, which its own job looks after: it is left alone
	nowhere         // nobody can tell
)

// foreign says whether a row is known to another dossier.
func (t *Tenant) foreign(r row) bool {
	dossier, _, told := strings.Cut(r.text(FieldExternal), ":")
	return told && dossier != t.cfg.Dossier
}

// othersNote is the note that rows of another dossier were seen.
const othersNote = "salesmanagement/others"

// remember takes up whether other dossiers use the tenant; keepOthers notes it.
func (t *Tenant) remember(o connectors.Observation) {
	t.others = t.others || t.cfg.Shared || o.Get(othersNote) != nil
}

func (t *Tenant) keepOthers(o connectors.Observation) {
	if t.others && o.Get(othersNote) == nil {
		o.Put(othersNote, []byte{1})
	}
}

// placeOf says which dossier a row belongs to: by its external id, else an account by what the setting says, and contacts and quotes by
// their account (S50-34).
func (t *Tenant) placeOf(ctx context.Context, e record.Entity, r row) (place, error) {
	_, _, known := strings.Cut(r.text(FieldExternal), ":")
	switch {
	case e == record.User:
		return ours, nil
	case t.foreign(r):
		return elsewhere, nil
	case known || t.alone():
		return ours, nil
	case e == record.Account:
		return t.accountPlace(r), nil
	case (e == record.Contact || e == record.Quote) && r.id("accountId") != "":
		return t.placeOfAccount(ctx, r.id("accountId"))
	}
	return ours, nil
}

// alone says whether all that is born in the tenant is this dossier's.
func (t *Tenant) alone() bool { return t.cfg.DossierField == "" && !t.others && !t.cfg.Shared }

func (t *Tenant) accountPlace(r row) place {
	text, id := fold(r.text(t.cfg.DossierField)), r.id(t.cfg.DossierField)
	switch {
	case t.cfg.DossierField == "" || text == "" && id == "":
		return nowhere
	case slices.ContainsFunc(t.cfg.DossierValues, func(v string) bool { return fold(v) == text || id != "" && plainID(v) == id }):
		return ours
	}
	return elsewhere
}

// placeOfAccount says which dossier an account belongs to, by its id.
func (t *Tenant) placeOfAccount(ctx context.Context, id string) (place, error) {
	if p, known := t.places[id]; known {
		return p, nil
	}
	r, err := t.get(ctx, resources[record.Account].list, id)
	if err != nil || r == nil {
		return ours, err
	}
	p, err := t.placeOf(ctx, record.Account, r)
	if err == nil {
		t.places[id] = p
	}
	return p, err
}

// seen notes what a row of a look tells of dossiers, and says whether the row is left alone.
func (t *Tenant) seen(ctx context.Context, e record.Entity, r row) (alone bool, err error) {
	t.others = t.others || t.foreign(r)
	p, err := t.placeOf(ctx, e, r)
	if e == record.Account && !t.alone() {
		t.places[r.id("id")] = p
	}
	return p == elsewhere, err
}

// undecided holds an account that nobody can tell the dossier of.
func (t *Tenant) undecided(rec *record.Record, r row) {
	if rec.Entity != record.Account || rec.ExternalID != "" || rec.Held != "" || t.alone() || t.accountPlace(r) != nowhere {
		return
	}
	rec.Held, rec.HeldArgs = CodeDossierRule, map[string]string{"dossier": t.cfg.Dossier}
	if t.cfg.DossierField != "" {
		rec.Held, rec.HeldArgs = CodeDossierUnset, map[string]string{"field": t.cfg.DossierField}
	}
}
