package boot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/server4"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// TestNetwork runs itself again in a network name space of its own, with one cable in it: box0 is
// the box's end, lan0 the server's.
func TestNetwork(t *testing.T) {
	const inside = "BOOT_TEST_NETWORK"
	if os.Getenv(inside) == "" {
		runInside(t, inside+"=1")
		return
	}
	cable(t)
	t.Run("static address without a server", testStatic)
	t.Run("no address at all", testNoAddress)
	t.Run("lease instead of the static address", testLease)
	t.Run("static address when the cable comes late", testLateStatic)
	t.Run("fixed address, server or not, cable or not", testFixed)
	t.Run("a card that went before anybody waited", testGoneBefore)
	t.Run("lease kept, changed, refused, cable pulled", testKeepAddress)
	t.Run("lease lost, address kept", testLeaseLost)
	t.Run("a network that speaks IPv6 as well", testIPv6)
}

func runInside(t *testing.T, env string) {
	c := exec.Command(os.Args[0], "-test.run=^TestNetwork$", "-test.v", "-test.timeout=60s")
	c.Env = append(os.Environ(), env)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 { // only a user name space of their own lets others make a network; in a chroot there is none
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

func cable(t *testing.T) {
	t.Helper()
	veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "lan0"}, PeerName: "box0"}
	if err := netlink.LinkAdd(veth); err != nil {
		t.Fatal(err)
	}
	lan, err := netlink.LinkByName("lan0")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.AddrReplace(lan, &netlink.Addr{IPNet: ipNet(netip.MustParsePrefix("192.0.2.1/24"))}); err != nil {
		t.Fatal(err)
	}
	plug(t, true)
}

// plug puts the cable in or pulls it out, at the server's end.
func plug(t *testing.T, in bool) {
	t.Helper()
	set := netlink.LinkSetDown
	if in {
		set = netlink.LinkSetUp
	}
	if err := set(&netlink.Device{LinkAttrs: netlink.LinkAttrs{Name: "lan0"}}); err != nil {
		t.Fatal(err)
	}
}

// server is a DHCP server whose answers are its fields.
type server struct {
	mu     sync.Mutex
	ip     string
	dns    string
	renew  byte   // ask for more after so many seconds of the hour; 0: half of it
	refuse bool   // the next renewal
	deaf   bool   // it answers nobody
	lasts  uint32 // seconds of a lease; 0 at the start: an hour
	renews int
	finds  int    // clients that looked for a server
	host   string // told by the client
}

func (s *server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *server) start(t *testing.T) {
	t.Helper()
	if s.lasts == 0 {
		s.lasts = 3600
	}
	quiet := server4.WithLogger(server4.ShortSummaryLogger{Printfer: log.New(io.Discard, "", 0)})
	srv, err := server4.NewServer("lan0", &net.UDPAddr{IP: net.IPv4zero, Port: 67}, s.answer, quiet)
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve()
	t.Cleanup(func() { srv.Close() })
}

func (s *server) answer(conn net.PacketConn, peer net.Addr, m *dhcpv4.DHCPv4) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deaf {
		return
	}
	kind := dhcpv4.MessageTypeOffer
	if m.MessageType() == dhcpv4.MessageTypeDiscover {
		s.finds++
	}
	if m.MessageType() == dhcpv4.MessageTypeRequest {
		kind = dhcpv4.MessageTypeAck
		if !m.ClientIPAddr.IsUnspecified() {
			s.renews++
			if s.refuse {
				kind, s.refuse = dhcpv4.MessageTypeNak, false
			}
		}
	}
	s.host = m.HostName()
	own := net.IPv4(192, 0, 2, 1)
	reply, err := dhcpv4.NewReplyFromRequest(m,
		dhcpv4.WithMessageType(kind), dhcpv4.WithServerIP(own), dhcpv4.WithYourIP(net.ParseIP(s.ip)),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(own)), dhcpv4.WithNetmask(net.CIDRMask(25, 32)),
		dhcpv4.WithRouter(own), dhcpv4.WithDNS(net.ParseIP(s.dns)), dhcpv4.WithLeaseTime(s.lasts))
	if m.IsOptionRequested(dhcpv4.OptionNTPServers) {
		reply.UpdateOption(dhcpv4.OptNTPServers(own))
	}
	if s.renew != 0 {
		reply.UpdateOption(dhcpv4.OptGeneric(dhcpv4.OptionRenewTimeValue, []byte{0, 0, 0, s.renew}))
	}
	if err == nil {
		_, _ = conn.WriteTo(reply.ToBytes(), &net.UDPAddr{IP: net.IPv4bcast, Port: 68})
	}
}

func config(t *testing.T) Config {
	return Config{
		Interface: "box0", Hostname: "box-test", DHCPWait: 10 * time.Second,
		ResolvConf: filepath.Join(t.TempDir(), "etc", "resolv.conf"),
	}
}

