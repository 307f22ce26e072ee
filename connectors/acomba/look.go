package acomba

import (
	"context"
	"slices"
	"strconv"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/acomba/scan"
)

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
