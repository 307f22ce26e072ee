package stick

import (
	"bytes"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"syncbox/firmware/internal/config"
)

// problem is one reason for which a stick is refused. It never holds text of the file, for a password may stand
// anywhere in it.
type problem struct {
	key  string // a value's full name, of those that set-up knows; empty otherwise
	line int    // 0 = none
	why  string // the key of its words
	err  error  // what the box says about its own configuration; nil for none
}

type problems []problem

// reasons gives what is wrong for the log.
func (p problems) reasons() []string {
	var all []string
	for _, x := range p {
		all = append(all, strings.TrimPrefix(x.why, "stick."))
	}
	return all
}

// refusals turns what the writer refused into problems.
func refusals(err error, lines map[string]int) problems {
	refused, ok := errors.AsType[config.Refused](err)
	if !ok {
		return problems{{why: "stick.failed", err: err}}
	}
	var all problems
	for _, r := range refused {
		all = append(all, problem{key: r.Key, line: lines[r.Key], why: "setting." + string(r.Why), err: r.Err})
	}
	return all
}

// parse reads the changes that a file asks for, with the line of each by its name.
func (s *Setup) parse(text []byte) (changes []config.Change, lines map[string]int, found problems) {
	var all map[string]any
	if err := toml.Unmarshal(text, &all); err != nil {
		row := 0
		if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
			row, _ = bad.Position()
		}
		return nil, nil, problems{{line: row, why: "stick.malformed"}}
	}
	lines = map[string]int{}
	rows := rowsOf(text)
	jobs := s.jobs()
	for _, v := range flat("", all) {
		row := rows.of(v.path)
		name, why := nameOf(v.path, all, jobs)
		switch known, secret := config.Known(name); {
		case why == "name":
		case why != "":
			found = append(found, problem{line: row, why: why})
		case secret || !known && secretive.MatchString(v.path):
			found = append(found, problem{line: row, why: "stick.secret"})
		case !known:
			found = append(found, problem{line: row, why: "stick.unknown-key"})
		default:
			lines[name] = row
			changes = append(changes, config.Change{Key: name, Value: v.value})
		}
	}
	if len(changes) == 0 && len(found) == 0 {
		found = problems{{why: "stick.nothing"}}
	}
	slices.SortStableFunc(found, func(a, b problem) int { return a.line - b.line })
	slices.SortStableFunc(changes, func(a, b config.Change) int { return lines[a.Key] - lines[b.Key] })
	return changes, lines, found
}

// secretive fits what people call a secret, wherever they put it.
var secretive = regexp.MustCompile(`(?i)(pass|secret|token|key|account|code|mot_?de_?passe|cle)[a-z_]*$`)

// jobs gives the names of the box's jobs.
func (s *Setup) jobs() []string {
	all, _ := s.Settings.Settings() // an error shows when the values are set
	var jobs []string
	for _, x := range all {
		if rest, is := strings.CutPrefix(x.Key, "job."); is {
			name, _, _ := strings.Cut(rest, ".")
			jobs = append(jobs, name)
		}
	}
	slices.Sort(jobs)
	return slices.Compact(jobs)
}

// entry is one value of a file. Its path is "network.address", or "job[0].share.server".
type entry struct {
	path  string
	value any
}

// flat lists the values of a file, sorted by path.
func flat(path string, v any) []entry {
	var all []entry
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			part := name
			if !bare.MatchString(name) {
				part = "?" // a quoted key could pass for another one
			}
			all = append(all, flat(strings.TrimPrefix(path+"."+part, "."), v[name])...)
		}
		return all
	case []any:
		if list, ok := texts(v); ok {
			return []entry{{path, list}}
		}
		if !slices.ContainsFunc(v, isTable) {
			return []entry{{path, v}}
		}
		for i, x := range v {
			all = append(all, flat(path+"["+strconv.Itoa(i)+"]", x)...)
		}
		return all
	}
	return []entry{{path, v}}
}

func isTable(v any) bool { _, is := v.(map[string]any); return is }

// texts gives a list of texts; a list of nothing is one.
func texts(v []any) ([]string, bool) {
	list := []string{}
	for _, x := range v {
		s, ok := x.(string)
		if !ok {
			return nil, false
		}
		list = append(list, s)
	}
	return list, true
}

var (
	bare    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	jobName = regexp.MustCompile(`^[a-z0-9-]+$`)
	ofJob   = regexp.MustCompile(`^job\[(\d+)\]\.(.*)$`)
)

// nameOf gives the full name of a value, or why there is none; "name" for a job's own name, which says where the
// others belong.
func nameOf(path string, all map[string]any, jobs []string) (name, why string) {
	m := ofJob.FindStringSubmatch(path)
	if m == nil {
		if strings.HasPrefix(path, "job") {
			return "", "stick.unknown-key"
		}
		return path, ""
	}
	if m[2] == "name" {
		return "", "name"
	}
	i, _ := strconv.Atoi(m[1])
	list, _ := all["job"].([]any)
	job, _ := list[i].(map[string]any)
	own, _ := job["name"].(string)
	if own == "" && len(jobs) == 1 {
		own = jobs[0]
	}
	if !jobName.MatchString(own) {
		return "", "stick.which-job"
	}
	return "job." + own + "." + m[2], ""
}

// rows are the lines that values begin on, by path.
type rows map[string]int

// rowsOf finds the lines of a file that is TOML.
func rowsOf(text []byte) rows {
	all := rows{}
	var p unstable.Parser
	p.Reset(text)
	table, counts := "", map[string]int{}
	for p.NextExpression() {
		e := p.Expression()
		var path []string
		first := -1
		for it := e.Key(); it.Next(); {
			path = append(path, string(it.Node().Data))
			if first < 0 {
				first = int(it.Node().Raw.Offset)
			}
		}
		key := strings.Join(path, ".")
		if e.Kind == unstable.KeyValue {
			all[strings.TrimPrefix(table+"."+key, ".")] = 1 + bytes.Count(text[:first], []byte("\n"))
			continue
		}
		if rest, is := strings.CutPrefix(key, "job."); is && counts["job"] > 0 {
			key = "job[" + strconv.Itoa(counts["job"]-1) + "]." + rest
		}
		if e.Kind == unstable.ArrayTable {
			counts[key]++
			key += "[" + strconv.Itoa(counts[key]-1) + "]"
		}
		table = key
	}
	return all
}

// of gives the line of a path, or of what it stands in.
func (r rows) of(path string) int {
	for path != "" {
		if line := r[path]; line > 0 {
			return line
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 0
}
