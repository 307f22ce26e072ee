package sage50fr

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// What tells a full export, a shrunk one, and one of another dossier.
const (
	fullPercent   = 90 // of the known rows
	shrunkPercent = 5  // of the known rows may be missing at once,
	shrunkRows    = 10 // or so many
	fewNames      = 5  // rows below which their names mean nothing
	cellsKept     = 100_000
)

// badLines are the lines of an export that are refused for one reason.
type badLines struct{ first, count int }

// taking is the reading of one export: first it is counted, then its rows are written into the new table.
type taking struct {
	d      *Dossier
	ctx    context.Context
	x      *export
	old    *table // nil for the first export
	known  int    // rows that there were
	sheet  *sheet
	seen   map[id]int // how often each record is there
	common int        // of the records that were there before
	named  int        // of which both have a name
	other  int        // whose name is another one
	day    string     // of the newest document

	full, older, writing bool
	believed             bool // a person took the missing rows for deleted
	gone                 int  // rows that a full export lacks

	out   *tableWriter
	lost  map[record.Key]bool // cells of lines that are nobody's
	lines map[string]badLines
}

// take reads the copy of an export into the table of its kind. before is how many rows a table had that may be lost by now.
// Errors: of kind Drift where the export is refused, CodeOtherDossier of kind Hold, CodeTableLost, CodeNoRoom.
func (d *Dossier) take(ctx context.Context, x *export, before int) (err error) {
	f, err := os.Open(x.copy)
	if err != nil {
		return noRoom(err)
	}
	defer f.Close() // for reading only: its error changes nothing
	t := &taking{d: d, ctx: ctx, x: x, old: d.tables[x.kind], known: before, seen: map[id]int{}, lost: map[record.Key]bool{},
		lines: map[string]badLines{}}
	if t.old != nil {
		t.known = t.old.state.Live
	}
	if t.sheet, err = openSheet(d.cfg.Format, x.kind, d.cfg.columns(x.kind), d.cfg.Encoding, f); err != nil {
		return t.refusal(err)
	}
	if err := t.sheet.detect(); err != nil {
		return noRoom(err)
	}
	if err := t.pass(); err != nil {
		return err
	}
	if err := t.judge(); err != nil {
		return err
	}
	return t.write()
}

// refusal sorts the error of a line of headings.
func (t *taking) refusal(err error) error {
	if h, ok := errors.AsType[*headerError](err); ok {
		return fault(connectors.Drift, h.code, err, "file", t.x.name, "column", h.column)
	}
	if errors.Is(err, errNotUTF8) || errors.Is(err, errLongLine) {
		return fault(connectors.Drift, CodeEncoding, err, "file", t.x.name)
	}
	return noRoom(err)
}

func (t *taking) pass() error {
	return noRoom(t.sheet.decode(t.x.name, t.d.cfg.ProspectTypes, t))
}

// judge says what the export is, once it was counted.
func (t *taking) judge() error {
	live := len(t.seen)
	t.full = live*100 >= t.known*fullPercent
	if t.old == nil && t.known > 0 && !t.full {
		return fault(connectors.Unavailable, CodeTableLost, nil, "kind", t.x.kind)
	}
	strange := t.common*2 < min(live, t.known) && live*2 >= t.known
	if t.old != nil && t.known >= fewNames && live >= fewNames && !t.d.accept && (strange || t.named >= fewNames && t.other*2 > t.named) {
		return fault(connectors.Hold, CodeOtherDossier, nil, "file", t.x.name)
	}
	if t.old != nil {
		s := &t.old.state
		t.believed = t.d.accept && s.Shrunk
		t.older = t.x.Time.Before(s.Newest) || t.full && t.day != "" && t.day < s.Day
		t.sheet.leave = t.sheet.cut && !t.full && !s.Open
	}
	return nil
}

// row implements findings.
func (t *taking) row(r row) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	k := id{r.Entity, r.Key}
	if !t.writing {
		t.count(k, &r)
		return nil
	}
	was, known := t.before(k)
	switch _, written := t.out.index[k]; {
	case r.guessed && (!known || t.seen[k] > 0 && r.Held != CodeRowCut || written):
		return nil // perhaps another one's, and listed as a line
	case t.seen[k] > 1 && written:
		return nil
	case t.seen[k] > 1:
		r.Held, r.Args = CodeRowTwice, argsOf("file", t.x.name)
	}
	if r.Held != "" && known { // what is held shows what it was
		old, err := t.old.row(was)
		if err != nil {
			return err
		}
		if len(r.Fields) == 0 || r.Held == CodeRowTwice {
			r.Fields, r.Reference = old.Fields, old.Reference
		}
	}
	if r.Held != "" && r.Fields == nil {
		r.Fields = record.Fields{}
	}
	return t.out.add(&r)
}

func (t *taking) before(k id) (at int, known bool) {
	if t.old == nil {
		return 0, false
	}
	at, known = t.old.index[k]
	return at, known
}

