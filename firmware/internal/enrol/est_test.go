package enrol_test

import (
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/enrol"
)

const (
	serial = "C0FFEE1A2B"
	code   = "7Q2KM-0XTV9"
)

// fake answers single questions as a test wants.
// newFake starts a server that does what RFC 7030 asks where the test says nothing else, with a certificate of the authority.
// answer gives certificates as a server does.
// certsOnly makes a message as RFC 5652 has it, of PEM.
// A box that knows the authority gets its first certificate with its label, and each next one with the one before.
func TestClaimAndRenewal(t *testing.T) {
	r := newRig(t)
	f := r.newFake(r.ca)
	must(t, r.Install(nil, r.ca.Certificate()))
	r.want(enrol.Missing, r.Renew(t.Context()))
	must(t, r.Claim(serial, "7q2km0xtv9"))
	must(t, r.Renew(t.Context()))
	if got := r.connects(); !got.Equal(later(0)) || r.Status().Claim {
		t.Errorf("the certificate until %s, %+v", got, r.Status())
	}
	r.now = r.now.Add(300 * day)
	must(t, r.Renew(t.Context()))
	if got := r.connects(); !got.Equal(later(300 * day)) {
		t.Errorf("renewed: the certificate until %s", got)
	}
	if want := []string{"cacerts", "simpleenroll", "cacerts", "simplereenroll"}; !slices.Equal(f.asked, want) {
		t.Errorf("asked %q, want %q", f.asked, want)
	}
	f.address.Path, f.label = "/.well-known/est/boxes/", "boxes/"
	r.now = r.now.Add(300 * day)
	must(t, r.Renew(t.Context()))
	if got := r.connects(); !got.Equal(later(600 * day)) {
		t.Errorf("under a label of the server: the certificate until %s", got)
	}
}

// What a server answers instead.
func TestAnswers(t *testing.T) {
	t.Parallel()
	redirect := func(to string, status int) func(*rig, *fake) func(http.ResponseWriter, *http.Request) bool {
		return func(_ *rig, f *fake) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, req *http.Request) bool {
				if req.URL.Query().Has("again") {
					return false
				}
				http.Redirect(w, req, to+req.URL.Path+"?again", status)
				return true
			}
		}
	}
	status := func(status int, header ...string) func(*rig, *fake) func(http.ResponseWriter, *http.Request) bool {
		return func(*rig, *fake) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, req *http.Request) bool {
				if strings.HasSuffix(req.URL.Path, "cacerts") {
					return false
				}
				for i := 0; i < len(header); i += 2 {
					w.Header().Set(header[i], header[i+1])
				}
				w.WriteHeader(status)
				return true
			}
		}
	}
	body := func(kind, text string) func(*rig, *fake) func(http.ResponseWriter, *http.Request) bool {
		return func(*rig, *fake) func(http.ResponseWriter, *http.Request) bool {
			return func(w http.ResponseWriter, req *http.Request) bool {
				if strings.HasSuffix(req.URL.Path, "cacerts") {
					return false
				}
				w.Header().Set("Content-Type", kind)
				io.WriteString(w, text)
				return true
			}
		}
	}
	const pkcs7 = "application/pkcs7-mime; smime-type=certs-only"
	for name, tt := range map[string]struct {
		hurdle func(*rig, *fake) func(http.ResponseWriter, *http.Request) bool
		want   enrol.Code
		after  time.Duration
	}{
		"later":                   {status(202, "Retry-After", "3600"), enrol.Waiting, time.Hour},
		"later, without a time":   {status(202), enrol.Waiting, time.Hour},
		"at once":                 {status(202, "Retry-After", "0"), enrol.Waiting, time.Second},
		"in two seconds":          {status(202, "Retry-After", "2"), enrol.Waiting, 2 * time.Second},
		"in a hundred years":      {status(202, "Retry-After", "3155760000"), enrol.Waiting, 24 * time.Hour},
		"no time":                 {status(202, "Retry-After", "soon"), enrol.Waiting, time.Hour},
		"by the server's clock":   {status(202, "Retry-After", "Sun, 06 Nov 1994 10:49:37 GMT", "Date", "Sun, 06 Nov 1994 08:49:37 GMT"), enrol.Waiting, 2 * time.Hour},
		"busy":                    {status(503, "Retry-After", "120"), enrol.Unreachable, 2 * time.Minute},
		"too many":                {status(429), enrol.Unreachable, 0},
		"broken":                  {status(500), enrol.Unreachable, 0},
		"wrong label":             {status(401, "WWW-Authenticate", `Basic realm="est"`), enrol.Refused, 0},
		"forbidden":               {status(403), enrol.Refused, 0},
		"bad request":             {status(400), enrol.Refused, 0},
		"no such operation":       {status(404), enrol.Refused, 0},
		"no content":              {status(204), enrol.BadAnswer, 0},
		"a page":                  {body("text/html", "<html>"), enrol.BadAnswer, 0},
		"no base64":               {body(pkcs7, "\x30\x82"), enrol.BadAnswer, 0},
		"no message":              {body(pkcs7, "AAAA"), enrol.BadAnswer, 0},
		"nothing":                 {body(pkcs7, ""), enrol.BadAnswer, 0},
		"too much":                {body(pkcs7, strings.Repeat("MIIB", 100_000)), enrol.BadAnswer, 0},
		"elsewhere on the server": {redirect("", 307), "", 0},
		"another server":          {redirect("https://192.0.2.1", 307), enrol.BadAnswer, 0},
		"without TLS":             {redirect("http://127.0.0.1", 308), enrol.BadAnswer, 0},
		"another certificate": {func(r *rig, f *fake) func(http.ResponseWriter, *http.Request) bool {
			other := newRig(r.t)
			other.ca = r.ca
			out, err := r.ca.Issue(authority.Request{Kind: authority.Backend, Name: "somebody"})
			must(r.t, err)
			return func(w http.ResponseWriter, req *http.Request) bool {
				if strings.HasSuffix(req.URL.Path, "cacerts") {
					return false
				}
				answer(w, out.Certificate)
				return true
			}
		}, enrol.Unfit, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			f := r.newFake(r.ca)
			f.hurdle = tt.hurdle(r, f)
			must(t, r.Install(nil, r.ca.Certificate()))
			must(t, r.Claim(serial, code))
			err := r.Renew(t.Context())
			r.want(tt.want, err)
			if e, _ := err.(*enrol.Error); e != nil && e.After != tt.after {
				t.Errorf("after %s, want %s", e.After, tt.after)
			}
			if err != nil && (strings.Contains(err.Error(), code) || strings.Contains(err.Error(), "7Q2KM0XTV9")) {
				t.Errorf("the error tells the code: %v", err)
			}
			if r.Status().Claim != (err != nil) || err != nil && r.changed.Load() > 0 {
				t.Errorf("%+v, %d changes", r.Status(), r.changed.Load())
			}
			if err != nil && !slices.Contains(r.Conditions(), string(tt.want)) {
				t.Errorf("conditions %q", r.Conditions())
			}
		})
	}
}

