package quickbookstest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"time"
)

// The forms in which the product writes a fault.
const (
	jsonForm  = iota // Fault
	lowerForm        // fault, in an envelope of the gateway
	xmlForm          // IntuitResponse/Fault
	textForm         // no fault at all: a page of the web server
)

// faultError is one error of a fault. A nil Element is absent, which is not the same as empty.
type faultError struct {
	Message string  `json:"Message"`
	Detail  string  `json:"Detail"`
	Code    string  `json:"code"`
	Element *string `json:"element,omitempty"`
}

// problem is why a call is refused.
type problem struct {
	status int
	kind   string // Fault.type
	form   int
	errors []faultError
	header map[string]string
}

// code gives the first error's code, "" for a page without one.
func (p *problem) code() string {
	if len(p.errors) == 0 {
		return ""
	}
	return p.errors[0].Code
}

// invalid is a ValidationFault with an element.
func invalid(code, message, detail, element string) *problem {
	return &problem{status: 400, kind: "ValidationFault", errors: []faultError{{message, detail, code, &element}}}
}

// badQuery is a ValidationFault of the query language; it names no element.
func badQuery(code, message, format string, args ...any) *problem {
	return &problem{status: 400, kind: "ValidationFault", errors: []faultError{{message, fmt.Sprintf(format, args...), code, nil}}}
}

func invalidQuery(format string, args ...any) *problem {
	return badQuery("4001", "Invalid query", "QueryValidationError: "+format, args...)
}

// page is an answer of the web server in front of the product.
func page(status int, text string) *problem {
	return &problem{status: status, form: textForm, errors: []faultError{{Message: text}}}
}

func notFound() *problem {
	return invalid("610", "Object Not Found", "Object Not Found : Something you're trying to use has been made inactive. "+
		"Check the fields with accounts, customers, items, vendors or employees.", "")
}

func stale() *problem {
	return invalid("5010", "Stale Object Error", "Stale Object Error : You and API API were working on this at the same time. "+
		"API API finished before you did, so your work was not saved.", "")
}

func duplicate(owner Entity) *problem {
	return invalid("6240", "Duplicate Name Exists Error", "The name supplied already exists. : Another "+wordOf(owner)+
		" is already using this \nname. Please use a different name.", "")
}

func missingParam(element string) *problem {
	return invalid("2020", "Required param missing, need to supply the required value for the API",
		"Required parameter "+element+" is missing in the request", element)
}

func unsupported(what string) *problem {
	return invalid("500", "Unsupported Operation", "Operation "+what+" is not supported.", "")
}

func systemFault() *problem {
	return &problem{status: 500, kind: "SystemFault", errors: []faultError{{"An application error has occurred while processing your request",
		"System Failure Error: Could not find resource for relative : some more info here", "10000", nil}}}
}

// body writes the problem as the product would, at a time.
func (p *problem) body(now time.Time) (body []byte, contentType string) {
	switch p.form {
	case lowerForm:
		return p.lower(now), "application/json"
	case xmlForm:
		return p.xml(now), "application/xml"
	case textForm:
		return fmt.Appendf(nil, "<html><head><title>%d</title></head><body>%s</body></html>", p.status, p.errors[0].Message), "text/html;charset=utf-8"
	}
	return encode(Object{"Fault": p.fault(), "time": answerTime(now)}), "application/json;charset=UTF-8"
}

func (p *problem) fault() any {
	return map[string]any{"Error": p.errors, "type": p.kind}
}

// lower is the gateway's envelope. Its time is in milliseconds, its empty details are null.
func (p *problem) lower(now time.Time) []byte {
	var errors []any
	for _, e := range p.errors {
		var detail any
		if e.Detail != "" {
			detail = e.Detail
		}
		errors = append(errors, Object{"message": e.Message, "detail": detail, "code": e.Code, "element": nil})
	}
	none := []any{}
	return encode(Object{"warnings": nil, "intuitObject": nil, "fault": Object{"error": errors, "type": p.kind}, "report": nil, "queryResponse": nil,
		"batchItemResponse": none, "attachableResponse": none, "syncErrorResponse": nil, "requestId": nil, "time": now.UnixMilli(), "status": nil,
		"cdcresponse": none})
}

func (p *problem) xml(now time.Time) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n")
	fmt.Fprintf(&b, `<IntuitResponse time="%s" xmlns="http://schema.intuit.com/finance/v3"><Fault type="%s">`, answerTime(now), p.kind)
	for _, e := range p.errors {
		fmt.Fprintf(&b, `<Error code="%s"><Message>`, e.Code)
		xml.EscapeText(&b, []byte(e.Message))
		b.WriteString(`</Message><Detail>`)
		xml.EscapeText(&b, []byte(e.Detail))
		b.WriteString(`</Detail></Error>`)
	}
	b.WriteString(`</Fault></IntuitResponse>`)
	return b.Bytes()
}

// encode writes JSON as the product does, with & < > as they are.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("quickbookstest: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// answerTime has milliseconds, in the zone of now.
func answerTime(now time.Time) string { return now.Format("2006-01-02T15:04:05.000-07:00") }
