package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
)

// fileCustom is a field that the site has added to its products, [job.custom.NAME]. Its name is only for people.
type fileCustom struct {
	ERP       string   `toml:"erp"`
	CRM       string   `toml:"crm"`
	Kind      string   `toml:"kind"`
	Sync      bool     `toml:"sync"`
	Direction string   `toml:"direction"`
	Trim      bool     `toml:"trim"`
	Case      string   `toml:"case"`
	Long      string   `toml:"long"`
	Empty     string   `toml:"empty"`
	Values    []string `toml:"values"`
	Only      []string `toml:"only"`
}

// Custom is a custom field of a job, by the name that its table has.
type Custom struct {
	Name string
	pairs.CustomField
}

// CustomFields are those of the job, for its pair.
func (j Job) CustomFields() (all []pairs.CustomField) {
	for _, c := range j.Custom {
		all = append(all, c.CustomField)
	}
	return all
}

// mostCustom is how many custom fields a job may have, and most values and conditions one of them.
const mostCustom = 100

// customName is the name of a custom field's table.
var customName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// customKinds are the kinds that a file knows.
var customKinds = map[string]record.Kind{"": record.Text, "text": record.Text, "number": record.Number, "date": record.Date, "bool": record.Bool, "time": record.Time}

func (f *fileJob) custom(j *Job, _ *Box, _ secrets) error {
	if len(f.Custom) > mostCustom {
		return keyError("custom", "", fmt.Sprintf("want at most %d fields", mostCustom))
	}
	for _, name := range slices.Sorted(maps.Keys(f.Custom)) {
		if !customName.MatchString(name) {
			return keyError("custom."+name, "", "want a name of up to 64 of a-z, 0-9, _ and -, not beginning with - or _")
		}
		c, err := f.Custom[name].convert("custom." + name)
		if err != nil {
			return err
		}
		for _, other := range j.Custom {
			if c.Sync && other.Sync && other.CRM == c.CRM {
				return keyError("custom."+name+".crm", c.CRM, "custom."+other.Name+" is written to it already")
			}
		}
		j.Custom = append(j.Custom, Custom{name, c})
	}
	return nil
}

func (f fileCustom) convert(key string) (pairs.CustomField, error) {
	c := pairs.CustomField{ERP: f.ERP, CRM: f.CRM, Sync: f.Sync, Direction: pairs.Direction(f.Direction),
		Text: connectors.TextRule{Trim: f.Trim}}
	kind, known := customKinds[f.Kind]
	if c.Kind = kind; !known {
		return c, keyError(key+".kind", f.Kind, `want "text", "number", "date", "time" or "bool"`)
	}
	var err error
	if c.Clear, err = choice(key+".empty", f.Empty, "leave", "clear"); err != nil {
		return c, err
	}
	if f.Case != "as-is" {
		c.Text.Case = connectors.Case(f.Case)
	}
	if f.Long != "refuse" {
		c.Text.Long = connectors.Long(f.Long)
	}
	if len(f.Values) > mostCustom || len(f.Only) > mostCustom {
		return c, keyError(key, "", fmt.Sprintf("want at most %d values and conditions", mostCustom))
	}
	for _, text := range f.Values {
		erp, crm, two := strings.Cut(text, "=")
		erp, crm = strings.TrimSpace(erp), strings.TrimSpace(crm)
		if _, twice := c.Text.Codes[erp]; !two || erp == "" || crm == "" || twice {
			return c, keyError(key+".values", text, `want each value once, as in "A=Agriculture"`)
		}
		if c.Text.Codes == nil {
			c.Text.Codes = map[string]string{}
		}
		c.Text.Codes[erp] = crm
	}
	for _, text := range f.Only {
		only, err := ParseCondition(text)
		if err != nil {
			return c, keyError(key+".only", text, err.Error())
		}
		c.Only = append(c.Only, only)
	}
	if err := c.Validate(); err != nil {
		return c, keyError(key, "", err.Error())
	}
	return c, nil
}

