package centrixonetest

import (
	"regexp"
	"strconv"
	"strings"
)

// target is what a URL's path names.
type target struct {
	lang     string
	resource Resource
	account  string
	key      string
	base     string
	filter   baseFilter
}

// baseFilter is the last segment: the same letter twice means or, different letters mean and.
type baseFilter struct {
	all      bool
	ids      []int64  // C
	external []string // E
	lists    []int64  // S
}

var (
	pathForm    = regexp.MustCompile(`^/API_WEB/(EN|FR)/([A-Za-z]+)-([^-/,]+)-([^-/,]+)-([^-/]+)\.awp$`)
	accountForm = regexp.MustCompile(`^[0-9]+$`)
	keyForm     = regexp.MustCompile(`^[A-Za-z0-9_.]+$`)
	baseForm    = regexp.MustCompile(`^(C[0-9]+|E[A-Za-z0-9_.]+|S[0-9]+)$`)
)

// redacted is the path as it may be seen.
func (t *target) redacted() string {
	return "/API_WEB/" + t.lang + "/" + string(t.resource) + "-***-***-" + t.base + ".awp"
}

// parseTarget reads a path. What is wrong before the base filter is 404, a wrong base filter 400.
func parseTarget(path string) (*target, *problem) {
	m := pathForm.FindStringSubmatch(path)
	if m == nil || !accountForm.MatchString(m[3]) || !keyForm.MatchString(m[4]) || schemas[Resource(m[2])] == nil {
		return nil, refuse(404, "Not Found")
	}
	t := &target{lang: m[1], resource: Resource(m[2]), account: m[3], key: m[4], base: m[5]}
	if prob := t.filter.parse(t.base); prob != nil {
		return nil, prob
	}
	if len(t.filter.lists) > 0 && t.resource != Accounts && t.resource != Contacts {
		return nil, refuse(400, "base filter: %s are not in lists", t.resource)
	}
	if len(t.filter.external) > 0 && schemas[t.resource].byName["externalid"] == nil {
		return nil, refuse(400, "base filter: %s have no external id", t.resource)
	}
	return t, nil
}

func (b *baseFilter) parse(s string) *problem {
	if s == "all" {
		b.all = true
		return nil
	}
	for token := range strings.SplitSeq(s, ",") {
		if !baseForm.MatchString(token) {
			return refuse(400, "base filter: want all, or C<id>, E<external id>, S<list> with commas")
		}
		if token[0] == 'E' {
			b.external = append(b.external, token[1:])
			continue
		}
		id, err := strconv.ParseInt(token[1:], 10, 64)
		if err != nil {
			return refuse(400, "base filter: id too large")
		}
		if token[0] == 'C' {
			b.ids = append(b.ids, id)
		} else {
			b.lists = append(b.lists, id)
		}
	}
	return nil
}
