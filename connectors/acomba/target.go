package acomba

import (
	"context"
	"io/fs"
	"sync"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

var (
	_ connectors.Target    = (*Writer)(nil)
	_ connectors.Creator   = (*Writer)(nil)
	_ connectors.Resolver  = (*Writer)(nil)
	_ connectors.Publisher = (*Writer)(nil)
)

// customerFile is the only file of the company folder that is ever opened for writing. Documents,
// product groups and salespersons have no way back: there is no name of theirs here.
const customerFile = fileCustomer

// CardOpener opens files of the company folder for changing cards, as a share.Writer for
// share.WriteCards does.
type CardOpener interface {
	OpenCard(ctx context.Context, name string) (share.LockedFile, error)
}

// Dropper puts files beside the company folders, as a share.Writer for share.WriteDrops does.
type Dropper interface {
	Drop(ctx context.Context, dir, name string, content []byte) error
	Remove(ctx context.Context, dir, name string) error
	List(ctx context.Context, dir string) (whole, stumps []string, err error)
}

// Shower is how the reading half shows a customer card, so that writing and reading never differ.
type Shower interface {
	// ShowCard gives the account or the contact on a card.
	ShowCard(e record.Entity, c *layout.Card) (record.Fields, error)
	// MobileSlot gives the phone slot that is shown as the mobile phone, -1 for none, and whether its
	// description says so.
	MobileSlot(c *layout.Card) (slot int, described bool)
}

// Parts are what a Writer works with.
type Parts struct {
	Files  fs.FS  // the share, for reading
	Folder string // of the company within the share, with slashes
	// Cards opens files of the same share; nil unless the mode is direct.
	Cards CardOpener
	// Drops puts files below the folder that WriteBack.Folder is named from; nil in mode off.
	Drops Dropper
	Show  Shower
	Now   func() time.Time // nil = time.Now
}

// Cycle is what the look of this cycle found.
type Cycle struct {
	Layout    *layout.Layout // with its code page settled; nil when no layout fits
	Version   string         // of Acomba
	Probed    bool           // every probe has passed in this cycle
	Exclusive bool           // an exclusive marker is there
}

// Writer is the half of a company that gives customer data back to Acomba. Its writing methods are
// called by one goroutine at a time; those that tell how it stands by any.
type Writer struct {
	set   WriteBack
	parts Parts

	mu      sync.Mutex // protects what follows
	cycle   Cycle
	number  int  // of the cycle
	written int  // cards written in this cycle
	stopped bool // a card did not read back as written
	refused map[int32]refusals
}

// refusals counts the cycles in which a card was locked.
type refusals struct{ cycles, last int }

// NewWriter makes a Writer without touching the outside. The error is the settings'.
func NewWriter(b WriteBack, p Parts) (*Writer, error) {
	if err := b.Validate(); err != nil {
		return nil, err
	}
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Writer{set: b, parts: p, refused: map[int32]refusals{}}, nil
}

// BeginCycle tells what the look of a new cycle found. Until the first one nothing is written directly.
func (w *Writer) BeginCycle(c Cycle) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cycle = c
	w.number++
	w.written = 0
	for key, r := range w.refused {
		if r.last < w.number-1 {
			delete(w.refused, key)
		}
	}
}

// Mode gives the site's mode.
func (w *Writer) Mode() WriteMode {
	if w.set.Mode == "" {
		return WriteOff
	}
	return w.set.Mode
}

// WhyHandoff gives the health code of the reason for which mode direct hands changes to a person now;
// empty while it writes, and in the other modes.
func (w *Writer) WhyHandoff() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.whyHandoff()
}

func (w *Writer) whyHandoff() string {
	if w.set.Mode != WriteDirect {
		return ""
	}
	if why := w.whyUnfit(); why != "" {
		return why
	}
	switch c := w.set.Confirmed; {
	case !w.set.inWindow(w.parts.Now()):
		return CodeOutsideWindow
	case c == nil:
		return CodeWriteTestMissing
	case !c.holds(w.cycle, w.set.Path):
		return CodeWriteTestStale
	}
	return ""
}

// whyUnfit tells why not even a write test can be made now.
func (w *Writer) whyUnfit() string {
	l := w.cycle.Layout
	switch {
	case l == nil:
		return CodeLayoutUnknown
	case !l.Writable || l.Write == nil || l.File(customerFile) == nil:
		return CodeLayoutNotWritable
	case w.stopped:
		return CodeReadback
	case w.cycle.Exclusive:
		return CodeExclusive
	case !w.cycle.Probed:
		return CodeProbesNotPassed
	}
	return ""
}

