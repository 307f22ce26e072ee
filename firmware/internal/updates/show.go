package updates

import (
	"fmt"
	"io"
	"strconv"

	"syncbox/firmware/internal/locale"
	"syncbox/ota/update"
)

// Show prints what runs, what there is to come, and how the last new version went, for people.
func Show(w io.Writer, p *locale.Printer, s update.Status) {
	line := func(key, text string) { fmt.Fprintf(w, "  %-18s %s\n", p.Text(key, nil), text) }
	below := func(text string) {
		if text != "" {
			fmt.Fprintf(w, "  %-18s %s\n", "", text)
		}
	}
	line("update.version", s.Version.String())
	if s.Available != nil {
		line("update.available", s.Available.Version.String())
		below(s.Available.Notes[p.Text("console.tongue", nil)])
	}
	if s.Target != s.Version && s.Wish != "" {
		line("update.wished", s.Target.String())
	}
	if s.Doing != update.Idle && s.Doing != "" {
		doing := "update.doing-" + string(s.Doing)
		line("update.now", p.Text(doing, map[string]string{"done": strconv.Itoa(s.Done), "total": strconv.Itoa(s.Of)}))
	}
	if s.Last != nil && s.Last.Phase != update.PhaseFailed {
		line("update.last", EventText(p, update.Event{Phase: s.Last.Phase, Version: s.Last.Version, Code: s.Last.Code}))
	}
	if s.Problem != nil {
		code, job := CodeOf(update.CodeOf(s.Problem))
		args := map[string]string{"job": job}
		line("update.problem", p.Text("code."+code, args))
		below(p.Cause(code, args))
	}
	if !s.Checked.IsZero() {
		line("update.checked", p.Time(s.Checked))
	}
}

// EventText says what happened to a wish, in the words of the journal.
func EventText(p *locale.Printer, e update.Event) string {
	return p.Text("event."+string(events[e.Phase]), argsOf(e))
}
