package quickbookstest

import (
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What a call does, besides the operations of a Write.
const (
	OpRead  = "read" // one object by its Id
	OpQuery = "query"
	OpCDC   = "cdc"
	OpBatch = "batch"
)

// request is a call as the product works on it, now or late.
type request struct {
	op        string
	realm     string
	method    string
	path      string // behind the company, as customer/12
	entity    Entity
	id        string
	query     url.Values
	statement string
	object    Object // of a write
	operation string // the parameter
	items     []batchItem
	fault     *Fault // that breaks this call
}

func (q *request) faulty(kind FaultKind) bool { return q.fault != nil && q.fault.Kind == kind }

// reads says whether a call counts against the monthly reads.
func (q *request) reads() bool {
	return q.op == OpRead || q.op == OpQuery || q.op == OpCDC || q.op == OpBatch && q.queries() > 0
}

var pathForm = regexp.MustCompile(`^/v3/company/([0-9]+)/([a-z]+)(?:/([0-9]+))?$`)

// route finds out what a call wants, without its body.
func route(r *http.Request) (*request, *problem) {
	m := pathForm.FindStringSubmatch(r.URL.Path)
	if m == nil {
		return nil, page(404, "Not Found")
	}
	q := &request{realm: m[1], method: r.Method, query: r.URL.Query(), id: m[3]}
	q.path = strings.TrimSuffix(m[2]+"/"+m[3], "/")
	q.operation = q.query.Get("operation")
	if q.entity = entityOf(m[2]); q.entity != "" {
		return q, q.byEntity(r.Method)
	}
	q.op = m[2]
	post := r.Method == http.MethodPost
	switch {
	case q.id != "" || q.op != OpQuery && q.op != OpCDC && q.op != OpBatch:
		return q, page(404, "Not Found")
	case q.op == OpCDC && r.Method != http.MethodGet, q.op == OpBatch && !post, q.op == OpQuery && !post && r.Method != http.MethodGet:
		return q, page(405, "Method Not Allowed")
	}
	if q.op == OpQuery && !post {
		q.statement = q.query.Get("query")
	}
	return q, nil
}

func (q *request) byEntity(method string) *problem {
	switch {
	case method == http.MethodGet && (q.id != "" || q.entity == Preferences):
		q.op = OpRead
	case method == http.MethodPost && q.id == "":
		q.op = OpCreate // its body may say otherwise
	case method != http.MethodGet && method != http.MethodPost:
		return page(405, "Method Not Allowed")
	default:
		return page(404, "Not Found")
	}
	return nil
}

// read takes the body of a POST in.
func (q *request) read(contentType string, body []byte) *problem {
	media, _, _ := mime.ParseMediaType(contentType)
	if q.op == OpQuery {
		if media != "application/text" {
			return wrongType(media)
		}
		q.statement = string(body)
		return nil
	}
	if media != "application/json" {
		return wrongType(media)
	}
	if !utf8.Valid(body) {
		return invalid("500", "Unsupported Operation", "Operation is not supported: MalformedByteSequenceException: Invalid byte of UTF-8 sequence.", "")
	}
	o, err := decodeObject(body)
	if err != nil {
		return invalid("2010", "Request has invalid or unsupported property", "Property Name:Unexpected character is specified is unsupported or invalid", "")
	}
	if q.op == OpBatch {
		q.items = readBatch(o)
		return nil
	}
	w := describe(q.entity, q.operation, o)
	q.op, q.id, q.object = w.Op, w.ID, o
	return nil
}

func wrongType(media string) *problem {
	p := invalid("1050", "Invalid Content Type", "Content type "+strconv.Quote(media)+" is not supported.", "")
	p.status = http.StatusUnsupportedMediaType
	return p
}

// leastMinor is the oldest minor version that is still served.
const leastMinor = 75

// oldMinor refuses a call that does not ask for a version that is still served.
func (s *Server) oldMinor(q *request) *problem {
	n, err := strconv.Atoi(q.query.Get("minorversion"))
	if s.switches.OldMinor == OldIgnored || err == nil && n >= leastMinor {
		return nil
	}
	return invalid("5030", "Feature Not Supported", "minorversion: the oldest supported is "+strconv.Itoa(leastMinor), "minorversion")
}

// shown makes a statement fit for the journal: of its texts only times, numbers and flags stay.
func shown(statement string) string {
	return literal.ReplaceAllStringFunc(statement, func(s string) string {
		inner := strings.Trim(s, "'")
		if _, err := parseTime(inner, time.UTC); err == nil || plainNumber.MatchString(inner) {
			return s
		}
		return "'***'"
	})
}

var (
	literal     = regexp.MustCompile(`'(?:[^'\\]|\\.)*'`)
	plainNumber = regexp.MustCompile(`^(-?[0-9.]+|true|false)$`)
)
