// Package console is the service console of a box: a prompt on the serial line for the person who stands beside it, in
// French or English. It is no shell: it knows the commands that "aide" (help) lists and nothing else.
//
// The line is 115200 bit/s, 8N1, UTF-8 both ways, 80 columns wide. Beyond ASCII only the accented letters that Latin-1
// has are sent; the command "accents non" leaves those out too, for a terminal that reads the bytes as Latin-1. Every
// command can be typed without accents.
//
// Without a log-on the console tells the status, the journal without the words of any record, and how to log on. The
// set-up code opens the rest. Secrets are typed without echo and shown nowhere.
package console

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"syncbox/board"
	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/panel"
	"syncbox/ota/update"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// Box is what a running box tells. A *local.Client is one.
type Box interface {
	// Status gives the status of every job; local.ErrNoBox where no jobs run.
	Status(ctx context.Context) ([]local.JobStatus, error)
	// Journal gives the newest events of a job where from is 0, the oldest first.
	Journal(ctx context.Context, job string, from uint64, limit int) ([]store.Event, error)
	// Waiting gives what waits in a job.
	Waiting(ctx context.Context, job string) ([]store.Waiting, error)
	// Preview gives a page of what the next run would change; engine.ErrNoSuch where nobody has asked.
	Preview(ctx context.Context, job string, q engine.PreviewQuery) (engine.PreviewPage, error)
	// Links gives a page of the records that a job knows.
	Links(ctx context.Context, job string, q engine.LinkQuery) (engine.LinkPage, error)
	// Do asks a job for something.
	Do(ctx context.Context, job string, verb engine.Verb, name string) error
}

// Settings changes what set-up may change. A *config.Writer is one.
type Settings interface {
	Set(changes ...config.Change) (changed []string, err error)
	Settings() ([]config.Setting, error)
}

// Door checks and changes the set-up code. A *setupcode.Door is one.
type Door interface {
	Check(code string) error
	Change(code string) error
}

// Tests are what a technician tries out. An error is a *connectors.Error where the outside is the cause, and holds no
// secret. All end soon after ctx does.
type Tests interface {
	// Share logs on to a job's share and looks into the company's folder.
	Share(ctx context.Context, job string) error
	// CRM logs on to a job's CRM and reads something harmless.
	CRM(ctx context.Context, job string) error
	// Light shows a colour for a moment; panel.ErrNone where there is no light.
	Light(ctx context.Context, c board.Colour) error
	// Button waits for a press, of which nothing else comes, calls pressed, and waits until the button is let go;
	// panel.ErrNone where there is none.
	Button(ctx context.Context, pressed func()) error
}

// SignIns connect jobs to QuickBooks. An *app.SignIns is one.
type SignIns interface {
	// Begin gives the address at which a person signs in; Collect asks whether somebody has, Finish takes the address at
	// which that ended.
	Begin(ctx context.Context, job string) (string, error)
	Collect(ctx context.Context, job string) (bool, error)
	Finish(ctx context.Context, job, pasted string) error
	Disconnect(ctx context.Context, job string) error
	// Connection tells how the connection is, and asks nobody.
	Connection(ctx context.Context, job string) (quickbooks.Connection, error)
}

// Updates are the new versions of the box. A *updates.Part is one.
type Updates interface {
	Status() update.Status
	// Check looks at once for what is published.
	Check(ctx context.Context) error
	// Approve has what is ordered taken up at once, whatever the hour.
	Approve()
}

// Journal is the box's own. A *journal.Journal is one.
type Journal interface {
	Event(code string, args map[string]string)
	// Events gives the newest events, the oldest first.
	Events(limit int) ([]store.Event, error)
}

// Face is how the box shows itself.
type Face struct {
	Name     string // on the network
	Language string // empty is French
	Zone     *time.Location
	Names    connectors.Names // of the products of all jobs
}

// Link is how the machine is connected now.
type Link struct {
	Interface string
	Up        bool // there is a cable with something at its end
	Addresses []netip.Prefix
	Gateway   netip.Addr // zero = none
	DNS       []netip.Addr
	NTP       []string // time servers
}

// Config is what a console needs. All fields are needed but Updates and Idle.
type Config struct {
	// Face gives how the box shows itself now: what is set is taken up at the next prompt.
	Face func() Face
	Box  Box
	// Codes gives the health codes of the machine that hold.
	Codes    func() []string
	Journal  Journal
	Settings Settings
	Door     Door
	Tests    Tests
	SignIns  SignIns // nil where nothing can be connected
	Link     func(ctx context.Context) (Link, error)
	Updates  Updates  // nil where there are none
	Identity Identity // nil where there is none
	// Ready tells why no job can run yet, as config.Load does; nil if they can.
	Ready func() error
	// Act does something to the box as a whole, as panel.Do with panel.Console.
	Act func(ctx context.Context, a panel.Action) error
	Log *slog.Logger
	// Idle is when somebody who went away is logged off; 0 is 10 minutes.
	Idle time.Duration
}

