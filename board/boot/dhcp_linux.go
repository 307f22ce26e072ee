package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/vishvananda/netlink"
)

// lease is an address on loan: RFC 2131.
type lease struct {
	*nclient4.Lease
	address Address
}

const (
	answerWait = 2 * time.Second  // one question to the server
	nextTry    = time.Second      // between two questions while there is no lease
	askAgain   = 30 * time.Second // after a time without any answer
	renewPause = time.Minute      // the least between two questions while there is one: RFC 2131, 4.4.5
	foreverAge = 24 * time.Hour   // a lease without a time is asked for again after this
)

// KeepAddress is a part that runs after Network, with what that got: it renews the lease when half of its time is over,
// and asks for a new one while there is none and when the cable was out. The address in use stays until
// another one comes, even past its time: a server that is gone gives it to nobody else. Returns nil when ctx ends.
func KeepAddress(ctx context.Context, log *slog.Logger, c Config, got Lease) error {
	c = c.withDefaults()
	if c.NoDHCP {
		return c.keepFixed(ctx, log)
	}
	for ctx.Err() == nil {
		if got.Lease == nil {
			var err error
			if got, err = c.first(ctx, log); err != nil {
				logUnlessOver(ctx, log, "no lease, asking again", err)
				pause(ctx, askAgain)
				continue
			}
		}
		err := c.hold(ctx, log, got)
		logUnlessOver(ctx, log, "lease lost, asking for another", err)
		got = Lease{}
		pause(ctx, nextTry)
	}
	return nil
}

// keepFixed gives the static address to the card whenever it appears.
func (c Config) keepFixed(ctx context.Context, log *slog.Logger) error {
	for ctx.Err() == nil {
		link, err := c.useFixed(ctx, log)
		if err == nil {
			err = waitGone(ctx, link)
		}
		if err != nil {
			logUnlessOver(ctx, log, "fixed address not used", err)
		}
		pause(ctx, nextTry)
	}
	return nil
}

// fallBack takes the static address where a card with a cable has none at all.
func (c Config) fallBack(ctx context.Context, log *slog.Logger, link netlink.Link, why error) error {
	if !c.Static.Prefix.IsValid() || ctx.Err() != nil {
		return nil
	}
	has, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil || len(has) > 0 {
		return err
	}
	return c.useStatic(log, link, why)
}

func logUnlessOver(ctx context.Context, log *slog.Logger, message string, err error) {
	if ctx.Err() == nil {
		log.Warn(message, "err", err)
	}
}

// first waits for card and cable, then, not as long, for a lease, and uses it. Without one, the static address is used
// where a card with a cable has none at all.
func (c Config) first(ctx context.Context, log *slog.Logger) (Lease, error) {
	link, err := cardUp(ctx, c.Interface)
	if err != nil {
		return Lease{}, err
	}
	wait, cancel := context.WithTimeout(ctx, c.DHCPWait)
	defer cancel()
	l, err := c.request(wait, link)
	if err != nil {
		return Lease{}, errors.Join(err, c.fallBack(ctx, log, link, err))
	}
	return c.take(log, link, l)
}

// take uses a lease.
func (c Config) take(log *slog.Logger, link netlink.Link, l lease) (Lease, error) {
	c.tell(true)
	if err := c.use(log, link, l.address, "lease"); err != nil {
		return Lease{}, err
	}
	return Lease{link, l}, nil
}

// hold renews a lease until it is lost.
func (c Config) hold(ctx context.Context, log *slog.Logger, got Lease) error {
	for {
		if err := quiet(ctx, got.link, got.ACK.IPAddressRenewalTime(got.time()/2)); err != nil {
			return err
		}
		l, err := renew(ctx, got.link, got.lease, c.Hostname)
		if err != nil {
			return err
		}
		if got, err = c.take(log, got.link, l); err != nil {
			return err
		}
	}
}

// quiet waits for d; that the cable is pulled or the card goes meanwhile is an error.
func quiet(ctx context.Context, link netlink.Link, d time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	_, err := follow(ctx, link, "change", func(l netlink.Link) bool { return !hasCable(l) })
	switch {
	case err == nil:
		return fmt.Errorf("%s: cable out", link.Attrs().Name)
	case errors.Is(err, context.DeadlineExceeded):
		return nil
	}
	return err
}

