package locale

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/record"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// Status prints the status of one job in the words people know. down is why the job does not run, empty if
// it does; then the first Way may hold the code of it.
func (p *Printer) Status(w io.Writer, job string, s engine.Status, down string) {
	line := func(label, text string) { fmt.Fprintf(w, "  %-18s %s\n", label, text) }
	fmt.Fprintln(w, job)
	if down != "" {
		line(p.Text("status.service", nil), p.Text("service.down", nil))
		if code := s.Ways[0].Code; code != "" {
			line("", p.Text("code."+code, s.Ways[0].Args))
			line("", p.Cause(code, s.Ways[0].Args))
		}
		line("", down)
		return
	}
	line(p.Text("status.service", nil), p.Service(s))
	for i, name := range []string{"direction.erp-crm", "direction.crm-erp"} {
		if i == 1 && !s.TwoWay {
			line(p.Text(name, nil), p.Text("direction.off", nil))
			continue
		}
		line(p.Text(name, nil), p.Way(s.Ways[i]))
		if cause := p.Cause(s.Ways[i].Code, s.Ways[i].Args); cause != "" {
			line("", cause)
		}
	}
	if s.Phase != "" {
		line(p.Text("status.now", nil), p.Phase(s))
	}
	if s.Resync != nil {
		p.resync(line, s.Resync)
	}
	line(p.Text("status.last", nil), p.Time(s.LastEnd))
	line(p.Text("status.next", nil), p.Next(s))
	for _, t := range s.Timings {
		what, took := p.Timing(t)
		line("", p.Text("status.timing-line", map[string]string{"what": what, "took": took}))
	}
}

// Next says when a job begins its next cycle.
func (p *Printer) Next(s engine.Status) string {
	if s.OnDemand && s.Next.IsZero() && s.Service == engine.Running {
		return p.Text("status.on-demand", nil)
	}
	return p.Time(s.Next)
}

// Notice prints something that people should know of a job, whether it runs or not, and what to do.
func (p *Printer) Notice(w io.Writer, code string, args map[string]string) {
	for _, text := range []string{p.Text("code."+code, args), p.Cause(code, args)} {
		if text != "" {
			fmt.Fprintf(w, "  %-18s %s\n", "", text)
		}
	}
}

// Service gives the service's state with the number of things that wait. A difference that the profile
// leaves standing does not wait.
func (p *Printer) Service(s engine.Status) string {
	n := 0
	for kind, count := range s.Waiting {
		if kind != store.Difference {
			n += count
		}
	}
	if s.Service == engine.Running && n > 0 {
		return p.Count("count.running", n)
	}
	return p.Text("service."+string(s.Service), nil)
}

// Way gives the state of one direction, with its cause.
func (p *Printer) Way(w engine.Way) string {
	key := "way." + string(w.Outcome)
	if w.Code == "" || !p.Has(key+"-for") {
		return p.Text(key, nil)
	}
	return p.Text(key+"-for", with(w.Args, "cause", w.Code))
}

// Cause says what to do about a health code; empty where there is nothing to say.
func (p *Printer) Cause(code string, args map[string]string) string {
	if !p.Has("do." + code) {
		return ""
	}
	return "→ " + p.Text("do."+code, args)
}

// Phase says what is going on now.
func (p *Printer) Phase(s engine.Status) string {
	phase := p.Text("phase."+s.Phase, nil)
	if s.Total == 0 {
		return phase
	}
	return p.Text("phase.progress", map[string]string{"phase": phase, "done": strconv.Itoa(s.Done), "total": strconv.Itoa(s.Total)})
}

// marks show at a glance which events matter.
var marks = map[store.Severity]string{store.Info: " ", store.Warning: "!", store.Problem: "✖"}

// Mark gives the sign that shows at a glance whether an event matters; a blank for one that does not.
func Mark(s store.Severity) string { return marks[s] }

// Event prints one line of the journal, and below it what to do.
func (p *Printer) Event(w io.Writer, e store.Event) {
	dir := ""
	if e.Direction != "" {
		dir = p.Text("direction."+string(e.Direction), nil)
	}
	fmt.Fprintf(w, "%s %s %-14s %-22s %s\n", p.Time(e.At), marks[e.Severity], dir, p.Where(e.Entity, e.ERP, e.CRM), p.EventText(e))
	p.remedy(w, e)
}

// OwnEvent prints one line of the box's own journal, which is about no record and goes no way, and below it what to do.
func (p *Printer) OwnEvent(w io.Writer, e store.Event) {
	fmt.Fprintf(w, "%s %s %s\n", p.Time(e.At), marks[e.Severity], p.EventText(e))
	p.remedy(w, e)
}

