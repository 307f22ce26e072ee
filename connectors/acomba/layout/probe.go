package layout

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/shopspring/decimal"
)

// The kinds of probes. The kind encoding is not declared: every run ends with it.
const (
	ProbeSizeModulo = "size_modulo" // the file is a whole number of cards
	ProbePrintable  = "printable"   // share of values that are wholly text; a blank key is not
	ProbeUnique     = "unique"      // share of cards that share the value with no other; one pair is no failure
	ProbeRefValid   = "ref_valid"   // share of references to a card in use or deleted; 0 is left out
	ProbeKnown      = "known"       // the technician's sample card is there and as expected
	ProbeEnumKnown  = "enum_known"  // share of values in the map
	ProbeSum        = "sum"         // share of cards whose amounts add up within one cent
	ProbeEncoding   = "encoding"    // the accented letters agree with the code page
)

// Probe is one declared check of a file. All look at cards in use only.
type Probe struct {
	Kind     string
	Field    string            // empty for size_modulo; the total for sum
	MinRatio float64           // passes from here on; 1 for size_modulo and known
	Value    string            // known: the value of Field that finds the card
	Expect   map[string]string // known: field (or "phone.number[2]") to value, as Card.Format gives it
	Plus     []string          // sum: fields added up, an array with all its elements
	Minus    []string          // sum: fields subtracted
	Children *Children         // sum: what is added up from another file
}

// Children are the cards of another file whose amounts make the total of their parent.
type Children struct {
	File  string
	By    string              // their cp field that names the parent
	Field string              // the amount added up
	Where map[string][]string // only those whose enum field holds one of these tokens
}

var defaultRatio = map[string]float64{
	ProbeSizeModulo: 1, ProbePrintable: 0.95, ProbeUnique: 0.99, ProbeRefValid: 0.99,
	ProbeKnown: 1, ProbeEnumKnown: 0.95, ProbeSum: 0.95,
}

// probes reads and checks the probes of a file; it runs once all files are known.
func (b *builder) probes(f *File, list []wireProbe) {
	for i := range list {
		w := &list[i]
		before := len(b.problems)
		p := Probe{Kind: w.Kind, Field: w.Field, MinRatio: defaultRatio[w.Kind], Plus: w.Plus, Minus: w.Minus}
		if p.MinRatio == 0 {
			b.bad("probes.kind", w.Kind, "unknown probe")
			continue
		}
		b.probeRatio(&p, w)
		b.probeKeys(w)
		b.probeField(f, w)
		if w.Kind == ProbeKnown {
			b.known(f, &p, w)
		}
		if w.Kind == ProbeSum && len(b.problems) == before {
			b.sum(f, &p, w)
		}
		f.Probes = append(f.Probes, p)
	}
}

func (b *builder) probeRatio(p *Probe, w *wireProbe) {
	switch {
	case w.MinRatio == nil:
	case w.Kind == ProbeSizeModulo || w.Kind == ProbeKnown:
		b.bad("probes.min_ratio", *w.MinRatio, "does not go with %s", w.Kind)
	case !(*w.MinRatio > 0 && *w.MinRatio <= 1):
		b.bad("probes.min_ratio", *w.MinRatio, "must be above 0, at most 1")
	default:
		p.MinRatio = *w.MinRatio
	}
}

func (b *builder) probeKeys(w *wireProbe) {
	for _, k := range []struct {
		key   string
		given bool
		kind  string
	}{
		{"value", w.Value != nil, ProbeKnown}, {"expect", w.Expect != nil, ProbeKnown},
		{"plus", w.Plus != nil, ProbeSum}, {"minus", w.Minus != nil, ProbeSum}, {"children", w.Children != nil, ProbeSum},
	} {
		if k.given && w.Kind != k.kind {
			b.bad("probes."+k.key, nil, "does not go with %s", w.Kind)
		}
	}
}

