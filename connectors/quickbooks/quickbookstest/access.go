package quickbookstest

import (
	"fmt"
	"strings"
	"time"
)

// Access says who is let in. Check gets the Authorization header as it came and gives the company that its token is for, or a
// refusal. It is called by many at once.
type Access interface {
	Check(authorization string, now time.Time) (realm string, refusal *Refusal)
}

// The codes of a Refusal by an Access.
const (
	CodeAuthentication = "3200" // 401: no token, a malformed one, one that ended
	CodeAuthorization  = "3100" // 403: a token for something else
	CodeLostUser       = "120"  // 401: the person who connected may no longer
)

// Refusal is why a call is not let in, or what a person gets who does what the product does not let him do.
type Refusal struct {
	Status int    // HTTP; 0 with one of the codes above means that code's own
	Code   string // the product's; default CodeAuthentication
	Text   string // the detail; "" is null on the wire
}

// Error tells status, code and text.
func (r *Refusal) Error() string {
	return fmt.Sprintf("QuickBooks refuses: %d %s %s", r.Status, r.Code, r.Text)
}

// Static lets one token in, for one company.
type Static struct{ Token, Realm string }

var _ Access = Static{}

// Check wants the header "Bearer " and the token.
func (a Static) Check(authorization string, _ time.Time) (string, *Refusal) {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	if !ok || token != a.Token {
		return "", &Refusal{Code: CodeAuthentication, Text: "Malformed bearer token: too short or too long"}
	}
	return a.Realm, nil
}

// SetLostUser makes the company as if the person who connected had left it, or had come back.
func (s *Server) SetLostUser(lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lostUser = lost
}

// SetUnpaid ends the company's subscription, or renews it.
func (s *Server) SetUnpaid(unpaid bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unpaid = unpaid
}

// admit checks the token.
func (s *Server) admit(authorization, realm string) *problem {
	for_, refusal := s.opts.Access.Check(authorization, s.clock.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case refusal != nil:
		return s.denied(refusal)
	case for_ != realm || realm != s.opts.Realm:
		return s.denied(&Refusal{Code: CodeAuthorization})
	case s.lostUser:
		return s.denied(&Refusal{Code: CodeLostUser})
	}
	return nil
}

// denied gives the body of a refusal; the four have three forms.
func (s *Server) denied(r *Refusal) *problem {
	code := r.Code
	setDefault(&code, CodeAuthentication)
	switch {
	case code == CodeLostUser:
		return &problem{status: orStatus(r, 401), kind: "AuthorizationFault", form: xmlForm,
			errors: []faultError{{"Authorization Failure", "AuthorizationFailure: -11014 : The connecting user has no access to the company. , statusCode: 401", code, nil}}}
	case code == CodeAuthorization:
		return &problem{status: orStatus(r, 403), kind: "SERVICE", form: lowerForm,
			errors: []faultError{{"message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403", r.Text, code, nil}}}
	case s.switches.AuthXML:
		return &problem{status: 401, kind: "AuthenticationFault", form: xmlForm,
			errors: []faultError{{"General Authentication Error", "AuthenticationErrorGeneral: SRV-110-Authentication Failure , statusCode: 401", "100", nil}}}
	}
	return &problem{status: orStatus(r, 401), kind: "AUTHENTICATION", form: lowerForm,
		errors: []faultError{{"message=AuthenticationFailed; errorCode=003200; statusCode=401", r.Text, code, nil}}}
}

func orStatus(r *Refusal, status int) int {
	if r.Status != 0 {
		return r.Status
	}
	return status
}
