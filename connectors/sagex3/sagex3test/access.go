package sagex3test

import (
	"crypto/subtle"
	"net/http"
)

// User is somebody who works with the product, or a technical user.
type User struct {
	Code           string // inside the product, 5 characters at most
	Login          string // default Code
	Password       string
	Name           string
	Commercial     bool   // AUSCRMA: he exercises a commercial function
	Representative string // AUSCRMF: his code as a representative
	NoUser         bool   // he may sign in, but the product has no such user: Change login error
}

// AddUser enters a user, or gives one new particulars. The representative is entered too if he is unknown.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addUser(u)
}

func (s *Server) addUser(u User) {
	setDefault(&u.Login, u.Code)
	s.state.Logins[u.Login] = u
	if u.Representative != "" && s.state.find(Representatives, u.Representative) == nil {
		s.addPartner(Representatives, u.Representative, u.Name)
	}
	if u.NoUser {
		delete(s.state.Records[Users], u.Code)
		return
	}
	v := Values{Name: u.Name, Active: Yes, Commercial: No, Representative: u.Representative}
	if u.Commercial {
		v[Commercial] = Yes
	}
	s.put(Users, u.Code, v)
}

// session is who a call acts as.
type session struct {
	asked string // the code of who signed in
	user  string // of who it is for the product
}

// author gives him as who writes.
func (n session) author(call int64) author { return author{user: n.user, call: call} }

func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// basic checks the header Authorization.
func (s *Server) basic(r *http.Request) (User, bool) {
	login, password, given := r.BasicAuth()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signIn(login, password, given)
}

func (s *Server) signIn(login, password string, given bool) (User, bool) {
	u, known := s.state.Logins[login]
	if !given || !known || !sameText(password, u.Password) {
		return User{}, false
	}
	return u, true
}

func unauthorized() *answer {
	a := page(http.StatusUnauthorized, "Unauthorized")
	a.header.Set("WWW-Authenticate", `Basic realm="SAGE X3"`)
	return a
}

// errLogin is what a pool says of a user whom it cannot become.
var errLogin = plain("Change login error")

// become switches a worker to who signed in. The caller has the lock.
func (s *Server) become(u User, first, multi bool) (session, *phrase) {
	n := session{asked: u.Code, user: u.Code}
	if r := s.state.find(Users, u.Code); u.NoUser || r == nil || r.Values[Active] == No {
		return n, errLogin
	}
	if s.switches.UserSwitch == UserFirstSession && !first && !multi {
		n.user = poolUser
	}
	return n, nil
}

// representativeOf gives the code of a user as a representative, "" if he is none.
func (s *Server) representativeOf(user string) string {
	if r := s.state.find(Users, user); r != nil {
		return r.Values[Representative]
	}
	return ""
}

// usersOf gives the users who are one of the representatives.
func (s *Server) usersOf(representatives []string) map[string]bool {
	out := map[string]bool{}
	for code, r := range s.state.Records[Users] {
		for _, rep := range representatives {
			if rep != "" && r.Values[Representative] == rep {
				out[code] = true
			}
		}
	}
	return out
}
