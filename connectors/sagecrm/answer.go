package sagecrm

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/rest"
)

// reason is why the CRM itself says no. It is in the chain of an error where it is certain that nothing was done.
type reason uint8

const (
	unknownReason reason = iota
	sessionLost
	entityDisabled
	queryFailed
	tooLarge
	notFound
	refusedRecord
	changedRecord
	wrongVerb
)

// refusal is an answer of the CRM that says no. Its text is told only where nothing of a record can stand in it.
type refusal struct {
	why  reason
	text string // the server's own words, on one line; for the record that they are about
}

// Error tells the reason in words of our own.
func (r *refusal) Error() string {
	return [...]string{
		"refused", "the session has ended", "web services may not use the entity", "the query can't be run", "the request is too large",
		"nothing is there", "the record is refused", "the record has changed", "the verb is refused",
	}[r.why]
}

// why gives the reason of a refusal, unknownReason for any other error.
func why(err error) reason {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.why
	}
	return unknownReason
}

// certain says that an error proves that nothing was done.
func certain(err error) bool {
	if _, ok := errors.AsType[*refusal](err); ok {
		return true
	}
	return errors.Is(err, rest.ErrNotApplied)
}

// reasons are known words of the CRM, in lower case; the first that fits counts.
var reasons = []struct {
	words []string // all of them
	why   reason
}{
	{[]string{"not web service enabled"}, entityDisabled},
	{[]string{"query failed"}, queryFailed},
	{[]string{"session"}, sessionLost},
	{[]string{"not logged"}, sessionLost},
	{[]string{"log on again"}, sessionLost},
	{[]string{"maximum size"}, tooLarge},
	{[]string{"too large"}, tooLarge},
}

// reasonOf sorts the words of a fault.
func reasonOf(text string) reason {
	text = strings.ToLower(text)
	for _, r := range reasons {
		fits := true
		for _, w := range r.words {
			fits = fits && strings.Contains(text, w)
		}
		if fits {
			return r.why
		}
	}
	return unknownReason
}

// isPage says whether a body is a page for people.
func isPage(a *rest.Answer) bool {
	start := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(a.Body, []byte("\xef\xbb\xbf")), " \t\r\n"))
	if bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) {
		return true
	}
	kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/html") && !bytes.Contains(start, []byte("envelope"))
}

var tag = regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>|<[^>]*>`)

// pageText is what a page says, on one line.
func pageText(body []byte) string { return oneLine(tag.ReplaceAllString(string(body), " ")) }

func oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	if utf8.RuneCountInString(text) > 200 {
		text = string([]rune(text)[:200]) + "…"
	}
	return text
}

// byStatus sorts an answer by its status alone; nil where it may be good.
func byStatus(a *rest.Answer) (connectors.Kind, string, error) {
	err := fmt.Errorf("status %d", a.Status)
	switch {
	case a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden:
		return connectors.Auth, CodeAuth, fmt.Errorf("%w: %w", err, rest.ErrNotApplied)
	case a.Status == http.StatusRequestEntityTooLarge || a.Status == http.StatusRequestURITooLong:
		return connectors.Rejected, CodeTooLarge, &refusal{why: tooLarge}
	case a.Status == http.StatusNotFound:
		return connectors.Drift, CodeNoInterface, &refusal{why: notFound}
	case a.Status >= 500:
		return connectors.Unavailable, CodeServerError, err
	case a.Status < 200 || a.Status > 299:
		return connectors.Unavailable, CodeBadAnswer, err
	}
	return 0, "", nil
}

// sorted gives kind and code of a refusal.
func (c *CRM) kindOf(why reason) (connectors.Kind, string) {
	switch why {
	case sessionLost:
		return connectors.Unavailable, CodeSessionStolen
	case entityDisabled:
		return connectors.Drift, CodeEntityDisabled
	case queryFailed:
		return connectors.Drift, CodeQueryFailed
	case tooLarge:
		return connectors.Rejected, CodeTooLarge
	}
	return connectors.Unavailable, CodeFault
}