// count counts a row and compares it with what was known of it.
func (t *taking) count(k id, r *row) {
	if day := r.Fields["date"].Text; day > t.day {
		t.day = day
	}
	if r.guessed {
		return
	}
	t.seen[k]++
	at, known := t.before(k)
	if !known || t.seen[k] > 1 || t.old.entries[at].gone {
		return
	}
	t.common++
	if was, now := t.old.entries[at].name, r.nameDigest(); was != 0 && now != 0 {
		if t.named++; was != now {
			t.other++
		}
	}
}

// bad implements findings.
func (t *taking) bad(line int, code string, cells []string) error {
	if !t.writing {
		return t.ctx.Err()
	}
	b := t.lines[code]
	if b.count++; b.first == 0 {
		b.first = line
	}
	t.lines[code] = b
	for _, c := range cells {
		if key := keyOf(c); key != "" && len(t.lost) < cellsKept {
			t.lost[key] = true
		}
	}
	return nil
}

// write writes the new table: the rows of the export, then those that it does not have.
func (t *taking) write() (err error) {
	if t.out, err = writeTable(t.d.tablePath(t.x.kind)); err != nil {
		return noRoom(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(noRoom(err), t.out.abort())
		}
	}()
	t.writing = true
	if err := t.pass(); err != nil {
		return err
	}
	state := t.state()
	if t.full && !t.older && !state.Full.same(t.x.fileState) {
		state.Full, state.FullAt = t.x.fileState, state.At
		if state.FullFirst.IsZero() {
			state.FullFirst = state.At
		}
	}
	if t.old != nil {
		if err := t.others(&state); err != nil {
			return err
		}
	}
	state.Notices = t.notices(&state)
	now, err := t.out.done(state)
	if err != nil {
		return err
	}
	t.d.use(t.x.kind, now)
	return nil
}

// state is what the table knows of its exports from now on.
func (t *taking) state() tableState {
	s := tableState{Rebuilt: t.old == nil && t.known > 0}
	if t.old != nil {
		s = t.old.state
	}
	if s.Files = maps.Clone(s.Files); s.Files == nil || s.Rules != t.d.cfg.rules() {
		s.Files = map[string]fileState{}
	}
	maps.DeleteFunc(s.Files, func(name string, _ fileState) bool { return !t.d.listed[name] })
	s.Rules, s.At, s.Shrunk = t.d.cfg.rules(), t.d.cfg.Now(), false
	s.Files[t.x.name] = t.x.fileState
	s.Columns, s.Headings = slices.Sorted(maps.Keys(t.sheet.places)), t.sheet.titles()
	if t.x.Time.After(s.Newest) {
		s.Newest = t.x.Time
	}
	if t.day > s.Day {
		s.Day = t.day
	}
	if t.full {
		s.Open = t.sheet.cut
	}
	return s
}

// others keeps the rows that the export does not have. Missing from two full ones, some time apart, they are gone.
func (t *taking) others(s *tableState) error {
	missing := t.missing()
	t.gone = len(missing)
	again := t.old.state.Full.same(t.x.fileState) // the same export once more
	counts := t.full && !t.older && (!again || t.believed)
	switch {
	case counts && !t.believed && t.gone > shrunkRows && t.gone*100 > t.known*shrunkPercent:
		s.Shrunk, counts = true, false
	case again && !t.believed:
		s.Shrunk = t.old.state.Shrunk
	}
	for i, e := range t.old.entries {
		if _, there := t.out.index[e.id]; there {
			continue
		}
		r, err := t.old.row(i)
		if err != nil {
			return err
		}
		if missing[i] && counts {
			t.mark(&r, s.At)
		} else if t.lost[e.key] {
			r.Missing = time.Time{}
		}
		if err := t.out.add(&r); err != nil {
			return err
		}
	}
	return nil
}

// mark notes that a full export lacks a row.
func (t *taking) mark(r *row, now time.Time) {
	switch {
	case t.believed, !r.Missing.IsZero() && now.Sub(r.Missing) >= t.d.cfg.DeletedAfter:
		r.Gone = true
	case r.Missing.IsZero() || now.Before(r.Missing):
		r.Missing = now
	}
}

// missing are the rows that the export lacks, and that no line that could not be read may be.
func (t *taking) missing() map[int]bool {
	all := map[int]bool{}
	for i, e := range t.old.entries {
		if _, there := t.out.index[e.id]; !there && !e.gone && !t.lost[e.key] {
			all[i] = true
		}
	}
	return all
}

// notices are what people should know of the export.
func (t *taking) notices(s *tableState) []record.Remark {
	var all []record.Remark
	if t.older {
		all = append(all, record.Remark{Code: CodeExportOlder, Args: argsOf("file", t.x.name)})
	}
	if s.Shrunk {
		all = append(all, record.Remark{Code: CodeShrunk, Args: argsOf("kind", t.x.kind,
			"gone", strconv.Itoa(t.gone), "known", strconv.Itoa(t.known))})
	}
	for _, code := range slices.Sorted(maps.Keys(t.lines)) {
		b := t.lines[code]
		all = append(all, record.Remark{Code: code, Args: argsOf("file", t.x.name, "line", strconv.Itoa(b.first), "count", strconv.Itoa(b.count))})
	}
	return all
}
