package sagex3

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// Local menu 1, which stands for yes and no.
const (
	menuNo  = "1"
	menuYes = "2"
)

// record makes a record of what X3 gave. A value that its field can't mean holds the record back, with the field's name.
func (c Config) record(e record.Entity, key record.Key, p *payload) record.Record {
	r := record.Record{Entity: e, Key: key, Fields: record.Fields{}}
	for name, f := range fieldsOf(e) {
		code := c.code(e, name)
		if code == "" || !f.shown(c.Profile) {
			continue
		}
		v, err := c.read(f, code, p)
		if menu := c.Menus[e][name]; menu != nil && f.how == asText {
			number, _ := p.first(code)
			v = record.TextOf(menu[number])
		}
		if err != nil {
			r.Held, r.HeldArgs = CodeRecordUnreadable, map[string]string{"field": name}
			continue
		}
		if !v.Empty() {
			r.Fields[name] = v
		}
	}
	if e == record.Appointment {
		c.wholeDays(r.Fields)
	}
	return r
}

// wholeDays shows an appointment that begins with a day and ends in the last minute of one as ending with that day: so people
// write whole days where X3 takes no hour 24. One that ends at midnight is shown so as it is.
func (c Config) wholeDays(f record.Fields) {
	start, end := f["start"].Time().In(c.Zone), f["end"].Time().In(c.Zone)
	if f["start"].Empty() || f["end"].Empty() || !c.dayFrom(start, 0).Equal(start) || end.Hour() != 23 || end.Minute() != 59 {
		return
	}
	f["end"] = record.TimeOf(c.dayFrom(end, 1))
}

// dayFrom gives the instant at which the day of t begins, or one some days later.
func (c Config) dayFrom(t time.Time, later int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+later, 0, 0, 0, 0, c.Zone)
}

var errValue = errors.New("no value of its field")

// read reads one of our fields. code may be two, with a comma between.
func (c Config) read(f field, code string, p *payload) (record.Value, error) {
	one, two, _ := strings.Cut(code, ",")
	text, _ := p.first(one)
	second := ""
	if two != "" {
		second, _ = p.first(two)
	}
	switch f.how {
	case asLines:
		return record.TextOf(tidy(strings.Join(p.all(one), "\n"))), nil
	case asNames:
		return record.TextOf(strings.Join(p.column(one), "\n")), nil
	case asCode:
		return record.TextOf(strings.ToUpper(text)), nil
	case asYes:
		return yes(text)
	case asDay:
		return day(text)
	case asMoment:
		return c.moment(text, second)
	case asSpan:
		return span(text, second, two != "")
	case asRef:
		return record.RefOf(record.Key(strings.TrimSpace(text))), nil
	}
	if label, is := p.first(one + label); is {
		text = label
	}
	return record.TextOf(onOneLine(tidy(text))), nil
}

// tidy gives a text as X3's answers can show it: its line ends as line feeds, nothing blank around it.
func tidy(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

func onOneLine(text string) string { return strings.ReplaceAll(text, "\n", " ") }

// changed is when a person last changed a record; zero where it was ourselves, or nobody can say. UPDDATTIM may be left as it
// was by writes that move the older stamps.
func (c Config) changed(p *payload) time.Time {
	by, _ := p.first("UPDUSR")
	if c.UserCode == "" || by == "" || by == c.UserCode {
		return time.Time{}
	}
	text, _ := p.first("UPDDATTIM")
	at, _ := c.moment(text, "") // unreadable is as absent
	old, _ := p.first("UPDDAT")
	seconds, _ := p.first("UPDTIM")
	d, err := day(old)
	n, wrong := strconv.Atoi(seconds)
	if err != nil || wrong != nil || d.Empty() {
		return at.Time()
	}
	t, _ := time.Parse(time.DateOnly, d.Text) // a day, as day gives it
	if older := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, n, 0, c.Zone).UTC(); older.After(at.Time()) {
		return older
	}
	return at.Time()
}

// all gives every value of a field, which is a list where X3 keeps a text in parts.
func (p *payload) all(code string) []string {
	for _, id := range sorted(p.groups) {
		if v, ok := p.groups[id][code]; ok {
			return v
		}
	}
	return nil
}

// column gives a field of every line of the grid that has it, without empty ones.
func (p *payload) column(code string) []string {
	var values []string
	for _, id := range sorted(p.grids) {
		for _, r := range p.grids[id] {
			if v := r[code]; len(v) > 0 && v[0] != "" {
				values = append(values, v[0])
			}
		}
	}
	return values
}

func yes(text string) (record.Value, error) {
	switch text {
	case "", "0", menuNo:
		return record.BoolOf(false), nil
	case menuYes:
		return record.BoolOf(true), nil
	}
	return record.Value{}, errValue
}

// days are the forms of a day: X3's own, and those of REST.
var days = []string{"20060102", time.DateOnly}

