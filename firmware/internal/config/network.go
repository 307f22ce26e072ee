package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// Network is how the machine is reached. It asks a DHCP server, unless it is told to use its own Address alone.
type Network struct {
	Interface string       // empty = the first Ethernet card
	Hostname  string       // never empty; the box's name where nothing else is said
	Address   netip.Prefix // of its own, with its length, such as 192.0.2.7/24: for when no DHCP server answers; zero = none
	Fixed     bool         // there is an Address, and no DHCP server is asked
	Gateway   netip.Addr   // that goes with Address; zero = none
	DNS       []netip.Addr // that go with Address, the first one first; at most 3, as resolv.conf(5) takes
	NTP       []string     // time servers by name or IPv4 address, at most 4; none = those that the network names
}

type fileNetwork struct {
	Interface string   `toml:"interface"`
	Hostname  string   `toml:"hostname"`
	Address   string   `toml:"address"`
	Fixed     bool     `toml:"fixed"`
	Gateway   string   `toml:"gateway"`
	DNS       []string `toml:"dns"`
	NTP       []string `toml:"ntp"`
}

var (
	interfaceName = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,14}$`)
	hostname      = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)
)

// mostDNS is how many name servers resolv.conf(5) takes, mostNTP how many time servers are asked.
const (
	mostDNS = 3
	mostNTP = 4
)

func (f *fileNetwork) convert(box string) (Network, error) {
	n := Network{Interface: f.Interface, Hostname: f.Hostname}
	if n.Hostname == "" {
		n.Hostname = box
	}
	if n.Interface != "" && !interfaceName.MatchString(n.Interface) {
		return n, keyError("network.interface", f.Interface, `want a network card's name such as "eth0"`)
	}
	if !hostname.MatchString(n.Hostname) {
		return n, keyError("network.hostname", n.Hostname, "want 1 to 63 of a-z, A-Z, 0-9 and -, with no - at either end")
	}
	if err := f.times(&n); err != nil {
		return n, err
	}
	if f.Address == "" {
		return n, f.noneWithout()
	}
	n.Fixed = f.Fixed
	return n, f.own(&n)
}

// timeServer is a name of the DNS; what looks like an address has to be one.
var (
	timeServer = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?$`)
	onlyDigits = regexp.MustCompile(`^[0-9.]+$`)
)

// times reads the time servers.
func (f *fileNetwork) times(n *Network) error {
	if len(f.NTP) > mostNTP {
		return keyError("network.ntp", strings.Join(f.NTP, ", "), fmt.Sprintf("want at most %d", mostNTP))
	}
	for _, s := range f.NTP {
		a, err := netip.ParseAddr(s)
		number := onlyDigits.MatchString(s)
		if number && (err != nil || !usable(a)) || !number && (len(s) > 253 || !timeServer.MatchString(s)) {
			return keyError("network.ntp", s, `want names or IPv4 addresses of time servers, such as "pool.ntp.org"`)
		}
		n.NTP = append(n.NTP, s)
	}
	return nil
}

// noneWithout refuses what only goes with an address of one's own.
func (f *fileNetwork) noneWithout() error {
	if f.Fixed {
		return keyError("network.fixed", "true", "goes with network.address only: without one, the box could not be reached")
	}
	if f.Gateway != "" {
		return keyError("network.gateway", f.Gateway, "goes with network.address only; DHCP brings its own")
	}
	if len(f.DNS) > 0 {
		return keyError("network.dns", strings.Join(f.DNS, ", "), "goes with network.address only; DHCP brings its own")
	}
	return nil
}

// own reads the address of its own, and what goes with it.
func (f *fileNetwork) own(n *Network) error {
	p, err := netip.ParsePrefix(f.Address)
	if err != nil || !usable(p.Addr()) || p.Bits() < 8 || p.Bits() > 30 {
		return keyError("network.address", f.Address, `want an IPv4 address with its length from 8 to 30, such as "192.0.2.7/24"`)
	}
	if p.Addr() == p.Masked().Addr() || p.Addr() == broadcast(p) {
		return keyError("network.address", f.Address, "is the network's own first or last address")
	}
	n.Address = p
	if f.Gateway != "" {
		if n.Gateway, err = netip.ParseAddr(f.Gateway); err != nil || !p.Contains(n.Gateway) || n.Gateway == p.Addr() {
			return keyError("network.gateway", f.Gateway, fmt.Sprintf("want another address of the network %s", p.Masked()))
		}
	}
	if len(f.DNS) > mostDNS {
		return keyError("network.dns", strings.Join(f.DNS, ", "), fmt.Sprintf("want at most %d", mostDNS))
	}
	for _, s := range f.DNS {
		a, err := netip.ParseAddr(s)
		if err != nil || !usable(a) {
			return keyError("network.dns", s, "want IPv4 addresses")
		}
		n.DNS = append(n.DNS, a)
	}
	return nil
}

// usable tells whether a machine can have the address.
func usable(a netip.Addr) bool {
	return a.Is4() && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// broadcast is the last address of a network.
func broadcast(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}
