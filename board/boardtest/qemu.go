package boardtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"

	"syncbox/board"
)

// QEMU is the light and the button of a box that runs in QEMU's "virt" machine, from outside: it sees each change of
// the PL061's outputs and sets its inputs, through the emulator's test socket (QEMU's docs/devel/testing/qtest).
type QEMU struct {
	*Light
	pins   board.Pins
	listen [2]net.Listener // monitor, test socket
	conns  []net.Conn
	path   string // of the PL061 in the emulator's tree

	mu      sync.Mutex  // one command at a time
	answers chan string // of the test socket
}

// The sockets, in the folder given to NewQEMU.
var sockets = [2]string{"qmp", "qtest"}

// NewQEMU waits in a folder for an emulator that is started with Args. Pins are those of the box's model.
func NewQEMU(dir string, pins board.Pins) (*QEMU, error) {
	q := &QEMU{Light: NewLight(time.Now), pins: pins, answers: make(chan string, 16)}
	if pins.Button == nil || len(pins.Light) == 0 {
		return nil, errors.New("pins of the machine: it has no light or no button")
	}
	for i, name := range sockets {
		l, err := net.Listen("unix", filepath.Join(dir, name))
		if err != nil {
			return nil, errors.Join(err, q.Close())
		}
		q.listen[i] = l
	}
	return q, nil
}

// Args are arguments of the emulator.
func (q *QEMU) Args() []string {
	return []string{"-qmp", "unix:" + q.listen[0].Addr().String(), "-qtest", "unix:" + q.listen[1].Addr().String(), "-qtest-log", "/dev/null"}
}

// Attach waits for the emulator and records from then on what its light shows, until ctx ends. It is called once, right
// after the emulator's start.
func (q *QEMU) Attach(ctx context.Context) error {
	for _, l := range q.listen {
		stop := context.AfterFunc(ctx, func() { l.Close() })
		conn, err := l.Accept()
		stop()
		if err != nil {
			return errors.Join(fmt.Errorf("attach to emulator: %w", err), ctx.Err())
		}
		q.conns = append(q.conns, conn)
		context.AfterFunc(ctx, func() { conn.Close() })
	}
	path, err := findChip(q.conns[0])
	if err != nil {
		return fmt.Errorf("attach to emulator: find the PL061: %w", err)
	}
	q.path = path
	go q.hear()
	return q.command("irq_intercept_out %s", path)
}

// findChip asks the monitor where the PL061 is.
func findChip(monitor net.Conn) (string, error) {
	lines := bufio.NewScanner(monitor)
	lines.Buffer(nil, 1<<20)
	for _, command := range []string{`{"execute":"qmp_capabilities"}`, `{"execute":"qom-list","arguments":{"path":"/machine/unattached"}}`} {
		if _, err := fmt.Fprintln(monitor, command); err != nil {
			return "", err
		}
	}
	for lines.Scan() { // greeting, events and answers
		var answer struct{ Return json.RawMessage }
		var devices []struct{ Name, Type string }
		if json.Unmarshal(lines.Bytes(), &answer) != nil || json.Unmarshal(answer.Return, &devices) != nil {
			continue
		}
		for _, d := range devices {
			if d.Type == "child<pl061>" {
				return "/machine/unattached/" + d.Name, nil
			}
		}
		return "", errors.New("the machine has none")
	}
	return "", errors.Join(errors.New("the monitor is gone"), lines.Err())
}

// hear reads the test socket: changes of outputs come between the answers.
func (q *QEMU) hear() {
	defer close(q.answers)
	lines := bufio.NewScanner(q.conns[1])
	for lines.Scan() {
		var verb string
		var number int
		if n, _ := fmt.Sscanf(lines.Text(), "IRQ %s %d", &verb, &number); n == 2 {
			q.changed(number, verb == "raise")
			continue
		}
		q.answers <- lines.Text()
	}
}

// changed records a change of an output.
func (q *QEMU) changed(number int, high bool) {
	for _, lamp := range q.pins.Light {
		pin := map[board.Colour]*Pin{board.Red: q.Red, board.Green: q.Green, board.Blue: q.Blue}[lamp.Colour]
		if lamp.Line.Number == number && pin != nil {
			_ = pin.Out(gpio.Level(high != lamp.Line.ActiveLow)) // fails only when a test breaks it
		}
	}
}

// command has the emulator do something.
func (q *QEMU) command(format string, args ...any) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, err := fmt.Fprintf(q.conns[1], format+"\n", args...); err != nil {
		return err
	}
	if answer, ok := <-q.answers; !ok || !strings.HasPrefix(answer, "OK") {
		return fmt.Errorf("emulator answers %q, or is gone (%v)", answer, !ok)
	}
	return nil
}

// Press presses the button, until Release.
func (q *QEMU) Press() error { return q.button(true) }

// Release lets the button go.
func (q *QEMU) Release() error { return q.button(false) }

func (q *QEMU) button(pressed bool) error {
	level := 0
	if pressed != q.pins.Button.ActiveLow {
		level = 1
	}
	return q.command("set_irq_in %s unnamed-gpio-in %d %d", q.path, q.pins.Button.Number, level)
}

// Close lets the emulator go. It may be called twice.
func (q *QEMU) Close() error {
	for _, l := range q.listen {
		if l != nil {
			l.Close()
		}
	}
	for _, c := range q.conns {
		c.Close()
	}
	return nil
}
