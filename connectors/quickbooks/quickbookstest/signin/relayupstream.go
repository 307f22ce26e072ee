package signin

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// hand exchanges a code and gives Intuit's answer with the realm in it, or its refusal as it came.
func (r *Relay) hand(c *Call, q *relayRequest, code, realm string) *answer {
	a := r.tokens(q, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {r.opts.RedirectURI}})
	if !hasToken(a) {
		return a
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(a.body, &fields) != nil {
		return a
	}
	fields["realm"], _ = json.Marshal(realm) // a string can always be written
	c.Done = true
	return jsonAnswer(http.StatusOK, fields)
}

// hasToken tells a grant by what counts: 200 and an access token.
func hasToken(a *answer) bool {
	var got struct {
		AccessToken string `json:"access_token"`
	}
	return a.status == http.StatusOK && json.Unmarshal(a.body, &got) == nil && got.AccessToken != ""
}

// refresh gives Intuit's answer as it came.
func (r *Relay) refresh(c *Call, q *relayRequest) *answer {
	a := r.tokens(q, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {q.RefreshToken}})
	c.Done = hasToken(a)
	return a
}

// revoke gives Intuit's answer as it came.
func (r *Relay) revoke(c *Call, q *relayRequest) *answer {
	body, err := json.Marshal(map[string]string{"token": q.Token})
	if err != nil {
		return refuse(http.StatusBadRequest, "invalid_request", "token: not text")
	}
	a := r.ask(q, r.opts.RevokeURL, "application/json", body)
	c.Done = a.status == http.StatusOK
	return a
}

func (r *Relay) tokens(q *relayRequest, form url.Values) *answer {
	return r.ask(q, r.opts.TokenURL, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// ask sends a request to Intuit with the client secret. Where no whole answer comes it is 502.
func (r *Relay) ask(q *relayRequest, to, kind string, body []byte) *answer {
	lost := func() *answer { return refuse(http.StatusBadGateway, "no_answer", "Intuit gave no whole answer") }
	out, err := http.NewRequestWithContext(q.Context(), http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return lost()
	}
	out.SetBasicAuth(r.opts.ClientID, r.opts.ClientSecret)
	out.Header.Set("Content-Type", kind)
	out.Header.Set("Accept", "application/json")
	out.Header.Set(hardHeader, "true")
	got, err := r.opts.Intuit.RoundTrip(out)
	if err != nil {
		return lost()
	}
	defer got.Body.Close()
	text, err := io.ReadAll(io.LimitReader(got.Body, maxBody))
	if err != nil {
		return lost()
	}
	a := newAnswer(got.StatusCode, strings.Clone(got.Header.Get("Content-Type")), text)
	if a.status >= 400 {
		a.reason = "refused by Intuit"
	}
	return a
}
