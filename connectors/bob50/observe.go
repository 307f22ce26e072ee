package bob50

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// The marks by which an older copy is recognised.
const (
	markBackup = "bob50/backup"  // time of the newest backup that was read
	markNewest = "bob50/newest"  // the latest change that a row told
	markNumber = "bob50/autoinc" // the next number of the table, if it counts its rows
)

// What bounds a look.
const (
	pages     = 64   // notes of one table
	waiting   = 5000 // changes between two commits
	fewRows   = 10   // below this, rows that are gone mean nothing
	fewSigns  = 3    // rows that went back to what they were
	fewNumber = 5    // VAT numbers that can be compared
)

// Observe reads the newest backup. Besides the errors of the share it gives:
//
//   - Unavailable: there is no backup that counts, or the dossier is gone; nothing counts as deleted
//   - Busy bob-backup-busy: the backup is being written
//   - Drift: another generation, an unknown version, an unreadable table, another code page
//   - Hold bob-backup-restored, bob-rows-fell, bob-other-dossier, at every look until Accept
//
// A custom field that vanished takes no part, which Remarks and Fields tell; a table of persons that can't be found skips the persons.
func (s *Site) Observe(ctx context.Context, o connectors.Observation) error {
	err := s.observe(ctx, o)
	s.blocked = nil
	if kind := connectors.KindOf(err); kind == connectors.Drift || kind == connectors.Hold {
		s.blocked = err
	}
	if err == nil {
		s.accept = false
	}
	return err
}

func (s *Site) observe(ctx context.Context, o connectors.Observation) error {
	v, err := s.latest(ctx)
	if err != nil {
		return err
	}
	if err := s.older(ctx, v, o); err != nil {
		return err
	}
	s.remarks = v.remarks()
	l := look{o: o, total: int64(len(v.lines) + len(v.persons))}
	if err := l.entity(ctx, record.Account, v.lines); err != nil {
		return err
	}
	if v.contactErr != nil {
		o.Skip(record.Contact, v.contactErr)
	} else if err := l.entity(ctx, record.Contact, v.persons); err != nil {
		return err
	}
	mark(o, v)
	if err := o.Commit(); err != nil {
		return err
	}
	s.use(v)
	if err := s.confirm(ctx, v); err != nil { // it is done again by the next look
		s.log.Warn("what was handed to LINK can't be confirmed now", "code", connectors.CodeOf(err))
	}
	return nil
}

// known is what the notes hold of a row.
type known struct {
	digest, before uint64 // what it was, and what it was before that
	vat            uint64
}

func note(e record.Entity, page int) string { return fmt.Sprintf("bob50/%s/%02d", e, page) }

func pageOf(key string) int { return int(xxh3.HashString(key) % pages) }

// visit takes a row that is there or was: old is nil for a new one, now for one that is gone. It gives what to note.
type visit func(key string, old *known, now *line) *known

// compare visits the rows of e page by page, and hands each page's new note to save, which may be nil.
func compare(ctx context.Context, o connectors.Observation, e record.Entity, lines []line, visit visit, save func(page, rows int, text []byte) error) error {
	byPage := make([][]*line, pages)
	for i := range lines {
		p := pageOf(lines[i].key)
		byPage[p] = append(byPage[p], &lines[i])
	}
	for p, members := range byPage {
		if err := ctx.Err(); err != nil {
			return err
		}
		text := comparePage(parse(o.Get(note(e, p))), members, visit)
		if save == nil {
			continue
		}
		if err := save(p, len(members), text); err != nil {
			return err
		}
	}
	return nil
}

