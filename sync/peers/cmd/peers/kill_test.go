package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"syncbox/sync/peers"
	"syncbox/sync/peers/compare"
	"syncbox/sync/peers/sink"
)

// TestMain lets a test start this program as a process that it can kill.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "box" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// job is a file, a sink, and a box between them that is a process of its own.
type job struct {
	t      *testing.T
	all    compare.Customers
	file   string
	dir    string
	sink   *sink.Sink
	server *httptest.Server

	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// newJob starts a box. lost is called for each record before the sink gets it, which it does not if that gives true; it
// may be nil.
func newJob(t *testing.T, lost func() bool) *job {
	j := &job{t: t, all: compare.Customers{Rows: 24, Changed: 8}, dir: t.TempDir(), sink: sink.New()}
	j.file = filepath.Join(j.dir, "customers.csv")
	j.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if lost != nil && r.Method == http.MethodPost && lost() {
			_, _ = io.Copy(io.Discard, r.Body) // only then is it seen that the box is gone
			<-r.Context().Done()
			return
		}
		j.sink.ServeHTTP(w, r)
	}))
	t.Cleanup(j.server.Close)
	j.write(0)
	j.start()
	t.Cleanup(j.kill)
	return j
}

func (j *job) write(round int) {
	j.t.Helper()
	must(j.t, j.all.Write(j.file, round))
	j.sink.Begin()
}

func (j *job) start() {
	j.t.Helper()
	j.cmd = exec.Command(os.Args[0], "box", "-file", j.file, "-sink", j.server.URL, "-dir", filepath.Join(j.dir, "databases"))
	j.cmd.Stderr = os.Stderr
	in, err := j.cmd.StdinPipe()
	must(j.t, err)
	out, err := j.cmd.StdoutPipe()
	must(j.t, err)
	j.in, j.out = in, bufio.NewScanner(out)
	must(j.t, j.cmd.Start())
}

func (j *job) kill() {
	_ = j.cmd.Process.Kill()
	_ = j.cmd.Wait() // it was killed
}

// ask has the box begin a cycle, a record in each request.
func (j *job) ask() {
	j.t.Helper()
	_, err := fmt.Fprintln(j.in, 1)
	must(j.t, err)
}

// pass has the box do a whole cycle.
func (j *job) pass() (p peers.Pass) {
	j.t.Helper()
	j.ask()
	if !j.out.Scan() {
		j.t.Fatal("the box gave no answer")
	}
	must(j.t, json.Unmarshal(j.out.Bytes(), &p))
	return p
}

// arrive waits until the sink has got n records since the round began.
func (j *job) arrive(n int) {
	j.t.Helper()
	ctx, cancel := context.WithTimeout(j.t.Context(), time.Minute)
	defer cancel()
	for {
		got, more := j.sink.Count()
		if got >= n {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			j.t.Fatalf("%d of %d records came", got, n)
		}
	}
}

// resent lets the box go on until it has nothing more to send, checks that all changes of a round came, and gives how
// often a record came that the sink had already.
func (j *job) resent(round int) int {
	j.t.Helper()
	for n := 0; j.pass().Sent > 0; n++ {
		if n == 3 {
			j.t.Fatal("the box has always something to send")
		}
	}
	got, want := j.sink.Got(), j.all.Expect(round)
	if round == 0 {
		want = map[string]string{}
		for id, g := range got {
			want[id] = g.Phone
		}
		if len(want) != j.all.Rows {
			j.t.Errorf("%d of %d rows came", len(want), j.all.Rows)
		}
	}
	more := 0
	for id, g := range got {
		if want[id] != g.Phone || want[id] == "" {
			j.t.Errorf("%s came with %q, want %q", id, g.Phone, want[id])
		}
		more += g.Times - 1
	}
	if len(got) != len(want) {
		j.t.Errorf("%d rows came, want %d", len(got), len(want))
	}
	return more
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Killed between the sink's taking a record and its answer, the box can't know that it is there: that one record, and no
// other, is sent once more.
func TestKilledBeforeTheAnswer(t *testing.T) {
	for _, round := range []int{0, 1} {
		for _, n := range []int{1, 8} {
			t.Run(fmt.Sprintf("round %d record %d", round, n), func(t *testing.T) {
				j := newJob(t, nil)
				if round > 0 {
					j.pass()
					j.write(round)
				}
				held := j.sink.Hold(n)
				j.ask()
				<-held
				j.kill()
				j.start()
				if got := j.resent(round); got != 1 {
					t.Errorf("%d records were sent again, want 1", got)
				}
			})
		}
	}
}

// Killed before the sink has taken a record, the box finds out, where it can ask, that it is not there. Nothing is lost,
// and no other record is sent again.
func TestKilledBeforeTheSink(t *testing.T) {
	for _, round := range []int{0, 1} {
		t.Run(fmt.Sprint("round ", round), func(t *testing.T) {
			var n atomic.Int32
			reached, cut := make(chan struct{}), int32(5)
			if round > 0 {
				cut += 24
			}
			j := newJob(t, func() bool {
				lost := n.Add(1) == cut
				if lost {
					close(reached)
				}
				return lost
			})
			if round > 0 {
				j.pass()
				j.write(round)
			}
			j.ask()
			<-reached
			j.kill()
			j.start()
			if got := j.resent(round); got > 1 {
				t.Errorf("%d records were sent again, want one at most", got)
			}
		})
	}
}

// Killed again and again at any instant, the box sends at most one record again each time.
func TestKilledAnywhere(t *testing.T) {
	j := newJob(t, nil)
	for round := range 2 {
		if round > 0 {
			j.write(round)
		}
		kills := 0
		for n := 2; n < j.all.Changed; n += 3 {
			j.ask()
			j.arrive(n)
			j.kill()
			j.start()
			kills++
		}
		if got := j.resent(round); got > kills {
			t.Errorf("round %d: %d records were sent again after %d kills", round, got, kills)
		}
	}
}

// The whole benchmark with our side alone: that it finds what it is to find, and prints all figures.
func TestCompare(t *testing.T) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Skip("the peak of memory can't be reset here: ", err)
	}
	var out, notes strings.Builder
	o := compare.Options{Dir: t.TempDir(), Customers: compare.Customers{Rows: 400, Changed: 60}, Rounds: 1, Still: 50 * time.Millisecond, Out: &out, Notes: &notes}
	must(t, compare.Run(t.Context(), o))
	for _, name := range []string{"first_wall", "first_rss", "old_process_rss", "pass_cpu", "pass_wall", "pass_rss", "pass_own_memory", "unchanged_cpu", "detect_cpu"} {
		if !strings.Contains(out.String(), "syncbox/sync/peers.ours_"+name+" ") {
			t.Errorf("no figure %s", name)
		}
	}
	if !strings.Contains(out.String(), "syncbox/sync/peers.ours_resent 1 records\n") {
		t.Errorf("sent again: got %s", out.String())
	}
	for _, other := range []string{"nodered is left out: ", "telegraf is left out: "} {
		if !strings.Contains(notes.String(), other) {
			t.Errorf("notes: got %q, want %q", notes.String(), other)
		}
	}
}
