package sagecrm_test

import (
	"encoding/xml"
	"fmt"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// element is an element of a request.
type element struct {
	XMLName xml.Name
	Text    string    `xml:",chardata"`
	All     []element `xml:",any"`
}

func parse(t *testing.T, body []byte) element {
	t.Helper()
	var e element
	if err := xml.Unmarshal(body, &e); err != nil {
		t.Errorf("request: %v in %s", err, body)
	}
	return e
}

func (e element) child(name string) element {
	for _, c := range e.All {
		if strings.EqualFold(c.XMLName.Local, name) {
			return c
		}
	}
	return element{}
}

var prefixes = map[string]string{"company": "comp_", "person": "pers_", "address": "addr_", "phone": "phon_", "email": "emai_"}

// soap gives what a call asks for, and its answer.
func (d *desk) soap(e element) (string, http.HandlerFunc) {
	body := e.child("body")
	if len(body.All) != 1 {
		d.t.Fatalf("%d operations in one body", len(body.All))
	}
	op := body.All[0]
	name, header := op.XMLName.Local, "SessionHeader"
	table := op.child("entityname").Text
	if d.plain {
		header, table = "sessionheader", op.child("Entity").Text
	}
	if d.plain != (op.XMLName.Space == "http://tempuri.org/") {
		return name, fault("Server was unable to find the namespace")
	}
	if name != "next" {
		d.open = nil
	}
	switch session := e.child("header").child(header).child("sessionId").Text; {
	case name == "logon":
		return name, d.logon(op)
	case d.session == "" || session != d.session && e.child("header").child(header).child("sessionid").Text != d.session:
		return strings.TrimSpace(name + " " + table), fault("Your session has timed out")
	}
	return strings.TrimSpace(name + " " + table), d.operation(name, table, op)
}

func (d *desk) operation(name, table string, op element) http.HandlerFunc {
	switch name {
	case "logoff":
		d.session = ""
		return envelope("<logoffresponse/>")
	case "query":
		if !d.knows(table, op.child("queryString").Text) {
			return fault("Query failed to run successfully")
		}
		return d.answerRows(table, d.where(table, op.child("queryString").Text))
	case "queryid":
		return d.queryID(table, op)
	case "next":
		if len(d.open) == 0 {
			return fault("Query failed to run successfully")
		}
		return d.page("next", nil)
	case "getmetadata":
		return d.metadata(table)
	case "add", "update":
		return func(w http.ResponseWriter, r *http.Request) { d.save(name, table, op.child("records"))(w, r) }
	}
	return fault("no method " + name)
}

func (d *desk) logon(op element) http.HandlerFunc {
	if op.child("username").Text != user || op.child("password").Text != password {
		return fault("Incorrect name or password")
	}
	d.sessions++
	d.session = fmt.Sprint(127169567253830 + int64(d.sessions))
	return envelope("<logonresponse><result><sessionid>" + d.session + "</sessionid></result></logonresponse>")
}

func envelope(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		fmt.Fprint(w, inEnvelope(body))
	}
}

func inEnvelope(body string) string {
	return `<?xml version="1.0" encoding="utf-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>` + body + `</SOAP-ENV:Body></SOAP-ENV:Envelope>`
}

func faultBody(text string) string {
	return inEnvelope(`<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode><faultstring>` + html.EscapeString(text) + `</faultstring></SOAP-ENV:Fault>`)
}

func fault(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		fmt.Fprint(w, faultBody(text))
	}
}

var predicates = regexp.MustCompile(`^([a-z]+_)(\w+) (in|>|>=|=|like) (.*)$`)

// where gives the ids that a predicate fits, or nil and false for one that names things otherwise than the database.
func (d *desk) where(table, predicate string) []int {
	found := []int{}
	parts := predicates.FindStringSubmatch(predicate)
	if parts == nil || parts[1] != prefixes[table] {
		d.t.Errorf("predicate %q of %s", predicate, table)
		return found
	}
	text := strings.ReplaceAll(strings.Trim(parts[4], "()"), "''", "\x00")
	text = strings.ReplaceAll(strings.Trim(text, "'"), "\x00", "'")
	for _, id := range slices.Sorted(maps.Keys(d.tables[table])) {
		if r := d.tables[table][id]; r["deleted"] == "" && fits(r[parts[2]], parts[3], text) {
			found = append(found, id)
		}
	}
	return found
}

var columnName = regexp.MustCompile(`\b(?:comp|pers|addr|phon|emai)_(\w+)\b`)

