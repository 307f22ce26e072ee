package boot

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
)

// Now gives how the machine is connected now, by the named card, or by the first Ethernet card where name is empty.
func Now(name string) (Link, error) {
	links, err := netlink.LinkList()
	if err != nil {
		return Link{}, fmt.Errorf("list network cards: %w", err)
	}
	for _, l := range links {
		if isCard(l, name) {
			return describe(l)
		}
	}
	return Link{}, nil
}

func describe(card netlink.Link) (Link, error) {
	a := card.Attrs()
	l := Link{Interface: a.Name, MAC: hex.EncodeToString(a.HardwareAddr), Up: hasCable(card)}
	addresses, err := netlink.AddrList(card, netlink.FAMILY_ALL)
	if err != nil {
		return l, fmt.Errorf("list addresses of %s: %w", a.Name, err)
	}
	for _, x := range addresses {
		if p, ok := prefixOf(x.IPNet); ok {
			l.Addresses = append(l.Addresses, p)
		}
	}
	routes, err := netlink.RouteList(card, netlink.FAMILY_V4)
	if err != nil {
		return l, fmt.Errorf("list routes of %s: %w", a.Name, err)
	}
	for _, r := range routes {
		if gateway, ok := netip.AddrFromSlice(r.Gw); ok && !l.Gateway.IsValid() {
			l.Gateway = gateway.Unmap()
		}
	}
	return l, nil
}

func prefixOf(n *net.IPNet) (netip.Prefix, bool) {
	ip, ok := netip.AddrFromSlice(n.IP)
	bits, _ := n.Mask.Size()
	return netip.PrefixFrom(ip.Unmap(), bits), ok
}
