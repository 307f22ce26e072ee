// Package locale holds every word that people read, in French and English, and prints numbers, counts and
// times the way each language writes them. Errors and logs are not translated.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"syncbox/connectors"
)

//go:embed fr-CA.json en.json
var files embed.FS

// Languages are the languages there are, the first one for everybody else.
var Languages = []language.Tag{language.CanadianFrench, language.English}

// entry is one text: either one form, or one for each plural.
type entry struct{ one, other string }

// UnmarshalJSON reads "text" or {"one": "text", "other": "text"}.
func (e *entry) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &e.other)
	}
	var forms struct{ One, Other string }
	if err := json.Unmarshal(b, &forms); err != nil {
		return err
	}
	e.one, e.other = forms.One, forms.Other
	return nil
}

// load reads the texts of a language by key.
func load(tag language.Tag) (map[string]entry, error) {
	b, err := fs.ReadFile(files, tag.String()+".json")
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	texts := map[string]entry{}
	if err := json.Unmarshal(b, &texts); err != nil {
		return nil, fmt.Errorf("read texts of %s: %w", tag, err)
	}
	return texts, nil
}

// Printer prints in one language and time zone.
type Printer struct {
	p     *message.Printer
	zone  *time.Location
	texts map[string]entry
	names connectors.Names
}

// New makes a printer for a language tag; the nearest language there is stands in for any other.
func New(tag string, zone *time.Location) (*Printer, error) {
	want, _ := language.Parse(tag) // an unknown tag matches the first language
	_, i, _ := language.NewMatcher(Languages).Match(want)
	texts, err := load(Languages[i])
	if err != nil {
		return nil, err
	}
	b := catalog.NewBuilder()
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		if e := texts[key]; e.one != "" {
			err = b.Set(Languages[i], key, plural.Selectf(1, "%d", plural.One, e.one, plural.Other, e.other))
		}
		if err != nil {
			return nil, fmt.Errorf("text %s: %w", key, err)
		}
	}
	if zone == nil {
		zone = time.UTC
	}
	return &Printer{p: message.NewPrinter(Languages[i], message.Catalog(b)), zone: zone, texts: texts}, nil
}

// Has says whether there is a text for a key.
func (p *Printer) Has(key string) bool {
	_, ok := p.texts[key]
	return ok
}

// placeholder is a gap of a text.
var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// Text gives a text with the products' names put in and its {placeholders} filled, each in the way its name asks for: see
// named and fill. A key
// without a text is shown as it is; a gap that nothing is known for becomes "…", an empty value "–".
func (p *Printer) Text(key string, args map[string]string) string {
	e, ok := p.texts[key]
	if !ok {
		return key
	}
	return placeholder.ReplaceAllStringFunc(p.named(e.other), func(gap string) string {
		return p.fill(strings.Trim(gap, "{}"), args)
	})
}

// fill gives what stands in a gap: the text of a {cause}, the words for an {entity}, a {field}, the side
// that {won}, an {action} or where it was asked for {by}, what was done to an object by a {verb}, numbers with the marks between
// their thousands, amounts with their cents, and everything else as it is.
func (p *Printer) fill(name string, args map[string]string) string {
	value, ok := args[name]
	switch {
	case name == "cause" && value != "":
		return p.Text("code."+value, args)
	case !ok:
		return "…"
	case value == "":
		return "–"
	}
	switch name {
	case "field":
		if _, ofChild, found := strings.Cut(value, "."); found && !p.Has("field."+value) {
			value = ofChild // contact.email: a field of what is born with the record
		}
		return p.word("field.", value)
	case "entity":
		return p.word("entity.", value)
	case "won":
		return p.word("side.", value)
	case "verb":
		return p.word("verb.", value+"-"+strings.ToLower(args["object"])) // "the creation of a new task"
	case "by", "action":
		return p.word(name+".", value)
	case "count", "bound", "created", "updated", "createderp", "updatederp", "inactive", "conflicts", "asked", "held", "kept", "external", "old",
		"rule", "unclear", "onlyerp", "onlycrm", "done", "total", "customers", "documents":
		return p.number(value)
	case "seconds":
		return p.tenths(value)
	case "tookseen", "tookwritten", "tooktaken", "tookshown", "tookback":
		return p.lasted(value)
	case "amountlines", "amounttaken":
		return p.amount(value)
	case "copied":
		return p.instant(value)
	}
	return value
}

// word gives the word for a name, or the name where there is none.
func (p *Printer) word(prefix, name string) string {
	if !p.Has(prefix + name) {
		return name
	}
	return p.Text(prefix+name, nil)
}

// instant writes a time of the wire in the site's zone.
func (p *Printer) instant(s string) string {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return p.Time(t)
	}
	return s
}

// tenths writes a decimal with one place the way the language does: « 1 234,5 ».
func (p *Printer) tenths(s string) string {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return p.p.Sprintf("%.1f", f)
	}
	return s
}

// lasted writes seconds as a duration.
func (p *Printer) lasted(s string) string {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return s
	}
	return p.Lasted(time.Duration(n) * time.Second)
}

// Lasted writes a duration, to the second below an hour and to the minute above: "12 s", "3 min 20 s", "2 h 5 min".
func (p *Printer) Lasted(d time.Duration) string {
	d = max(0, d.Round(time.Second))
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return p.Number(h) + "\u00a0h " + p.Number(m) + "\u00a0min"
	case m > 0:
		return p.Number(m) + "\u00a0min " + p.Number(s) + "\u00a0s"
	}
	return p.Number(s) + "\u00a0s"
}

// Timing says how long something took, as often as it was measured.
func (p *Printer) Timing(t connectors.Timing) (what, took string) {
	args := map[string]string{"median": p.Lasted(t.Median), "worst": p.Lasted(t.Worst), "count": strconv.Itoa(t.Count)}
	return p.Text("timing."+t.Name, nil), p.Text("status.timing", args)
}

// amount writes an amount of money with its cents the way the language does: « 1 234,50 ».
func (p *Printer) amount(s string) string {
	d, err := decimal.NewFromString(s)
	if err != nil {
		return s
	}
	sign := ""
	if d.Round(2).IsNegative() {
		sign = "-"
	}
	whole, cents, _ := strings.Cut(d.Abs().StringFixed(2), ".")
	point := strings.Trim(p.p.Sprintf("%.1f", 0.5), "05")
	return sign + p.number(whole) + point + cents
}

// number writes a whole number the way the language does, and leaves everything else alone.
func (p *Printer) number(s string) string {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return p.p.Sprintf("%d", n)
	}
	return s
}

// Number writes a whole number the way the language does: « 12 345 ».
func (p *Printer) Number(n int) string { return p.p.Sprintf("%d", n) }

// Field gives the word for a field.
func (p *Printer) Field(name string) string { return p.word("field.", name) }

// Count gives a text for n things: « 1 fiche », « 12 345 fiches ».
func (p *Printer) Count(key string, n int) string { return p.named(p.p.Sprintf(key, n)) }

// Time gives date and time of day in the site's zone; "–" for no time.
func (p *Printer) Time(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(p.zone).Format("2006-01-02 15:04:05")
}
