package outlooktest

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// options are the OData options of a call.
type options struct {
	fields     []string // of $select; nil: all
	props      []string // extended properties to show
	extensions []string // open extensions to show; a lone "" means all
	linked     bool
	filter     []term
	top, skip  int
	order      string
	descending bool
	from, to   time.Time // window of a calendar view
}

func readOptions(k Kind, query url.Values) (options, *problem) {
	var o options
	if prob := o.readSelect(k, query.Get("$select")); prob != nil {
		return o, prob
	}
	if prob := o.readExpand(k, query.Get("$expand")); prob != nil {
		return o, prob
	}
	if prob := o.readOrder(k, query.Get("$orderby")); prob != nil {
		return o, prob
	}
	for name, p := range map[string]*int{"$top": &o.top, "$skip": &o.skip} {
		if v := query.Get(name); v != "" {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 || name == "$top" && (n < 1 || n > 1000) {
				return o, badQuery("Invalid value '%s' for %s query option found.", v, name)
			}
			*p = n
		}
	}
	var prob *problem
	o.filter, prob = readFilter(k, query.Get("$filter"))
	return o, prob
}

var relations = []string{"extensions", "singleValueExtendedProperties", "linkedResources"}

func (o *options) readSelect(k Kind, v string) *problem {
	for name := range strings.SplitSeq(v, ",") {
		name = strings.TrimSpace(name)
		if name == "" || slices.Contains(relations, name) {
			continue // a relation is shown by $expand
		}
		if _, known := schema[k][name]; !known {
			return refuse(400, "BadRequest", "Parsing OData Select and Expand failed: Could not find a property named '%s' on type 'microsoft.graph.%s'.", name, k)
		}
		o.fields = append(o.fields, name)
	}
	return nil
}

func (o *options) readOrder(k Kind, v string) *problem {
	if v == "" {
		return nil
	}
	name, way, _ := strings.Cut(strings.TrimSpace(v), " ")
	if _, known := schema[k][strings.TrimSuffix(name, "/dateTime")]; !known || way != "" && way != "asc" && way != "desc" {
		return badQuery("$orderby: not understood")
	}
	o.order, o.descending = name, way == "desc"
	return nil
}

var (
	expandForm = regexp.MustCompile(`^([A-Za-z]+)(?:\(\$filter=(.*)\))?$`)
	idForm     = regexp.MustCompile(`^id eq '((?:[^']|'')*)'$`)
)

// readExpand reads $expand. Extended properties are shown by their ids only.
func (o *options) readExpand(k Kind, v string) *problem {
	for _, part := range splitOutside(v, ",") {
		m := expandForm.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return badQuery("$expand: not understood")
		}
		ids, prob := expandIDs(m[2])
		if prob != nil {
			return prob
		}
		switch {
		case strings.EqualFold(m[1], "singleValueExtendedProperties") && (k == Contact || k == Event) && len(ids) > 0:
			for _, id := range ids {
				plain, prob := plainProp(id)
				if prob != nil {
					return prob
				}
				o.props = append(o.props, plain)
			}
		case strings.EqualFold(m[1], "extensions") && (k == Contact || k == Event || k == Task || k == TaskList):
			if o.extensions = ids; len(ids) == 0 {
				o.extensions = []string{""}
			}
		case strings.EqualFold(m[1], "linkedResources") && k == Task:
			o.linked = true
		default:
			return badQuery("$expand: '%s' cannot be expanded on type 'microsoft.graph.%s' so.", m[1], k)
		}
	}
	return nil
}

func expandIDs(filter string) (ids []string, prob *problem) {
	if filter == "" {
		return nil, nil
	}
	for _, part := range splitOutside(filter, " or ") {
		m := idForm.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return nil, badQuery("$expand: $filter: want id eq '…'")
		}
		ids = append(ids, strings.ReplaceAll(m[1], "''", "'"))
	}
	return ids, nil
}

// splitOutside splits at a separator that is in no quotes and no brackets.
func splitOutside(v, sep string) (out []string) {
	depth, quoted, from := 0, false, 0
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] == '\'':
			quoted = !quoted
		case quoted:
		case v[i] == '(':
			depth++
		case v[i] == ')':
			depth--
		case depth == 0 && strings.HasPrefix(v[i:], sep):
			out = append(out, v[from:i])
			from = i + len(sep)
		}
	}
	if v = v[from:]; v != "" {
		out = append(out, v)
	}
	return out
}

// readWindow reads the window of a calendar view. A link has it in its token.
func (o *options) readWindow(q *request) *problem {
	if q.query.Get("$deltatoken") != "" || q.query.Get("$skiptoken") != "" {
		return nil
	}
	var ok, also bool
	o.from, ok = readMoment(q.query.Get("startdatetime"))
	o.to, also = readMoment(q.query.Get("enddatetime"))
	if !ok || !also {
		return refuse(400, "ErrorInvalidParameter", "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.")
	}
	if !o.to.After(o.from) {
		return refuse(400, "ErrorInvalidParameter", "The end of the time window is not after its start.")
	}
	return nil
}

// chosen says whether a property is shown.
func (o *options) chosen(name string) bool {
	return o.fields == nil || slices.Contains(o.fields, name)
}