// knows says whether a table has the columns of a condition: such as some row has, and some that none fills at the beginning.
func (d *desk) knows(table, condition string) bool {
	for _, m := range columnName.FindAllStringSubmatch(condition, -1) {
		there := slices.Contains([]string{"companyid", "personid", table + "id", "vat", "vatprefix", "updateddate"}, m[1])
		for _, r := range d.tables[table] {
			_, has := r[m[1]]
			there = there || has
		}
		if !there {
			return false
		}
	}
	return true
}

func fits(value, operator, text string) bool {
	switch operator {
	case "in":
		return slices.Contains(strings.Split(text, ","), value)
	case ">":
		return value > text
	case ">=":
		return strings.Replace(value, "T", " ", 1) >= strings.Replace(text, "T", " ", 1)
	case "like":
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(text), "%", ".*") + "$")
		return pattern.MatchString(value)
	}
	return value == text
}

func (d *desk) answerRows(table string, ids []int) http.HandlerFunc {
	var all []string
	for _, id := range ids {
		all = append(all, `<records xsi:type="typens:`+table+`">`+d.xml(table, id)+`</records>`)
	}
	return d.page("query", all)
}

// page gives the first rows, and keeps the others for next.
func (d *desk) page(operation string, all []string) http.HandlerFunc {
	if operation == "next" {
		all = d.open
	}
	n := min(d.batch, len(all))
	d.open = all[n:]
	return envelope(fmt.Sprintf("<%sresponse><result>%s<more>%t</more></result></%sresponse>", operation, strings.Join(all[:n], ""), len(d.open) > 0, operation))
}

// xml shows a row with short names, and what is nested in it.
func (d *desk) xml(table string, id int) string {
	var b strings.Builder
	r := d.tables[table][id]
	for _, column := range slices.Sorted(maps.Keys(r)) {
		texts := []string{r[column]}
		if column == "type" && !d.list {
			texts = strings.Split(r[column], ",")
		}
		for _, text := range texts {
			fmt.Fprintf(&b, "<%s>%s</%s>", column, html.EscapeString(text), column)
		}
	}
	if table == "company" || table == "person" && d.personsNest {
		for _, child := range []string{"address", "phone", "email", "person"} {
			b.WriteString(d.nested(table, child, strconv.Itoa(id)))
		}
	}
	return b.String()
}

func (d *desk) nested(table, child, owner string) string {
	var list string
	if child == table {
		return ""
	}
	for _, id := range d.of(child, table+"id", owner) {
		if table == "company" && child != "person" && d.tables[child][id]["personid"] != "" {
			continue
		}
		if d.flatNest {
			list += "<" + child + ">" + d.xml(child, id) + "</" + child + ">"
			continue
		}
		list += "<records>" + d.xml(child, id) + "</records>"
	}
	if d.flatNest {
		return list
	}
	return "<" + child + ">" + list + "</" + child + ">"
}

func (d *desk) queryID(table string, op element) http.HandlerFunc {
	if d.noIDs {
		return fault("Method queryid is not supported")
	}
	since, key := op.child("date").Text, map[bool]string{true: "recordid", false: "id"}[d.flatNest]
	var all []string
	for _, id := range slices.Sorted(maps.Keys(d.tables[table])) {
		r := d.tables[table][id]
		flag := "updated"
		switch {
		case r["updateddate"] < since:
			continue
		case r["deleted"] != "" && d.noDeletedFlag:
			continue
		case r["deleted"] != "":
			flag = "deleted"
		case r["createddate"] >= since:
			flag = "created"
		}
		all = append(all, fmt.Sprintf("<records><%s>%d</%s><flag>%s</flag></records>", key, id, key, flag))
	}
	return d.page("queryid", all)
}

func (d *desk) metadata(table string) http.HandlerFunc {
	if d.noMetadata {
		return fault("no method getmetadata")
	}
	fields := `<records><fieldname>comp_name</fieldname><caption>Name</caption><type>text</type></records>`
	if table == "company" {
		for name, kind := range map[string]string{"comp_vat": "text", "comp_vatprefix": "text", "Comp_BobSync": "checkbox", "comp_private": "text", "comp_origin": "text", "comp_num": "text"} {
			fields += `<records><fieldname>` + name + `</fieldname><caption>Le champ ` + name[5:] + `</caption><type>` + kind + `</type></records>`
		}
	}
	return envelope("<getmetadataresponse><result>" + fields + "</result></getmetadataresponse>")
}
