package salesmanagement

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
)

// shapeEvery is the time between two looks at what the tenant says of itself (M4).
const shapeEvery = 24 * time.Hour

// Check reads the tenant's columns and lists of values, and finds the first thing of the settings that it does not have.
// Custom fields that are missing are no error (Missing), nor are statuses of quotes: then quotes alone wait.
func (t *Tenant) Check(ctx context.Context) error {
	if t.refused != nil {
		return t.refused
	}
	now := t.cfg.Now()
	if age := now.Sub(t.shape.at); !t.shape.at.IsZero() && age >= 0 && age < shapeEvery {
		return ctx.Err()
	}
	s := shape{columns: map[string]map[string]column{}}
	lists := []string{linesList}
	for _, e := range entities {
		if res := t.resource(e); res != nil {
			lists = append(lists, res.list)
		}
	}
	for _, list := range lists {
		columns, err := t.readColumns(ctx, list)
		if err != nil {
			return err
		}
		s.columns[list] = columns
	}
	for _, part := range []func(context.Context, *shape) error{t.readCountries, t.readAccountStatuses, t.readQuoteStatuses, t.readBranch, t.readAdmin} {
		if err := part(ctx, &s); err != nil {
			return err
		}
	}
	s.at = now
	t.shape = s
	for e, names := range t.Missing() {
		t.log.Warn("custom fields are missing", "part", "salesmanagement", "entity", e, "fields", strings.Join(names, ","))
	}
	return nil
}

// living reads the rows of a list that are not deleted.
func (t *Tenant) living(ctx context.Context, list string) (rows []row, err error) {
	err = t.list(ctx, list, "", func(page []row) error {
		for _, r := range page {
			if !r.gone() {
				rows = append(rows, r)
			}
		}
		return nil
	})
	return rows, err
}

func (t *Tenant) readCountries(ctx context.Context, s *shape) error {
	rows, err := t.living(ctx, "countries")
	s.countries = map[string]string{}
	for _, r := range rows {
		if letters := strings.ToUpper(r.text("iso2")); letters != "" {
			s.countries[r.id("id")] = letters
		}
	}
	return err
}

// called says whether a row of a list of values has a name, in any of its languages.
func called(r row, name string) bool {
	for member := range r {
		if (strings.HasPrefix(member, "description") || member == "value" || member == "name") && fold(r.text(member)) == fold(name) {
			return true
		}
	}
	return false
}

func (t *Tenant) readAccountStatuses(ctx context.Context, s *shape) error {
	rows, err := t.living(ctx, "accountStatuses")
	if err != nil {
		return err
	}
	s.accounts = map[string]string{}
	for _, means := range []struct {
		state string
		names []string
		first *string
	}{{Client, t.cfg.Clients, &s.client}, {Prospect, t.cfg.Prospects, &s.prospect}} {
		for i, name := range means.names {
			id := idOfCalled(rows, name)
			if id == "" && i == 0 {
				return statusMissing("accountStatuses", name)
			}
			if s.accounts[id] = means.state; i == 0 {
				*means.first = id
			}
		}
	}
	delete(s.accounts, "")
	return nil
}

func (t *Tenant) readQuoteStatuses(ctx context.Context, s *shape) error {
	s.quotes, s.noQuotes = map[string]string{}, nil
	if t.cfg.NoQuotes {
		return nil
	}
	rows, err := t.living(ctx, "salesorderStatuses")
	if err != nil {
		return err
	}
	for _, state := range slices.Sorted(maps.Keys(t.cfg.Quotes)) {
		id := idOfCalled(rows, t.cfg.Quotes[state])
		if id == "" {
			s.quotes, s.noQuotes = map[string]string{}, statusMissing("salesorderStatuses", t.cfg.Quotes[state])
			return nil
		}
		s.quotes[id] = state
	}
	return nil
}

// quotesThere says why quotes can't be synchronised now: a person has yet to make a status. It is asked for anew in every look.
func (t *Tenant) quotesThere(ctx context.Context) (why, err error) {
	if t.shape.noQuotes != nil {
		err = t.readQuoteStatuses(ctx, &t.shape)
	}
	return t.shape.noQuotes, err
}

func idOfCalled(rows []row, name string) string {
	if i := slices.IndexFunc(rows, func(r row) bool { return called(r, name) }); i >= 0 {
		return rows[i].id("id")
	}
	return ""
}

func statusMissing(list, name string) error {
	e := connectors.Errorf(connectors.Drift, CodeStatusMissing, "%s: %q: %w", list, name, errNotThere)
	e.Args = map[string]string{"list": list, "status": name}
	return e
}

func (t *Tenant) readBranch(ctx context.Context, s *shape) error {
	rows, err := t.living(ctx, "branches")
	if err != nil {
		return err
	}
	want := itoa(t.cfg.Branch)
	switch {
	case t.cfg.Branch == 0 && len(rows) == 1:
		s.branch = rows[0].id("id")
	case slices.Contains(idsOf(rows), want):
		s.branch = want
	default:
		return connectors.Errorf(connectors.Drift, CodeBranch, "branch %s of %d: %w", want, len(rows), errNotThere)
	}
	return nil
}

func (t *Tenant) readAdmin(ctx context.Context, s *shape) error {
	t.users = nil
	users, err := t.everyUser(ctx)
	if err != nil {
		return err
	}
	for _, r := range users.rows {
		if r.id("id") == plainID(t.cfg.Admin) || fold(r.text("email")) == fold(t.cfg.Admin) {
			s.admin = r.id("id")
			return nil
		}
	}
	return connectors.Errorf(connectors.Drift, CodeAdmin, "the administrator: %w", errNotThere)
}

// userList is all users of the tenant, who are few.
type userList struct{ rows []row }

func (t *Tenant) everyUser(ctx context.Context) (*userList, error) {
	if t.users == nil {
		rows, err := t.living(ctx, "users")
		if err != nil {
			return nil, err
		}
		t.users = &userList{rows}
	}
	return t.users, nil
}

// external gives a user's external id by its id.
func (u *userList) external(id string) string {
	for _, r := range u.rows {
		if r.id("id") == id {
			return r.text(FieldExternal)
		}
	}
	return ""
}

// withExternal gives a user's id by its external id.
func (u *userList) withExternal(external string) string {
	for _, r := range u.rows {
		if external != "" && r.text(FieldExternal) == external {
			return r.id("id")
		}
	}
	return ""
}
