package quickbookstest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/quickbooks/quickbookstest/signin"
)

// SignedIn lets in who has a token of the sign-in service, for the company that it is for.
func SignedIn(with *signin.Server) Access { return signedIn{with} }

type signedIn struct{ with *signin.Server }

// Check asks the service and puts its refusals into the product's words.
func (a signedIn) Check(authorization string, now time.Time) (string, *Refusal) {
	realm, err := a.with.Check(authorization, now)
	if err == nil {
		return realm, nil
	}
	refused, ok := errors.AsType[*signin.BearerError](err)
	switch {
	case !ok:
		return "", &Refusal{Code: CodeAuthentication}
	case refused.Problem == signin.LostUser:
		return "", &Refusal{Code: CodeLostUser}
	case refused.Problem == signin.Expired:
		return "", &Refusal{Code: CodeAuthentication, Text: "Token expired"}
	case refused.Problem == signin.WrongLength:
		return "", &Refusal{Code: CodeAuthentication, Text: "Malformed bearer token: too short or too long"}
	}
	return "", &Refusal{Code: CodeAuthentication}
}

// Platform is a company, the sign-in service that its tokens come from and the relay, below one address. All three go by the
// company's clock. It is an http.Handler, safe for many callers at once.
type Platform struct {
	API    *Server
	SignIn *signin.Server
	Relay  *signin.Relay
	URL    string // "http://127.0.0.1:port", without a slash at the end
}

// NewPlatform makes a platform that is reached at url. The relay's redirect address is below it. It starts nothing.
// Options.Access and signin.Options.Clock are set by it. signin.Options.Companies are others that a person may choose at the sign-in.
func NewPlatform(url string, o Options, so signin.Options) *Platform {
	o.fill()
	p := &Platform{URL: url}
	redirect := url + "/v1/quickbooks/callback"
	so.RedirectURIs = append(slices.Clone(so.RedirectURIs), redirect)
	so.Companies = append([]signin.Company{{Realm: o.Realm, Name: o.Company}}, so.Companies...)
	so.Clock = func() time.Time { return p.API.Now() }
	p.SignIn = signin.New(so)
	o.Access = SignedIn(p.SignIn)
	p.API = New(o)
	p.Relay = signin.NewRelay(signin.RelayOptions{Intuit: p.SignIn.RoundTripper(), AuthorizeURL: url + signin.AuthorizePath,
		ClientID: so.ClientID, ClientSecret: so.ClientSecret, RedirectURI: redirect, Plain: true, Clock: so.Clock, Seed: so.Seed, Log: o.Log})
	return p
}

// ServeHTTP gives a call to whom it is for, by its path.
func (p *Platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == signin.AuthorizePath, path == signin.TokenPath, path == signin.RevokePath:
		p.SignIn.ServeHTTP(w, r)
	case strings.HasPrefix(path, "/v1/quickbooks/"):
		p.Relay.ServeHTTP(w, r)
	default:
		p.API.ServeHTTP(w, r)
	}
}

// Listen serves a new platform on a free port of the loopback until ctx ends.
func Listen(ctx context.Context, o Options, so signin.Options) (*Platform, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve QuickBooks: %w", err)
	}
	p := NewPlatform("http://"+l.Addr().String(), o, so)
	go serve(ctx, p, l) // ends with ctx; what is asked after that finds a closed port
	return p, nil
}
