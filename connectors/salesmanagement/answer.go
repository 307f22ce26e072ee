package salesmanagement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// The API's own numbers for what went wrong.
const (
	noDatabase = 900
	badSQL     = 901
	noResource = 910
)

// refusal is in the chain of an error that the API itself answered. It keeps no words of the server, which may quote the record.
type refusal struct{ status, code int }

// Error gives status and number.
func (r *refusal) Error() string {
	if r.code == 0 {
		return fmt.Sprintf("status %d", r.status)
	}
	return fmt.Sprintf("status %d, number %d", r.status, r.code)
}

// why is what people are told of a refusal.
func (r *refusal) why() string {
	if r.code != 0 {
		return strconv.Itoa(r.code)
	}
	return strconv.Itoa(r.status)
}

// refuses says whether the API has answered no, so that the call was not carried out.
func refuses(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.status < 500 && r.code != noDatabase
}

// number finds one of the API's own in any form of its errors: a member, or the words of a message.
var number = regexp.MustCompile(`\b9(00|01|10)\b`)

var words = map[string]int{"connection error": noDatabase, "internal data error": badSQL, "resource not exist": noResource}

func refusalOf(a *rest.Answer) *refusal {
	told, text := &refusal{status: a.Status}, string(a.Body)
	if r, err := decodeRow(a.Body); err == nil {
		text = r.text("message")
		if told.code, err = strconv.Atoi(r.text("code")); err == nil {
			return told
		}
	}
	if found := number.FindString(text); found != "" {
		told.code, _ = strconv.Atoi(found)
	}
	for phrase, code := range words {
		if strings.Contains(strings.ToLower(text), phrase) {
			told.code = code
		}
	}
	return told
}

// json gives the body of an answer that is a success.
func (t *Tenant) json(c call, a *rest.Answer) ([]byte, error) {
	if a.Status >= 200 && a.Status <= 299 {
		if body := strings.TrimSpace(string(a.Body)); a.JSON() && json.Valid(a.Body) { // nothing at all is no answer
			return []byte(body), nil
		}
		return nil, t.failure(connectors.Unavailable, CodeBadAnswer, c, fmt.Errorf("status %d, and no JSON", a.Status))
	}
	told := refusalOf(a)
	if refuses(told) {
		e := t.failure(connectors.Rejected, CodeRecordRefused, c, told)
		e.Args = map[string]string{"error": told.why()}
		return nil, e
	}
	return nil, t.failure(connectors.Unavailable, CodeServerError, c, told)
}

// object reads an answer that is one row, alone or in a list of one.
func (t *Tenant) object(c call, a *rest.Answer) (row, error) {
	body, err := t.json(c, a)
	if err != nil {
		return nil, err
	}
	if rows, err := decodeRows(body); err == nil && len(rows) == 1 {
		return rows[0], nil
	}
	r, err := decodeRow(body)
	if err != nil {
		return nil, t.failure(connectors.Unavailable, CodeBadAnswer, c, errors.New("the answer is no object"))
	}
	return r, nil
}

// write sends something and gives what the answer says.
func (t *Tenant) write(ctx context.Context, method string, in payload, parts ...string) (row, error) {
	c := call{method: method, url: t.at(parts...), in: in}
	a, err := t.do(ctx, c)
	if err != nil {
		return nil, err
	}
	return t.object(c, a)
}

// get reads one row; nil without an error if there is none, which the API says with 400 (M9). What is deleted is there.
func (t *Tenant) get(ctx context.Context, list, id string) (row, error) {
	c := call{method: http.MethodGet, url: t.at(list, id), header: plainExtra()}
	a, err := t.do(ctx, c)
	if err != nil {
		return nil, err
	}
	r, err := t.object(c, a)
	if told, ok := errors.AsType[*refusal](err); ok && (told.status == http.StatusBadRequest || told.status == http.StatusNotFound) {
		return nil, nil
	}
	if refuses(err) {
		return nil, t.listRefused(list, err)
	}
	if err == nil && r.id("id") != id {
		return nil, t.failure(connectors.Unavailable, CodeBadAnswer, c, errors.New("the answer is another row"))
	}
	return r, err
}

// listRefused is the error of an entity that can't be read at all, for all that is known.
func (t *Tenant) listRefused(list string, err error) error {
	return &connectors.Error{Kind: connectors.Drift, Code: CodeListRefused, Args: map[string]string{"list": list}, Err: err}
}

// plainExtra asks for custom fields without their descriptions.
func plainExtra() http.Header { return http.Header{"ExtraFieldDescription": {"0"}} }
