package survey

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// MostAddresses is how many addresses a sweep asks: those of a /22.
const MostAddresses = 1022

// Sweep asks many addresses, some of them at a time. It is no log-on, but whoever watches a network may notice it.
type Sweep struct {
	Addresses []netip.Addr  // the first 1,022 count
	Port      uint16        // 0 = 445
	Parallel  int           // 0 = 64
	Wait      time.Duration // for a connection, and for an answer three times as long; 0 = 500 ms
}

// Run tells of each address that was asked, in the order in which they answer or don't: how many are done, of how
// many, and the server, nil where there is none. told is called by one goroutine at a time. The error is that of ctx.
func (s Sweep) Run(ctx context.Context, told func(done, of int, found *Server)) error {
	all := s.Addresses[:min(len(s.Addresses), MostAddresses)]
	if s.Port == 0 {
		s.Port = 445
	}
	if s.Parallel <= 0 {
		s.Parallel = 64
	}
	if s.Wait <= 0 {
		s.Wait = 500 * time.Millisecond
	}
	next := make(chan netip.Addr)
	var (
		telling sync.Mutex // protects done, and told's turn
		done    int
		asking  sync.WaitGroup
	)
	for range min(s.Parallel, len(all)) {
		asking.Go(func() {
			for addr := range next {
				found := s.one(ctx, addr)
				telling.Lock()
				done++
				told(done, len(all), found)
				telling.Unlock()
			}
		})
	}
	for _, addr := range all {
		if ctx.Err() != nil {
			break
		}
		next <- addr
	}
	close(next)
	asking.Wait()
	return ctx.Err()
}

func (s Sweep) one(ctx context.Context, addr netip.Addr) *Server {
	server, err := askWithin(ctx, netip.AddrPortFrom(addr, s.Port), s.Wait, 3*s.Wait)
	if err != nil {
		return nil // most addresses are nobody's
	}
	return &server
}

// OwnNetworks gives the networks of this machine that Hosts can be asked for.
func OwnNetworks() ([]netip.Prefix, error) {
	addrs, err := net.InterfaceAddrs()
	var own []netip.Prefix
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && p.Addr().IsPrivate() {
			own = append(own, p)
		}
	}
	return own, err
}

// Hosts lists the addresses of the others in some IPv4 networks, each with the own address in it; of a network larger
// than a /22 those of the /22 around the own address. There are at most 1,022.
func Hosts(own []netip.Prefix) []netip.Addr {
	var all []netip.Addr
	for _, p := range own {
		if !p.IsValid() || !p.Addr().Is4() {
			continue
		}
		near := netip.PrefixFrom(p.Addr(), max(p.Bits(), 22)).Masked()
		for a := near.Addr(); near.Contains(a) && len(all) < MostAddresses; a = a.Next() {
			if a != p.Addr() && !reserved(a, p) && !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}

// reserved says whether an address is a network's own, the first one, or everybody's, the last one.
func reserved(a netip.Addr, p netip.Prefix) bool {
	return p.Bits() < 31 && (a == p.Masked().Addr() || !p.Contains(a.Next()))
}
