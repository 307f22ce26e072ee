package setupcode

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"syncbox/firmware/internal/durable"
)

// state is what the file remembers. Failures counts the guesses since the last right one; a guess is counted before it
// is looked at, so that cutting the power gives no free ones.
type state struct {
	Label    string `json:"label"`         // hash of the code on the label
	Own      string `json:"own,omitempty"` // hash of the code that took its place
	Failures int    `json:"failures,omitempty"`
}

// Door checks codes. It may be used by several goroutines; a box has one.
//
// The first guesses are free, as people mistype. Then each wrong one makes the next wait longer, up to a quarter of an
// hour. The count outlives a restart, and the wait begins anew with it, for the clock of a box can't be trusted:
//
//	failures   1  2  3    4    5    6    7     8     9 and more
//	wait       -  -  10s  20s  40s  80s  160s  320s … 15min
type Door struct {
	path string

	mu   sync.Mutex // protects what follows, and the file
	last time.Time  // the last guess, or the start of the program
}

// NewDoor makes a door whose code is kept in a file. It opens with the first guess.
func NewDoor(path string) *Door { return &Door{path: path, last: time.Now()} }

// The wait before another guess.
const (
	free      = 2
	firstWait = 10 * time.Second
	longWait  = 15 * time.Minute
)

func wait(failures int) time.Duration {
	if failures <= free {
		return 0
	}
	if failures > free+7 {
		return longWait
	}
	return min(firstWait<<(failures-free-1), longWait)
}

// ErrWrong means that the code is another one.
var ErrWrong = errors.New("wrong set-up code")

// ErrNoCode means that the box has no code: nobody can log on.
var ErrNoCode = errors.New("the box has no set-up code")

// WaitError means that the guess was not looked at, since it came too early.
type WaitError struct{ For time.Duration } // until the next guess is looked at, in whole seconds

// Error tells how long.
func (e *WaitError) Error() string { return fmt.Sprintf("too many wrong set-up codes: wait %s", e.For) }

// Check takes a guess: nil if it is right, ErrWrong, *WaitError, ErrNoCode, or an error of the file. It takes about as
// long for each guess that it looks at, a second on a slow board.
func (d *Door) Check(code string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.read()
	if err != nil {
		return err
	}
	if left := wait(s.Failures) - time.Since(d.last); left > 0 {
		return &WaitError{(left + time.Second - 1).Truncate(time.Second)}
	}
	s.Failures++
	d.last = time.Now()
	if err := d.write(s); err != nil {
		return err
	}
	ok, err := fits(code, s.hash())
	d.last = time.Now()
	if err != nil {
		return fmt.Errorf("read set-up code: %w", err)
	}
	if !ok {
		return ErrWrong
	}
	s.Failures = 0
	return d.write(s)
}

func (s *state) hash() string {
	if s.Own != "" {
		return s.Own
	}
	return s.Label
}

// Change puts another code in the place of the label's. Whoever calls it has seen the old one.
func (d *Door) Change(code string) error {
	if len(clean(code)) < shortest {
		return ErrShort
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.read()
	if err != nil {
		return err
	}
	s.Own = Hash(code)
	return d.write(s)
}

// Reset makes the label's code the box's again, and forgets wrong guesses. It is for a person who stands at the box.
func (d *Door) Reset() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.read()
	if err != nil {
		return err
	}
	s.Own, s.Failures = "", 0
	return d.write(s)
}

// Write gives a box the code of its label, at the factory. What the file held before is lost.
func Write(path, code string) error {
	return (&Door{path: path}).write(state{Label: Hash(code)})
}

func (d *Door) read() (state, error) {
	var s state
	b, err := os.ReadFile(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, ErrNoCode
	}
	if err != nil {
		return s, fmt.Errorf("read set-up code: %w", err)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("read set-up code: %s is damaged", filepath.Base(d.path))
	}
	if s.Label == "" {
		return s, ErrNoCode
	}
	return s, nil
}

// write makes a state durable; a power cut leaves the old or the new one.
func (d *Door) write(s state) error {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // our own type
	}
	if err := durable.WriteFile(d.path, b, 0o600); err != nil {
		return fmt.Errorf("keep set-up code: %w", err)
	}
	return nil
}