// state is what the name space looks like from the box.
type state struct {
	Addresses string
	Gateway   string
	Resolv    string
}

func read(c Config) state {
	var s state
	box, err := netlink.LinkByName("box0")
	if err != nil {
		return s
	}
	as, _ := netlink.AddrList(box, netlink.FAMILY_V4)
	for _, a := range as {
		s.Addresses += a.IPNet.String() + " "
	}
	rs, _ := netlink.RouteList(box, netlink.FAMILY_V4)
	for _, r := range rs {
		if r.Gw != nil {
			s.Gateway += r.Gw.String() + " "
		}
	}
	b, _ := os.ReadFile(c.ResolvConf)
	s.Resolv = string(b)
	return s
}

var staticAddress = Address{
	Prefix: netip.MustParsePrefix("192.0.2.77/24"), Gateway: netip.MustParseAddr("192.0.2.9"),
	DNS: []netip.Addr{netip.MustParseAddr("192.0.2.8")}, Search: []string{"lan.test", "test"},
}

var staticState = state{"192.0.2.77/24 ", "192.0.2.9 ", "nameserver 192.0.2.8\nsearch lan.test test\n"}

func testStatic(t *testing.T) {
	c := config(t)
	leased := true
	c.Leased = func(now bool) { leased = now }
	c.DHCPWait, c.Static = 300*time.Millisecond, staticAddress
	if _, err := networkUp(t.Context(), slog.New(slog.DiscardHandler), c); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(staticState, read(c)); d != "" {
		t.Errorf("network (-want +got):\n%s", d)
	}
	if leased {
		t.Error("nobody was told that there is no lease")
	}
}

func testNoAddress(t *testing.T) {
	for _, name := range []string{"box0", "absent0"} {
		c := config(t)
		c.DHCPWait, c.Interface = 300*time.Millisecond, name
		if _, err := networkUp(t.Context(), slog.New(slog.DiscardHandler), c); !errors.Is(err, ErrNoAddress) {
			t.Errorf("%s: got %v, want ErrNoAddress", name, err)
		}
	}
}

// testLateStatic: the cable is put in after the start, and there is no server either.
func testLateStatic(t *testing.T) {
	c := config(t)
	c.DHCPWait, c.Static = 300*time.Millisecond, staticAddress
	told := make(chan Address, 1)
	c.Changed = func(a Address) { told <- a }
	bare(t)
	plug(t, false)
	if _, err := networkUp(t.Context(), slog.New(slog.DiscardHandler), c); !errors.Is(err, ErrNoAddress) {
		t.Fatalf("without a cable: %v, want ErrNoAddress", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- KeepAddress(ctx, slog.New(slog.DiscardHandler), c, Lease{}) }()
	plug(t, true)
	awaitState(t, c, staticState)
	if d := cmp.Diff(staticAddress, <-told, cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
		t.Errorf("address told (-want +got):\n%s", d)
	}
	link, err := Now(c.Interface)
	if err != nil || !link.Reached() || link.Gateway != staticAddress.Gateway || len(link.MAC) != 12 {
		t.Errorf("link %+v, %v", link, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("KeepAddress: %v", err)
	}
}

// bare takes every address from the box's end.
func bare(t *testing.T) {
	t.Helper()
	box, err := netlink.LinkByName("box0")
	if err != nil {
		t.Fatal(err)
	}
	all, err := netlink.AddrList(box, netlink.FAMILY_V4)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if err := netlink.AddrDel(box, &a); err != nil {
			t.Fatal(err)
		}
	}
}

func newLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func testLease(t *testing.T) {
	s := &server{ip: "192.0.2.20", dns: "192.0.2.53", renew: 1}
	s.start(t)
	c := config(t)
	c.Static = staticAddress
	var told Address
	c.Changed = func(a Address) { told = a }
	got, err := networkUp(t.Context(), slog.New(slog.DiscardHandler), c)
	if err != nil {
		t.Fatal(err)
	}
	want := state{"192.0.2.20/25 ", "192.0.2.1 ", "nameserver 192.0.2.53\n"}
	if d := cmp.Diff(want, read(c)); d != "" {
		t.Errorf("network (-want +got):\n%s", d)
	}
	if len(told.NTP) != 1 || told.NTP[0] != netip.MustParseAddr("192.0.2.1") {
		t.Errorf("time servers told: %v", told.NTP)
	}
	s.set(func() {
		if s.host != "box-test" {
			t.Errorf("server was told host name %q", s.host)
		}
		s.finds = 0
	})

	c.Changed = nil
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- KeepAddress(ctx, slog.New(slog.DiscardHandler), c, got) }()
	await(t, "lease renewed", func() (renewed bool) {
		s.set(func() { renewed = s.renews > 0 })
		return renewed
	})
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("KeepAddress: %v", err)
	}
	s.set(func() {
		if s.finds != 0 {
			t.Error("a second lease was asked for")
		}
	})
}