// pause waits for d or for the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (l lease) time() time.Duration { return l.ACK.IPAddressLeaseTime(foreverAge) }

// tell tells whether there is a lease.
func (c Config) tell(leased bool) {
	if c.Leased != nil {
		c.Leased(leased)
	}
}

// request asks for a lease until there is one or ctx ends, and tells that there is none.
func (c Config) request(ctx context.Context, link netlink.Link) (lease, error) {
	l, err := request(ctx, link, c.Hostname)
	if err != nil && !errors.Is(ctx.Err(), context.Canceled) {
		c.tell(false)
	}
	return l, err
}

// request asks for a lease until there is one or ctx ends.
func request(ctx context.Context, link netlink.Link, hostname string) (lease, error) {
	ask := func(client *nclient4.Client) (*nclient4.Lease, error) {
		return client.Request(ctx, options(hostname)...)
	}
	return exchange(ctx, link, ask, func() time.Duration { return nextTry })
}

// renew asks for more time until it is given, refused, or the lease is over.
func renew(ctx context.Context, link netlink.Link, old lease, hostname string) (lease, error) {
	over := old.CreationTime.Add(old.time())
	ctx, cancel := context.WithDeadline(ctx, over)
	defer cancel()
	ask := func(client *nclient4.Client) (*nclient4.Lease, error) {
		return client.Renew(ctx, old.Lease, options(hostname)...)
	}
	return exchange(ctx, link, ask, func() time.Duration { return max(renewPause, time.Until(over)/2) })
}

// options are what is asked besides address, route and name servers.
func options(hostname string) []dhcpv4.Modifier {
	all := []dhcpv4.Modifier{dhcpv4.WithRequestedOptions(dhcpv4.OptionNTPServers, dhcpv4.OptionDNSDomainSearchList)}
	if hostname != "" {
		all = append(all, dhcpv4.WithOption(dhcpv4.OptHostName(hostname)))
	}
	return all
}

// exchange asks until there is an answer or ctx ends, with the given pauses. A refusal is an error.
func exchange(
	ctx context.Context, link netlink.Link,
	ask func(*nclient4.Client) (*nclient4.Lease, error), rest func() time.Duration,
) (lease, error) {
	client, err := nclient4.New(link.Attrs().Name, nclient4.WithTimeout(answerWait), nclient4.WithRetry(1))
	if err != nil {
		return lease{}, fmt.Errorf("open DHCP client on %s: %w", link.Attrs().Name, err)
	}
	defer client.Close()
	for {
		l, err := ask(client)
		if err == nil {
			a, err := leaseAddress(l.ACK)
			return lease{l, a}, err
		}
		var refused *nclient4.ErrNak
		if errors.As(err, &refused) || ctx.Err() != nil {
			return lease{}, fmt.Errorf("ask for a lease: %w", err)
		}
		pause(ctx, rest())
	}
}

// leaseAddress reads what the server's last word says about the interface.
func leaseAddress(ack *dhcpv4.DHCPv4) (Address, error) {
	ip, ok := netip.AddrFromSlice(ack.YourIPAddr.To4())
	if !ok || ip.IsUnspecified() {
		return Address{}, errors.New("read lease: no address in it")
	}
	bits, total := ack.SubnetMask().Size()
	if total != 32 || bits == 0 {
		bits = 24
	}
	a := Address{Prefix: netip.PrefixFrom(ip, bits), DNS: addrs(ack.DNS()), NTP: addrs(ack.NTPServers())}
	if routers := addrs(ack.Router()); len(routers) > 0 {
		a.Gateway = routers[0]
	}
	if s := ack.DomainSearch(); s != nil {
		a.Search = s.Labels
	} else if d := ack.DomainName(); d != "" {
		a.Search = []string{d}
	}
	return a, nil
}

func addrs(ips []net.IP) []netip.Addr {
	var out []netip.Addr
	for _, ip := range ips {
		if a, ok := netip.AddrFromSlice(ip.To4()); ok {
			out = append(out, a)
		}
	}
	return out
}
