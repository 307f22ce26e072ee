package acomba

import (
	"context"
	"slices"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/acomba/scan"
	"syncbox/connectors/record"
)

// waiting is how many changes may wait for a commit.
const waiting = 5000

// Observe looks at the whole folder. Besides the errors of the share it gives:
//
//   - Unavailable company-folder-missing, company-folder-empty: nothing counts as deleted
//   - Busy company-exclusive: nothing was read
//   - Drift layout-unknown, layout-reverify, layout-probe-failed, encoding-unknown: nothing was told
//   - Hold folder-rolled-back, at every look until Accept
//
// A single file that is missing, busy, cut or growing is no error: o.Skip names the entities that need it.
func (c *Company) Observe(ctx context.Context, o connectors.Observation) error {
	err := c.observe(ctx, o)
	c.begin(err)
	c.blocked = nil
	if kind := connectors.KindOf(err); kind == connectors.Drift || kind == connectors.Hold {
		c.blocked = err
	}
	if err == nil {
		c.accept = false
	}
	return err
}

func (c *Company) observe(ctx context.Context, o connectors.Observation) error {
	c.numbers, c.probed = nil, false
	f, l, version, err := c.visit(ctx)
	if err != nil {
		return reverify(o, err)
	}
	if err := c.choosePage(ctx, f, l); err != nil {
		return err
	}
	c.version = version
	if signs := o.Mark(markOlder); len(signs) > 0 && !c.accept {
		return olderCopy(string(signs))
	}
	look := newLook(c, f, o)
	c.unjudged = look.full
	if err := look.first(ctx); err != nil {
		return err
	}
	if c.changedPage(look.run.Vote(), l) {
		look = newLook(c, f, o)
		if err := look.first(ctx); err != nil {
			return err
		}
	}
	if err := look.judge(); err != nil {
		return err
	}
	c.unjudged = false
	customers := look.tracked(fileCustomer)
	c.probed = customers != nil && !customers.out
	if err := look.vanished(); err != nil {
		return err
	}
	if err := look.settle(ctx); err != nil {
		return err
	}
	return look.finish(ctx)
}

// look is one look at the folder.
type look struct {
	c     *Company
	o     connectors.Observation
	f     *folder
	run   *layout.ProbeRun
	full  bool // verify the layout in full
	found []layout.ProbeResult
	files []*tracked
	cols  *columns
	high  *highWater
	fan   fan
	told  map[string]bool // since the last commit: the lines of a document tell it once
	read  int64
	size  int64
}

// tracked is one file in a look.
type tracked struct {
	file   *layout.File
	spec   *scan.Spec
	reader *scan.Reader
	scan   *scan.Look // nil for a file that is read for its probes only
	holes  bool       // some card was locked
	out    bool       // not to be used in this look
}

func newLook(c *Company, f *folder, o connectors.Observation) *look {
	l := &look{c: c, o: o, f: f, full: c.unverified(o), told: map[string]bool{}}
	l.run = layout.NewProbeRun(c.layout, l.full)
	l.cols = &columns{notes: o, seed: c.seed(), tables: map[string]*table{}}
	l.high = readHigh(o.Mark(markHigh))
	if c.accept {
		l.high = readHigh(nil)
	}
	l.high.forget(c.cfg.Now(), c.cfg.SignsFor)
	l.fan = readFan(o.Get(noteFan))
	return l
}

// wanted lists the files that this look reads, in order.
func (l *look) wanted() []*layout.File {
	var files []*layout.File
	seen := map[string]bool{}
	for _, name := range order {
		documents := name == fileTrans || name == fileLines
		if f := l.c.layout.File(name); f != nil && !(documents && l.c.cfg.Documents.none()) {
			files = append(files, f)
			seen[name] = true
		}
	}
	for _, f := range l.c.layout.Files() {
		if l.full && !seen[f.Name] {
			files = append(files, f)
		}
	}
	return files
}

