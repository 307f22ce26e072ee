// Package mdns has the box found on its network without anybody who knows its address: by its name, NAME.local
// (RFC 6762), and as a service of the kind that all boxes offer (RFC 6763).
//
// Two boxes of one name would both answer: names come from the card's own number, so that they differ, and nothing
// looks for another. A name that is answered to no more is not taken back (RFC 6762, 10.1): the library has no such word, and
// whoever asked keeps the answer for as long as it said: two minutes for a name, 75 for the list of boxes.
package mdns

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/pion/logging"
	"github.com/pion/mdns/v2"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// Service is the kind of service that boxes are found as.
const Service = "_syncbox._tcp"

// Part answers on the network.
type Part struct {
	Name string // without .local
	Port uint16 // of the box's page; 0 = it has none, and is only to be found
	Log  *slog.Logger
	// Interface is the card to answer on; empty is every one but loopback.
	Interface string
	// Look is how often it is looked whether cards or addresses changed; 0 is 3 seconds.
	Look time.Duration
}

// Run answers until ctx ends. Whenever a card, its cable or an address comes or goes, it begins anew with what there is
// then; while there is nothing to answer on, it waits for it.
func (p *Part) Run(ctx context.Context) error {
	look := p.Look
	if look == 0 {
		look = 3 * time.Second
	}
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	var served string
	var conn *mdns.Conn
	defer func() { stop(conn) }()
	for {
		cards, now, err := p.cards()
		if err != nil {
			return err
		}
		if now != served {
			stop(conn)
			conn, served = nil, ""
			if len(cards) > 0 {
				if conn, err = p.serve(cards); err != nil {
					return err
				}
				p.Log.Info("name told on the network", "name", p.Name+".local", "on", now)
			}
			served = now
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func stop(c *mdns.Conn) {
	if c != nil {
		_ = c.Close() // of a socket of ours that nobody else has
	}
}

// cards gives the cards to answer on, and a text that changes whenever the answers would.
func (p *Part) cards() (cards []net.Interface, state string, err error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, "", fmt.Errorf("list network cards: %w", err)
	}
	var words []string
	for _, c := range all {
		const usable = net.FlagUp | net.FlagRunning | net.FlagMulticast
		if c.Flags&usable != usable || c.Flags&net.FlagLoopback != 0 || p.Interface != "" && c.Name != p.Interface {
			continue
		}
		addresses, err := c.Addrs()
		if err != nil || len(addresses) == 0 {
			continue // gone in this moment, or not to be reached
		}
		var own []string
		for _, a := range addresses {
			own = append(own, a.String())
		}
		slices.Sort(own)
		cards = append(cards, c)
		words = append(words, c.Name+"="+strings.Join(own, ","))
	}
	return cards, strings.Join(words, " "), nil
}

// The groups' addresses: anything of their networks makes the system share the port with others.
var (
	listen4 = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 0), Port: 5353}
	listen6 = &net.UDPAddr{IP: net.ParseIP("ff02::"), Port: 5353}
)

// serve begins to answer. A machine without IPv6 answers by IPv4 alone.
func (p *Part) serve(cards []net.Interface) (*mdns.Conn, error) {
	conn4, err := net.ListenUDP("udp4", listen4)
	if err != nil {
		return nil, fmt.Errorf("answer to names: %w", err)
	}
	var packets6 *ipv6.PacketConn
	conn6, err6 := net.ListenUDP("udp6", listen6)
	if err6 == nil {
		packets6 = ipv6.NewPacketConn(conn6)
	}
	conn, err := mdns.NewServer(ipv4.NewPacketConn(conn4), packets6,
		mdns.WithLocalNames(p.Name+".local"), mdns.WithInterfaces(cards...), mdns.WithLoggerFactory(silent()),
		mdns.WithService(mdns.ServiceInstance{Instance: p.Name, Service: Service, Port: p.Port, Text: []mdns.TXTEntry{mdns.NewTXTString("txtvers", "1")}}))
	if err == nil {
		return conn, nil
	}
	err = errors.Join(fmt.Errorf("answer to names: %w", err), conn4.Close())
	if conn6 != nil {
		err = errors.Join(err, conn6.Close())
	}
	return nil, err
}

// silent keeps what the library would print off the console: whoever sends nonsense could fill it.
func silent() logging.LoggerFactory {
	f := logging.NewDefaultLoggerFactory()
	f.Writer, f.DefaultLogLevel = io.Discard, logging.LogLevelDisabled
	return f
}