func comparePage(was map[string]known, members []*line, visit visit) (text []byte) {
	seen := map[string]bool{}
	for _, now := range members {
		if seen[now.key] {
			continue // the same reference once more
		}
		seen[now.key] = true
		var old *known
		if k, ok := was[now.key]; ok {
			old = &k
			delete(was, now.key)
		}
		if k := visit(now.key, old, now); k != nil {
			text = appendKnown(text, now.key, k)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(was)) {
		k := was[key]
		visit(key, &k, nil)
	}
	return text
}

// look tells what changed.
type look struct {
	o           connectors.Observation
	told        int // since the last commit
	done, total int64
}

func (l *look) entity(ctx context.Context, e record.Entity, lines []line) error {
	tell := func(key string, old *known, now *line) *known { return l.tell(e, key, old, now) }
	return compare(ctx, l.o, e, lines, tell, func(page, rows int, text []byte) error {
		l.o.Put(note(e, page), text)
		l.done += int64(rows)
		l.o.Progress(l.done, l.total)
		if l.told < waiting {
			return nil
		}
		l.told = 0
		return l.o.Commit()
	})
}

// tell tells what changed and gives what to note.
func (l *look) tell(e record.Entity, key string, old *known, now *line) *known {
	if now == nil || old == nil || old.digest != now.digest {
		l.o.Changed(e, record.Key(key), nil)
		l.told++
	}
	switch {
	case now == nil:
		return nil
	case old == nil:
		return &known{digest: now.digest, vat: now.vat}
	case old.digest == now.digest:
		return old
	}
	return &known{digest: now.digest, before: old.digest, vat: now.vat}
}

// appendKnown appends the key with its length, and three numbers.
func appendKnown(b []byte, key string, k *known) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	for _, n := range []uint64{k.digest, k.before, k.vat} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}

// parse reads a page; what is damaged is as if it had never been noted.
func parse(b []byte) map[string]known {
	all := map[string]known{}
	for len(b) > 0 {
		n, width := binary.Uvarint(b)
		if width <= 0 || uint64(len(b)-width) < n+24 {
			return map[string]known{}
		}
		key := string(b[width : width+int(n)])
		b = b[width+int(n):]
		all[key] = known{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])}
		b = b[24:]
	}
	return all
}

// signs are what tells an older copy, fewer rows, or another company.
type signs struct {
	known, gone, changed, back int
	compared, other            int // VAT numbers
}

func (s *signs) weigh(_ string, old *known, now *line) *known {
	if old == nil {
		return nil
	}
	s.known++
	if now == nil {
		s.gone++
		return nil
	}
	if old.digest != now.digest {
		if s.changed++; old.before == now.digest {
			s.back++
		}
	}
	if old.vat != 0 && now.vat != 0 {
		if s.compared++; old.vat != now.vat {
			s.other++
		}
	}
	return nil
}

// older stops a look at an older copy, at fewer rows, or at another company, until a person takes it for the truth.
func (s *Site) older(ctx context.Context, v *view, o connectors.Observation) error {
	if s.accept {
		return nil
	}
	var found signs
	if err := compare(ctx, o, record.Account, v.lines, found.weigh, nil); err != nil {
		return err
	}
	hold := func(code string, args ...string) error {
		return fault(connectors.Hold, code, nil, append(args, "backup", v.evidence.Path)...)
	}
	switch {
	case found.compared >= fewNumber && found.other*2 > found.compared:
		return hold(CodeOtherDossier)
	case found.known >= fewRows && found.gone*10 > found.known:
		return hold(CodeRowsFell, "gone", strconv.Itoa(found.gone), "known", strconv.Itoa(found.known))
	case v.evidence.Time.Before(timeOf(o.Mark(markBackup))), v.newest.Before(timeOf(o.Mark(markNewest))),
		v.account.NextAutoInc() < numberOf(o.Mark(markNumber)), found.back >= fewSigns && found.back*2 > found.changed:
		return hold(CodeRestored)
	}
	return nil
}

func mark(o connectors.Observation, v *view) {
	o.SetMark(markBackup, []byte(v.evidence.Time.UTC().Format(time.RFC3339Nano)))
	o.SetMark(markNewest, []byte(v.newest.UTC().Format(time.RFC3339Nano)))
	o.SetMark(markNumber, []byte(strconv.FormatUint(uint64(v.account.NextAutoInc()), 10)))
}

func timeOf(b []byte) time.Time {
	t, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return time.Time{}
	}
	return t
}

func numberOf(b []byte) uint32 {
	n, err := strconv.ParseUint(string(b), 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// Sweep lists the live keys of the backup that the latest look read, while it is the newest valid one.
func (s *Site) Sweep(ctx context.Context, e record.Entity, seen func(record.Key)) error {
	if s.blocked != nil {
		return s.blocked
	}
	v, err := s.latest(ctx)
	if err != nil {
		return err
	}
	if v != s.view {
		return fault(connectors.Busy, CodeBackupBusy, nil, "backup", v.evidence.Path)
	}
	lines, why := v.lines, error(nil)
	if e != record.Account {
		lines, why = v.persons, v.contactErr
	}
	if why != nil {
		return why
	}
	for i := range lines {
		seen(record.Key(lines[i].key))
	}
	return nil
}
