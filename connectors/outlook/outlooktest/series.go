package outlooktest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// longest is how far a series is followed.
const longest = 10 * 366 // days

var weekdays = map[string]time.Weekday{"sunday": 0, "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6}

// pattern is a recurrence as it was written.
type pattern struct {
	kind               string
	interval           int
	dayOfMonth, month  int
	days               []time.Weekday
	first              time.Weekday
	index              int // 0 to 3, -1 the last
	start, until       time.Time
	count              int // 0: no such end
	hasCount, hasUntil bool
}

// readPattern reads a patternedRecurrence and says what is wrong with it.
func readPattern(o Object) (pattern, *problem) {
	in, _ := o["pattern"].(Object)
	rng, _ := o["range"].(Object)
	p := pattern{kind: text(in, "type"), interval: number(in, "interval"), dayOfMonth: number(in, "dayOfMonth"), month: number(in, "month"),
		first: weekdays[strings.ToLower(text(in, "firstDayOfWeek"))], count: number(rng, "numberOfOccurrences")}
	days, _ := in["daysOfWeek"].([]any)
	for _, d := range days {
		name, _ := d.(string)
		day, ok := weekdays[strings.ToLower(name)]
		if !ok {
			return p, badProperty("recurrence.pattern.daysOfWeek: unknown day")
		}
		p.days = append(p.days, day)
	}
	p.index = max(-1, slices.Index([]string{"first", "second", "third", "fourth"}, text(in, "index")))
	if text(in, "index") == "" {
		p.index = 0
	}
	if prob := p.readRange(rng); prob != nil {
		return p, prob
	}
	return p, p.check()
}

func number(o Object, name string) int {
	n, _ := o[name].(json.Number)
	i, _ := n.Int64()
	return int(i)
}

func (p *pattern) readRange(rng Object) *problem {
	var err error
	if p.start, err = time.Parse(dateForm, text(rng, "startDate")); err != nil {
		return badProperty("recurrence.range.startDate: want a date")
	}
	switch text(rng, "type") {
	case "noEnd":
	case "numbered":
		p.hasCount = true
		if p.count < 1 {
			return badProperty("recurrence.range.numberOfOccurrences: want 1 or more")
		}
	case "endDate":
		p.hasUntil = true
		if p.until, err = time.Parse(dateForm, text(rng, "endDate")); err != nil || p.until.Before(p.start) {
			return badProperty("recurrence.range.endDate: want a date on or after startDate")
		}
	default:
		return badProperty("recurrence.range.type: want noEnd, numbered or endDate")
	}
	return nil
}

// check asks for what each type of pattern needs.
func (p *pattern) check() *problem {
	needsDays := p.kind == "weekly" || p.kind == "relativeMonthly" || p.kind == "relativeYearly"
	needsMonth := p.kind == "absoluteYearly" || p.kind == "relativeYearly"
	needsDay := p.kind == "absoluteMonthly" || p.kind == "absoluteYearly"
	switch {
	case !slices.Contains([]string{"daily", "weekly", "absoluteMonthly", "relativeMonthly", "absoluteYearly", "relativeYearly"}, p.kind):
		return badProperty("recurrence.pattern.type: unknown")
	case p.interval < 1:
		return badProperty("recurrence.pattern.interval: want 1 or more")
	case needsDays && len(p.days) == 0:
		return badProperty("recurrence.pattern.daysOfWeek: wanted")
	case needsMonth && (p.month < 1 || p.month > 12):
		return badProperty("recurrence.pattern.month: want 1 to 12")
	case needsDay && (p.dayOfMonth < 1 || p.dayOfMonth > 31):
		return badProperty("recurrence.pattern.dayOfMonth: want 1 to 31")
	}
	return nil
}

// dates gives the dates of the pattern up to and with a last one.
func (p *pattern) dates(last time.Time) []time.Time {
	if p.hasUntil && p.until.Before(last) {
		last = p.until
	}
	var out []time.Time
	for i := range longest {
		d := p.start.AddDate(0, 0, i)
		if d.After(last) || p.hasCount && len(out) >= p.count {
			break
		}
		if p.on(d) {
			out = append(out, d)
		}
	}
	return out
}

// on says whether the pattern falls on a date.
func (p *pattern) on(d time.Time) bool {
	months := (d.Year()-p.start.Year())*12 + int(d.Month()) - int(p.start.Month())
	monthly := months%p.interval == 0
	yearly := int(d.Month()) == p.month && (d.Year()-p.start.Year())%p.interval == 0
	switch p.kind {
	case "daily":
		return int(d.Sub(p.start).Hours()/24)%p.interval == 0
	case "weekly":
		weeks := int(p.week(d).Sub(p.week(p.start)).Hours() / 24 / 7)
		return slices.Contains(p.days, d.Weekday()) && weeks%p.interval == 0
	case "absoluteMonthly":
		return monthly && d.Day() == min(p.dayOfMonth, monthLength(d))
	case "absoluteYearly":
		return yearly && d.Day() == min(p.dayOfMonth, monthLength(d))
	case "relativeMonthly":
		return monthly && p.nth(d)
	}
	return yearly && p.nth(d)
}

func (p *pattern) week(d time.Time) time.Time {
	return d.AddDate(0, 0, -(int(d.Weekday()-p.first)+7)%7)
}

func monthLength(d time.Time) int {
	return time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nth says whether a date is the wanted one among the days of its month.
func (p *pattern) nth(d time.Time) bool {
	if !slices.Contains(p.days, d.Weekday()) {
		return false
	}
	before, after := 0, 0
	for day := 1; day <= monthLength(d); day++ {
		if other := time.Date(d.Year(), d.Month(), day, 0, 0, 0, 0, time.UTC); slices.Contains(p.days, other.Weekday()) {
			switch {
			case day < d.Day():
				before++
			case day > d.Day():
				after++
			}
		}
	}
	if p.index < 0 {
		return after == 0
	}
	return before == p.index
}

// occurrenceOn gives what a series is on one of its dates, nil where it is not or was cancelled.
func (it *item) occurrenceOn(date string) *item {
	if !it.series() {
		return nil
	}
	if ex, ok := it.exceptions[date]; ok {
		return ex.it
	}
	d, err := time.Parse(dateForm, date)
	if err != nil {
		return nil
	}
	p, _ := readPattern(it.fields["recurrence"].(Object))
	if i := slices.IndexFunc(p.dates(d), d.Equal); i < 0 {
		return nil
	}
	return it.plain(d)
}

// plain gives an occurrence that nobody changed.
func (it *item) plain(d time.Time) *item {
	o := it.clone()
	o.occurrence, o.version, o.exceptions, o.props, o.exts = d.Format(dateForm), it.main, nil, map[string]string{}, nil
	delete(o.fields, "recurrence")
	loc, _ := zoneOf(it.span.zone)
	if it.span.allDay {
		loc = time.UTC
	}
	first := it.span.start.In(loc)
	o.span.start = time.Date(d.Year(), d.Month(), d.Day(), first.Hour(), first.Minute(), first.Second(), 0, loc)
	o.span.end = o.span.start.Add(it.span.end.Sub(it.span.start))
	o.fields["start"], o.fields["end"] = wall(o.span.start, loc, it.span.zone), wall(o.span.end, loc, it.span.zone)
	return o
}

// occurrences gives those of a series that touch a window, by date.
func (it *item) occurrences(from, to time.Time) []*item {
	p, _ := readPattern(it.fields["recurrence"].(Object))
	var out []*item
	for _, d := range p.dates(to.AddDate(0, 0, 1)) {
		date := d.Format(dateForm)
		o := (*item)(nil)
		if ex, ok := it.exceptions[date]; ok {
			o = ex.it
		} else if !d.Before(from.Add(-it.span.end.Sub(it.span.start)).AddDate(0, 0, -2)) {
			o = it.plain(d)
		}
		if o != nil && o.span.touches(from, to) {
			out = append(out, o)
		}
	}
	return out
}

// touches says whether an event is in a window, in part at least.
func (sp span) touches(from, to time.Time) bool {
	return sp.start.Before(to) && (sp.end.After(from) || sp.start.Equal(sp.end) && !sp.start.Before(from))
}