// longest bounds what a command may wait for.
const longest = 2 * time.Minute

// Console talks on one line after the other.
type Console struct{ c Config }

// New makes a console. It starts nothing.
func New(c Config) *Console {
	if c.Idle == 0 {
		c.Idle = 10 * time.Minute
	}
	return &Console{c}
}

// Serve talks on a line until ctx ends, which gives nil, or the line does, which gives its error. Whoever was logged on is
// no longer. It does not close the line; one goroutine reads from it until it is closed.
func (c *Console) Serve(ctx context.Context, line io.ReadWriter) error {
	s := &session{Config: c.c, out: &screen{w: line}}
	if err := s.look(); err != nil {
		return err
	}
	here, cancel := context.WithCancel(ctx)
	defer cancel()
	s.in = pump(here, line, s.interrupt)
	err := s.run(here)
	if ctx.Err() != nil { // the one that ended: here may hear of it after the line was closed for it
		return nil
	}
	return err
}

// session is one line and who is logged on.
type session struct {
	Config
	face        Face // as it was at the last prompt
	p           *locale.Printer
	in          *input
	out         *screen
	open        bool                               // the set-up code was given
	interrupted atomic.Pointer[context.CancelFunc] // ends what it is busy with; nil while it is not
}

// look takes up what was set of the box's name, language and time zone.
func (s *session) look() error {
	now := s.Face()
	if s.p == nil || now.Language != s.face.Language || now.Zone.String() != s.face.Zone.String() {
		p, err := locale.New(now.Language, now.Zone)
		if err != nil {
			return err
		}
		s.p = p
	}
	s.p = s.p.Of(now.Names)
	s.face = now
	return nil
}

// interrupt ends what the session is busy with. It is called while another goroutine is.
func (s *session) interrupt() {
	if cancel := s.interrupted.Swap(nil); cancel != nil {
		(*cancel)()
	}
}

// busy does what may take long. Ctrl-C ends it, and with it all that was typed ahead.
func (s *session) busy(ctx context.Context, fn func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	s.interrupted.Store(&cancel)
	err := fn(ctx)
	if s.interrupted.Swap(nil) == nil {
		s.in.flush()
	}
	return err
}

// run talks until the line or ctx ends.
func (s *session) run(ctx context.Context) error {
	s.out.line("")
	s.say("console.hello", "box", s.face.Name)
	for {
		if err := s.look(); err != nil {
			return err
		}
		text, err := s.ask(ctx, s.prompt(), true)
		switch {
		case errors.Is(err, errIdle):
			s.leave()
		case errors.Is(err, errEnd):
			s.leave()
		case errors.Is(err, errCancelled):
		case errors.Is(err, errTooLong):
			s.say("console.too-long")
		case errors.Is(err, errGarbage):
			s.say("console.garbage")
		case err != nil:
			return err
		default:
			s.do(ctx, text)
		}
		if s.out.err != nil {
			return s.out.err
		}
	}
}

func (s *session) prompt() string {
	if s.open {
		return s.face.Name + "#"
	}
	return s.face.Name + ">"
}

// ask shows a prompt and reads a line; what is typed is echoed or not.
func (s *session) ask(ctx context.Context, prompt string, echo bool) (string, error) {
	s.out.raw(strings.ReplaceAll(simple(prompt), noBreak, " ") + " ")
	idle := time.Duration(0)
	if s.open {
		idle = s.Idle
	}
	return s.in.line(ctx, s.out, echo, idle)
}

// do carries out one line. A command that fails for our own mistake ends with one line, not with the box.
func (s *session) do(ctx context.Context, text string) {
	defer func() {
		if r := recover(); r != nil {
			s.Log.Error("console command panicked", "stack", string(debug.Stack())) // never with what was typed
			s.say("console.broken")
		}
	}()
	cmd, rest, found := s.find(text)
	switch {
	case text == "":
	case !found:
		s.say("console.unknown")
	case cmd.code && !s.open:
		s.say("console.login-first")
	default:
		cmd.run(s, ctx, rest)
	}
}

// say prints a text with its gaps filled.
func (s *session) say(key string, pairs ...string) {
	args := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i]] = pairs[i+1]
	}
	s.out.line(s.p.Text(key, args))
}

func (s *session) leave() {
	if s.open {
		s.open = false
		s.Log.Info("console logged off")
		s.say("console.logged-off")
	}
}

// Part is the console as a part of the box, on a line that may go and come.
type Part struct {
	Open    func() (io.ReadWriteCloser, error)
	Console *Console
}

// Run opens the line and talks on it until ctx ends.
func (p Part) Run(ctx context.Context) error {
	line, err := p.Open()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = line.Close() })
	defer stop()
	err = p.Console.Serve(ctx, line)
	return errors.Join(err, line.Close())
}
