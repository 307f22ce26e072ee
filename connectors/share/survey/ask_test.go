package survey_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/share/sharetest"
	"syncbox/connectors/share/survey"
)

const wait = 5 * time.Second

func at(t testing.TB, addr string) netip.AddrPort {
	t.Helper()
	a, err := netip.ParseAddrPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What a real server tells of itself to anybody.
func TestAsk(t *testing.T) {
	server := sharetest.New(t, watched)
	got, err := survey.Ask(t.Context(), at(t, server.Addr()), wait)
	if err != nil {
		t.Fatal(err)
	}
	if got.Skew.Abs() > time.Minute || !got.Clock || got.Build == "" {
		t.Errorf("got skew %v, clock %v, build %q of a server on this machine", got.Skew, got.Clock, got.Build)
	}
	got.Skew, got.Clock, got.Build, got.DNSName, got.DNSDomain = 0, false, "", "", "" // the machine's own
	want := survey.Server{Address: netip.MustParseAddr("127.0.0.1"), Name: "ERPSRV", Domain: "ERPSRV", Dialect: "3.1.1", Signing: true}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(server.Log(), "Auth: ") {
		t.Errorf("that was a log-on: %s", server.Log())
	}
}

// Servers of other ages.
func TestAskOldServers(t *testing.T) {
	tests := []struct {
		least, most string
		want, vers  string
	}{
		{"SMB2_02", "SMB2_10", "2.1", ""},
		{"SMB3_00", "SMB3_02", "3.0.2", "3.0"},
		{"NT1", "NT1", "1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.most, func(t *testing.T) {
			server := sharetest.New(t, sharetest.Options{Global: []string{"server min protocol = " + tt.least, "server max protocol = " + tt.most}})
			got, err := survey.Ask(t.Context(), at(t, server.Addr()), wait)
			if err != nil {
				t.Fatal(err)
			}
			if got.Dialect != tt.want || got.Vers() != tt.vers {
				t.Errorf("got dialect %q and vers %q, want %q and %q", got.Dialect, got.Vers(), tt.want, tt.vers)
			}
		})
	}
}

// serve is a server that does with each connection what talk does; it gives its address.
func serve(t testing.TB, talk func(net.Conn)) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				talk(conn)
			}()
		}
	}()
	return at(t, l.Addr().String())
}

// says is a server that answers every packet with the same bytes.
func says(b []byte) func(net.Conn) {
	return func(conn net.Conn) {
		buf := make([]byte, 4096)
		for {
			if _, err := conn.Read(buf); err != nil {
				return
			}
			if _, err := conn.Write(b); err != nil {
				return
			}
		}
	}
}

// smbPacket is an answer to a command with a status, whose length in front is true.
func smbPacket(cmd uint16, status uint32, body []byte) []byte {
	p := make([]byte, 4+64)
	copy(p[4:], "\xfeSMB")
	binary.LittleEndian.PutUint32(p[12:], status)
	binary.LittleEndian.PutUint16(p[16:], cmd)
	p = append(p, body...)
	binary.BigEndian.PutUint32(p, uint32(len(p)-4))
	return p
}

// Whatever a server sends ends in an error and takes no time beyond what is waited for.
func TestAskHostile(t *testing.T) {
	endless := func(conn net.Conn) {
		p := smbPacket(0, 0x103, make([]byte, 9)) // "wait for it"
		for {
			if _, err := conn.Write(p); err != nil {
				return
			}
		}
	}
	tests := []struct {
		name      string
		talk      func(net.Conn)
		notServer bool
	}{
		{"garbage", says([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")), true},
		{"nothing", says(nil), false},
		{"hangs up", func(net.Conn) {}, true},
		{"half a packet", func(c net.Conn) { c.Write(smbPacket(0, 0, make([]byte, 64))[:30]) }, true},
		{"half a packet, then silence", func(c net.Conn) { c.Write(smbPacket(0, 0, make([]byte, 64))[:30]); io.Copy(io.Discard, c) }, false},
		{"a huge length", says([]byte{0, 0xff, 0xff, 0xff, 0xfe, 'S', 'M', 'B'}), true},
		{"no length", says([]byte{0, 0, 0, 0}), true},
		{"a header alone", says(smbPacket(0, 0, nil)), true},
		{"less than a header", says([]byte{0, 0, 0, 5, 0xfe, 'S', 'M', 'B', 0}), true},
		{"another command", says(smbPacket(7, 0, make([]byte, 64))), true},
		{"an unknown dialect", says(smbPacket(0, 0, []byte{65, 0, 1, 0, 0x99, 0x99, 63: 0})), true},
		{"lets wait for ever", endless, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := survey.Ask(t.Context(), serve(t, tt.talk), 300*time.Millisecond)
			if err == nil || survey.NotServer(err) != tt.notServer {
				t.Errorf("got %v, want an error that says %v", err, tt.notServer)
			}
		})
	}
}

// A server that says who it is only half is a server.
func TestAskHalfAnswered(t *testing.T) {
	negotiated := []byte{65, 0, 1, 0, 0x11, 0x03, 63: 0}
	challenge := func(body []byte) func(net.Conn) {
		return func(c net.Conn) {
			buf := make([]byte, 4096)
			c.Read(buf)
			c.Write(smbPacket(0, 0, negotiated))
			c.Read(buf)
			c.Write(smbPacket(1, 0xC0000016, body))
		}
	}
	beyond := append([]byte("NTLMSSP\x00\x02\x00\x00\x00"), make([]byte, 48)...)
	for i := 40; i < 48; i++ {
		beyond[i] = 0xff // the list's length and place
	}
	pair := append([]byte("NTLMSSP\x00\x02\x00\x00\x00"), make([]byte, 48)...)
	pair[40], pair[44], pair[48], pair[50], pair[51] = 8, 48, 1, 0xff, 0xff // a name of 65535 bytes in a list of 8
	for name, body := range map[string][]byte{
		"pair beyond":      append([]byte{9, 0, 0, 0, 72, 0, 60, 0}, pair...),
		"no buffer":        {9, 0, 0, 0, 72, 0, 200, 0},
		"buffer elsewhere": {9, 0, 0, 0, 0, 0, 255, 255},
		"short challenge":  append([]byte{9, 0, 0, 0, 72, 0, 12, 0}, "NTLMSSP\x00\x02\x00\x00\x00"...),
		"no body":          nil,
		"list beyond":      append([]byte{9, 0, 0, 0, 72, 0, 60, 0}, beyond...),
	} {
		got, err := survey.Ask(t.Context(), serve(t, challenge(body)), wait)
		if err != nil || got.Dialect != "3.1.1" || got.Name != "" {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan bool, 2)
	to := serve(t, func(c net.Conn) { asked <- true; io.Copy(io.Discard, c) })
	go func() { <-asked; cancel() }()
	if _, err := survey.Ask(ctx, to, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
