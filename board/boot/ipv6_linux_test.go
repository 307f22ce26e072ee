package boot

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/net/ipv6"
)

// advertisement is a router advertisement (RFC 4861, 4.2 and 4.6.2): a router that stays for half an hour, of a network in
// which everybody makes an address. The kernel adds the checksum.
func advertisement(network netip.Prefix) []byte {
	b := []byte{134, 0, 0, 0, 64, 0, 1800 >> 8, 1800 & 0xff, 0, 0, 0, 0, 0, 0, 0, 0}
	b = append(b, 3, 4, byte(network.Bits()), 0xc0, 0, 0, 14, 16, 0, 0, 14, 16, 0, 0, 0, 0)
	ip := network.Addr().As16()
	return append(b, ip[:]...)
}

// advertise has a router at the server's end tell everybody of a network.
func advertise(t *testing.T, network netip.Prefix) {
	t.Helper()
	lan, err := netlink.LinkByName("lan0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenPacket("ip6:ipv6-icmp", "::")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	by := &ipv6.ControlMessage{HopLimit: 255, IfIndex: lan.Attrs().Index}
	await(t, "address by the router", func() bool { // the router's own address, from which it speaks, is tried out first
		_, _ = ipv6.NewPacketConn(conn).WriteTo(advertisement(network), by, &net.IPAddr{IP: net.IPv6linklocalallnodes})
		return slices.ContainsFunc(addresses6(), network.Contains)
	})
}

// addresses6 gives what the box has of IPv6.
func addresses6() (all []netip.Addr) {
	now, _ := Now("box0")
	for _, p := range now.Addresses {
		if p.Addr().Is6() {
			all = append(all, p.Addr())
		}
	}
	return all
}

// testIPv6: in a network that speaks IPv6 as well, the kernel takes its addresses and the way out; the box keeps its lease, has
// it renewed, and leaves the others alone.
func testIPv6(t *testing.T) {
	network := netip.MustParsePrefix("2001:db8:7::/64")
	s := &server{ip: "192.0.2.40", dns: "192.0.2.53", renew: 1}
	s.start(t)
	c := config(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- KeepAddress(ctx, slog.New(slog.DiscardHandler), c, Lease{}) }()
	awaitState(t, c, state{"192.0.2.40/25 ", "192.0.2.1 ", "nameserver 192.0.2.53\n"})

	advertise(t, network)
	if d := read(c); d != (state{"192.0.2.40/25 ", "192.0.2.1 ", "nameserver 192.0.2.53\n"}) {
		t.Errorf("after the router spoke: %+v", d)
	}
	s.set(func() { s.ip, s.dns, s.refuse = "192.0.2.41", "192.0.2.54", true })
	awaitState(t, c, state{"192.0.2.41/25 ", "192.0.2.1 ", "nameserver 192.0.2.54\n"})
	left := addresses6()
	if !slices.ContainsFunc(left, network.Contains) || !slices.ContainsFunc(left, netip.Addr.IsLinkLocalUnicast) {
		t.Errorf("after another lease the box has %v", left)
	}
	if now, err := Now("box0"); err != nil || now.Gateway != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("the box tells the way out as %v, %v", now.Gateway, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("KeepAddress: %v", err)
	}
}
