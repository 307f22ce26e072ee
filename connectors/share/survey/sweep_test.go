package survey_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/share/sharetest"
	"syncbox/connectors/share/survey"
)

// A network with one file server, and others that are none.
func TestSweep(t *testing.T) {
	server := sharetest.New(t, watched)
	port := uint16(server.Port)
	for addr, talk := range map[string]func(net.Conn){
		"127.0.0.3": says([]byte("220 printer\r\n")),
		"127.0.0.4": func(c net.Conn) { io.Copy(io.Discard, c) },
	} {
		l, err := net.Listen("tcp", netip.AddrPortFrom(netip.MustParseAddr(addr), port).String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() { defer c.Close(); talk(c) }()
			}
		}()
	}
	var found []survey.Server
	var told []int
	s := survey.Sweep{Addresses: survey.Hosts([]netip.Prefix{netip.MustParsePrefix("127.0.0.9/28")}), Port: port, Parallel: 4, Wait: time.Second}
	err := s.Run(t.Context(), func(done, of int, server *survey.Server) {
		told = append(told, done)
		if of != 13 {
			t.Errorf("of %d, want 13", of)
		}
		if server != nil {
			found = append(found, *server)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || found[0].Name != "ERPSRV" || found[0].Address != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("found %+v", found)
	}
	if len(told) != 13 || !slices.IsSorted(told) || told[12] != 13 {
		t.Errorf("told %v", told)
	}
	if strings.Contains(server.Log(), "Auth: ") {
		t.Error("a sweep counts as a log-on")
	}
}

func TestSweepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	to := serve(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	s := survey.Sweep{Addresses: slices.Repeat([]netip.Addr{to.Addr()}, 5000), Port: to.Port(), Parallel: 1, Wait: time.Minute}
	go cancel()
	asked := 0
	if err := s.Run(ctx, func(int, int, *survey.Server) { asked++ }); !errors.Is(err, context.Canceled) || asked > 2 {
		t.Errorf("got %v after %d", err, asked)
	}
}

// However many addresses are given, a bounded number is asked.
func TestSweepIsBounded(t *testing.T) {
	asked := 0
	addrs := slices.Repeat([]netip.Addr{netip.MustParseAddr("127.0.0.250")}, 5000)
	if err := (survey.Sweep{Addresses: addrs, Port: 1}).Run(t.Context(), func(int, int, *survey.Server) { asked++ }); err != nil {
		t.Fatal(err)
	}
	if asked != survey.MostAddresses {
		t.Errorf("asked %d", asked)
	}
}

func TestHosts(t *testing.T) {
	tests := []struct {
		name, own   string // prefixes
		n           int
		first, last string
	}{
		{"a small office", "192.168.1.20/24", 253, "192.168.1.1", "192.168.1.254"},
		{"a /22", "10.0.4.7/22", 1021, "10.0.4.1", "10.0.7.254"},
		{"a large net, around us", "10.20.33.7/8", 1022, "10.20.32.0", "10.20.35.254"},
		{"two", "192.168.1.1/30 10.0.0.1/30", 2, "192.168.1.2", "10.0.0.2"},
		{"two times the same", "192.168.1.1/30 192.168.1.1/30", 1, "192.168.1.2", "192.168.1.2"},
		{"a pair", "10.0.0.0/31", 1, "10.0.0.1", "10.0.0.1"},
		{"alone", "10.0.0.1/32", 0, "", ""},
		{"the other protocol", "fd00::1/64", 0, "", ""},
		{"none", "", 0, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var own []netip.Prefix
			for _, p := range strings.Fields(tt.own) {
				own = append(own, netip.MustParsePrefix(p))
			}
			got := survey.Hosts(own)
			if len(got) != tt.n {
				t.Fatalf("got %d addresses, want %d", len(got), tt.n)
			}
			if tt.n > 0 && (got[0].String() != tt.first || got[tt.n-1].String() != tt.last) {
				t.Errorf("got %v to %v", got[0], got[tt.n-1])
			}
			for _, p := range own {
				if slices.Contains(got, p.Addr()) {
					t.Errorf("it would ask itself, %v", p.Addr())
				}
			}
		})
	}
}
