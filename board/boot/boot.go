// Package boot is what the box does as process 1, before and around the parts it runs: file systems
// of the kernel, modules, the data partition, one network address, the clock, orphans, power. It is for Linux; elsewhere its
// functions return ErrPlatform.
//
// The order of a program that may be process 1:
//
//	if boot.IsInit() {
//		boot.Run(log, func(ctx context.Context) error {
//			if err := boot.Prepare(log, ""); err != nil { … }       // file systems of the kernel, modules
//			if err := boot.MountData(ctx, log, boot.Data{}); err != nil { … } // ErrNoData: go on without
//			got, err := boot.Network(ctx, log, cfg)                 // ErrNoAddress: go on, a part keeps trying
//			… // run the parts, boot.KeepAddress among them
//		})
//	}
package boot

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"time"
)

// Errors that callers tell apart.
var (
	// ErrPlatform: this is not Linux.
	ErrPlatform = errors.New("boot: only Linux can be booted")
	// ErrNotInit: the process is not process 1, and must not switch the machine off.
	ErrNotInit = errors.New("boot: not process 1")
	// ErrNoAddress: the machine is up, but has no network address yet. KeepAddress goes on trying.
	ErrNoAddress = errors.New("no network address")
	// ErrNoData: there is no data partition that can be used. What stands in its place is forgotten at the end.
	ErrNoData = errors.New("no data partition")
	// ErrReboot is returned by the function given to Run when the machine is to start again.
	ErrReboot = errors.New("reboot asked for")
)

// Config of Up, Network and KeepAddress. The zero value is good for the box.
type Config struct {
	// ModuleList names a file with one path of a .ko a line, in load order.
	ModuleList string // default /modules.list; a missing file is an empty one
	// Hostname is set and told to the DHCP server; empty leaves the kernel's.
	Hostname string
	// Interface is the network interface; empty is the first Ethernet card, which may still be appearing.
	Interface string
	// DHCPWait is how long Up waits for card, cable and lease together.
	DHCPWait time.Duration // default 20 s
	// Static is used when there is no lease in that time and the card has no address; without a Prefix there is
	// no such fallback. A lease that comes later replaces it.
	Static Address
	// NoDHCP has Static used alone: no server is asked, and no cable is waited for. It needs a Prefix.
	NoDHCP bool
	// Changed is told of every address that is taken into use; nil is nobody. It must not wait.
	Changed func(Address)
	// Leased is told whether DHCP gives an address: false when it was asked long enough for nothing, whatever address is in
	// use; true when there is a lease. Without a cable nobody is asked. nil is nobody. It must not wait.
	Leased func(bool)
	// ResolvConf is the file that gets the name servers.
	ResolvConf string // default /etc/resolv.conf
}

func (c Config) withDefaults() Config {
	if c.ModuleList == "" {
		c.ModuleList = "/modules.list"
	}
	if c.DHCPWait == 0 {
		c.DHCPWait = 20 * time.Second
	}
	if c.ResolvConf == "" {
		c.ResolvConf = "/etc/resolv.conf"
	}
	return c
}

// Address is what an interface is given, by a lease or by hand. IPv4 only.
type Address struct {
	Prefix  netip.Prefix // address and length, 192.0.2.7/24
	Gateway netip.Addr   // zero: no default route
	DNS     []netip.Addr
	Search  []string     // domains tried for short names
	NTP     []netip.Addr // time servers that the network names
}

// resolvConf gives the text of resolv.conf(5).
func (a Address) resolvConf() string {
	var b strings.Builder
	for _, d := range a.DNS {
		b.WriteString("nameserver " + d.String() + "\n")
	}
	if len(a.Search) > 0 {
		b.WriteString("search " + strings.Join(a.Search, " ") + "\n")
	}
	return b.String()
}

// IsInit tells whether this process is process 1.
func IsInit() bool { return os.Getpid() == 1 }
