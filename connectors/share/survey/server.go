package survey

import (
	"net/netip"
	"time"
)

// Server is what a file server tells to anybody, without a log-on. A text is empty where the server did not tell it;
// texts are printable and at most 255 characters, but they are the server's word.
type Server struct {
	Address   netip.Addr
	Name      string // its NetBIOS name: SERVEUR
	DNSName   string // serveur.exemple.local
	Domain    string // NetBIOS name of its domain or work group
	DNSDomain string
	Dialect   string // the newest SMB it speaks with us: "3.1.1", "3.0.2", "3.0", "2.1", "2.0.2", or "1" for nothing newer
	Signing   bool   // it requires signed packets
	// Skew is the server's clock less ours, to about a second; meaningless unless Clock.
	Skew  time.Duration
	Clock bool   // it told what time it has
	Build string // version of Windows, "10.0.20348"; what other systems make up, too
}

// Vers gives the share.Config.Vers that goes with the server, empty where it is too old for SMB 3.
func (s Server) Vers() string {
	switch s.Dialect {
	case "3.1.1":
		return "3.1.1"
	case "3.0", "3.0.2":
		return "3.0"
	}
	return ""
}
