package metrics_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The grammar of the text format, version 0.0.4, as strict as its description: one HELP and one TYPE before the samples of a
// family, which stand together; no series twice; a line feed at the end.
var (
	helpLine   = regexp.MustCompile(`^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\\n]|\\\\|\\n)*)$`)
	typeLine   = regexp.MustCompile(`^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$`)
	sampleLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"\n]|\\\\|\\"|\\n)*)"(,|$)`)
)

// parsed is what a page says: series by name and sorted labels, such as `a{b="c"}`, with labels unescaped and quoted anew.
type parsed struct {
	series map[string]float64
	help   map[string]string
}

func parse(text string) (p parsed, err error) {
	p = parsed{map[string]float64{}, map[string]string{}}
	if !strings.HasSuffix(text, "\n") {
		return p, fmt.Errorf("no line feed at the end")
	}
	family, typed := "", ""
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if m := helpLine.FindStringSubmatch(line); m != nil {
			if _, twice := p.help[m[1]]; twice {
				return p, fmt.Errorf("line %d: family %s twice", n+1, m[1])
			}
			family, typed, p.help[m[1]] = m[1], "", m[2]
			continue
		}
		if m := typeLine.FindStringSubmatch(line); m != nil {
			if m[1] != family || typed != "" {
				return p, fmt.Errorf("line %d: TYPE of %s behind HELP of %s", n+1, m[1], family)
			}
			typed = m[1]
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		if m == nil || m[1] != typed {
			return p, fmt.Errorf("line %d: %q in family %q", n+1, line, typed)
		}
		labels, err := parseLabels(m[2])
		if err != nil {
			return p, fmt.Errorf("line %d: %w", n+1, err)
		}
		value, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			return p, fmt.Errorf("line %d: %w", n+1, err)
		}
		if _, twice := p.series[m[1]+labels]; twice {
			return p, fmt.Errorf("line %d: %s%s twice", n+1, m[1], labels)
		}
		p.series[m[1]+labels] = value
	}
	return p, nil
}

func parseLabels(text string) (string, error) {
	all := map[string]string{}
	for text != "" {
		m := labelPair.FindStringSubmatch(text)
		if m == nil || all[m[1]] != "" {
			return "", fmt.Errorf("labels %q", text)
		}
		all[m[1]] = m[1] + "=" + strconv.Quote(strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(m[2]))
		text = text[len(m[0]):]
	}
	if len(all) == 0 {
		return "", nil
	}
	return "{" + strings.Join(slices.Sorted(maps.Values(all)), ",") + "}", nil
}
