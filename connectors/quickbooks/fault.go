package quickbooks

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// fault is a refusal by QuickBooks itself: its codes, without its words, which can repeat a customer's.
type fault struct {
	Status  int    // of HTTP
	Type    string // ValidationFault, SystemFault, AUTHENTICATION, …
	Code    string // "5010", without leading zeros; of the sign-in "invalid_grant"; empty if there was none
	Element string // the field that it is about, where it says so
	Tid     string
	At      time.Time // by the server's clock; zero where the answer does not tell
}

// Error tells the codes.
func (f *fault) Error() string {
	text := fmt.Sprintf("status %d", f.Status)
	for _, part := range []struct{ name, value string }{
		{"fault", f.Type}, {"code", f.Code}, {"element", f.Element}, {"tid", f.Tid},
	} {
		if part.value != "" {
			text += " " + part.name + " " + part.value
		}
	}
	return text
}

// asFault gives the fault in err's chain, nil if there is none.
func asFault(err error) *fault {
	f, _ := errors.AsType[*fault](err)
	return f
}

// decodeFault finds the fault in an answer of any shape; nil if there is none: a success, a page, a text.
func decodeFault(body []byte) *fault {
	f, _ := faultIn(body)
	return f
}

// faultIn knows Fault and fault in JSON, Fault in XML, which also comes where JSON was asked for, and the
// sign-in's "error". object says that body is one whole JSON object.
func faultIn(body []byte) (f *fault, object bool) {
	trimmed := bytes.TrimLeft(body, "\ufeff \t\r\n")
	switch {
	case bytes.HasPrefix(trimmed, []byte("{")):
		f, err := decodeJSONFault(trimmed)
		return f, err == nil
	case bytes.HasPrefix(trimmed, []byte("<")):
		return decodeXMLFault(trimmed), false
	}
	return nil, false
}

// answered gives the time that a refusal in JSON tells, zero for none.
func answered(body []byte) time.Time {
	var told struct{ Time text }
	if json.Unmarshal(body, &told) != nil {
		return time.Time{}
	}
	at, _ := parseTime(told.Time)
	return at
}

// wireFault is a Fault as both JSON envelopes spell it: encoding/json takes either case.
type wireFault struct {
	Error []struct {
		Code    any
		Element any
	}
	Type string
}

// decodeJSONFault reads a whole JSON object; the error says that it is none.
func decodeJSONFault(body []byte) (*fault, error) {
	var members struct {
		Fault *wireFault
		Error json.RawMessage
	}
	err := json.Unmarshal(body, &members)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !odd {
		return nil, err
	}
	if w := members.Fault; w != nil && (len(w.Error) > 0 || w.Type != "") {
		f := &fault{Type: word(w.Type)}
		for _, e := range w.Error {
			if f.Code == "" {
				f.Code, f.Element = code(e.Code), element(e.Element)
			}
		}
		return f, nil
	}
	var name string
	if json.Unmarshal(members.Error, &name) == nil && word(name) != "" {
		return &fault{Code: word(name)}, nil
	}
	return nil, nil
}

