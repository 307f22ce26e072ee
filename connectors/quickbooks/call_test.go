package quickbooks_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
)

// Every request says what the vendor asks for, and a write is named so that its repeat is the same one.
func TestRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		a := r.open()
		if _, err := a.Read(t.Context(), "query", url.Values{"query": {"select * from Customer"}}); err != nil {
			t.Fatal(err)
		}
		long := strings.Repeat("x", 60)
		for _, id := range []string{"op-1", long, long} {
			if _, err := a.Write(t.Context(), "customer", id, []byte(`{"Id":"1"}`)); err != nil {
				t.Fatal(err)
			}
		}
		read, first, second, third := r.v.seen[0], r.v.seen[1], r.v.seen[2], r.v.seen[3]
		if got, want := read.URL.String(), "https://quickbooks.api.intuit.com/v3/company/"+theRealm+"/query?minorversion=75&query=select+%2A+from+Customer"; got != want {
			t.Errorf("read %s, want %s", got, want)
		}
		for _, s := range r.v.seen {
			if s.Header.Get("Accept") != "application/json" || s.Header.Get("User-Agent") != "syncbox" ||
				s.Header.Get("Authorization") != "Bearer access-1" || s.URL.Query().Get("minorversion") != "75" {
				t.Errorf("%s %s has %v", s.Method, s.URL, s.Header)
			}
		}
		if first.Method != http.MethodPost || first.URL.Query().Get("requestid") != "op-1" || first.Header.Get("Content-Type") != "application/json" {
			t.Errorf("write %s %s %v", first.Method, first.URL, first.Header)
		}
		if got := second.URL.Query().Get("requestid"); len(got) == 0 || len(got) > 50 || got != third.URL.Query().Get("requestid") {
			t.Errorf("request ids %q and %q, want one that is short", got, third.URL.Query().Get("requestid"))
		}
	})
}

// Over a real connection it is the same path.
func TestRequestOnTheWire(t *testing.T) {
	var got string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		got = q.RequestURI
		io.WriteString(w, `{"Customer":{}}`)
	}))
	defer s.Close()
	for _, base := range []string{s.URL, s.URL + "/"} {
		r := connected(t)
		r.cfg.BaseURL = base
		a, err := quickbooks.NewAPI(r.cfg, r.tokens, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if _, err := a.Read(t.Context(), "customer/12", nil); err != nil {
			t.Fatal(err)
		}
		if want := "/v3/company/" + theRealm + "/customer/12?minorversion=75"; got != want {
			t.Errorf("asked for %s, want %s", got, want)
		}
	}
}

// There is no way to a transaction, nor out of the company.
//
// Requirement: QBO-12, QBO-52
func TestOnlyCustomersAreWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		a := r.open()
		for _, path := range []string{"invoice", "estimate", "creditmemo", "item", "batch", "query", "customer/1", "customer?operation=delete", "../1/customer", ""} {
			_, err := a.Write(t.Context(), path, "op", []byte(`{}`))
			want{connectors.Rejected, quickbooks.CodeRecordRefused, true}.check(t, err)
		}
		for _, path := range []string{"../1/query", "query?x=1", "customer/1/../../2", "Customer/1", "/query", ""} {
			_, err := a.Read(t.Context(), path, nil)
			want{connectors.Rejected, quickbooks.CodeRecordRefused, true}.check(t, err)
		}
		_, err := a.Write(t.Context(), "customer", "", []byte(`{}`))
		want{connectors.Rejected, quickbooks.CodeRecordRefused, true}.check(t, err)
		if len(r.v.seen) != 0 {
			t.Errorf("%d requests were sent, want none", len(r.v.seen))
		}
	})
}

