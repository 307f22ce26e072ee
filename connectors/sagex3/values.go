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
		if code == "" {
			continue
		}
		v, err := c.read(f, code, p)
		if err != nil {
			r.Held, r.HeldArgs = CodeRecordUnreadable, map[string]string{"field": name}
			continue
		}
		if !v.Empty() {
			r.Fields[name] = v
		}
	}
	return r
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
		return record.TextOf(strings.Join(p.all(one), "\n")), nil
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
	return record.TextOf(text), nil
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
	case "", "0":
		return record.Value{}, nil
	case menuNo:
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
				return record.TimeOf(t), nil
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
			return record.TimeOf(t), nil
		}
	}
	return record.Value{}, errValue
}

// span reads hours and minutes, or minutes alone, as minutes.
func span(text, minutes string, both bool) (record.Value, error) {
	if text == "" && minutes == "" {
		return record.Value{}, nil
	}
	n, err := count(text)
	if both && err == nil {
		var m int64
		m, err = count(minutes)
		n = 60*n + m
	}
	if err != nil {
		return record.Value{}, errValue
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

// write gives the values of X3's fields for one of ours. An empty value clears.
func (c Config) write(f field, code string, v record.Value) (row, error) {
	one, two, _ := strings.Cut(code, ",")
	text := v.Text
	switch f.how {
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
	if v.Empty() {
		return cleared(one, two), nil
	}
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
