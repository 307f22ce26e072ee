package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"path"
	"slices"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"

	"syncbox/firmware/internal/support/wire"
)

// serveBroker runs the demo's broker on loopback until end is called: part of this process, for a handful of clients. What a
// fleet needs is in docs/brokers-en.md.
func serveBroker(settings *tls.Config, log *slog.Logger) (address string, end func() error, err error) {
	server := mqtt.New(&mqtt.Options{Logger: log})
	tcp := listeners.NewTCP(listeners.Config{ID: "support", Address: "127.0.0.1:0", TLSConfig: settings})
	for _, step := range []func() error{
		func() error { return server.AddHook(new(rules), nil) },
		func() error { return server.AddListener(tcp) },
		server.Serve,
	} {
		if err := step(); err != nil {
			return "", nil, fmt.Errorf("start broker: %w", err)
		}
	}
	return tcp.Address(), server.Close, nil
}

// rules are those of the brokers' recipes: whoever connects is who his certificate says, support hears all boxes and tells
// them what is signed, and a box has its own topics alone.
type rules struct{ mqtt.HookBase }

// backends are the names of support's programs.
var backends = []string{personName, checkName}

// ID names the rules in the broker's log.
func (*rules) ID() string { return "rules" }

// Provides says what the broker asks the rules.
func (*rules) Provides(b byte) bool { return b == mqtt.OnConnectAuthenticate || b == mqtt.OnACLCheck }

// OnConnectAuthenticate lets in who connects under the name of his certificate, which TLS has checked.
func (*rules) OnConnectAuthenticate(cl *mqtt.Client, pk packets.Packet) bool {
	conn, encrypted := cl.Net.Conn.(*tls.Conn)
	if !encrypted {
		return false
	}
	chain := conn.ConnectionState().PeerCertificates
	return len(chain) > 0 && chain[0].Subject.CommonName == pk.Connect.ClientIdentifier
}

// OnACLCheck says whether a client may write to a topic, or hear one, or all of a filter.
func (*rules) OnACLCheck(cl *mqtt.Client, topic string, write bool) bool {
	return may(cl.ID, topic, write)
}

func may(name, topic string, write bool) bool {
	var allowed []string
	switch backend := slices.Contains(backends, name); {
	case backend && write:
		allowed = []string{wire.DesiredTopic("*"), wire.CmdTopic("*"), wire.FleetTopic("*")}
	case backend:
		allowed = []string{wire.StatusTopic("*"), wire.AckTopic("*", "*"), wire.EventTopic("*", "*")}
	case write:
		allowed = []string{wire.StatusTopic(name), wire.AckTopic(name, "*"), wire.EventTopic(name, "*")}
	default:
		allowed = []string{wire.DesiredTopic(name), wire.CmdTopic(name), wire.FleetTopic("*")}
	}
	return slices.ContainsFunc(allowed, func(pattern string) bool {
		fits, _ := path.Match(pattern, topic) // the patterns are right; names are letters, digits and hyphens
		return fits
	})
}