func day(text string) (record.Value, error) {
	if strings.Trim(text, "0 ") == "" {
		return record.Value{}, nil
	}
	for _, form := range days {
		if t, err := time.Parse(form, text); err == nil {
			return record.DateOf(t), nil
		}
	}
	return record.Value{}, errValue
}

// moments are the forms of an instant in one field; what ends in Z is UTC, the rest the site's own time.
var moments = []string{"20060102150405", "200601021504", "2006-01-02T15:04:05", "2006-01-02 15:04:05"}

// clocks are the forms of a time of day.
var clocks = []string{"1504", "150405", "15:04", "15:04:05"}

// moment reads an instant of one field, or of a day and a time. The hour that a clock that is put back shows twice is the
// first of them; one that a clock put forward leaves out is an hour later.
func (c Config) moment(text, clock string) (record.Value, error) {
	if strings.Trim(text, "0 ") == "" {
		return record.Value{}, nil
	}
	if clock == "" {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return record.TimeOf(t), nil
		}
		for _, form := range moments {
			if t, err := time.ParseInLocation(form, text, c.Zone); err == nil {
				return record.TimeOf(first(t)), nil
			}
		}
		return record.Value{}, errValue
	}
	d, err := day(text)
	if err != nil {
		return record.Value{}, err
	}
	for _, form := range clocks {
		if t, err := time.ParseInLocation(time.DateOnly+" "+form, d.Text+" "+clock, c.Zone); err == nil {
			return record.TimeOf(first(t)), nil
		}
	}
	return record.Value{}, errValue
}

// first gives the earlier one of two instants at which clocks show the same.
func first(t time.Time) time.Time {
	if earlier := t.Add(-time.Hour); earlier.Hour() == t.Hour() {
		return earlier
	}
	return t
}

// span reads hours and minutes, or minutes alone, as minutes.
func span(text, minutes string, both bool) (record.Value, error) {
	n, err := count(text)
	if both && err == nil {
		var m int64
		m, err = count(minutes)
		n = 60*n + m
	}
	if err != nil {
		return record.Value{}, errValue
	}
	if n == 0 { // a number of X3 can't be nothing
		return record.Value{}, nil
	}
	return record.NumberOf(decimal.NewFromInt(n)), nil
}

func count(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	d, err := decimal.NewFromString(strings.Replace(text, ",", ".", 1))
	if err != nil || d.IsNegative() || d.Exponent() > 6 || d.GreaterThan(decimal.NewFromInt(1_000_000)) {
		return 0, errValue
	}
	return d.IntPart(), nil
}

// write gives the values of X3's fields for one of ours, as the place of its field can hold them. An empty value clears.
func (c Config) write(f field, code string, at place, v record.Value) (row, error) {
	one, two, _ := strings.Cut(code, ",")
	text := onOneLine(tidy(v.Text))
	switch f.how {
	case asLines:
		return row{one: at.values(tidy(v.Text))}, nil
	case asYes:
		text = menuNo
		if v.Equal(record.BoolOf(true)) {
			text = menuYes
		}
	case asDay:
		text = strings.ReplaceAll(v.Text, "-", "")
	case asCode:
		text = strings.ToUpper(v.Text)
	case asMoment:
		return c.writeMoment(one, two, v)
	case asSpan:
		return writeSpan(one, two, v)
	case asNames:
		return nil, fmt.Errorf("field %s is read only", one)
	}
	return row{one: {text}}, nil
}

// values are those of a text of several lines: one, or as many as the field repeats, so that none of the old ones stays.
func (p place) values(text string) []string {
	switch {
	case p.text || p.group == "":
		return []string{text}
	case p.items == 1:
		return []string{onOneLine(text)}
	}
	lines := p.lines(text)
	for len(lines) < max(p.items, 1) {
		lines = append(lines, "")
	}
	return lines
}

func (c Config) writeMoment(one, two string, v record.Value) (row, error) {
	if v.Empty() {
		return cleared(one, two), nil
	}
	t := v.Time().In(c.Zone)
	if t.IsZero() {
		return nil, fmt.Errorf("field %s: %w", one, errValue)
	}
	if two == "" {
		return row{one: {t.Format(moments[0])}}, nil
	}
	return row{one: {t.Format(days[0])}, two: {t.Format(clocks[0])}}, nil
}

func writeSpan(one, two string, v record.Value) (row, error) {
	n := v.Decimal().Round(0).IntPart()
	if n < 0 {
		return nil, fmt.Errorf("field %s: %w", one, errValue)
	}
	if two == "" {
		return row{one: {strconv.FormatInt(n, 10)}}, nil
	}
	return row{one: {strconv.FormatInt(n/60, 10)}, two: {strconv.FormatInt(n%60, 10)}}, nil
}

func cleared(codes ...string) row {
	r := row{}
	for _, code := range codes {
		if code != "" {
			r[code] = []string{""}
		}
	}
	return r
}
