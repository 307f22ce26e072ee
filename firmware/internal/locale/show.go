package locale

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// Status prints the status of one job in the words people know.
func (p *Printer) Status(w io.Writer, job string, s engine.Status, down string) {
	fmt.Fprintf(w, "%s\n", job)
	if down != "" {
		fmt.Fprintf(w, "  %-18s %s\n  %s\n", p.Text("status.service", nil), p.Text("service.down", nil), down)
		return
	}
	fmt.Fprintf(w, "  %-18s %s\n", p.Text("status.service", nil), p.Service(s))
	for i, name := range []string{"direction.erp-crm", "direction.crm-erp"} {
		if i == 1 && !s.TwoWay {
			fmt.Fprintf(w, "  %-18s %s\n", p.Text(name, nil), p.Text("direction.off", nil))
			continue
		}
		fmt.Fprintf(w, "  %-18s %s\n", p.Text(name, nil), p.Way(s.Ways[i]))
		if s.Ways[i].Code != "" {
			fmt.Fprintf(w, "  %-18s %s\n", "", p.Cause(s.Ways[i].Code, s.Ways[i].Args))
		}
	}
	if s.Phase != "" {
		fmt.Fprintf(w, "  %-18s %s\n", p.Text("status.now", nil), p.Phase(s))
	}
	fmt.Fprintf(w, "  %-18s %s\n", p.Text("status.last", nil), p.Time(s.LastEnd))
	fmt.Fprintf(w, "  %-18s %s\n", p.Text("status.next", nil), p.Time(s.Next))
}

// Service gives the service's state with the number of things that wait.
func (p *Printer) Service(s engine.Status) string {
	text := p.Text("service."+string(s.Service), nil)
	n := 0
	for kind, count := range s.Waiting {
		if kind != store.Difference {
			n += count
		}
	}
	if s.Service == engine.Running && n > 0 {
		return text + " – " + p.Count("count.waiting", n)
	}
	return text
}

// Way gives the state of one direction.
func (p *Printer) Way(w engine.Way) string {
	text := p.Text("way."+string(w.Outcome), nil)
	if w.Code != "" {
		text += " – " + p.Text("code."+w.Code, w.Args)
	}
	return text
}

// Cause says what to do about a health code.
func (p *Printer) Cause(code string, args map[string]string) string {
	if !p.Has("do." + code) {
		return ""
	}
	return "→ " + p.Text("do."+code, args)
}

// Phase says what is going on now.
func (p *Printer) Phase(s engine.Status) string {
	text := p.Text("phase."+s.Phase, nil)
	if s.Total == 0 {
		return text
	}
	return fmt.Sprintf("%s %s / %s", text, p.p.Sprintf("%d", s.Done), p.p.Sprintf("%d", s.Total))
}

// Event prints one line of the journal, and what to do about it.
func (p *Printer) Event(w io.Writer, e store.Event) {
	mark := map[store.Severity]string{store.Info: " ", store.Warning: "!", store.Problem: "✖"}[e.Severity]
	where := ""
	if e.Entity != "" {
		where = p.Text("entity."+string(e.Entity), nil)
		if e.ERP != "" {
			where += " " + string(e.ERP)
		} else if e.CRM != "" {
			where += " CRM " + string(e.CRM)
		}
	}
	dir := ""
	if e.Direction != "" {
		dir = p.Text("direction."+string(e.Direction), nil)
	}
	fmt.Fprintf(w, "%s %s %-14s %-22s %s\n", p.Time(e.At), mark, dir, where, p.EventText(e))
	if cause := e.Args["cause"]; cause != "" && p.Has("do."+cause) {
		fmt.Fprintf(w, "%22s%s\n", "", p.Cause(cause, e.Args))
	} else if p.Has("do." + e.Code) {
		fmt.Fprintf(w, "%22s%s\n", "", p.Cause(e.Code, e.Args))
	}
}

// EventText gives what happened in a sentence.
func (p *Printer) EventText(e store.Event) string {
	args := maps.Clone(e.Args)
	if args == nil {
		args = map[string]string{}
	}
	if cause := args["cause"]; cause != "" {
		args["cause"] = p.Text("code."+cause, e.Args)
	}
	if ent := args["entity"]; ent != "" {
		args["entity"] = p.Text("entity."+ent, nil)
	}
	for _, key := range []string{"event." + e.Code, "code." + e.Code} {
		if p.Has(key) {
			return p.Text(key, args)
		}
	}
	return e.Code
}

// Waiting prints one thing that waits, its name for commands, and what to do.
func (p *Printer) Waiting(w io.Writer, x store.Waiting, now time.Time) {
	args := maps.Clone(x.Args)
	if args == nil {
		args = map[string]string{}
	}
	args["field"] = x.Field
	if ent := args["entity"]; ent != "" {
		args["entity"] = p.Text("entity."+ent, nil)
	}
	head := strings.TrimSpace(p.Text("entity."+string(x.Entity), nil) + " " + string(x.ERP))
	if x.Entity == "" {
		head = ""
	}
	fmt.Fprintf(w, "%-28s %-12s %s – %s\n", x.Name(), head, p.Text("wait."+string(x.Kind), args), p.Text("code."+x.Code, args))
	if cause := p.Cause(x.Code, args); cause != "" {
		fmt.Fprintf(w, "%28s %s\n", "", cause)
	}
	if !x.Next.IsZero() && x.Next.After(now) {
		fmt.Fprintf(w, "%28s %s %s\n", "", p.Text("wait.next", nil), p.Time(x.Next))
	}
}

// Keys gives the keys of a language's texts, for the tests of completeness.
func (p *Printer) Keys() []string { return slices.Sorted(maps.Keys(p.texts)) }
