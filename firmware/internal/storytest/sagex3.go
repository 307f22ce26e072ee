package storytest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/sagex3/sagex3test"
)

// Mailboxes are the two products of a story with Sage X3 and Outlook, and whose mailbox is whose.
type Mailboxes struct {
	X3      *sagex3test.Server
	Outlook *outlooktest.Server
	Of      map[string]string // the address of a representative's mailbox
	Zone    *time.Location    // of X3
}

// synchronised are X3's objects, with the kind of thing that each is in a mailbox.
var synchronised = map[sagex3test.Object]outlooktest.Kind{
	sagex3test.Correspondents: outlooktest.Contact, sagex3test.Tasks: outlooktest.Task, sagex3test.Calls: outlooktest.Task, sagex3test.Appointments: outlooktest.Event,
}

// Missing lists every record that a mailbox does not show as it is, once, and every item that shows a record of somebody else.
func (m Mailboxes) Missing() (wrong []string) {
	held := map[string]map[string][]outlooktest.Item{}
	for rep, address := range m.Of {
		held[rep] = m.byChrono(address)
	}
	for _, o := range slices.Sorted(maps.Keys(synchronised)) {
		for _, r := range m.X3.Records(o) {
			for _, rep := range People(r) {
				if address := m.Of[rep]; address != "" {
					wrong = append(wrong, m.compare(address, r, held[rep][r.Key])...)
					delete(held[rep], r.Key)
				}
			}
		}
	}
	for rep, rest := range held {
		for chrono := range rest {
			wrong = append(wrong, chrono+" is none of "+rep+"'s")
		}
	}
	slices.Sort(wrong)
	return wrong
}

// People are the representatives whose a record is: its owner, and who takes part in an appointment.
func People(r sagex3test.Record) (reps []string) {
	for _, rep := range append([]string{r.Values[sagex3test.Owner]}, column(r, sagex3test.Coworkers, sagex3test.Coworker)...) {
		if rep != "" && !slices.Contains(reps, rep) {
			reps = append(reps, rep)
		}
	}
	return reps
}

func column(r sagex3test.Record, grid, f sagex3test.Field) (all []string) {
	for _, line := range r.Grids[grid] {
		all = append(all, line[f])
	}
	return all
}

// byChrono gives the items of a mailbox that carry a number of X3, by it; of a series its occurrences.
func (m Mailboxes) byChrono(address string) map[string][]outlooktest.Item {
	now, by := m.Outlook.Now(), map[string][]outlooktest.Item{}
	items := slices.Concat(m.Outlook.Items(address, outlooktest.Contact), m.Outlook.Items(address, outlooktest.Task),
		m.Outlook.Occurrences(address, "", now.AddDate(-2, 0, 0), now.AddDate(2, 0, 0)))
	for _, it := range items {
		if c := Chrono(it); c != "" {
			by[c] = append(by[c], it)
		}
	}
	return by
}

// Chrono gives the number of X3 that an item carries, empty if none.
func Chrono(it outlooktest.Item) string {
	for id, v := range it.Properties {
		if strings.HasSuffix(id, "Name X3Chrono") {
			return v
		}
	}
	for _, e := range it.Extensions {
		if c, _ := e["chrono"].(string); c != "" {
			return c
		}
	}
	return ""
}

func (m Mailboxes) compare(address string, r sagex3test.Record, items []outlooktest.Item) []string {
	if len(items) != 1 {
		return []string{fmt.Sprintf("%s is %d times at %s", r.Key, len(items), address)}
	}
	it, v, wrong := items[0], r.Values, []string(nil)
	hold := func(what, got, want string) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s at %s: %s is %q, want %q", r.Key, address, what, got, want))
		}
	}
	if it.Kind != synchronised[r.Object] {
		return []string{r.Key + " is a " + string(it.Kind)}
	}
	if code := v[sagex3test.Company]; code != "" && !strings.Contains(it.Text("companyName")+it.Text("subject")+it.Text("title")+it.BodyText(), "#"+code+"#") {
		wrong = append(wrong, r.Key+" at "+address+" does not show #"+code+"#")
	}
	switch r.Object {
	case sagex3test.Correspondents:
		hold("surname", it.Text("surname"), v[sagex3test.LastName])
		hold("given name", it.Text("givenName"), v[sagex3test.FirstName])
		return wrong
	case sagex3test.Appointments:
		hold("subject", it.Text("subject"), Subject(v[sagex3test.Subject]))
		hold("start", instant(it, "start"), m.instant(v[sagex3test.Start], v[sagex3test.StartTime]))
		hold("end", instant(it, "end"), m.instant(v[sagex3test.End], v[sagex3test.EndTime]))
		return wrong
	}
	hold("title", it.Text("title"), Subject(v[sagex3test.Subject]))
	hold("completed", fmt.Sprint(it.Text("status") == "completed"), fmt.Sprint(v[sagex3test.Done] == sagex3test.Yes))
	return wrong
}

// Subject is what Outlook takes of a subject of X3: one line of 255 UTF-16 units at most.
func Subject(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "\n", " ")
	if units := utf16.Encode([]rune(s)); len(units) > 255 {
		s = strings.TrimSpace(string(utf16.Decode(units[:255])))
	}
	return s
}

const instantForm = "2006-01-02T15:04"

func instant(it outlooktest.Item, name string) string {
	at, _ := it.Fields[name].(outlooktest.Object)
	text, _ := at["dateTime"].(string)
	return text[:min(len(text), len(instantForm))]
}

func (m Mailboxes) instant(day, hour string) string {
	t, err := time.ParseInLocation("200601021504", day+hour, m.Zone)
	if err != nil {
		return day + " " + hour
	}
	return t.UTC().Format(instantForm)
}

// Counts are the items of all mailboxes that carry a number of X3, by the object that the number is of.
func (m Mailboxes) Counts() map[sagex3test.Object]int {
	n := map[sagex3test.Object]int{}
	for _, address := range m.Of {
		for chrono, items := range m.byChrono(address) {
			for o := range synchronised {
				if strings.HasPrefix(chrono, string(o)) {
					n[o] += len(items)
				}
			}
		}
	}
	return n
}

// NoDoubles makes sure that nothing was made twice in X3, and that nobody was sent an invitation.
func (m Mailboxes) NoDoubles() error {
	for o := range synchronised {
		if twice := m.X3.Duplicates(o); len(twice) > 0 {
			return fmt.Errorf("%s made twice: %v", o, twice[0])
		}
	}
	if all := m.X3.Forbidden(); len(all) > 0 {
		return fmt.Errorf("%d writes that must not be, the first one: %s of %s", len(all), all[0].Op, all[0].Object)
	}
	if n := len(m.Outlook.Invitations()); n > 0 {
		return fmt.Errorf("%d invitations were sent", n)
	}
	return nil
}
