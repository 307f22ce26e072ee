package journal

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/web/page"
	"syncbox/sync/store"
)

// ownJournal stands for the box's own journal in an address; no job can have that name.
const ownJournal = "_box"

// filter is what is looked for; empty fields let everything through.
type filter struct {
	Job      string
	Way      store.Direction
	Entity   record.Entity
	Severity store.Severity // as loud as that, or louder
	Text     string
}

// narrow says whether it keeps anything back.
func (f filter) narrow() bool { return f != filter{} }

// query gives the filter as it stands in an address.
func (f filter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"job": f.Job, "way": string(f.Way), "entity": string(f.Entity), "severity": string(f.Severity), "q": f.Text} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// address gives that of a page of what is looked for.
func (f filter) address(name string, marks []string) string {
	q := f.query()
	if name != "" {
		q[name] = marks
	}
	return strings.TrimSuffix("/journal?"+q.Encode(), "?")
}

// mostText bounds the text that is looked for, in characters.
const mostText = 100

var (
	ways       = []store.Direction{store.ToCRM, store.ToERP}
	entities   = []record.Entity{record.Account, record.Contact, record.Document, record.User, record.Category}
	severities = []store.Severity{store.Info, store.Warning, store.Problem} // the loudest last
)

// asked reads what a request looks for, and gives the fields in which that stands. ok is false where the text is wrong; its
// field says so.
func asked(r *page.Request, jobs []string) (f filter, text page.Field, choices []page.Field, ok bool) {
	q, p := r.URL.Query(), r.P
	choice := func(name, label string, options []page.Option) string {
		options = append([]page.Option{{Label: p.Text("page.journal.all", nil)}}, options...)
		value := q.Get(name)
		if !slices.ContainsFunc(options, func(o page.Option) bool { return o.Value == value }) {
			value = ""
		}
		choices = append(choices, page.Field{Name: name, Label: p.Text(label, nil), Kind: "select", Value: value, Options: options})
		return value
	}
	var ofJobs, ofWays, ofEntities []page.Option
	for _, job := range jobs {
		o := page.Option{Value: job, Label: job}
		if job == "" {
			o = page.Option{Value: ownJournal, Label: p.Text("side.box", nil)}
		}
		ofJobs = append(ofJobs, o)
	}
	for _, way := range ways {
		ofWays = append(ofWays, page.Option{Value: string(way), Label: p.Text("direction."+string(way), nil)})
	}
	for _, e := range entities {
		ofEntities = append(ofEntities, page.Option{Value: string(e), Label: p.Text("entity."+string(e), nil)})
	}
	f.Job = choice("job", "page.journal.of", ofJobs)
	f.Way = store.Direction(choice("way", "page.journal.way", ofWays))
	f.Entity = record.Entity(choice("entity", "page.journal.entity", ofEntities))
	f.Severity = store.Severity(choice("severity", "page.journal.severity", []page.Option{
		{Value: string(store.Warning), Label: p.Text("page.journal.from-warning", nil)}, {Value: string(store.Problem), Label: p.Text("page.journal.problem", nil)}}))
	text = page.Field{Name: "q", Label: p.Text("page.journal.text", nil), Hint: p.Text("page.journal.text-hint", nil), Most: mostText, Optional: true}
	f.Text, ok = r.Check(&text, q.Get("q"))
	return f, text, choices, ok
}

// fits tells whether an event is one of those that are looked for. row is what people read of it.
func (f filter) fits(e store.Event, r row) bool {
	switch {
	case f.Way != "" && f.Way != e.Direction,
		f.Entity != "" && f.Entity != e.Entity,
		slices.Index(severities, e.Severity) < slices.Index(severities, f.Severity):
		return false
	case f.Text == "":
		return true
	}
	read := strings.Join([]string{r.Time, r.Severity, r.Job, r.Where, r.Way, r.Text, r.Do, r.Code, string(e.ERP), string(e.CRM)}, "\n")
	return strings.Contains(folded(read), folded(f.Text))
}

// folded is a text as people look for it: without accents, in small letters, with plain blanks.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsSpace(r) && r != '\n':
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
}
