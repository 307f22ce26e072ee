package compare

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"syncbox/sync/peers"
)

// ours is the sync's engine and store, with the connectors of package peers, in a process of its own.
type ours struct {
	asked
	program []string // command line up to the box's own flags
	in      io.Writer
	out     *bufio.Scanner
	passes  []peers.Pass
}

// heldAfter is how many records the sink has got of ours when it is killed.
const heldAfter = 50

func (e *ours) name() string        { return "ours" }
func (e *ours) missing() string     { return "" }
func (e *ours) rest() time.Duration { return 0 }
func (e *ours) survives() bool      { return true }
func (e *ours) repeat() int         { return 100 } // one takes less than a tick
func (e *ours) holdAt() int         { return heldAfter }

func (e *ours) start(_ context.Context, a *arena) error {
	cmd := exec.Command(e.program[0], append(e.program[1:len(e.program):len(e.program)], "-file", a.file, "-sink", a.url, "-dir", filepath.Join(a.dir, "databases"))...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	e.in, e.out = in, bufio.NewScanner(out)
	e.p, err = start(cmd)
	return err
}

// The first look posts as many records in a request as the others do; the later ones post one at a time, so that a
// record is either acknowledged or the one in doubt.
const firstBatch, laterBatch = 1000, 1

// look runs one cycle to its end.
func (e *ours) look(context.Context) (time.Time, error) {
	began := time.Now()
	batch := laterBatch
	if len(e.passes) == 0 {
		batch = firstBatch
	}
	if _, err := fmt.Fprintln(e.in, batch); err != nil {
		return began, err
	}
	if !e.out.Scan() {
		return began, fmt.Errorf("no answer: %w", io.ErrUnexpectedEOF)
	}
	var p peers.Pass
	if err := json.Unmarshal(e.out.Bytes(), &p); err != nil {
		return began, err
	}
	e.passes = append(e.passes, p)
	return began, nil
}

// detection gives what finding the changes took in each look with changes but the first: the processor time of the whole
// process, by its own account.
func (e *ours) detection() (all []time.Duration) {
	for _, p := range e.passes[1:] {
		if p.Sent > 0 {
			all = append(all, p.Detect)
		}
	}
	return all
}