// probeField checks that the field exists and is of a kind the probe can look at.
func (b *builder) probeField(f *File, w *wireProbe) {
	if w.Kind == ProbeSizeModulo {
		if w.Field != "" {
			b.bad("probes.field", w.Field, "does not go with size_modulo")
		}
		return
	}
	d := f.byName[w.Field]
	if d == nil {
		b.bad("probes.field", w.Field, "no such field (%s)", w.Kind)
		return
	}
	isNumber := d.kind == KindInt || d.kind == KindDecimal
	why := ""
	switch {
	case w.Kind == ProbePrintable && d.kind != KindText:
		why = "is no text"
	case w.Kind == ProbeUnique && (d.count != 1 || d.kind == KindSkip):
		why = "must be one value"
	case w.Kind == ProbeRefValid && d.ref.File == "":
		why = "has no ref"
	case w.Kind == ProbeEnumKnown && d.kind != KindEnum:
		why = "has no map"
	case w.Kind == ProbeKnown && (d.count != 1 || d.kind != KindText && d.kind != KindInt):
		why = "must be one text or integer"
	case w.Kind == ProbeSum && (d.count != 1 || !isNumber):
		why = "must be one number"
	}
	if why != "" {
		b.bad("probes.field", w.Field, "%s: %s", w.Kind, why)
	}
}

func (b *builder) known(f *File, p *Probe, w *wireProbe) {
	p.Value = plainText(w.Value)
	if strings.TrimSpace(p.Value) == "" {
		b.bad("probes.value", nil, "known needs the value that finds the card")
	}
	p.Expect = map[string]string{}
	for _, label := range slices.Sorted(maps.Keys(w.Expect)) {
		if _, _, ok := f.element(label); !ok {
			b.bad("probes.expect", label, "no such field")
		}
		p.Expect[label] = plainText(w.Expect[label])
	}
}

// element splits "phone.number[2]" and reports whether the file has it.
func (f *File) element(label string) (name string, index int, ok bool) {
	name, rest, isArray := strings.Cut(label, "[")
	if isArray {
		var err error
		if index, err = strconv.Atoi(strings.TrimSuffix(rest, "]")); err != nil || !strings.HasSuffix(rest, "]") {
			return name, 0, false
		}
	}
	d := f.byName[name]
	return name, index, d != nil && d.kind != KindSkip && index >= 0 && index < d.count
}

// plainText turns a TOML value into the text Card.Format would give.
func plainText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case float64:
		return decimalText(v)
	case toml.LocalDate:
		return v.String()
	case time.Time:
		return v.Format(time.DateOnly)
	default:
		return fmt.Sprint(v)
	}
}

func decimalText(v float64) string {
	if text := strconv.FormatFloat(v, 'f', -1, 64); text != "NaN" && !strings.HasSuffix(text, "Inf") {
		return text
	}
	return ""
}

// sameText compares what a card shows with what a technician typed; 12.5 equals 12.50.
func sameText(kind Kind, got, want string) bool {
	if kind != KindDecimal {
		return got == want
	}
	a, errA := decimal.NewFromString(got)
	b, errB := decimal.NewFromString(want)
	return errA == nil && errB == nil && a.Equal(b)
}

func (b *builder) sum(f *File, p *Probe, w *wireProbe) {
	if len(w.Plus)+len(w.Minus) == 0 && w.Children == nil {
		b.bad("probes.sum", w.Field, "must have plus, minus or children")
	}
	for _, name := range slices.Concat(w.Plus, w.Minus) {
		if d := f.byName[name]; d == nil || d.kind != KindInt && d.kind != KindDecimal {
			b.bad("probes.sum", name, "no such number")
		}
	}
	if w.Children != nil {
		p.Children = (*Children)(w.Children)
		b.children(f, w.Children)
	}
}

func (b *builder) children(f *File, w *wireChildren) {
	child := b.layout.files[w.File]
	if child == nil || child == f {
		b.bad("probes.children.file", w.File, "must be another file")
		return
	}
	if d := child.byName[w.By]; d == nil || d.kind != KindRef || d.ref.File != f.Name || d.count != 1 {
		b.bad("probes.children.by", w.By, "must be a cp of %s to %s", w.File, f.Name)
	}
	if d := child.byName[w.Field]; d == nil || d.count != 1 || d.kind != KindInt && d.kind != KindDecimal {
		b.bad("probes.children.field", w.Field, "must be one number of %s", w.File)
	}
	for _, name := range slices.Sorted(maps.Keys(w.Where)) {
		d := child.byName[name]
		if d == nil || d.kind != KindEnum || d.count != 1 {
			b.bad("probes.children.where", name, "must be an enum of %s", w.File)
			continue
		}
		for _, token := range w.Where[name] {
			if _, ok := d.raws[token]; !ok {
				b.bad("probes.children.where", token, "not in the map of %s", name)
			}
		}
	}
}
