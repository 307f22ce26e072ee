package boot

import (
	"fmt"
	"net"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/insomniacslk/dhcp/dhcpv4"
)

func TestLeaseAddress(t *testing.T) {
	ip := func(s string) net.IP { return net.ParseIP(s) }
	with := func(m ...dhcpv4.Modifier) []dhcpv4.Modifier {
		return append(m, dhcpv4.WithYourIP(ip("192.0.2.7")))
	}
	addr := netip.MustParseAddr
	tests := []struct {
		name string
		ack  []dhcpv4.Modifier
		want Address
		err  string
	}{
		{"address alone", with(), Address{Prefix: netip.MustParsePrefix("192.0.2.7/24")}, ""},
		{"everything", with(
			dhcpv4.WithNetmask(net.CIDRMask(20, 32)), dhcpv4.WithRouter(ip("192.0.2.1"), ip("192.0.2.2")),
			dhcpv4.WithDNS(ip("192.0.2.3"), ip("192.0.2.4")), dhcpv4.WithOption(dhcpv4.OptDomainName("lan.test")),
		), Address{
			Prefix: netip.MustParsePrefix("192.0.2.7/20"), Gateway: addr("192.0.2.1"),
			DNS: []netip.Addr{addr("192.0.2.3"), addr("192.0.2.4")}, Search: []string{"lan.test"},
		}, ""},
		{"search list before domain", with(
			dhcpv4.WithDomainSearchList("a.test", "b.test"), dhcpv4.WithOption(dhcpv4.OptDomainName("lan.test")),
		), Address{Prefix: netip.MustParsePrefix("192.0.2.7/24"), Search: []string{"a.test", "b.test"}}, ""},
		{"mask with a hole", with(dhcpv4.WithNetmask(net.IPv4Mask(255, 0, 255, 0))),
			Address{Prefix: netip.MustParsePrefix("192.0.2.7/24")}, ""},
		{"no address", nil, Address{}, "read lease: no address in it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ack, err := dhcpv4.New(tt.ack...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := leaseAddress(ack)
			if d := cmp.Diff(tt.want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); d != "" {
				t.Errorf("address (-want +got):\n%s", d)
			}
			if err != nil && fmt.Sprint(err) != tt.err || err == nil && tt.err != "" {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}
