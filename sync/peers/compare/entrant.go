package compare

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"syncbox/sync/peers/sink"
)

// entrant is a program that carries the file to the sink.
type entrant interface {
	// name stands in the names of the figures.
	name() string
	// missing says why it can't take part here; empty if it can.
	missing() string
	// start starts it on what an earlier run left in a.dir.
	start(ctx context.Context, a *arena) error
	// running gives its process.
	running() *process
	// look has it go through the file once. It returns the moment at which that began; it may not be over then.
	look(ctx context.Context) (time.Time, error)
	// calm returns at a moment from which on no look begins by itself for some seconds.
	calm(ctx context.Context) error
	// repeat is how many looks at an unchanged file are measured together.
	repeat() int
	// looks says how many looks began between two moments, in which asked were asked for.
	looks(asked int, from, to time.Time) int
	// rest is how long after its last record it may still have some to send.
	rest() time.Duration
	// survives says whether it remembers over a restart what it has sent.
	survives() bool
	// holdAt is how many records the sink has got when the program is killed.
	holdAt() int
}

// asked is what entrants have in common that look only when they are asked.
type asked struct{ p *process }

func (e *asked) running() *process               { return e.p }
func (e *asked) calm(context.Context) error      { return nil }
func (e *asked) survives() bool                  { return false }
func (e *asked) repeat() int                     { return 1 }
func (e *asked) looks(n int, _, _ time.Time) int { return n }

// arena is where one entrant runs: a sink of its own, a file, and a folder for what it remembers.
type arena struct {
	dir    string
	file   string
	url    string
	sink   *sink.Sink
	server *http.Server
}

func newArena() (*arena, error) {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &arena{dir: dir, file: filepath.Join(dir, "customers.csv"), url: "http://" + listener.Addr().String(), sink: sink.New()}
	a.server = &http.Server{Handler: a.sink, ReadHeaderTimeout: time.Minute}
	go a.server.Serve(listener) // until close
	return a, nil
}

func (a *arena) close() {
	_ = a.server.Close()
	_ = os.RemoveAll(a.dir)
}