// A server of another authority is told nothing.
func TestForeignServer(t *testing.T) {
	r := newRig(t)
	f := r.newFake(r.authority())
	must(t, r.Install(nil, r.ca.Certificate()))
	must(t, r.Claim(serial, code))
	r.want(enrol.Untrusted, r.Renew(t.Context()))
	if len(f.asked) > 0 {
		t.Errorf("asked %q", f.asked)
	}
	r = newRig(t)
	r.newFake(r.ca)
	must(t, r.Claim(serial, code))
	r.want(enrol.NoAuthority, r.Renew(t.Context()))
	r.server.Scheme = "http"
	must(t, r.Install(nil, r.ca.Certificate()))
	r.want(enrol.NoServer, r.Renew(t.Context()))
	r.server.Scheme, r.server.Path = "https", "/est"
	r.want(enrol.NoServer, r.Renew(t.Context()))
	r.server = nil
	r.want(enrol.NoServer, r.Renew(t.Context()))
}

func TestServerIsAway(t *testing.T) {
	r := newRig(t)
	s := httptest.NewServer(nil)
	s.Close()
	var err error
	r.server, err = url.Parse(strings.Replace(s.URL, "http:", "https:", 1))
	must(t, err)
	must(t, r.Install(nil, r.ca.Certificate()))
	must(t, r.Claim(serial, code))
	r.want(enrol.Unreachable, r.Renew(t.Context()))
}

// A server that says nothing keeps nobody longer than the context.
func TestSilentServer(t *testing.T) {
	r := newRig(t)
	f := r.newFake(r.ca)
	ctx, cancel := contextWithCancel(t)
	f.hurdle = func(_ http.ResponseWriter, req *http.Request) bool {
		cancel()
		<-req.Context().Done()
		panic(http.ErrAbortHandler) // not a word, also to a client that still listens
	}
	must(t, r.Install(nil, r.ca.Certificate()))
	must(t, r.Claim(serial, code))
	r.want(enrol.Unreachable, r.Renew(ctx))
}

// Authorities that a server names are believed only where one that the box knows vouches for them.
func TestOtherAuthorities(t *testing.T) {
	r := enrolled(t)
	f := r.newFake(r.ca)
	stranger := r.authority()
	f.roots = slices.Concat(stranger.Certificate(), r.ca.Certificate())
	r.now = r.now.Add(day)
	must(t, r.Renew(t.Context()))
	_, pool, err := r.Credentials(t.Context())
	must(t, err)
	want := x509.NewCertPool()
	want.AppendCertsFromPEM(r.ca.Certificate())
	if !pool.Equal(want) {
		t.Error("the box believes a stranger")
	}
	f.roots = stranger.Certificate()
	r.now = r.now.Add(day)
	must(t, r.Renew(t.Context()))
	if _, pool, _ := r.Credentials(t.Context()); !pool.Equal(want) {
		t.Error("the box believes a stranger alone, or nobody")
	}
}

// A server that gives the same certificate once more is not asked again at once.
func TestNothingNew(t *testing.T) {
	r := enrolled(t)
	r.newFake(r.ca)
	r.want(enrol.BadAnswer, r.Renew(t.Context()))
	if r.Status().Trial || r.changed.Load() != 1 {
		t.Errorf("%+v, %d changes", r.Status(), r.changed.Load())
	}
}

// An outdated certificate can't renew itself: the label can.
func TestOutdatedBoxClaims(t *testing.T) {
	r := enrolled(t)
	r.newFake(r.ca)
	r.now = r.now.Add(400 * day)
	r.want(enrol.Expired, r.Renew(t.Context()))
	must(t, r.Claim(serial, code))
	must(t, r.Renew(t.Context()))
	if got := r.connects(); !got.Equal(later(400 * day)) {
		t.Errorf("the certificate until %s", got)
	}
}