// Each answer that is no success is sorted, with what it means for a write.
func TestAnswers(t *testing.T) {
	const xmlThrottle = `<?xml version="1.0" encoding="UTF-8"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=403</Message><Detail>Tremblay</Detail></Error></Fault></IntuitResponse>`
	validation := func(code string) said { return said{status: 400, body: faultBody(code, "ValidationFault")} }
	for _, tc := range []struct {
		name        string
		said        said
		read, write want
	}{
		{"stale", validation("5010"), want{connectors.Busy, quickbooks.CodeStale, true}, want{connectors.Busy, quickbooks.CodeStale, true}},
		{"name taken", validation("6240"), want{connectors.Rejected, quickbooks.CodeNameTaken, true}, want{connectors.Rejected, quickbooks.CodeNameTaken, true}},
		{"missing", validation("610"), want{connectors.Rejected, quickbooks.CodeRecordMissing, true}, want{connectors.Rejected, quickbooks.CodeRecordMissing, true}},
		{"too long", validation("2050"), want{connectors.Rejected, quickbooks.CodeTooLong, true}, want{connectors.Rejected, quickbooks.CodeTooLong, true}},
		{"business rule", validation("6000"), want{connectors.Unavailable, quickbooks.CodeRequestRefused, true}, want{connectors.Rejected, quickbooks.CodeRecordRefused, true}},
		{"query", validation("4001"), want{connectors.Unavailable, quickbooks.CodeQueryRefused, true}, want{connectors.Unavailable, quickbooks.CodeQueryRefused, true}},
		{"bad row", validation("4002"), want{connectors.Rejected, quickbooks.CodeRowUnreadable, true}, want{connectors.Rejected, quickbooks.CodeRowUnreadable, true}},
		{"company closed", validation("6190"), want{connectors.Auth, quickbooks.CodeCompanyClosed, true}, want{connectors.Auth, quickbooks.CodeCompanyClosed, true}},
		{"not known", validation("7777"), want{connectors.Unavailable, quickbooks.CodeRequestRefused, true}, want{connectors.Rejected, quickbooks.CodeRecordRefused, true}},
		{"user lost", said{status: 403, body: faultBody("120", "AuthorizationFault")}, want{connectors.Auth, quickbooks.CodeUserLost, true}, want{connectors.Auth, quickbooks.CodeUserLost, true}},
		{"user lost, under 401", said{status: 401, body: faultBody("120", "AuthorizationFault")}, want{connectors.Auth, quickbooks.CodeUserLost, true}, want{connectors.Auth, quickbooks.CodeUserLost, true}},
		{"other company", said{status: 403, body: faultBody("3100", "AUTHORIZATION")}, want{connectors.Auth, quickbooks.CodeCompanyMismatch, true}, want{connectors.Auth, quickbooks.CodeCompanyMismatch, true}},
		{"throttle of old", said{status: 403, body: xmlThrottle}, want{connectors.RateLimited, quickbooks.CodeRateLimited, true}, want{connectors.RateLimited, quickbooks.CodeRateLimited, true}},
		{"throttle", said{status: 429, body: xmlThrottle}, want{connectors.RateLimited, quickbooks.CodeRateLimited, true}, want{connectors.RateLimited, quickbooks.CodeRateLimited, true}},
		{"ill", said{status: 500, body: faultBody("10000", "SystemFault")}, want{connectors.Unavailable, quickbooks.CodeServerError, false}, want{connectors.Unavailable, quickbooks.CodeServerError, false}},
		{"gateway", said{status: 504, body: "<html><body>Gateway Time-out</body></html>"}, want{connectors.Unavailable, quickbooks.CodeServerError, false}, want{connectors.Unavailable, quickbooks.CodeServerError, false}},
		{"maintenance", said{status: 503, body: "<html>"}, want{connectors.RateLimited, quickbooks.CodeServerError, false}, want{connectors.RateLimited, quickbooks.CodeServerError, false}},
		{"maintenance of a told length", said{status: 503, header: http.Header{"Retry-After": {"60"}}, body: "<html>"}, want{connectors.RateLimited, quickbooks.CodeRateLimited, true}, want{connectors.RateLimited, quickbooks.CodeRateLimited, true}},
		{"unsupported", validation("500"), want{connectors.Unavailable, quickbooks.CodeRequestRefused, true}, want{connectors.Rejected, quickbooks.CodeRecordRefused, true}},
		{"success with a fault", said{status: 200, body: faultBody("5010", "ValidationFault")}, want{connectors.Busy, quickbooks.CodeStale, true}, want{connectors.Busy, quickbooks.CodeStale, true}},
		{"success with a system fault", said{status: 200, body: faultBody("10000", "SystemFault")}, want{connectors.Unavailable, quickbooks.CodeServerError, false}, want{connectors.Unavailable, quickbooks.CodeServerError, false}},
		{"page", said{status: 200, body: "<html><body>Tremblay</body></html>"}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}},
		{"empty", said{status: 200}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}},
		{"cut", said{status: 200, body: `{"Customer":{"Id":"1","DisplayName":"Trem`}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}},
		{"two values", said{status: 200, body: `{"a":1}{"b":2}`}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}},
		{"too long an answer", said{status: 200, body: `{"a":"` + strings.Repeat("x", 4<<10) + `"}`}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, false}},
		{"proxy", said{status: 403, body: "<html>blocked</html>"}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, true}, want{connectors.Unavailable, quickbooks.CodeBadAnswer, true}},
		{"lost", said{err: io.ErrUnexpectedEOF}, want{connectors.Unavailable, quickbooks.CodeUnreachable, false}, want{connectors.Unavailable, quickbooks.CodeUnreachable, false}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, writing := range []bool{false, true} {
					r := connected(t)
					r.cfg.MaxAnswer = 2 << 10
					r.v.api = func(*http.Request) said { return tc.said }
					a, w := r.open(), tc.read
					var err error
					if writing {
						w = tc.write
						_, err = a.Write(t.Context(), "customer", "op", []byte(`{}`))
					} else {
						_, err = a.Read(t.Context(), "cdc", nil)
					}
					w.check(t, err)
					if leaked(strings.ReplaceAll(r.log.String(), theRealm, "")) {
						t.Errorf("the log tells a secret or a customer: %s", r.log.String())
					}
				}
			})
		})
	}
}

