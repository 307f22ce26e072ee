package boot

import "net/netip"

// Link is how the machine is connected.
type Link struct {
	Interface string // empty: there is no card
	MAC       string // of the card, six bytes in hex
	Up        bool   // there is a cable with something at its end
	Addresses []netip.Prefix
	Gateway   netip.Addr // zero = none
}

// Reached tells whether there is a cable and an address that other machines can use.
func (l Link) Reached() bool {
	if !l.Up {
		return false
	}
	for _, a := range l.Addresses {
		if a.Addr().IsGlobalUnicast() {
			return true
		}
	}
	return false
}