// testFixed: whoever says so has no server asked, and the address is there before the cable is.
func testFixed(t *testing.T) {
	s := &server{ip: "192.0.2.20", dns: "192.0.2.53"}
	s.start(t)
	c := config(t)
	c.Static, c.NoDHCP = staticAddress, true
	bare(t)
	plug(t, false)
	if _, err := networkUp(t.Context(), slog.New(slog.DiscardHandler), c); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(staticState, read(c)); d != "" {
		t.Errorf("without a cable (-want +got):\n%s", d)
	}
	plug(t, true)
	c.Static.Gateway = netip.Addr{}
	if _, err := networkUp(t.Context(), slog.New(slog.DiscardHandler), c); err != nil {
		t.Fatal(err)
	}
	if got := read(c).Gateway; got != "" {
		t.Errorf("without a gateway, %s is still the way out", got)
	}

	c.Static.Prefix = netip.MustParsePrefix("198.51.100.7/24")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- KeepAddress(ctx, slog.New(slog.DiscardHandler), c, Lease{}) }()
	awaitState(t, c, state{"198.51.100.7/24 ", "", staticState.Resolv})
	box, err := netlink.LinkByName("box0")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkDel(box); err != nil {
		t.Fatal(err)
	}
	cable(t)
	awaitState(t, c, state{"198.51.100.7/24 ", "", staticState.Resolv}) // a card that went and came
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("KeepAddress: %v", err)
	}
	s.set(func() {
		if s.host != "" {
			t.Error("a server was asked")
		}
	})
	bare(t)
}

// testGoneBefore: what waits for news of a card would wait for ever if the news came before.
func testGoneBefore(t *testing.T) {
	box, err := netlink.LinkByName("box0")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkDel(box); err != nil {
		t.Fatal(err)
	}
	cable(t)
	defer bare(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := waitGone(ctx, box); err != nil {
		t.Errorf("wait for it to go: %v", err)
	}
	if err := quiet(ctx, box, time.Hour); !errors.Is(err, errGone) {
		t.Errorf("quiet: %v, want %v", err, errGone)
	}
}

func testKeepAddress(t *testing.T) {
	s := &server{ip: "192.0.2.30", dns: "192.0.2.53", renew: 1}
	s.start(t)
	c := config(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	var out logged
	go func() { ended <- KeepAddress(ctx, slog.New(slog.NewTextHandler(&out, nil)), c, Lease{}) }()

	awaitState(t, c, state{"192.0.2.30/25 ", "192.0.2.1 ", "nameserver 192.0.2.53\n"})
	s.set(func() { s.dns = "192.0.2.54" })
	awaitState(t, c, state{"192.0.2.30/25 ", "192.0.2.1 ", "nameserver 192.0.2.54\n"})
	s.set(func() {
		if s.renews == 0 {
			t.Error("the changed lease came without a renewal")
		}
		s.ip, s.refuse, s.renew = "192.0.2.31", true, 0
	})
	awaitState(t, c, state{"192.0.2.31/25 ", "192.0.2.1 ", "nameserver 192.0.2.54\n"})

	plug(t, false)
	await(t, "cable seen out", func() bool { return out.has("cable out") })
	s.set(func() { s.ip = "192.0.2.32" })
	plug(t, true)
	awaitState(t, c, state{"192.0.2.32/25 ", "192.0.2.1 ", "nameserver 192.0.2.54\n"})
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("KeepAddress: %v", err)
	}
}

// testLeaseLost: the server ends, and so does the lease. The address stays, and who wants to know is told.
func testLeaseLost(t *testing.T) {
	s := &server{ip: "192.0.2.40", dns: "192.0.2.53", renew: 1, lasts: 3}
	s.start(t)
	c := config(t)
	c.DHCPWait, c.Static = time.Second, staticAddress
	told := make(chan bool, 64)
	c.Leased = func(leased bool) { told <- leased }
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	var out logged
	go func() { ended <- KeepAddress(ctx, slog.New(slog.NewTextHandler(&out, nil)), c, Lease{}) }()
	leased := state{"192.0.2.40/25 ", "192.0.2.1 ", "nameserver 192.0.2.53\n"}
	awaitState(t, c, leased)
	if !<-told {
		t.Error("a lease was told as none")
	}
	s.set(func() { s.deaf = true })
	for <-told { // what was renewed before
	}
	if got := read(c); got != leased || !out.has("lease lost") {
		t.Errorf("network %+v, want it as it was; log:\n%s", got, &out.buf)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("KeepAddress: %v", err)
	}
	if len(told) > 0 {
		t.Error("the end of all was told as a lease, or none")
	}
}

// awaitState waits until the network looks as wanted.
func awaitState(t *testing.T, c Config, want state) {
	t.Helper()
	await(t, fmt.Sprintf("network is %+v", want), func() bool { return read(c) == want })
}

// logged is a log that can be read while it is written.
type logged struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.buf.String(), text)
}