// FieldMode says how a field of a record can be changed now; see connectors.Field.
func (w *Writer) FieldMode(e record.Entity, field string) connectors.WriteMode {
	card, known := backFields[e][field]
	if !known || !w.set.writes() {
		return connectors.WriteNone
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.set.Mode != WriteDirect || w.whyHandoff() != "" || !canWrite(w.cycle.Layout.File(customerFile), card) {
		return connectors.WriteHandoff
	}
	return connectors.WriteDirect
}

func canWrite(f *layout.File, card string) bool {
	spec, err := f.FieldSpec(card)
	return err == nil && spec.Writable && !spec.Indexed
}

// Creating says how a customer, with its contact, can be born in Acomba now. Nothing else can.
func (w *Writer) Creating(e record.Entity) connectors.WriteMode {
	if !w.set.writes() || e != record.Account && e != record.Contact {
		return connectors.WriteNone
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.set.Mode == WriteDirect && w.whyHandoff() == "" && w.cycle.Layout.File(customerFile).CanAppend() {
		return connectors.WriteDirect
	}
	return connectors.WriteHandoff
}

// Traits tells that each card is a write of its own.
func (w *Writer) Traits() connectors.Traits {
	return connectors.Traits{Batch: 1, ServerLate: w.set.serverLate()}
}

// Apply writes cards, each as Prepare foresaw it. A card that anybody holds or has changed is left
// for the next cycle. After one that does not read back as written nothing more is.
func (w *Writer) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, len(ops))
	for i, op := range ops {
		if err := ctx.Err(); err != nil {
			results[i] = notApplied(connectors.Errorf(connectors.Busy, CodeCardChanged, "write %s %s: %w", op.Entity, op.Key, err))
			continue
		}
		results[i] = w.apply(ctx, op)
	}
	return results
}

func (w *Writer) apply(ctx context.Context, op connectors.Op) connectors.Result {
	file, err := w.mayWrite(ctx)
	if err != nil {
		return notApplied(err)
	}
	t, err := parseToken(op.Token)
	if err != nil {
		return notApplied(err)
	}
	if t.Layout != file.Layout().Fingerprint {
		return notApplied(changed(t.Position, "the layout is another one than the plan was made with"))
	}
	if op.Kind == connectors.Create {
		return w.create(ctx, file, op, t)
	}
	return w.update(ctx, file, op, t)
}

// mayWrite checks every condition of writing once more, now.
func (w *Writer) mayWrite(ctx context.Context) (*layout.File, error) {
	w.mu.Lock()
	why, file := w.whyHandoff(), (*layout.File)(nil)
	if w.set.Mode != WriteDirect {
		why = CodeNotWritable
	}
	if why == "" {
		file = w.cycle.Layout.File(customerFile)
		if w.written >= file.Layout().Write.MaxPerCycle {
			why = CodeWriteLimit
		}
	}
	w.mu.Unlock()
	if why != "" {
		return nil, w.mayNot(why)
	}
	return file, w.checkMarkers(ctx, file.Layout())
}

func (w *Writer) mayNot(why string) error {
	kind := connectors.Busy
	switch why {
	case CodeReadback:
		kind = connectors.Drift
	case CodeNotWritable:
		kind = connectors.Rejected
	}
	return &connectors.Error{Kind: kind, Code: why}
}

// checkMarkers looks for the markers of exclusive use, now.
func (w *Writer) checkMarkers(ctx context.Context, l *layout.Layout) error {
	for _, marker := range l.Locks.ExclusiveMarkers {
		_, found, err := w.find(marker)
		if err != nil {
			return err
		}
		if found {
			return w.mayNot(CodeExclusive)
		}
	}
	return ctx.Err()
}

// find gives the path on the share of a file by its path in a layout, as it is now.
func (w *Writer) find(name string) (onShare string, there bool, err error) {
	f := &folder{share: w.parts.Files, root: w.parts.Folder, lists: map[string]map[string]string{}}
	return f.find(name)
}

// stop ends all direct writing: what was written did not read back.
func (w *Writer) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
}

// counted notes that a card is about to be written.
func (w *Writer) counted() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written++
}

func notApplied(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.NotApplied, Err: err}
}

func inDoubt(err error) connectors.Result {
	return connectors.Result{Outcome: connectors.InDoubt, Err: err}
}
