package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// place is where a value stands in a file: the key of a table. In syncbox.toml, the tables of a job belong to the
// [[job]] above them, which is told by its number from 0; everywhere else job is -1.
type place struct {
	table []string
	key   string
	job   int
}

// errUneditable: the file is right, but written in a way that can't be edited without writing it anew.
var errUneditable = errors.New("is written in a way that only a person can edit")

// edit gives the text of a TOML file with one value set. Every other line stays as it is, comments too. The result
// is compared with what was wanted; a text that did not turn out so is refused.
func edit(text []byte, at place, value any) ([]byte, error) {
	spot, err := find(text, at)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Write(text[:spot.from])
	b.WriteString(spot.before)
	b.WriteString(at.key + " = " + literal(value))
	b.WriteString(spot.after)
	b.Write(text[spot.to:])
	if !turnedOut(text, b.Bytes(), at, value) {
		return nil, errUneditable
	}
	return b.Bytes(), nil
}

// spot is the range of a text that a line takes the place of, and what stands around it.
type spot struct {
	from, to      int
	before, after string
}

// find looks for the value, else for the end of its table, else for the end of what that table goes behind.
func find(text []byte, at place) (spot, error) {
	newline := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		newline = "\r\n"
	}
	var p unstable.Parser
	p.Reset(text)
	var table []string
	job, inTable, behind := -1, -1, -1 // offsets: the end of the table, and of what it goes behind
	for p.NextExpression() {
		e := p.Expression()
		path, end := keyOf(e), lineEnd(text, e)
		switch {
		case e.Kind == unstable.KeyValue:
			if slices.Equal(slices.Concat(table, path), append(slices.Clone(at.table), at.key)) && (at.job < 0 || job == at.job) {
				return spot{from: int(e.Raw.Offset), to: int(e.Raw.Offset + e.Raw.Length)}, nil
			}
		case e.Kind == unstable.ArrayTable && slices.Equal(path, []string{"job"}):
			job++
			table = path
		default:
			table = path
		}
		here := at.job < 0 || job == at.job
		if here && slices.Equal(table, at.table) {
			inTable = end
		}
		if here {
			behind = end
		}
	}
	if err := p.Error(); err != nil {
		return spot{}, errUneditable
	}
	offset, header := inTable, ""
	if inTable < 0 {
		offset, header = behind, newline+"["+strings.Join(at.table, ".")+"]"+newline
		if at.job < 0 {
			offset = len(text)
		}
	}
	offset = max(offset, 0)
	if offset > 0 && text[offset-1] != '\n' {
		header = newline + header
	}
	return spot{from: offset, to: offset, before: header, after: newline}, nil
}

// keyOf gives the parts of an expression's key.
func keyOf(e *unstable.Node) []string {
	var path []string
	for it := e.Key(); it.Next(); {
		path = append(path, string(it.Node().Data))
	}
	return path
}

// lineEnd gives the offset behind the last line of an expression.
func lineEnd(text []byte, e *unstable.Node) int {
	end := int(e.Raw.Offset + e.Raw.Length)
	if e.Kind != unstable.KeyValue {
		for it := e.Key(); it.Next(); {
			raw := it.Node().Raw
			end = int(raw.Offset + raw.Length)
		}
	}
	if i := bytes.IndexByte(text[end:], '\n'); i >= 0 {
		return end + i + 1
	}
	return len(text)
}

// literal writes a value as TOML.
func literal(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v)
	case []string:
		all := make([]string, len(v))
		for i, s := range v {
			all[i] = quote(s)
		}
		return "[" + strings.Join(all, ", ") + "]"
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		return strconv.FormatBool(v)
	}
	panic(fmt.Sprintf("config: a value can't be a %T", value))
}

// quote writes a basic string of TOML 1.0.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsControl(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// turnedOut tells whether the new text says what the old one said, but for the one value.
func turnedOut(old, changed []byte, at place, value any) bool {
	var want, got map[string]any
	if toml.Unmarshal(old, &want) != nil || toml.Unmarshal(changed, &got) != nil {
		return false
	}
	if want == nil {
		want = map[string]any{}
	}
	return put(want, at, value) && reflect.DeepEqual(want, got)
}

// put sets a value in what a file says.
func put(all map[string]any, at place, value any) bool {
	table, path := all, at.table
	if at.job >= 0 {
		jobs, ok := all["job"].([]any)
		if !ok || at.job >= len(jobs) {
			return false
		}
		if table, ok = jobs[at.job].(map[string]any); !ok {
			return false
		}
		path = path[1:]
	}
	for _, name := range path {
		if table[name] == nil {
			table[name] = map[string]any{}
		}
		next, ok := table[name].(map[string]any)
		if !ok {
			return false
		}
		table = next
	}
	table[at.key] = value
	if list, ok := value.([]string); ok {
		all := make([]any, len(list))
		for i, s := range list {
			all[i] = s
		}
		table[at.key] = all
	}
	return true
}

// get gives a value of what a file says, a list as []string; nil where there is none.
func get(all map[string]any, at place) any {
	table, path := all, at.table
	if at.job >= 0 {
		jobs, _ := all["job"].([]any)
		if at.job >= len(jobs) {
			return nil
		}
		table, _ = jobs[at.job].(map[string]any)
		path = path[1:]
	}
	for _, name := range path {
		table, _ = table[name].(map[string]any)
	}
	list, ok := table[at.key].([]any)
	if !ok {
		return table[at.key]
	}
	texts := []string{}
	for _, v := range list {
		texts = append(texts, fmt.Sprint(v))
	}
	return texts
}
