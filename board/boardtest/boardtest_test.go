package boardtest_test

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/board"
	"syncbox/board/boardtest"
)

func TestRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		light := boardtest.NewLight(time.Now)
		for _, c := range []board.Colour{board.White, board.White, board.Dark, board.Amber, board.Blue, board.Dark} {
			for _, c := range []board.Colour{board.Green, c} { // what is over at once was never seen
				if err := light.Set(c); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
		}
		want := []boardtest.Segment{{board.White, 1500 * time.Millisecond}, {board.Dark, time.Second}, {board.Amber, time.Second},
			{board.Blue, time.Second}, {board.Dark, 500 * time.Millisecond}}
		if diff := cmp.Diff(want, light.Recording(begin.Add(500*time.Millisecond), begin.Add(5500*time.Millisecond))); diff != "" {
			t.Errorf("recording (-want +got):\n%s", diff)
		}
		if got := light.Recording(begin.Add(-time.Second), begin); len(got) != 1 || got[0].Lit() {
			t.Errorf("before it was set: got %v, want dark", got)
		}
	})
}

func TestButton(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := boardtest.NewButton()
		edge := make(chan bool)
		go func() { edge <- b.WaitForEdge(time.Hour) }()
		synctest.Wait()
		b.Press()
		if !<-edge || !bool(b.Read()) {
			t.Error("a press is no edge, or isn't read")
		}
		b.Press()
		if b.WaitForEdge(time.Second) {
			t.Error("pressing it once more is an edge")
		}
		b.Release()
		if !b.WaitForEdge(time.Second) || bool(b.Read()) {
			t.Error("letting go before anybody waits is lost")
		}
		go func() { edge <- b.WaitForEdge(time.Hour) }()
		if err := b.Halt(); err != nil || <-edge {
			t.Errorf("a halt: %v, or it is an edge", err)
		}
	})
}

func TestWatchdog(t *testing.T) {
	tests := []struct {
		name   string
		pauses []time.Duration // between keep-alives
		bitten bool
	}{
		{"in time", []time.Duration{9 * time.Second, 9 * time.Second}, false},
		{"late", []time.Duration{9 * time.Second, 10 * time.Second, time.Second}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := boardtest.NewWatchdog(time.Now, 10*time.Second)
				for _, p := range test.pauses {
					time.Sleep(p)
					if err := w.KeepAlive(); err != nil {
						t.Fatal(err)
					}
				}
				if w.Bitten() != test.bitten || w.Kept() != len(test.pauses) {
					t.Errorf("bitten %v after %d keep-alives, want %v", w.Bitten(), w.Kept(), test.bitten)
				}
				if err := w.Close(); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Minute)
				if w.Bitten() != test.bitten {
					t.Error("it bites when it is disarmed")
				}
			})
		})
	}
}

func TestWatchdogBreaks(t *testing.T) {
	w := boardtest.NewWatchdog(time.Now, time.Hour)
	broken := errors.New("gone")
	w.Break(broken)
	if err := w.KeepAlive(); err != broken || w.Kept() != 0 {
		t.Errorf("got %v and %d keep-alives", err, w.Kept())
	}
}

func TestSerial(t *testing.T) {
	box, person := boardtest.Serial()
	buffer := make([]byte, 5)
	for name, ends := range map[string][2]io.ReadWriter{"box to person": {box, person}, "person to box": {person, box}} {
		if _, err := io.WriteString(ends[0], "hello"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(ends[1], buffer); err != nil || string(buffer) != "hello" {
			t.Errorf("%s: got %q, %v", name, buffer, err)
		}
	}
	ended := make(chan error)
	go func() {
		_, err := box.Read(buffer)
		ended <- err
	}()
	if _, err := io.WriteString(box, "last"); err != nil {
		t.Fatal(err)
	}
	box.Close()
	if err := <-ended; err != io.EOF {
		t.Errorf("a read of the closed end: got %v", err)
	}
	if rest, err := io.ReadAll(person); string(rest) != "last" || err != nil {
		t.Errorf("got %q and %v, want what was on the line", rest, err)
	}
	if _, err := person.Write([]byte("x")); err != nil {
		t.Errorf("what is sent to nobody is lost, got %v", err)
	}
	if _, err := box.Write([]byte("x")); err == nil {
		t.Error("a closed end can write")
	}
}
