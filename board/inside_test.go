package board

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"periph.io/x/conn/v3/gpio"
)

// wire is a line that remembers its level.
type wire struct {
	gpio.PinIO
	level gpio.Level
}

func (w *wire) Out(l gpio.Level) error { w.level = l; return nil }
func (w *wire) Read() gpio.Level       { return w.level }

func TestActiveLow(t *testing.T) {
	for _, low := range []bool{false, true} {
		w := &wire{}
		out, in := output(w, low), input(w, low)
		for _, lit := range []gpio.Level{gpio.High, gpio.Low} {
			if err := out.Out(lit); err != nil {
				t.Fatal(err)
			}
			if want := bool(lit) != low; bool(w.level) != want {
				t.Errorf("active low %v, lit %v: the line is %v", low, lit, w.level)
			}
			if in.Read() != lit {
				t.Errorf("active low %v: the line at %v is read as %v", low, w.level, in.Read())
			}
		}
	}
}

// driver is a watchdog's driver with a longest time-out, in seconds.
type driver struct {
	longest, granted int
	fixed            bool // takes no time-out at all
	noInfo           error
	kept             int
	written          string
	closed           bool
}

var errRefused = errors.New("refused")

func (d *driver) info() (string, bool, error) { return "a driver", true, d.noInfo }

func (d *driver) setTimeout(s int) error {
	if d.fixed || s > d.longest {
		return errRefused
	}
	d.granted = s
	return nil
}

func (d *driver) timeout() (int, error) { return d.granted, nil }

func (d *driver) keepAlive() error {
	if d.closed {
		return errRefused
	}
	d.kept++
	return nil
}

func (d *driver) Write(b []byte) (int, error) { d.written += string(b); return len(b), nil }
func (d *driver) Close() error                { d.closed = true; return nil }

func TestArm(t *testing.T) {
	tests := []struct {
		name   string
		driver driver
		asked  time.Duration
		want   time.Duration // 0 = an error
		cause  error
	}{
		{"granted", driver{longest: 60}, time.Minute, time.Minute, nil},
		{"a shorter one", driver{longest: 15}, time.Minute, 15 * time.Second, nil},
		{"one of its own", driver{fixed: true, granted: 42}, time.Minute, 42 * time.Second, nil},
		{"none", driver{fixed: true}, time.Minute, 0, errRefused},
		{"less than a second", driver{longest: 60}, time.Millisecond, 0, nil},
		{"no watchdog", driver{longest: 60, noInfo: errRefused}, time.Minute, 0, errRefused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w, err := arm(&test.driver, test.asked)
			if test.want == 0 {
				if err == nil || test.cause != nil && !errors.Is(err, test.cause) {
					t.Errorf("got %v, want an error of %v", err, test.cause)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if w.Timeout != test.want || w.Identity != "a driver" || !w.Bit || test.driver.kept != 1 {
				t.Errorf("got %+v after %d keep-alives, want a time-out of %s", w.LogValue(), test.driver.kept, test.want)
			}
		})
	}
}

// A Raspberry Pi that was asked for 16 s would start again at once.
func TestTheWatchdogsLongestTimeout(t *testing.T) {
	for _, m := range models {
		want := time.Minute
		if m.Pins.Chip != "9030000.pl061" {
			want = 15 * time.Second
		}
		if got := m.longest(time.Minute); got != want {
			t.Errorf("%s: a minute becomes %s, want %s", m.Name, got, want)
		}
		if got := m.longest(4 * time.Second); got != 4*time.Second {
			t.Errorf("%s: 4 s become %s", m.Name, got)
		}
	}
}

func TestKeepAndClose(t *testing.T) {
	d := &driver{longest: 60}
	w, err := arm(d, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	got := []error{w.KeepAlive(), w.Close(), w.Close()}
	if slices.ContainsFunc(got, func(err error) bool { return err != nil }) {
		t.Errorf("errors %v", got)
	}
	if diff := cmp.Diff([]any{2, "V", true}, []any{d.kept, d.written, d.closed}); diff != "" {
		t.Errorf("kept, written, closed (-want +got):\n%s", diff)
	}
	if err := w.KeepAlive(); Code(err) != WatchdogBroken {
		t.Errorf("after the end: got %v, want an error", err)
	}
}
