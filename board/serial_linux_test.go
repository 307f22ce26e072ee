package board_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"syncbox/board"
)

// terminal gives the two ends of a pseudo-terminal: the master's file and the device file of what looks like a line.
func terminal(t *testing.T) (*os.File, string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals on this machine: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	return master, fmt.Sprintf("/dev/pts/%d", n)
}

func openSerial(t *testing.T) (*board.SerialLine, *os.File) {
	t.Helper()
	master, name := terminal(t)
	line, err := board.OpenSerial(name, board.Baud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { line.Close() })
	return line, master
}

// Bytes pass as they are: nothing is echoed, joined to lines or turned into others.
func TestSerialPassesBytes(t *testing.T) {
	line, master := openSerial(t)
	const text = "a\r\x03\n\xff\x00z"
	buffer := make([]byte, len(text))
	for _, way := range []struct {
		name string
		from io.Writer
		to   io.Reader
	}{{"in", master, line}, {"out", line, master}} {
		if _, err := io.WriteString(way.from, text); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(way.to, buffer); err != nil || string(buffer) != text {
			t.Errorf("%s: got %q and %v, want %q", way.name, buffer, err, text)
		}
	}
}

func TestSerialReadEndsWithClose(t *testing.T) {
	line, _ := openSerial(t)
	ended := make(chan error)
	go func() {
		_, err := line.Read(make([]byte, 1))
		ended <- err
	}()
	if err := errors.Join(line.Close(), line.Close()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != io.EOF {
		t.Errorf("got %v, want the end", err)
	}
	if _, err := line.Write([]byte("x")); err != io.EOF {
		t.Errorf("writing after the end: got %v, want the end", err)
	}
}

// A line that is unplugged gives an error, not silence and not a loop.
func TestSerialUnplugged(t *testing.T) {
	line, master := openSerial(t)
	master.Close()
	if _, err := line.Read(make([]byte, 1)); board.Code(err) != board.SerialBroken {
		t.Errorf("got %v, want code %s", err, board.SerialBroken)
	}
}

func TestSerialThatIsNone(t *testing.T) {
	for _, name := range []string{"/no/such/line", "/dev/null"} {
		if _, err := board.OpenSerial(name, board.Baud); board.Code(err) != board.SerialBroken {
			t.Errorf("%s: got %v, want code %s", name, err, board.SerialBroken)
		}
	}
	_, name := terminal(t)
	if _, err := board.OpenSerial(name, 12345); board.Code(err) != board.SerialBroken {
		t.Errorf("a speed that there is not: got %v", err)
	}
}
