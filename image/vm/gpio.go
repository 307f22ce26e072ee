package vm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Line numbers run from 0 to 7. Line 3 is the machine's power key.
const gpioLines = 8

// gpioData is where the PL061 shows the levels of all its lines (ARM DDI 0190, GPIODATA with all mask
// bits set), in the machine's memory.
const gpioData = 0x090303fc

// Change is an output that changed.
type Change struct {
	Line int
	High bool
	At   time.Time // on the host's clock
}

// GPIO is somebody at the pins of the machine: lights to see, a button to press.
type GPIO struct {
	conn    net.Conn
	device  string      // its path in the emulator
	replies chan string // of commands; closed when the machine is gone

	mu      sync.Mutex    // protects all below
	changes []Change      // so far
	more    chan struct{} // closed at the next change
	ended   bool
}

// GPIO goes to the pins. Config.Control must be set; it may be called once.
func (m *Machine) GPIO(ctx context.Context) (*GPIO, error) {
	device, err := m.findDevice(ctx, "pl061")
	if err != nil {
		return nil, err
	}
	conn, err := m.dial(ctx, qtestSocket)
	if err != nil {
		return nil, err
	}
	g := &GPIO{conn: conn, device: device, replies: make(chan string), more: make(chan struct{})}
	go g.read()
	if _, err := g.do("irq_intercept_out " + device); err != nil {
		g.Close()
		return nil, err
	}
	return g, nil
}

// Close leaves the pins as they are. It must not be called twice.
func (g *GPIO) Close() { g.conn.Close() }

// Set puts a level on an input.
func (g *GPIO) Set(line int, high bool) error {
	level := 0
	if high {
		level = 1
	}
	_, err := g.do(fmt.Sprintf("set_irq_in %s unnamed-gpio-in %d %d", g.device, line, level))
	return err
}

// Level tells whether a line is high, whoever drives it.
func (g *GPIO) Level(line int) (bool, error) {
	answer, err := g.do(fmt.Sprintf("readl %#x", gpioData))
	if err != nil {
		return false, err
	}
	levels, err := strconv.ParseUint(answer, 0, 64)
	if err != nil || line < 0 || line >= gpioLines {
		return false, fmt.Errorf("level of line %d: answer %q", line, answer)
	}
	return levels>>line&1 == 1, nil
}

// Changes gives all changes since GPIO, and a channel that is closed at the next one or at the
// machine's end.
func (g *GPIO) Changes() ([]Change, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changes[:len(g.changes):len(g.changes)], g.more
}

// WaitFor waits until the changes are such that done says so.
func (g *GPIO) WaitFor(ctx context.Context, done func([]Change) bool) error {
	for {
		changes, more := g.Changes()
		if done(changes) {
			return nil
		}
		if g.isOver() {
			return fmt.Errorf("machine ended with %d changes", len(changes))
		}
		select {
		case <-more:
		case <-ctx.Done():
			return fmt.Errorf("wait for the pins: %w, %d changes", ctx.Err(), len(changes))
		}
	}
}

func (g *GPIO) isOver() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

// do sends a command of QEMU's docs/devel/testing/qtest and gives the words behind its "OK". Only one
// goroutine may do so at a time.
func (g *GPIO) do(command string) (string, error) {
	if _, err := fmt.Fprintln(g.conn, command); err != nil {
		return "", fmt.Errorf("pins: %w", err)
	}
	answer, ok := <-g.replies
	if !ok {
		return "", errors.New("pins: machine ended")
	}
	rest, ok := strings.CutPrefix(answer, "OK")
	if !ok {
		return "", fmt.Errorf("pins: %s: %s", command, answer)
	}
	return strings.TrimSpace(rest), nil
}

// read sorts the lines of the emulator: answers, and changes that come between them.
func (g *GPIO) read() {
	defer close(g.replies)
	lines := bufio.NewScanner(g.conn)
	for lines.Scan() {
		if c, ok := parseChange(lines.Text()); ok {
			g.note(c)
		} else {
			g.replies <- lines.Text()
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended = true
	close(g.more)
}

func (g *GPIO) note(c Change) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.changes = append(g.changes, c)
	close(g.more)
	g.more = make(chan struct{})
}

// parseChange reads "IRQ raise 1" and "IRQ lower 1".
func parseChange(line string) (Change, bool) {
	f := strings.Fields(line)
	if len(f) != 3 || f[0] != "IRQ" {
		return Change{}, false
	}
	n, err := strconv.Atoi(f[2])
	return Change{Line: n, High: f[1] == "raise", At: time.Now()}, err == nil
}