// remedy says what to do about an event, where there is something to say.
func (p *Printer) remedy(w io.Writer, e store.Event) {
	if _, do := p.Remedy(e); do != "" {
		fmt.Fprintf(w, "%21s %s\n", "", do)
	}
}

// Remedy gives the code of an event's cause, or its own, and what to do about it; empty where there is nothing to say.
func (p *Printer) Remedy(e store.Event) (code, do string) {
	code = e.Code
	if cause := e.Args["cause"]; cause != "" {
		code = cause
	}
	return code, p.Cause(code, e.Args)
}

// Where names a record: by its card in the ERP, else by its id in the CRM. It is empty where none is meant.
func (p *Printer) Where(e record.Entity, erp, crm record.Key) string {
	args := map[string]string{"entity": string(e), "key": string(erp)}
	switch {
	case e == "":
		return ""
	case erp != "":
		return p.Text("where.erp", args)
	case crm != "":
		return p.Text("where.crm", with(args, "key", string(crm)))
	}
	return p.Text("entity."+string(e), nil)
}

// EventText gives what happened in a sentence.
func (p *Printer) EventText(e store.Event) string {
	for _, key := range []string{"event." + e.Code, "code." + e.Code} {
		if p.Has(key) {
			return p.Text(key, e.Args)
		}
	}
	return e.Code
}

// Waiting prints one thing that waits: its name for commands, what it is, why, and what to do.
func (p *Printer) Waiting(w io.Writer, x store.Waiting, now time.Time) {
	line := func(text string) {
		if text != "" {
			fmt.Fprintf(w, "    %s\n", text)
		}
	}
	what, why, do := p.Waits(x)
	fmt.Fprintf(w, "%-28s %-22s %s\n", x.Name(), p.Where(x.Entity, x.ERP, x.CRM), what)
	line(why)
	line(p.values(x))
	line(p.context(x))
	line(do)
	line(p.NextTry(x, now))
}

// Waits gives in what way something waits, why, and what to do; the last is empty where there is nothing to do.
func (p *Printer) Waits(x store.Waiting) (what, why, do string) {
	args := x.Args
	if x.Field != "" {
		args = with(args, "field", x.Field)
	}
	return p.Text("wait."+string(x.Kind), args), p.Text("code."+x.Code, args), p.Cause(x.Code, args)
}

// NextTry says when something that waits is tried again by itself; empty if that is not known.
func (p *Printer) NextTry(x store.Waiting, now time.Time) string {
	if !x.Next.After(now) {
		return ""
	}
	return p.Text("wait.next", map[string]string{"time": p.Time(x.Next)})
}

// values shows what a person is to key, or the two values to choose from.
func (p *Printer) values(x store.Waiting) string {
	switch {
	case x.Handoff != nil:
		return p.Text("wait.wanted", map[string]string{"erp": Shown(x.Handoff.Current), "crm": Shown(x.Handoff.Wanted)})
	case x.Kind == store.Conflicted || x.Kind == store.Difference:
		return p.Text("wait.values", map[string]string{"erp": Shown(x.ERPValue), "crm": Shown(x.CRMValue)})
	case x.Kind == store.Refused && !x.CRMValue.Empty():
		return p.Text("wait.value", map[string]string{"crm": Shown(x.CRMValue)})
	}
	return ""
}

// context gives what helps a person to recognise the record of a hand-off: number and name.
func (p *Printer) context(x store.Waiting) string {
	if x.Handoff == nil {
		return ""
	}
	var all []string
	for _, field := range slices.Sorted(maps.Keys(x.Handoff.Context)) {
		if v := x.Handoff.Context[field]; field != "" && !v.Empty() {
			all = append(all, p.Text("wait.context", map[string]string{"field": field, "value": Shown(v)}))
		}
	}
	return strings.Join(all, ", ")
}

// Shown gives the value of a field for people to read; empty where there is none.
func Shown(v record.Value) string {
	if v.Kind == record.Rows {
		return "…"
	}
	return v.Text
}

// with gives arguments with one more.
func with(args map[string]string, name, value string) map[string]string {
	all := maps.Clone(args)
	if all == nil {
		all = map[string]string{}
	}
	all[name] = value
	return all
}

// Keys gives the keys of a language's texts, for the tests of completeness.
func (p *Printer) Keys() []string { return slices.Sorted(maps.Keys(p.texts)) }