// first reads all files once.
func (l *look) first(ctx context.Context) error {
	for _, f := range l.wanted() {
		if err := l.open(ctx, f); err != nil {
			return err
		}
	}
	for _, t := range l.files {
		if t.out {
			continue
		}
		if err := l.stream(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// specOf says how a file's cards are scanned.
func (c *Company) specOf(f *layout.File) *scan.Spec {
	spec := &scan.Spec{Name: f.Name, Seed: c.seed(), Canon: f.CanonicalBytes, Geometry: scan.Geometry{
		Header: int64(f.HeaderSize), CardSize: f.CardSize, First: f.FirstCard, DataFrom: f.DataFrom}}
	if f.HasSequence() {
		spec.Writing = func(raw []byte) bool {
			card, err := f.Decode(f.DataFrom, raw)
			if err != nil {
				return true
			}
			_, writing := card.Sequence()
			return writing
		}
	}
	return spec
}

// open finds a file and begins its part of the look; one that can't be used now is left out.
func (l *look) open(ctx context.Context, f *layout.File) error {
	t := &tracked{file: f, spec: l.c.specOf(f)}
	l.files = append(l.files, t)
	var err error
	if t.reader, err = l.c.reader(ctx, l.f, t.spec, f.Path); err != nil {
		return l.leaveOut(t, err)
	}
	cards, whole := t.reader.Cards()
	if !whole {
		return l.grows(t)
	}
	delete(l.c.growing, f.Name)
	if !l.c.accept && l.high.shorter(f.Name, cards, l.c.cfg.Now()) {
		return l.leaveOut(t, &connectors.Error{Kind: connectors.Unavailable, Code: CodeFileTruncated,
			Args: l.f.args("file", f.Path)})
	}
	if widths[f.Name] > 0 {
		t.scan = scan.Start(t.spec, l.o, l.c.knownOf(f.Name), cards)
	}
	l.run.Begin(f.Name, t.reader.Began.Size)
	l.size += t.reader.Began.Size
	return nil
}

// grows treats a file that ends inside a card as busy, until it has done so for too many looks.
func (l *look) grows(t *tracked) error {
	l.c.growing[t.file.Name]++
	if l.c.growing[t.file.Name] <= l.c.cfg.GrowingLooks {
		return l.leaveOut(t, &connectors.Error{Kind: connectors.Busy, Code: CodeFileSize, Args: l.f.args("file", t.file.Path)})
	}
	return &connectors.Error{Kind: connectors.Drift, Code: CodeProbeFailed,
		Args: l.f.args("file", t.file.Path, "probe", layout.ProbeSizeModulo, "field", "", "detail", strconv.FormatInt(t.reader.Began.Size, 10)+" bytes")}
}

// leaveOut skips the entities that need a file, unless the trouble is the whole share's.
func (l *look) leaveOut(t *tracked, err error) error {
	if wholeShare(err) {
		return err
	}
	t.out = true
	for _, e := range entitiesOf(t.file.Name) {
		l.o.Skip(e, err)
	}
	return nil
}

// stream reads one file once, for the probes, the marks and the scan.
func (l *look) stream(ctx context.Context, t *tracked) error {
	err := t.reader.All(ctx, func(b scan.Block) error {
		t.holes = t.holes || b.Missing != nil
		err := t.spec.Each(b, func(position int32, raw []byte) error {
			l.run.Feed(t.file.Name, position, raw)
			return nil
		})
		if err != nil || t.scan == nil {
			return err
		}
		if err := l.anchors(t, b); err != nil {
			return err
		}
		l.read += int64(len(b.Bytes))
		l.o.Progress(l.read, l.size)
		return t.scan.First(b, l.compare(t))
	})
	if err != nil {
		return l.leaveOut(t, err)
	}
	return nil
}

// compare holds changed cards against what was remembered of them.
func (l *look) compare(t *tracked) scan.Visit {
	if t.file.Name == fileLines || l.c.accept {
		return nil
	}
	rows, now := l.cols.table(t.file.Name), l.c.cfg.Now()
	return func(position int32, raw []byte) error {
		card, err := t.file.Decode(position, raw)
		if err != nil {
			return nil // the probes' business
		}
		l.high.before(&card, rows.row(position), now)
		return nil
	}
}

// anchors looks at the cards of a block that the marks stand on; once a person took the folder as it is,
// the marks are made anew from all cards.
func (l *look) anchors(t *tracked, b scan.Block) error {
	at := l.high.positions(t.file.Name)
	if len(at) == 0 && !l.c.accept {
		return nil
	}
	now := l.c.cfg.Now()
	return t.spec.Each(b, func(position int32, raw []byte) error {
		if !l.c.accept && !slices.Contains(at, position) {
			return nil
		}
		card, err := t.file.Decode(position, raw)
		switch {
		case err != nil || position < t.file.DataFrom:
		case l.c.accept:
			l.high.raise(&card)
		default:
			l.high.anchors(&card, now)
		}
		return nil
	})
}

// settle reads changed blocks again until all stand still or the rounds are over, and tells what did.
func (l *look) settle(ctx context.Context) error {
	quiet, rounds := l.c.patience()
	for round := 0; round < rounds && l.suspects() > 0; round++ {
		if err := l.c.cfg.Wait(ctx, quiet); err != nil {
			return err
		}
		for _, t := range l.files {
			if t.out || t.scan == nil {
				continue
			}
			if err := l.again(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *look) again(ctx context.Context, t *tracked) error {
	err := t.reader.Each(ctx, t.scan.Suspects(), func(b scan.Block) error {
		err := t.scan.Again(b, func(position int32, raw []byte) error {
			card, err := t.file.Decode(position, raw)
			if err != nil {
				return err
			}
			l.accepted(&card)
			return nil
		})
		if err != nil {
			return err
		}
		return l.mayCommit()
	})
	if err != nil {
		return l.leaveOut(t, err)
	}
	return nil
}

func (l *look) suspects() (n int) {
	for _, t := range l.files {
		if !t.out && t.scan != nil {
			n += len(t.scan.Suspects())
		}
	}
	return n
}

// mayCommit commits when enough waits. What is told and the notes that say it was told go together.
func (l *look) mayCommit() error {
	if len(l.told) < waiting {
		return nil
	}
	return l.commit()
}

func (l *look) commit() error {
	for _, t := range l.files {
		if !t.out && t.scan != nil {
			t.scan.Save()
		}
	}
	l.cols.flush()
	l.o.Put(noteFan, l.fan.bytes())
	clear(l.told)
	return l.o.Commit()
}

func (l *look) tell(e record.Entity, position int32) {
	name := string(e) + " " + strconv.Itoa(int(position))
	if l.told[name] {
		return
	}
	l.told[name] = true
	l.o.Changed(e, keyOf(position), nil)
}

// vanished tells the cards behind the end of a file that a person took as it is. It comes before any commit,
// which would forget that they were there.
func (l *look) vanished() error {
	for _, t := range l.files {
		if t.out || t.scan == nil {
			continue
		}
		err := t.scan.Vanished(func(position int32) error {
			l.forgotten(t.file.Name, position)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// finish tells what follows from all that changed, and moves the marks on.
func (l *look) finish(ctx context.Context) error {
	for _, t := range l.files {
		if !t.out && t.scan != nil {
			l.high.Cards[t.file.Name], _ = t.scan.Cards()
			l.c.restless(t)
		}
	}
	if err := l.spread(ctx); err != nil {
		return err
	}
	l.tellDuplicates()
	l.o.SetMark(markHigh, l.high.bytes())
	if len(l.o.Mark(markOlder)) > 0 {
		l.o.SetMark(markOlder, nil)
	}
	if l.full && l.complete() {
		l.o.SetMark(markVerified, []byte(l.c.verification()))
	}
	if err := l.commit(); err != nil {
		return err
	}
	l.rebuildSuccessors()
	return nil
}

// restless notes in the log when a file has had cards that could not be read for three looks in a row.
func (c *Company) restless(t *tracked) {
	blocks := len(t.scan.Suspects())
	if blocks == 0 {
		delete(c.moving, t.file.Name)
		return
	}
	if c.moving[t.file.Name]++; c.moving[t.file.Name] == 3 {
		c.log.Warn("cards locked or being written for three looks", "file", t.file.Path, "blocks", blocks)
	}
}

// patience gives the quiet time and the number of rounds.
func (c *Company) patience() (quiet time.Duration, rounds int) {
	quiet, rounds = c.cfg.Quiet, c.cfg.Rounds
	if quiet == 0 {
		quiet = c.layout.Consistency.Quiet
	}
	if rounds == 0 {
		rounds = max(2, c.layout.Consistency.Retries)
	}
	return quiet, rounds
}

func positionIn(k record.Key) (int32, bool) {
	p, err := strconv.ParseInt(string(k), 10, 32)
	return int32(p), err == nil && p > 0
}
