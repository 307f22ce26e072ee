package outlooktest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// tokenPath ends the address of the sign-in.
const tokenPath = "/oauth2/v2.0/token"

// grant is an access token that was given.
type grant struct {
	expires time.Time
	roles   []string
}

func (g *grant) has(role string) bool { return slices.Contains(g.roles, role) }

// oauth is a refusal of the sign-in service.
func oauth(status int, code string, number int, message string) *problem {
	return &problem{status: status, code: code, oauth: number, message: message}
}

// token answers the sign-in of the application.
func (s *Server) token(c *Call, r *http.Request, in *incoming) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if prob := s.tokenWrong(r, in); prob != nil {
		return s.refusal(prob, c.Seq)
	}
	s.grantSeq++
	sum := sha256.Sum256(fmt.Appendf(nil, "token/%d/%d", s.opts.Seed, s.grantSeq))
	text := "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9." + base64.RawURLEncoding.EncodeToString(sum[:]) + ".c2ln"
	s.grants[text] = &grant{s.clock.Now().Add(s.switches.TokenLife), slices.Clone(s.roles)}
	life := int(s.switches.TokenLife / time.Second)
	a := jsonAnswer(http.StatusOK, Object{"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": text})
	a.header.Set("Cache-Control", "no-store, no-cache")
	return a
}

// tokenWrong says what is wrong with a sign-in.
func (s *Server) tokenWrong(r *http.Request, in *incoming) *problem {
	form, err := url.ParseQuery(string(in.body))
	kind, _, _ := mime.ParseMediaType(in.header.Get("Content-Type"))
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, pass, ok := r.BasicAuth(); ok {
		id, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(pass)
	}
	base, isDefault := strings.CutSuffix(form.Get("scope"), "/.default")
	switch {
	case in.method != http.MethodPost:
		return refuse(405, "Request_BadRequest", "want POST")
	case err != nil || kind != "application/x-www-form-urlencoded":
		return oauth(400, "invalid_request", 900144, "The request body must be a form.")
	case !strings.EqualFold(r.URL.Path, "/"+s.opts.Tenant+tokenPath):
		return oauth(400, "invalid_request", 90002, "Tenant not found. Check to make sure you have the correct tenant ID.")
	case form.Get("grant_type") != "client_credentials":
		return oauth(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
	case !strings.EqualFold(id, s.opts.ClientID):
		return oauth(400, "unauthorized_client", 700016, "Application was not found in the directory.")
	case secret != s.opts.ClientSecret:
		return oauth(401, "invalid_client", 7000215, "Invalid client secret provided.")
	case !isDefault || base != "https://graph.microsoft.com" && base != in.base:
		return oauth(400, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is not valid.")
	}
	return nil
}

// bearer finds what a token allows. The caller has the lock.
func (s *Server) bearer(authorization string) (*grant, *problem) {
	text, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok {
		return nil, unauthenticated("Access token is empty.")
	}
	g := s.grants[text]
	switch {
	case g == nil:
		return nil, unauthenticated("CompactToken validation failed.")
	case !s.clock.Now().Before(g.expires):
		return nil, unauthenticated("Lifetime validation failed, the token is expired.")
	}
	return g, nil
}

// RevokeTokens ends all access tokens that were given.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.grants {
		g.expires = time.Time{}
	}
}

// SetRoles changes what an administrator consented to. Tokens that were given keep what they have.
func (s *Server) SetRoles(roles ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.roles = roles
}
