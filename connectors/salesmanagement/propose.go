package salesmanagement

import (
	"context"
	"maps"
	"slices"
	"strings"

	"syncbox/connectors/record"
)

// Proposal is what a tenant has of what a person chooses at set-up.
type Proposal struct {
	Statuses []string // of accounts, by name
	Branches []Choice
	Users    []Choice
	// NoQuotes are the statuses that quotes need and that the tenant does not have, sorted; none where quotes are left alone.
	NoQuotes []string
	// Missing are the custom fields that a person has yet to make, by entity, as Missing gives them; nil before a check.
	Missing map[record.Entity][]string
}

// Choice is a row that a setting may name.
type Choice struct {
	ID, Name string
	Email    string // of a user; may be empty
}

// Propose logs on and reads the lists among which a person chooses: the statuses of accounts, branches and users. It needs none of the
// settings that name one of these.
func (t *Tenant) Propose(ctx context.Context) (Proposal, error) {
	var p Proposal
	if t.token == "" { // told apart from a list that can't be read: whoever answers may be no such API
		if err := t.logon(ctx); err != nil {
			return p, err
		}
	}
	rows, err := t.living(ctx, "accountStatuses")
	if err != nil {
		return p, err
	}
	for _, r := range rows {
		if name := nameOf(r); name != "" && !slices.Contains(p.Statuses, name) {
			p.Statuses = append(p.Statuses, name)
		}
	}
	slices.Sort(p.Statuses)
	if rows, err = t.living(ctx, "branches"); err != nil {
		return p, err
	}
	p.Branches = choicesOf(rows, nameOf)
	if p.NoQuotes, err = t.lackedByQuotes(ctx); err != nil {
		return p, err
	}
	t.users = nil
	users, err := t.everyUser(ctx)
	if err != nil {
		return p, err
	}
	p.Users = choicesOf(users.rows, func(r row) string { return strings.TrimSpace(r.text("name") + " " + r.text("lastName")) })
	return p, nil
}

func (t *Tenant) lackedByQuotes(ctx context.Context) (names []string, err error) {
	if t.cfg.NoQuotes {
		return nil, nil
	}
	rows, err := t.living(ctx, "salesorderStatuses")
	if err != nil {
		return nil, err
	}
	for _, name := range t.cfg.Quotes {
		if idOfCalled(rows, name) == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func choicesOf(rows []row, name func(row) string) (all []Choice) {
	for _, r := range rows {
		all = append(all, Choice{r.id("id"), name(r), r.text("email")})
	}
	slices.SortFunc(all, func(a, b Choice) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
	return all
}

// nameOf is what people call a row of a list of values: in French, else in English, else in what language there is.
func nameOf(r row) string {
	members := slices.Sorted(maps.Keys(r))
	members = slices.DeleteFunc(members, func(m string) bool { return !strings.HasPrefix(m, "description") })
	for _, member := range slices.Concat([]string{"descriptionFR", "descriptionEN"}, members, []string{"value", "name"}) {
		if text := r.text(member); text != "" {
			return text
		}
	}
	return ""
}