// decodeXMLFault takes what is there before a cut.
func decodeXMLFault(body []byte) *fault {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // codes are ASCII
	var f *fault
	for {
		token, err := d.Token()
		if err != nil {
			return f
		}
		start, ok := token.(xml.StartElement)
		switch {
		case ok && start.Name.Local == "Fault":
			f = &fault{Type: word(attribute(start, "type"))}
		case ok && start.Name.Local == "Error" && f != nil && f.Code == "":
			f.Code, f.Element = code(attribute(start, "code")), element(attribute(start, "element"))
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// word keeps a name of the vendor's and drops what can't be one.
func word(s string) string { return only(s, 40, "_") }

// fieldNames are the names that an element can be made of. Others are dropped: nothing says that the server
// never puts there what a customer is called.
var fieldNames = strings.Fields("Customer Item Estimate Invoice CreditMemo Id SyncToken DisplayName Title GivenName MiddleName FamilyName " +
	"Suffix CompanyName FullyQualifiedName PrintOnCheckName Notes PrimaryPhone AlternatePhone Mobile Fax FreeFormNumber PrimaryEmailAddr " +
	"Address WebAddr URI BillAddr ShipAddr Line1 Line2 Line3 Line4 Line5 City CountrySubDivisionCode PostalCode Country Active " +
	"ParentRef CurrencyRef value name")

// element keeps the name of a field.
func element(v any) string {
	s, _ := v.(string)
	for part := range strings.SplitSeq(s, ".") {
		if !slices.Contains(fieldNames, part) {
			return ""
		}
	}
	return s
}

// code keeps a number of a fault.
func code(v any) string {
	s := fmt.Sprint(v)
	if len(s) > 8 || s == "" || strings.Trim(s, "-0123456789") != "" {
		return ""
	}
	return strings.TrimLeft(s, "0")
}

// only gives s if it has at most most bytes, all of them letters, digits or extra; else nothing.
func only(s string, most int, extra string) string {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(extra, r)
	}
	if len(s) > most || strings.ContainsFunc(s, odd) {
		return ""
	}
	return s
}

// meaning is what a fault's code stands for. sure: nothing was done, whatever the status.
type meaning struct {
	kind connectors.Kind
	code string
	sure bool
}

var meanings = map[string]meaning{
	"5010":  {connectors.Busy, CodeStale, true},
	"6240":  {connectors.Rejected, CodeNameTaken, true},
	"610":   {connectors.Rejected, CodeRecordMissing, true},
	"2050":  {connectors.Rejected, CodeTooLong, true},
	"2020":  {connectors.Rejected, CodeRecordRefused, true},
	"2080":  {connectors.Rejected, CodeRecordRefused, true},
	"2210":  {connectors.Rejected, CodeRecordRefused, true},
	"6000":  {connectors.Rejected, CodeRecordRefused, true},
	"6140":  {connectors.Rejected, CodeRecordRefused, true},
	"6210":  {connectors.Rejected, CodeRecordRefused, true},
	"500":   {connectors.Rejected, CodeRecordRefused, true},
	"4001":  {connectors.Unavailable, CodeQueryRefused, true},
	"4002":  {connectors.Rejected, CodeRowUnreadable, true},
	"6190":  {connectors.Auth, CodeCompanyClosed, true},
	"120":   {connectors.Auth, CodeUserLost, true},
	"3100":  {connectors.Auth, CodeCompanyMismatch, true},
	"3200":  {connectors.Auth, CodeTokenRefused, true},
	"100":   {connectors.Auth, CodeTokenRefused, true},
	"3001":  {connectors.RateLimited, CodeRateLimited, true},
	"10000": {connectors.Unavailable, CodeServerError, false},
}

// classify says what happens next to a fault that came with an answer to a write or a read.
func classify(f *fault, writing bool) *connectors.Error {
	m, known := meanings[f.Code]
	refused := f.Status >= 400 && f.Status < 500 && f.Status != 408
	switch {
	case known && m.code == CodeRecordRefused && !writing: // a read has no record that could be refused
		m = meaning{connectors.Unavailable, CodeRequestRefused, true}
	case known:
	case f.Status >= 500 || f.Type == "SystemFault":
		m = meaning{connectors.Unavailable, CodeServerError, false}
	case f.Status == 401:
		m = meanings["3200"]
	case f.Status == 403 && strings.HasPrefix(strings.ToUpper(f.Type), "AUTH"):
		m = meanings["120"]
	case f.Type == "" && f.Code == "":
		m = meaning{connectors.Unavailable, CodeBadAnswer, false} // a gateway's page or nothing
	case writing:
		m = meaning{connectors.Rejected, CodeRecordRefused, f.Type == "ValidationFault"}
	default:
		m = meaning{connectors.Unavailable, CodeRequestRefused, false}
	}
	return &connectors.Error{Kind: m.kind, Code: m.code, Args: f.args(), Err: certainly(m.sure || refused, f)}
}

func (f *fault) args() map[string]string {
	args := map[string]string{}
	if f.Code != "" {
		args["code"] = f.Code
	}
	if f.Element != "" {
		args["element"] = f.Element
	}
	return args
}

// certainly says of err, where that is so, that nothing was done.
func certainly(sure bool, err error) error {
	if !sure {
		return err
	}
	return fmt.Errorf("%w: %w", err, rest.ErrNotApplied)
}
