package vm

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"time"
)

// Names of the sockets in the machine's folder.
const (
	qtestSocket  = "qtest"
	qmpSocket    = "qmp"
	serialSocket = "serial"
)

// socket gives a socket that the emulator serves without waiting for us, in the emulator's words.
func socket(dir, name string) string {
	return "unix:" + filepath.Join(dir, name) + ",server=on,wait=off"
}

// Serial plugs into the machine's second serial line. The machine sees no plug: what it writes before
// that is lost. Config.Serial must be set; the caller closes.
func (m *Machine) Serial(ctx context.Context) (net.Conn, error) {
	return m.dial(ctx, serialSocket)
}

// dial connects to a socket of the emulator, which makes it some time after its start.
func (m *Machine) dial(ctx context.Context, name string) (net.Conn, error) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var d net.Dialer
	for {
		c, err := d.DialContext(ctx, "unix", filepath.Join(m.dir, name))
		if err == nil {
			return c, nil
		}
		select {
		case <-tick.C:
		case <-m.ended:
			return nil, fmt.Errorf("machine ended: %w", err)
		case <-ctx.Done():
			return nil, fmt.Errorf("reach the machine's %s: %w: %w", name, ctx.Err(), err)
		}
	}
}
