package sagecrm

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest/soap"
)

// Column is a column of company or person, as the CRM describes it.
type Column struct {
	Name    string // the database's: comp_vat
	Caption string // what people call it; empty where the CRM does not tell
	Kind    string // the CRM's word for its kind; empty where it does not tell
}

// Proposal are columns among which a person chooses at set-up.
type Proposal struct {
	VAT, BobSync []Column // the likely ones
	Company      []Column // all of company
	Person       []Column // all of person
}

// shapeEvery is the time between two looks at the columns.
const shapeEvery = time.Hour

// Propose reads the columns of company and person, and finds those that may hold the VAT number and the BobSync box.
func (c *CRM) Propose(ctx context.Context) (Proposal, error) {
	s, err := c.use(ctx)
	if err != nil {
		return Proposal{}, err
	}
	var p Proposal
	if p.Company, err = s.columns(ctx, companyTable); err != nil {
		return Proposal{}, err
	}
	if p.Person, err = s.columns(ctx, personTable); err != nil {
		return Proposal{}, err
	}
	for _, col := range p.Company {
		words := strings.ToLower(col.Name + " " + col.Caption)
		if strings.Contains(words, "vat") && !strings.Contains(words, "private") || strings.Contains(words, "tva") || strings.Contains(words, "btw") {
			p.VAT = append(p.VAT, col)
		}
		if strings.Contains(words, "bob") && col.checkBox() {
			p.BobSync = append(p.BobSync, col)
		}
	}
	return p, nil
}

// checkBox says whether a column may be a box; one of an unknown kind may.
func (col Column) checkBox() bool {
	kind := strings.ToLower(col.Kind)
	return kind == "" || strings.Contains(kind, "check") || strings.Contains(kind, "bool") || kind == "45"
}

// Check finds the first column that the settings lack, or that the CRM does not have (BOB-3).
func (c *CRM) Check(ctx context.Context) error {
	for _, needed := range []struct{ field, column string }{{FieldVAT, c.cfg.VATField}, {FieldBobSync, c.cfg.BobSyncField}} {
		if needed.column == "" {
			return with(connectors.Errorf(connectors.Drift, CodeFieldsMissing, "no column is chosen"), "field", needed.field, "column", "")
		}
	}
	s, err := c.use(ctx)
	if err != nil {
		return err
	}
	now := c.cfg.Now()
	if age := now.Sub(c.shaped); !c.shaped.IsZero() && age >= 0 && age < shapeEvery {
		return nil
	}
	for _, e := range []record.Entity{record.Account, record.Contact} {
		if err := c.checkTable(ctx, s, e); err != nil {
			return err
		}
	}
	for _, t := range childTables {
		if err := c.checkChild(ctx, s, t); err != nil {
			return err
		}
	}
	c.shaped = now
	return nil
}

func (c *CRM) checkTable(ctx context.Context, s site, e record.Entity) error {
	needed := c.neededColumns(e)
	missing, err := c.missing(ctx, s, tables[e], slices.Sorted(maps.Keys(needed)))
	if err != nil || missing == "" {
		return err
	}
	return with(connectors.Errorf(connectors.Drift, CodeFieldsMissing, "the CRM has no column %s", missing), "field", needed[missing], "column", missing)
}

// checkChild finds out whether addresses, phones or e-mails have the columns of the settings.
func (c *CRM) checkChild(ctx context.Context, s site, t table) error {
	ch := c.cfg.child(t)
	missing, err := c.missing(ctx, s, t, []string{t.column(ch.Key), t.column(ch.Company), t.column(ch.Person)})
	if err != nil || missing == "" {
		return err
	}
	return c.noLink(t, short(missing))
}

// missing gives the first of some columns that a table does not have, empty if it has all.
func (c *CRM) missing(ctx context.Context, s site, t table, needed []string) (string, error) {
	if len(needed) == 0 {
		return "", nil
	}
	columns, err := s.columns(ctx, t)
	if err != nil {
		return "", err
	}
	for _, column := range needed {
		if slices.ContainsFunc(columns, func(col Column) bool { return strings.EqualFold(col.Name, column) }) {
			continue
		}
		if there, err := c.there(ctx, s, t, column); err != nil || !there {
			return column, err
		}
	}
	return "", nil
}

// there asks whether a table has a column, by a condition that names it and that nothing fits: where records alone tell, they
// may not show what is empty in them.
func (c *CRM) there(ctx context.Context, s site, t table, column string) (bool, error) {
	where := equal(short(column), "?")
	switch {
	case c.cfg.Custom[column] == FormDate:
		where = least(short(column), "9999-12-31 00:00:00")
	case c.cfg.Custom[column] == FormNumber || slices.Contains(childTables, t):
		where = in(short(column), []string{"-1000000000"})
	}
	err := s.query(ctx, t, where, func([]row) error { return nil })
	if why(err) == queryFailed {
		return false, nil
	}
	return err == nil, err
}

// neededColumns are the columns of the settings, with the fields that they are for.
func (c *CRM) neededColumns(e record.Entity) map[string]string {
	needed := map[string]string{c.cfg.idField(e): connectors.ExternalIDField}
	if e == record.Account {
		maps.Copy(needed, map[string]string{
			c.cfg.VATField: FieldVAT, c.cfg.VATPrefixField: FieldVAT, c.cfg.BobSyncField: FieldBobSync, c.cfg.LanguageField: FieldLanguage,
		})
	}
	delete(needed, "")
	return needed
}

// columns asks for the metadata and, where the CRM does not give them, looks at records.
func (w *webService) columns(ctx context.Context, t table) ([]Column, error) {
	body, err := w.call(ctx, "getmetadata", w.entity(t))
	if err == nil {
		var found []Column
		described(body, t, &found)
		if len(found) > 0 {
			return found, nil
		}
	}
	if r, refused := errors.AsType[*refusal](err); err != nil && (!refused || r.why != unknownReason && r.why != queryFailed) {
		return nil, err
	}
	return w.shown(ctx, t)
}

// errEnough ends a query after its first page.
var errEnough = errors.New("enough")

// shown are the columns that records of the first page show.
func (w *webService) shown(ctx context.Context, t table) ([]Column, error) {
	seen := map[string]bool{}
	err := w.query(ctx, t, w.crm.every(t), func(page []row) error {
		for _, r := range page {
			for name := range r.values {
				seen[t.column(name)] = true
			}
		}
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) && why(err) != queryFailed { // which a key of another name makes fail
		return nil, err
	}
	var found []Column
	for _, name := range sortedKeys(seen) {
		found = append(found, Column{Name: name})
	}
	return found, nil
}

// described finds the descriptions of columns: elements that have a name of the database.
func described(n *soap.Node, t table, found *[]Column) {
	for _, c := range n.Children {
		text := func(names ...string) string {
			for _, name := range names {
				if s := c.Get(name); s != "" {
					return s
				}
				if s := c.Attr(name); s != "" && name != "type" { // xsi:type is of the envelope
					return s
				}
			}
			return ""
		}
		name := strings.ToLower(text("fieldname", "colname", "columnname", "name"))
		if name != "" && shortColumn.MatchString(name) {
			*found = append(*found, Column{
				Name: t.column(short(name)), Caption: text("caption", "label", "displayname", "translation"), Kind: text("fieldtype", "entrytype", "datatype", "type"),
			})
			continue
		}
		described(c, t, found)
	}
}