// The realm is in no log: it names the customer.
func TestLogHidesRealm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		r.v.api = func(*http.Request) said {
			return said{status: 200, header: http.Header{"Intuit_tid": {"1-628f0be4-19ed5ea6"}}, body: `{}`}
		}
		ans, err := r.open().Read(t.Context(), "companyinfo/"+theRealm, nil)
		if err != nil || ans.Tid != "1-628f0be4-19ed5ea6" {
			t.Fatalf("got %v, %v; want the trace header", ans, err)
		}
		if text := r.log.String(); leaked(text) || !strings.Contains(text, "1-628f0be4-19ed5ea6") {
			t.Errorf("log %s, want the trace header and no realm", text)
		}
	})
}

// A server that is ill is asked once more, and a write under the same request id.
func TestOnceMoreWhenIll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		r.v.api = func(*http.Request) said {
			if len(r.v.seen) == 1 {
				return said{status: 500, body: faultBody("10000", "SystemFault")}
			}
			return said{status: 200, body: `{"Customer":{"Id":"7"}}`}
		}
		ans, err := r.open().Write(t.Context(), "customer", "op", []byte(`{}`))
		if err != nil || !strings.Contains(string(ans.Body), `"7"`) {
			t.Fatalf("got %v, %v", ans, err)
		}
		if len(r.v.seen) != 2 || r.v.seen[0].URL.String() != r.v.seen[1].URL.String() {
			t.Errorf("%d requests, want the same one twice", len(r.v.seen))
		}
		r.v.api = func(*http.Request) said { return said{status: 500} }
		r.v.seen = nil
		_, err = r.open().Read(t.Context(), "cdc", nil)
		want{connectors.Unavailable, quickbooks.CodeServerError, false}.check(t, err)
		if len(r.v.seen) != 2 {
			t.Errorf("%d requests to a server that stays ill, want 2", len(r.v.seen))
		}
	})
}

// Between a 429 and the next request lies a minute and a little more, however often one is asked for.
func TestThrottle(t *testing.T) {
	for _, status := range []int{429, 403} {
		synctest.Test(t, func(t *testing.T) {
			r := connected(t)
			a := r.open()
			busy := said{status: status, body: faultBody("3001", "SERVICE")}
			r.v.api = func(*http.Request) said { return busy }
			_, err := a.Read(t.Context(), "cdc", nil)
			var e *connectors.Error
			if !errors.As(err, &e) || e.Kind != connectors.RateLimited || e.Retry < time.Minute || e.Retry > 75*time.Second {
				t.Fatalf("got %v, want a wait of 60 to 75 s", err)
			}
			r.v.api = func(*http.Request) said { return said{status: 200, body: `{}`} }
			time.Sleep(e.Retry - time.Millisecond)
			_, err = a.Write(t.Context(), "customer", "op", []byte(`{}`))
			want{connectors.RateLimited, quickbooks.CodeRateLimited, true}.check(t, err)
			time.Sleep(time.Millisecond)
			if _, err := a.Write(t.Context(), "customer", "op", []byte(`{}`)); err != nil || len(r.v.seen) != 2 {
				t.Errorf("after the wait %v, %d requests; want an answer to the second", err, len(r.v.seen))
			}
		})
	}
}

