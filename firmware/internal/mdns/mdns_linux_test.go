package mdns_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"golang.org/x/sys/unix"

	"syncbox/firmware/internal/mdns"
)

func TestNameOf(t *testing.T) {
	for mac, want := range map[string]string{"525400123ABC": "syncbox-3abc", "52:54:00:12:3A:BC": "syncbox-3abc", "": "syncbox-0000"} {
		if got := mdns.NameOf(mac); got != want {
			t.Errorf("%q: got %s, want %s", mac, got, want)
		}
	}
}

// TestAnswers runs itself again in a network name space of its own.
func TestAnswers(t *testing.T) {
	const inside = "MDNS_TEST_INSIDE"
	if os.Getenv(inside) != "" {
		answers(t)
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestAnswers$", "-test.v", "-test.timeout=60s")
	c.Env = append(os.Environ(), inside+"=1")
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		c.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := c.CombinedOutput()
	if errors.Is(err, unix.EPERM) && os.Getenv("CI") == "" {
		t.Skip("no network name space may be made here")
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// answers has a box start without a card, then get one, then another address, a pulled cable, and the cable again.
func answers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	part := &mdns.Part{Name: "syncbox-3abc", Interface: "box0", Log: slog.New(slog.DiscardHandler), Look: 20 * time.Millisecond}
	go func() { ended <- part.Run(ctx) }()

	no(t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "lan0"}, PeerName: "box0"}))
	card, err := netlink.LinkByName("box0")
	no(t, err)
	lan, err := netlink.LinkByName("lan0")
	no(t, err)
	lo, err := netlink.LinkByName("lo")
	no(t, err)
	for _, l := range []netlink.Link{lo, lan, card} {
		no(t, netlink.LinkSetUp(l))
	}
	give(t, card, "192.0.2.7/24")
	awaitAddress(t, "192.0.2.7")
	found(t)
	byIPv6(t, card)

	take(t, card, "192.0.2.7/24")
	give(t, card, "192.0.2.9/24")
	awaitAddress(t, "192.0.2.9")

	no(t, netlink.LinkSetDown(lan))
	no(t, netlink.LinkSetUp(lan))
	awaitAddress(t, "192.0.2.9")

	cancel()
	no(t, <-ended)
}

func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func addressOf(prefix string) *netlink.Addr {
	p := netip.MustParsePrefix(prefix)
	return &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), 32)}}
}

func give(t *testing.T, l netlink.Link, prefix string) {
	t.Helper()
	no(t, netlink.AddrAdd(l, addressOf(prefix)))
}

func take(t *testing.T, l netlink.Link, prefix string) {
	t.Helper()
	no(t, netlink.AddrDel(l, addressOf(prefix)))
}

// awaitAddress asks until the box's name has an address.
func awaitAddress(t *testing.T, want string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		for _, r := range ask(t, "syncbox-3abc.local.", dnsmessage.TypeA) {
			if a, ok := r.Body.(*dnsmessage.AResource); ok && netip.AddrFrom4(a.A).String() == want {
				return
			}
		}
	}
	t.Fatalf("the name never has the address %s", want)
}

// byIPv6 puts the question to the other group, by a card that has given itself an address of its own (RFC 6762, 3 and 22.1).
func byIPv6(t *testing.T, card netlink.Link) {
	t.Helper()
	c, err := net.ListenPacket("udp6", "[::]:0")
	no(t, err)
	defer c.Close()
	no(t, ipv6.NewPacketConn(c).SetMulticastInterface(&net.Interface{Index: card.Attrs().Index}))
	group := &net.UDPAddr{IP: net.ParseIP("ff02::fb"), Port: 5353, Zone: "box0"}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		for _, r := range askBy(t, c, group, "syncbox-3abc.local.", dnsmessage.TypeAAAA) {
			if a, ok := r.Body.(*dnsmessage.AAAAResource); ok && netip.AddrFrom16(a.AAAA).IsLinkLocalUnicast() {
				return
			}
		}
	}
	t.Error("nobody answers by IPv6")
}

// found looks for boxes as an installer's program does.
func found(t *testing.T) {
	t.Helper()
	var all []string
	for _, r := range ask(t, mdns.Service+".local.", dnsmessage.TypePTR) {
		switch b := r.Body.(type) {
		case *dnsmessage.PTRResource:
			all = append(all, "PTR "+b.PTR.String())
		case *dnsmessage.SRVResource:
			all = append(all, "SRV "+b.Target.String())
		}
	}
	got := strings.Join(all, ", ")
	if want := "PTR syncbox-3abc._syncbox._tcp.local., SRV syncbox-3abc.local."; got != want {
		t.Errorf("found %q, want %q", got, want)
	}
}

// ask puts a question to the network (RFC 6762, 6.7: from a port of one's own, so that the answer comes back there) and
// gives the answers of a moment.
func ask(t *testing.T, name string, kind dnsmessage.Type) []dnsmessage.Resource {
	t.Helper()
	c, err := net.ListenPacket("udp4", "0.0.0.0:0")
	no(t, err)
	defer c.Close()
	card, err := net.InterfaceByName("box0")
	no(t, err)
	no(t, ipv4.NewPacketConn(c).SetMulticastInterface(card))
	return askBy(t, c, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}, name, kind)
}

// askBy is ask, from a port that is there, to a group.
func askBy(t *testing.T, c net.PacketConn, group *net.UDPAddr, name string, kind dnsmessage.Type) []dnsmessage.Resource {
	t.Helper()
	q := dnsmessage.Message{Header: dnsmessage.Header{ID: 7}, Questions: []dnsmessage.Question{
		{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}}}
	b, err := q.Pack()
	no(t, err)
	if _, err := c.WriteTo(b, group); err != nil {
		return nil // the card has no address in this moment
	}
	no(t, c.SetReadDeadline(time.Now().Add(200*time.Millisecond)))
	answer := make([]byte, 9000)
	n, _, err := c.ReadFrom(answer)
	if err != nil {
		return nil
	}
	var m dnsmessage.Message
	no(t, m.Unpack(answer[:n]))
	return append(m.Answers, m.Additionals...)
}
