package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Lease is what Network got on loan. The zero value is nothing.
type Lease struct {
	link netlink.Link
	lease
}

// networkUp gives loopback and one card their first addresses.
func networkUp(ctx context.Context, log *slog.Logger, c Config) (Lease, error) {
	if err := loopbackUp(); err != nil {
		return Lease{}, err
	}
	wait, cancel := context.WithTimeout(ctx, c.DHCPWait)
	defer cancel()
	if c.NoDHCP {
		_, err := c.useFixed(wait, log)
		return Lease{}, err
	}
	link, err := cardUp(wait, c.Interface)
	if err != nil {
		return Lease{}, fmt.Errorf("%w: %w", ErrNoAddress, err)
	}
	l, err := c.request(wait, link)
	if err == nil {
		return c.take(log, link, l)
	}
	if !c.Static.Prefix.IsValid() || ctx.Err() != nil {
		return Lease{}, fmt.Errorf("%w: %s: %w", ErrNoAddress, link.Attrs().Name, err)
	}
	return Lease{}, c.useStatic(log, link, err)
}

// useStatic takes the address that was set by hand, because there is no lease.
func (c Config) useStatic(log *slog.Logger, link netlink.Link, why error) error {
	log.Warn("no lease, using the static address", "interface", link.Attrs().Name, "err", why)
	return c.use(log, link, c.Static, "static")
}

// useFixed waits for the card and gives it the static address, cable or not.
func (c Config) useFixed(ctx context.Context, log *slog.Logger) (netlink.Link, error) {
	link, err := cardOn(ctx, c.Interface)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAddress, err)
	}
	return link, c.use(log, link, c.Static, "fixed")
}

func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("find loopback: %w", err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return fmt.Errorf("bring loopback up: %w", err)
	}
	return nil
}

// cardOn waits for the card to be there and switches it on.
func cardOn(ctx context.Context, name string) (netlink.Link, error) {
	link, err := waitLink(ctx, "card", func(l netlink.Link) bool { return isCard(l, name) })
	if err != nil {
		return nil, err
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return nil, fmt.Errorf("bring %s up: %w", link.Attrs().Name, err)
	}
	return link, nil
}

// cardUp waits for the card to be there, switches it on and waits for its cable.
func cardUp(ctx context.Context, name string) (netlink.Link, error) {
	link, err := cardOn(ctx, name)
	if err != nil {
		return nil, err
	}
	return follow(ctx, link, "cable", hasCable)
}

func hasCable(l netlink.Link) bool { return l.Attrs().RawFlags&unix.IFF_LOWER_UP != 0 }

// isCard tells whether l is the named interface or, without a name, a physical Ethernet card.
func isCard(l netlink.Link, name string) bool {
	a := l.Attrs()
	if name != "" {
		return a.Name == name
	}
	return l.Type() == "device" && a.EncapType == "ether"
}

// errGone tells of an interface that is there no more.
var errGone = errors.New("interface is gone")

// waitLink gives the first interface that fits, of those there are and those that change or appear.
func waitLink(ctx context.Context, what string, fits func(netlink.Link) bool) (netlink.Link, error) {
	updates, end, err := news()
	if err != nil {
		return nil, err
	}
	defer end()
	return awaitNews(ctx, updates, what, func(u netlink.LinkUpdate) (bool, error) {
		return u.Header.Type == unix.RTM_NEWLINK && fits(u.Link), nil
	})
}

// follow waits until one interface fits. That it is gone, before or meanwhile, is errGone: another may bear its name by then.
func follow(ctx context.Context, link netlink.Link, what string, fits func(netlink.Link) bool) (netlink.Link, error) {
	updates, end, err := news()
	if err != nil {
		return nil, err
	}
	defer end()
	of := link.Attrs()
	var gone netlink.LinkNotFoundError
	if _, err := netlink.LinkByIndex(of.Index); errors.As(err, &gone) { // went before there was news of it
		return nil, fmt.Errorf("wait for network %s: %s: %w", what, of.Name, errGone)
	}
	return awaitNews(ctx, updates, what, func(u netlink.LinkUpdate) (bool, error) {
		if u.Link.Attrs().Index != of.Index {
			return false, nil
		}
		if u.Header.Type == unix.RTM_DELLINK {
			return false, fmt.Errorf("%s: %w", of.Name, errGone)
		}
		return fits(u.Link), nil
	})
}

// waitGone waits until an interface is there no more.
func waitGone(ctx context.Context, link netlink.Link) error {
	_, err := follow(ctx, link, "card to go", func(netlink.Link) bool { return false })
	if errors.Is(err, errGone) {
		return nil
	}
	return err
}

// news tells of every interface there is, then of those that change, appear and go, until end is called.
func news() (updates <-chan netlink.LinkUpdate, end func(), err error) {
	all, done := make(chan netlink.LinkUpdate), make(chan struct{})
	if err := netlink.LinkSubscribeWithOptions(all, done, netlink.LinkSubscribeOptions{ListExisting: true}); err != nil {
		return nil, nil, fmt.Errorf("watch interfaces: %w", err)
	}
	return all, func() {
		close(done)
		go drain(all) // the subscriber may be about to send
	}, nil
}

// awaitNews gives the interface of the first news that fits.
func awaitNews(
	ctx context.Context, updates <-chan netlink.LinkUpdate, what string, fits func(netlink.LinkUpdate) (bool, error),
) (netlink.Link, error) {
	for {
		select {
		case u, ok := <-updates:
			if !ok {
				return nil, fmt.Errorf("watch interfaces: closed")
			}
			if fit, err := fits(u); fit || err != nil {
				return u.Link, err
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for network %s: %w", what, ctx.Err())
		}
	}
}

func drain[T any](c <-chan T) {
	for range c {
	}
}

// use makes a the only IPv4 address of link, with its route and name servers.
func (c Config) use(log *slog.Logger, link netlink.Link, a Address, from string) error {
	if err := setAddress(link, a); err != nil {
		return fmt.Errorf("give %s the address %s: %w", link.Attrs().Name, a.Prefix, err)
	}
	if err := os.MkdirAll(filepath.Dir(c.ResolvConf), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(c.ResolvConf, []byte(a.resolvConf()), 0o644); err != nil {
		return err
	}
	if c.Changed != nil {
		c.Changed(a)
	}
	log.Info("network up", "interface", link.Attrs().Name, "address", a.Prefix, "gateway", a.Gateway, "from", from)
	return nil
}

func setAddress(link netlink.Link, a Address) error {
	old, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return err
	}
	ipNet := ipNet(a.Prefix)
	for _, o := range old {
		if o.IPNet.String() == ipNet.String() {
			continue
		}
		if err := netlink.AddrDel(link, &o); err != nil {
			return err
		}
	}
	if err := netlink.AddrReplace(link, &netlink.Addr{IPNet: ipNet}); err != nil {
		return err
	}
	everywhere := &net.IPNet{IP: net.IPv4zero, Mask: net.CIDRMask(0, 32)}
	way := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: everywhere}
	if !a.Gateway.IsValid() {
		if err := netlink.RouteDel(way); !errors.Is(err, unix.ESRCH) { // there was none
			return err
		}
		return nil
	}
	way.Gw = a.Gateway.AsSlice()
	return netlink.RouteReplace(way)
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