// A refused access token is renewed once and the call sent again; a fresh one that is refused is not.
func TestRefused(t *testing.T) {
	for _, body := range []string{
		`{"warnings":null,"fault":{"error":[{"message":"message=AuthenticationFailed; errorCode=003200; statusCode=401","detail":"Token expired","code":"3200","element":null}],"type":"AUTHENTICATION"},"time":1633520295688}`,
		`<IntuitResponse><Fault type="AuthenticationFault"><Error code="100"><Message>General Authentication Error</Message></Error></Fault></IntuitResponse>`,
		"", "<html>",
	} {
		synctest.Test(t, func(t *testing.T) {
			r := connected(t)
			a := r.open()
			time.Sleep(5 * time.Minute)
			good := "Bearer access-2"
			r.v.api = func(q *http.Request) said {
				if q.Header.Get("Authorization") != good {
					return said{status: 401, body: body}
				}
				return said{status: 200, body: `{}`}
			}
			r.v.signIn = func(*http.Request, string) said { return tokensOf("access-2", "refresh-2") }
			if _, err := a.Write(t.Context(), "customer", "op", []byte(`{}`)); err != nil {
				t.Fatal(err)
			}
			if len(r.v.asked) != 1 || len(r.v.seen) != 2 || r.v.seen[0].URL.String() != r.v.seen[1].URL.String() {
				t.Errorf("%d refreshes and %d requests, want 1 and the same twice", len(r.v.asked), len(r.v.seen))
			}
			good = "Bearer never"
			for range 3 {
				_, err := a.Read(t.Context(), "cdc", nil)
				want{connectors.Auth, quickbooks.CodeTokenRefused, true}.check(t, err)
				time.Sleep(2 * time.Minute)
			}
			if len(r.v.asked) != 1 || len(r.v.seen) != 3 {
				t.Errorf("%d refreshes and %d requests, want no more than one knock", len(r.v.asked), len(r.v.seen))
			}
			good = "Bearer access-2"
			a.Retry()
			if _, err := a.Read(t.Context(), "cdc", nil); err != nil {
				t.Errorf("after a person said so: %v", err)
			}
		})
	}
}

// After a refusal that only a person can end, nothing is sent until one has, by a new connection or by saying so.
func TestRefusalStands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		a := r.open()
		r.v.api = func(*http.Request) said { return said{status: 403, body: faultBody("120", "AuthorizationFault")} }
		for range 3 {
			_, err := a.Read(t.Context(), "cdc", nil)
			want{connectors.Auth, quickbooks.CodeUserLost, true}.check(t, err)
		}
		if len(r.v.seen) != 1 {
			t.Errorf("%d requests, want 1", len(r.v.seen))
		}
		time.Sleep(time.Minute)
		r.put(r.grant())
		r.v.api = func(*http.Request) said { return said{status: 200, body: `{}`} }
		if _, err := a.Read(t.Context(), "cdc", nil); err != nil {
			t.Errorf("with a new connection: %v", err)
		}
	})
}

// What was not sent is certain not to be done.
func TestNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		a := r.open()
		ended, end := context.WithCancel(t.Context())
		end()
		_, err := a.Write(ended, "customer", "op", []byte(`{}`))
		want{connectors.Unavailable, quickbooks.CodeUnreachable, true}.check(t, err)
		r.tokens.kept = nil
		_, err = a.Write(t.Context(), "customer", "op", []byte(`{}`))
		want{connectors.Auth, quickbooks.CodeNotConnected, true}.check(t, err)
		r.tokens.kept = []byte(`{"access_token":"access-1`)
		_, err = r.open().Write(t.Context(), "customer", "op", []byte(`{}`))
		want{connectors.Auth, quickbooks.CodeTokens, true}.check(t, err)
		if len(r.v.seen) != 0 {
			t.Errorf("%d requests were sent", len(r.v.seen))
		}
	})
}

// No more than the limit in any minute, and no more than five in any second.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := connected(t)
		r.cfg.PerMinute = 20
		var at []time.Time
		r.v.api = func(*http.Request) said { at = append(at, time.Now()); return said{status: 200, body: `{}`} }
		a := r.open()
		for range 50 {
			if _, err := a.Read(t.Context(), "cdc", nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, limit := range []struct {
			most int
			in   time.Duration
		}{{5, time.Second}, {20, time.Minute}} {
			for i := limit.most; i < len(at); i++ {
				if gap := at[i].Sub(at[i-limit.most]); gap < limit.in {
					t.Fatalf("%d requests within %s, want at most %d in %s", limit.most+1, gap, limit.most, limit.in)
				}
			}
		}
		if took := at[len(at)-1].Sub(at[0]); took > 3*time.Minute {
			t.Errorf("50 requests took %s, want no more than the limit needs", took)
		}
	})
}
