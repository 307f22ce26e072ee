package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/all"
	"syncbox/connectors/bob50"
	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/connectors/record"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/pulse"
	"syncbox/sync/engine"
	"syncbox/sync/mapping"
	"syncbox/sync/schedule"
	"syncbox/sync/store"
)

// Job runs one job: its databases, both its sides and its engine. Run may be called again after it failed;
// everything is then opened afresh.
type Job struct {
	conf config.Job
	box  config.Box
	dir  string
	log  *slog.Logger
	// shared is what the job has in common with the others of its box.
	shared *shared
	// watch sees whether engine and store get on; nil is nobody.
	watch *pulse.Watch

	mu      sync.Mutex // protects what follows
	engine  *engine.Engine
	state   *store.State
	copies  error               // why there is no new copy of the truth
	writes  *acomba.Writer      // the ERP's writing half, where a technician must confirm it
	company *quickbooks.Company // nil with another ERP
	bob     *bob50.Site         // nil with another ERP
	again   context.CancelFunc  // ends the run, so that the job is built afresh
	life    context.Context     // of the engine, which answers nobody once it has ended
	err     error               // why it does not run
	closes  []func() error
}

func newJob(box config.Box, conf config.Job, dir string, common *shared, log *slog.Logger) *Job {
	return &Job{conf: conf, box: box, dir: dir, shared: common, log: log.With("job", conf.Name)}
}

// Name is the job's name.
func (j *Job) Name() string { return j.conf.Name }

// Pair is the name of the pair of products that the job keeps in sync.
func (j *Job) Pair() string { return j.conf.Pair }

// Names are what people call the products that the job keeps in sync.
func (j *Job) Names() connectors.Names { return j.conf.Names() }

// Hours are when the job may run.
func (j *Job) Hours() schedule.Schedule { return j.conf.Engine.Schedule }

// TwoWay says whether edits of the CRM reach the ERP.
func (j *Job) TwoWay() bool { return j.conf.TwoWay }

// ErrNotRunning means that a job is not up, so that it can't be asked anything.
var ErrNotRunning = errors.New("the job is not running")

// ErrStarting is ErrNotRunning of a job that nothing has kept from coming up so far.
var ErrStarting = fmt.Errorf("%w yet", ErrNotRunning)

// ErrEnded means that a job was built afresh, or failed, while it was asked: it is not known what became of that.
var ErrEnded = errors.New("the job ended meanwhile")

// Run builds the job and keeps it in sync until ctx ends. A restart builds it afresh.
func (j *Job) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := coded(errors.Join(protect(ctx, once{j}), j.Close())); err != nil {
			j.mu.Lock()
			j.err = err
			j.mu.Unlock()
			return err
		}
	}
	return nil
}

// once is one life of a job as a part.
type once struct{ *Job }

// Run runs the job until it fails or is to be built afresh.
func (o once) Run(ctx context.Context) error { return o.runOnce(ctx) }

func (j *Job) runOnce(ctx context.Context) error {
	clock, ended := j.clock()
	defer ended()
	life, cancel := context.WithCancel(ctx)
	defer cancel()
	j.begin(life)
	e, files, err := j.build(ctx, clock)
	if err != nil {
		return err
	}
	ctx = life
	j.mu.Lock()
	j.again = cancel
	j.mu.Unlock()
	var beside sync.WaitGroup
	beside.Go(func() { j.keepCopy(ctx, e, files) })
	if j.watch != nil {
		progress := j.watch.Expect("store "+j.Name(), storeBound)
		beside.Go(func() { probe(ctx, files.State, progress) })
	}
	if site := j.site(); site != nil && j.conf.Bob50.OnBackup {
		beside.Go(func() { j.awaitBackups(ctx, e, site) })
	}
	defer beside.Wait()
	defer cancel() // first, also where the engine panics
	return e.Run(ctx)
}

// begin notes the life of the engine that is about to be built.
func (j *Job) begin(life context.Context) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.life = life
}

// clock gives the engine's clock, which the watch sees if there is one. A job that fails does not hang: ended says that
// nothing more is to be expected until it begins again.
func (j *Job) clock() (c engine.Clock, ended func()) {
	if j.watch == nil {
		return newSystemClock(), func() {}
	}
	progress := j.watch.Expect("engine "+j.Name(), engineBound)
	return &beatingClock{systemClock: newSystemClock(), progress: progress}, progress.Done
}

// restart has the job built afresh, with what was kept since.
func (j *Job) restart() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.again != nil {
		j.again()
	}
}

func (j *Job) site() *bob50.Site {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.bob
}

func (j *Job) writer() *acomba.Writer {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.writes
}

// Engine gives the running engine and its state, or why there is none.
func (j *Job) Engine() (*engine.Engine, *store.State, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.engine == nil {
		if j.err != nil {
			return nil, nil, fmt.Errorf("%w: %w", ErrNotRunning, j.err)
		}
		return nil, nil, ErrStarting
	}
	return j.engine, j.state, nil
}

