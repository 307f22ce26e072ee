package salesmanagementtest

import (
	"maps"

	"syncbox/connectors/rest/resttest"
)

// Switch is a point about the product that no public document settles. A client must be correct in every position.
type Switch string

// The switches of the specification, and behind them those of points that it leaves open, or on which its sources disagree, without
// naming one.
const (
	TokenLife       Switch = "token.life"
	Throttle        Switch = "throttle"       // the answer to one request too many
	PageMax         Switch = "page.max"       // rows of the largest page; more are asked for in vain
	PageHeader      Switch = "page.header"    // which header sets the size of a page; the other one is overlooked
	WhereOrDates    Switch = "where.or_dates" // 901: an expression with OR between dates is bad SQL
	ReadOnlyAPI     Switch = "readonly.api"   // lift: a read-only row takes readOnly=false alone; never: not even that
	Undelete        Switch = "undelete"       // by PUT {"deleted":false}
	Delete          Switch = "delete"         // hard: the row is gone, by whoever deleted it
	Quantity        Switch = "quantity"
	UsersWrite      Switch = "users.write"
	ErrorBody       Switch = "error.body" // message: without the reason
	ExtIDUnique     Switch = "extId.unique"
	ContactLastname Switch = "contact.lastname" // on reading; it is written lastName

	Order          Switch = "order"           // 901: it is no parameter of this tenant
	CreateMessage  Switch = "create.message"  // the member's letters
	CreateStatus   Switch = "create.status"   //
	ReadOnlyLines  Switch = "readonly.lines"  // order: lines are as read-only as their quote, for the key too
	Blocked        Switch = "blocked"         // whether the application keeps its users from a blocked quote
	ContactAccount Switch = "contact.account" // fixed: a contact never moves to another account
)

// positions has every switch with its positions, the default first.
var positions = resttest.Positions[Switch]{
	TokenLife: {"24h", "5min", "one-call"}, Throttle: {"429-retry-after", "429-empty", "408"}, PageMax: {"50", "200", "1000"},
	PageHeader: {"X-FM-Entity-Count", "count", "both"}, WhereOrDates: {"works", "901"}, ReadOnlyAPI: {"writes", "lift", "never"},
	Undelete: {"works", "400"}, Delete: {"soft", "hard"}, Quantity: {"integer", "decimal"}, UsersWrite: {"allowed", "refused"},
	ErrorBody: {"code", "message", "text"}, ExtIDUnique: {"enforced", "free"}, ContactLastname: {"lastName", "lasttName"},

	Order: {"works", "901"}, CreateMessage: {"Message", "message"}, CreateStatus: {"200", "201"}, ReadOnlyLines: {"free", "order"},
	Blocked: {"enforced", "free"}, ContactAccount: {"moves", "fixed"},
}

// AllSwitches gives the switches, sorted.
func AllSwitches() []Switch { return positions.All() }

// Positions gives the positions of a switch, the default first.
func Positions(w Switch) []string { return positions.Of(w) }

// Switches are positions by switch. One that is absent is in its first position.
type Switches map[Switch]string

// full gives the positions of all switches.
func (w Switches) full() (Switches, error) { return positions.Full(w) }

// Switches gives the positions of all switches.
func (s *Server) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.switches)
}

// SetSwitches puts switches into positions from the next call on; the others stay.
func (s *Server) SetSwitches(w Switches) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.switches)
	maps.Copy(next, w)
	next, err := next.full()
	if err != nil {
		return err
	}
	s.switches = next
	return nil
}

// on tells whether a switch is in a position. The caller has the lock.
func (s *Server) on(w Switch, position string) bool { return s.switches[w] == position }