// ParseCondition reads a condition as people write it: the field, the operator, and after it the values, parted by |, as in
// "custom.C_SECTOR one-of Lait | Pain". What it is made of, connectors.Condition.Validate checks.
func ParseCondition(text string) (connectors.Condition, error) {
	field, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	op, values, _ := strings.Cut(strings.TrimSpace(rest), " ")
	c := connectors.Condition{Field: field, Op: connectors.Operator(op)}
	if !slices.Contains(connectors.Operators, c.Op) {
		return c, fmt.Errorf(`want a field, one of the operators %v, and values, as in "custom.C_SECTOR one-of Lait | Pain"`, connectors.Operators)
	}
	if values = strings.TrimSpace(values); values == "" {
		return c, nil
	}
	switch c.Op {
	case connectors.OneOf, connectors.Between:
		for v := range strings.SplitSeq(values, "|") {
			c.Values = append(c.Values, strings.TrimSpace(v))
		}
	default:
		c.Values = []string{values}
	}
	return c, nil
}

// WriteCondition is the way back.
func WriteCondition(c connectors.Condition) string {
	return strings.TrimSpace(c.Field + " " + string(c.Op) + " " + strings.Join(c.Values, " | "))
}

// CustomTable gives the name of a table for a field of the ERP.
func CustomTable(erp string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(erp))
	return strings.Trim(name, "-_")[:min(64, len(strings.Trim(name, "-_")))]
}

// SetCustom keeps what a person chose of a custom field of a job, in the table of its name. It changes all of it or nothing; errors are
// those of Set.
func (w *Writer) SetCustom(job string, c Custom) (changed []string, err error) {
	w.mu.Lock()
	changed, err = w.setCustom(job, c)
	w.mu.Unlock()
	if len(changed) > 0 && w.changed != nil {
		w.changed(changed)
	}
	return changed, err
}

func (w *Writer) setCustom(job string, c Custom) ([]string, error) {
	was, err := w.read()
	if err != nil {
		return nil, err
	}
	n, key := slices.Index(was.jobs, job), "job."+job+".custom."+c.Name
	switch {
	case n < 0:
		return nil, Refused{{Key: key, Why: NoJob}}
	case !customName.MatchString(c.Name):
		return nil, Refused{{Key: key, Why: WrongValue}}
	}
	next := *was
	for _, v := range c.values() {
		if err := fitsAny(v); err != nil {
			return nil, Refused{{Key: key, Why: WrongValue, Err: err}}
		}
		text, err := edit(next.config, place{table: []string{"job", "custom", c.Name}, key: v.Key, job: n}, v.Value)
		if err != nil {
			return nil, Refused{{Key: key, Why: Uneditable, Err: err}}
		}
		next.config = text
	}
	if string(next.config) == string(was.config) {
		return nil, nil
	}
	if err := was.better(&next); err != nil {
		return nil, Refused{{Key: key, Why: WrongWhole, Err: err}}
	}
	return []string{key}, w.keep(was, &next)
}

// mostBytes is how much a value of a custom field's table may have.
const mostBytes = 16 << 10

// fitsAny checks what no value may hold.
func fitsAny(c Change) error {
	texts, _ := c.Value.([]string)
	if s, is := c.Value.(string); is {
		texts = []string{s}
	}
	size := 0
	for _, s := range texts {
		if size += len(s); !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || size > mostBytes {
			return fmt.Errorf("%s: holds a character that is no text, or is longer than %d bytes", c.Key, mostBytes)
		}
	}
	return nil
}

// values gives what the table of a custom field says.
func (c Custom) values() []Change {
	kind, empty := "text", "leave"
	for name, k := range customKinds {
		if k == c.Kind && name != "" {
			kind = name
		}
	}
	if c.Clear {
		empty = "clear"
	}
	values, only := []string{}, []string{}
	for _, erp := range slices.Sorted(maps.Keys(c.Text.Codes)) {
		values = append(values, erp+"="+c.Text.Codes[erp])
	}
	for _, o := range c.Only {
		only = append(only, WriteCondition(o))
	}
	return []Change{{"erp", c.ERP}, {"crm", c.CRM}, {"kind", kind}, {"sync", c.Sync}, {"direction", string(c.Direction)}, {"trim", c.Text.Trim},
		{"case", string(c.Text.Case)}, {"long", string(c.Text.Long)}, {"empty", empty}, {"values", values}, {"only", only}}
}
