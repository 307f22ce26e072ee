package survey_test

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/survey"
)

// liar passes a real server's answers on, up to the n-th of each log-on, and then does something else.
func liar(t testing.TB, server *sharetest.Samba, n int, lie func(to net.Conn, packet []byte)) int {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	t.Cleanup(func() { l.Close() })
	go func() {
		for count := 1; ; count++ {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go pass(near, server.Addr(), count > 2, n, lie) // the port and the server are tried first
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func pass(near net.Conn, addr string, lies bool, n int, lie func(net.Conn, []byte)) {
	defer near.Close()
	far, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer far.Close()
	go io.Copy(far, near)
	for i := 1; ; i++ {
		packet := make([]byte, 4)
		if _, err := io.ReadFull(far, packet); err != nil {
			return
		}
		packet = append(packet, make([]byte, binary.BigEndian.Uint32(packet))...)
		if _, err := io.ReadFull(far, packet[4:]); err != nil {
			return
		}
		if lies && i == n {
			lie(near, packet)
			return
		}
		if _, err := near.Write(packet); err != nil {
			return
		}
	}
}

// Whatever a server sends at whatever point ends in a result or in an error with a code, and no stage after it is
// reached.
func TestHostileServers(t *testing.T) {
	server := newSite(t)
	lies := map[string]func(to net.Conn, packet []byte){
		"garbage": func(to net.Conn, _ []byte) { to.Write([]byte("220 ready\r\n, and here we go\r\n")) },
		"half":    func(to net.Conn, p []byte) { to.Write(p[:len(p)/2]) },
		"no body": func(to net.Conn, p []byte) { to.Write(append([]byte{0, 0, 0, 64}, p[4:68]...)) },
		"ones": func(to net.Conn, p []byte) {
			for i := 4 + 64; i < len(p); i++ {
				p[i] = 0xff
			}
			to.Write(p)
		},
		"huge": func(to net.Conn, p []byte) {
			to.Write(append([]byte{0, 0xff, 0xff, 0xff}, p[4:]...))
			to.Write(make([]byte, 1<<20))
		},
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			for n := 1; n <= 12; n++ {
				to := server.target()
				to.Port = liar(t, server.Samba, n, lie)
				results, err := (&survey.Helper{Memory: room}).Steps(t.Context(), survey.StepsRequest{Target: to}, nil)
				judge(t, n, results, err)
			}
		})
	}
	t.Run("the same for ever", func(t *testing.T) {
		to := server.target()
		to.Port = liar(t, server.Samba, 5, func(to net.Conn, p []byte) {
			for {
				if _, err := to.Write(p); err != nil {
					return
				}
			}
		})
		results, err := (&survey.Helper{Memory: room, Time: 2 * time.Second}).Steps(t.Context(), survey.StepsRequest{Target: to}, nil)
		if connectors.CodeOf(err) != survey.CodeSlow {
			judge(t, 5, results, err)
		}
	})
}

// judge says whether a way against a liar ended as it may.
func judge(t *testing.T, n int, results []survey.Result, err error) {
	t.Helper()
	if err != nil && connectors.CodeOf(err) != survey.CodeDied {
		t.Fatalf("lie %d: got %+v, %v", n, results, err)
	}
	for i, r := range results {
		if !r.OK && i != len(results)-1 || r.Stage != survey.Stages()[i] {
			t.Errorf("lie %d: went on to %+v", n, r)
		}
		if _, known := health.Lookup(r.Code); r.Code != "" && !known {
			t.Errorf("lie %d: nobody knows %q", n, r.Code)
		}
	}
	if err == nil && len(results) < 4 {
		t.Errorf("lie %d: ended by itself after %+v", n, results)
	}
}