// Close closes what the job holds. It may be called twice. Whoever asks how the job is meanwhile does not wait for its disk.
func (j *Job) Close() error {
	j.mu.Lock()
	closes := j.closes
	j.closes, j.engine, j.state, j.writes, j.company, j.bob, j.copies = nil, nil, nil, nil, nil, nil, nil
	j.mu.Unlock()
	var all []error
	for i := len(closes) - 1; i >= 0; i-- {
		all = append(all, closes[i]())
	}
	return errors.Join(all...)
}

func (j *Job) later(fn func() error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closes = append(j.closes, fn)
}

func (j *Job) build(ctx context.Context, clock engine.Clock) (*engine.Engine, *store.Files, error) {
	files, err := j.open()
	if err != nil {
		return nil, nil, err
	}
	settings, err := j.settings(files.State)
	if err != nil {
		return nil, nil, err
	}
	pair, err := all.Build(ctx, settings, j.log)
	if err != nil {
		return nil, nil, err
	}
	j.later(pair.Close)
	pairs.Customise(pair.Profile, record.Account, j.conf.TwoWay, j.conf.CustomFields())
	m, err := mapping.New(pair.Profile, pair.ERP, pair.CRM, j.conf.TwoWay, files.State.Seed)
	if err != nil {
		return nil, nil, err
	}
	set := j.conf.Engine
	set.Made = Made
	e, err := engine.New(engine.Ports{Profile: pair.Profile, ERP: pair.ERP, CRM: pair.CRM, Mapper: m, State: files.State, Cache: files.Cache,
		Scratch: j.scratch, Clock: clock, Log: j.log.With("part", "engine")}, set)
	if err != nil {
		return nil, nil, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.engine, j.state, j.writes, j.company, j.bob, j.err = e, files.State, pair.WriteTest, pair.QuickBooks, pair.BOB50, nil
	return e, files, nil
}

// open opens the job's databases. What was damaged is set aside, and the best that is left takes its place.
func (j *Job) open() (*store.Files, error) {
	files, err := store.OpenJob(j.dir, j.box.Name, j.conf.Name, newSeed(), time.Now())
	if err != nil {
		return nil, err
	}
	j.later(files.Close)
	if r := files.Rescue; r != nil {
		j.log.Error("the truth could not be read: something else takes its place", "code", r.Code, "aside", r.Aside)
	}
	if files.CacheLost != nil {
		j.log.Warn("cache set aside: everything is looked at once more", "err", files.CacheLost)
	}
	return files, nil
}

// coded gives an error of the job's own files its health code.
func coded(err error) error {
	code := store.Code(err)
	if code == "" || connectors.KindOf(err) != connectors.Unknown {
		return err
	}
	return &connectors.Error{Kind: connectors.Hold, Code: code, Err: err}
}

func newSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// Status gives the job's status, also while it does not run.
func (j *Job) Status() (engine.Status, error) {
	e, _, err := j.Engine()
	if err != nil {
		return engine.Status{}, err
	}
	return e.Status(), nil
}

// doFor bounds how long a command waits for the engine to have its hands free.
const doFor = 2 * time.Minute

// Do has the job's engine do what a person asks for.
func (j *Job) Do(ctx context.Context, verb engine.Verb, name string) error {
	return j.ask(ctx, func(ctx context.Context, e *engine.Engine) error { return e.Do(ctx, verb, name) })
}

// Answer has the job's engine do what a person says about something that waits, if it is what that person was shown.
func (j *Job) Answer(ctx context.Context, verb engine.Verb, name, shown string) error {
	return j.ask(ctx, func(ctx context.Context, e *engine.Engine) error { return e.Answer(ctx, verb, name, shown) })
}

// ask asks the engine something, for as long as it lives. Once it has ended nobody would answer: then the error is ErrEnded.
func (j *Job) ask(ctx context.Context, ask func(context.Context, *engine.Engine) error) error {
	j.mu.Lock()
	e, life := j.engine, j.life
	j.mu.Unlock()
	if e == nil {
		_, _, err := j.Engine()
		return cmp.Or(err, ErrStarting) // it may be up by now
	}
	ctx, cancel := context.WithTimeout(ctx, doFor)
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	err := ask(ctx, e)
	if errors.Is(err, context.Canceled) && life.Err() != nil {
		return fmt.Errorf("%w: %w", ErrEnded, err)
	}
	return err
}

// PreviewPage gives a page of the latest preview of the job's next run.
func (j *Job) PreviewPage(q engine.PreviewQuery) (engine.PreviewPage, error) {
	e, _, err := j.Engine()
	if err != nil {
		return engine.PreviewPage{}, err
	}
	return e.PreviewPage(q)
}

// Links gives a page of the records that the job knows, once its engine has its hands free.
func (j *Job) Links(ctx context.Context, q engine.LinkQuery) (engine.LinkPage, error) {
	e, _, err := j.Engine()
	if err != nil {
		return engine.LinkPage{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, doFor)
	defer cancel()
	return e.Links(ctx, q)
}

// scratch makes room for work that is thrown away. What a power cut leaves of it goes at the next opening.
func (j *Job) scratch(name string) (store.KV, error) {
	return store.OpenScratch(filepath.Join(j.dir, "scratch-"+name+".tmp"))
}
