package stick

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/locale"
)

// report is what is written back, in one language.
type report struct {
	p    *locale.Printer
	rows []string
}

// write writes the report in all languages, with the line ends that every editor of Windows shows. One that stands there
// already is left alone: a stick that stays in is not written to at every start.
func (s *Setup) write(root fs.FS, out Reports, name string, fill func(*report)) error {
	var rows []string
	for i, tag := range locale.Languages {
		p, err := locale.New(tag.String(), nil)
		if err != nil {
			return err
		}
		r := &report{p: p}
		if i > 0 {
			r.rows = append(r.rows, "", strings.Repeat("-", 60), "")
		}
		r.say("stick.title")
		r.say("stick.box", "box", s.Box)
		r.rows = append(r.rows, "")
		fill(r)
		rows = append(rows, r.rows...)
	}
	text := []byte(strings.Join(rows, "\r\n") + "\r\n")
	if there, err := fs.ReadFile(root, name); err == nil && bytes.Equal(there, text) {
		return nil
	}
	if err := out.WriteFile(name, text); err != nil {
		s.Journal.Event(string(eventReportLost), nil)
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// text gives a text with its gaps filled.
func (r *report) text(key string, pairs ...string) string {
	args := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i]] = pairs[i+1]
	}
	return r.p.Text(key, args)
}

func (r *report) say(key string, pairs ...string) { r.rows = append(r.rows, r.text(key, pairs...)) }

func (r *report) item(text string) { r.rows = append(r.rows, "  "+text) }

// applied lists what is set, and what is still missing.
func (r *report) applied(changes []config.Change, changed []string, left error) {
	if len(changed) == 0 {
		r.say("stick.same")
	} else {
		r.say("stick.applied")
	}
	for _, c := range changes {
		if len(changed) == 0 || slices.Contains(changed, c.Key) {
			r.item(c.Key + " = " + cmp.Or(shown(c.Value), r.text("stick.empty")))
		}
	}
	if left != nil {
		r.left(left)
	}
}

// left says what is still to be set.
func (r *report) left(err error) {
	r.say("stick.left")
	key := config.About(err)
	if want := "want." + config.Topic(key); key != "" && r.p.Has(want) {
		r.item(r.text("stick.at", "where", key, "why", r.text(want)))
	}
	r.item(r.text("stick.log", "text", err.Error()))
}

func shown(v any) string {
	if list, ok := v.([]string); ok {
		return strings.Join(list, ", ")
	}
	return fmt.Sprint(v)
}

// refused lists what is wrong, line by line.
func (r *report) refused(found problems) {
	if found[0].why == "stick.failed" {
		r.say("stick.failed")
		r.item(found[0].err.Error())
		return
	}
	r.say("stick.refused")
	for _, x := range found {
		text := r.text(x.why, "line", strconv.Itoa(x.line), "limit", strconv.Itoa(limit))
		if where := r.where(x); where != "" && x.why != "stick.malformed" {
			text = r.text("stick.at", "where", where, "why", text)
		}
		r.item(text)
		if want := "want." + config.Topic(x.key); x.err != nil && x.key != "" && r.p.Has(want) {
			r.item("  " + r.text("console.want", "text", r.text(want)))
		}
		if x.err != nil {
			r.item("  " + r.text("stick.log", "text", x.err.Error()))
		}
	}
}

// where names the line, and the key where set-up knows it.
func (r *report) where(x problem) string {
	line := ""
	if x.line > 0 {
		line = r.text("stick.line", "line", strconv.Itoa(x.line))
	}
	switch {
	case x.key == "":
		return line
	case line == "":
		return x.key
	}
	return x.key + " (" + line + ")"
}
