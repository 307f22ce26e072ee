package boardtest_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/board"
	"syncbox/board/boardtest"
)

// emulator plays QEMU at the other end of the sockets. It says what QEMU 7.2 says.
type emulator struct {
	t        *testing.T
	devices  string
	commands []string
	after    string // lines that come before the answer to a button's change
}

// serve connects as the arguments say, and answers until the sockets are closed.
func (e *emulator) serve(args []string) {
	dial := func(option string) net.Conn {
		path, _ := strings.CutPrefix(args[slices.Index(args, option)+1], "unix:")
		conn, err := net.Dial("unix", path)
		if err != nil {
			e.t.Error(err)
		}
		return conn
	}
	monitor, test := dial("-qmp"), dial("-qtest")
	defer monitor.Close()
	defer test.Close()
	fmt.Fprintln(monitor, `{"QMP": {"version": {"qemu": {"major": 7}}, "capabilities": ["oob"]}}`)
	for lines := bufio.NewScanner(monitor); lines.Scan(); {
		if strings.Contains(lines.Text(), "qom-list") {
			fmt.Fprintln(monitor, `{"timestamp": {}, "event": "RESUME"}`)
			fmt.Fprintf(monitor, `{"return": [%s]}`+"\n", e.devices)
			break
		}
		fmt.Fprintln(monitor, `{"return": {}}`)
	}
	for lines := bufio.NewScanner(test); lines.Scan(); {
		e.commands = append(e.commands, lines.Text())
		if strings.HasPrefix(lines.Text(), "set_irq_in") {
			fmt.Fprint(test, e.after)
		}
		if strings.HasSuffix(lines.Text(), " 4 0") {
			fmt.Fprintln(test, "FAIL Unknown")
			continue
		}
		fmt.Fprintln(test, "OK")
	}
}

const pl061 = `{"name": "device[3]", "type": "child<virtio-mmio>"}, {"name": "device[6]", "type": "child<pl061>"}`

func TestPinsOfQEMU(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	q, err := boardtest.NewQEMU(t.TempDir(), board.Models()[0].Pins)
	if err != nil {
		t.Fatal(err)
	}
	e := &emulator{t: t, devices: pl061, after: "IRQ raise 0\nIRQ raise 1\nIRQ raise 7\n"}
	served := make(chan struct{})
	go func() { defer close(served); e.serve(q.Args()) }()
	if err := q.Attach(ctx); err != nil {
		t.Fatal(err)
	}
	if err := q.Press(); err != nil {
		t.Error(err)
	}
	if got := q.Colour(time.Now()); got != board.Amber {
		t.Errorf("lines 0 and 1 are up: got %s", got)
	}
	if err := q.Release(); err == nil || !strings.Contains(err.Error(), "Unknown") {
		t.Errorf("got %v, want the emulator's answer", err)
	}
	q.Close()
	<-served
	if err := q.Press(); err == nil {
		t.Error("a button of an emulator that is gone was pressed")
	}
	want := []string{"irq_intercept_out /machine/unattached/device[6]", "set_irq_in /machine/unattached/device[6] unnamed-gpio-in 4 1",
		"set_irq_in /machine/unattached/device[6] unnamed-gpio-in 4 0"}
	if diff := cmp.Diff(want, e.commands); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func TestAnEmulatorThatDoesNotFit(t *testing.T) {
	q, err := boardtest.NewQEMU(t.TempDir(), board.Models()[0].Pins)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	served := make(chan struct{})
	go func() { defer close(served); (&emulator{t: t, devices: `{"name": "x", "type": "y"}`}).serve(q.Args()) }()
	if err := q.Attach(t.Context()); err == nil || !strings.Contains(err.Error(), "has none") {
		t.Errorf("a machine without the chip: got %v", err)
	}
	q.Close()
	<-served
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	nobody, err := boardtest.NewQEMU(t.TempDir(), board.Models()[0].Pins)
	if err != nil {
		t.Fatal(err)
	}
	if err := nobody.Attach(ctx); err == nil {
		t.Error("an emulator that never comes: no error")
	}
	if _, err := boardtest.NewQEMU(t.TempDir(), board.Pins{}); err == nil {
		t.Error("a board without pins: no error")
	}
	if _, err := boardtest.NewQEMU("/no/such/folder", board.Models()[0].Pins); err == nil {
		t.Error("no folder: no error")
	}
}
