package sage50fr

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// What bounds a look.
const (
	pages   = 64   // notes of one entity
	waiting = 5000 // changes between two commits
)

func rowsMark(kind string) string { return "sage50/" + kind + "/rows" }

// Observe reads the exports that are new. Two looks at each of them must agree, for which it waits. Besides the errors of the share
// it gives:
//
//   - Unavailable sage50-dossier-missing: the exchange folder is gone; nothing counts as deleted
//   - Hold sage50-other-dossier, at every look until Accept
//
// An export that is being written, that can't be read, or whose columns are missing, skips its entities.
func (d *Dossier) Observe(ctx context.Context, o connectors.Observation) error {
	err := d.observe(ctx, o)
	d.blocked = nil
	if connectors.KindOf(err) == connectors.Hold {
		d.blocked = err
	}
	if err == nil {
		d.accept = false
	}
	return err
}

func (d *Dossier) observe(ctx context.Context, o connectors.Observation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.load(); err != nil {
		return err
	}
	d.glanceFirst(ctx)
	all, err := d.exports()
	if err != nil {
		return err
	}
	busy, err := d.read(ctx, all, o)
	if err != nil {
		return err
	}
	if err := d.look(ctx, o, busy); err != nil {
		return err
	}
	if err := o.Commit(); err != nil {
		return err
	}
	d.notices = d.found()
	if err := d.follow(ctx); err != nil { // it is done again by the next look
		d.log.Warn("what was handed over can't be followed now", "code", connectors.CodeOf(err))
	}
	return nil
}

// read takes the new exports in the order of their time. busy says which kinds can't be looked at.
func (d *Dossier) read(ctx context.Context, all []export, o connectors.Observation) (map[string]error, error) {
	d.forgetRefused()
	fresh, busy, err := d.fresh(ctx, all)
	defer func() {
		for _, x := range fresh {
			remove(d, x.copy)
		}
	}()
	if err != nil {
		return nil, err
	}
	for i := range fresh {
		x := &fresh[i]
		if busy[x.kind] != nil {
			continue // a newer one is being written, and what is between is read with it
		}
		if err := d.taken(ctx, x, o); err != nil {
			return nil, err
		}
	}
	if err := d.lookAtPictures(ctx); err != nil {
		return nil, err
	}
	for kind, err := range d.refused {
		busy[kind] = err
	}
	return busy, nil
}

// taken takes an export, or notes why it is refused.
func (d *Dossier) taken(ctx context.Context, x *export, o connectors.Observation) error {
	before, err := strconv.Atoi(string(o.Mark(rowsMark(x.kind))))
	if err != nil {
		before = 0
	}
	err = d.take(ctx, x, before)
	d.checked[x.name] = checkedFile{x.fileState, d.cfg.Now()}
	delete(d.refusedFiles, x.name)
	delete(d.refused, x.kind)
	switch code := connectors.CodeOf(err); {
	case err == nil:
		o.SetMark(rowsMark(x.kind), []byte(strconv.Itoa(d.tables[x.kind].state.Live)))
		return nil
	case connectors.KindOf(err) == connectors.Drift, code == CodeTableLost:
		d.refusedFiles[x.name], d.refused[x.kind] = x.fileState, err
		return nil
	case code == CodeOtherDossier:
		d.refused[x.kind] = err // so that Accept reads it anew
	}
	return err
}

// forgetRefused forgets refused exports that people took away.
func (d *Dossier) forgetRefused() {
	for name := range d.refusedFiles {
		if !d.listed[name] {
			delete(d.refusedFiles, name)
			delete(d.refused, kindOfName(name))
		}
	}
	maps.DeleteFunc(d.refused, func(_ string, err error) bool {
		e, ok := errors.AsType[*connectors.Error](err)
		return ok && e.Args["file"] != "" && !d.listed[e.Args["file"]]
	})
}

// look tells what changed since the notes were made.
func (d *Dossier) look(ctx context.Context, o connectors.Observation, busy map[string]error) error {
	l := look{d: d, o: o}
	for _, t := range d.tables {
		if t != nil {
			l.total += int64(len(t.entries))
		}
	}
	for _, kind := range kinds {
		for _, e := range entities[kind] {
			if err := d.skipped(e, kind, busy); err != nil {
				o.Skip(e, err)
			} else if t := d.tables[kind]; t != nil {
				if err := l.entity(ctx, e, t); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// skipped says why an entity can't be looked at.
func (d *Dossier) skipped(e record.Entity, kind string, busy map[string]error) error {
	t := d.tables[kind]
	switch {
	case busy[kind] != nil:
		return busy[kind]
	case t != nil && e == record.Document && !t.provides(e, "validated"): // what is no invoice yet would pass for one
		return fault(connectors.Drift, CodeColumnMissing, nil, "file", Pieces, "column", d.cfg.columns(Pieces)["validated"].title("validated"))
	}
	return nil
}

// look tells what changed.
type look struct {
	d           *Dossier
	o           connectors.Observation
	told        int // since the last commit
	done, total int64
}

func note(e record.Entity, page int) string { return fmt.Sprintf("sage50/%s/%02d", e, page) }

func pageOf(key record.Key) int { return int(xxh3.HashString(string(key)) % pages) }

func (l *look) entity(ctx context.Context, e record.Entity, t *table) error {
	byPage := make([][]int, pages)
	for i, x := range t.entries {
		if x.entity == e {
			p := pageOf(x.key)
			byPage[p] = append(byPage[p], i)
		}
	}
	for p, members := range byPage {
		if err := ctx.Err(); err != nil {
			return err
		}
		l.o.Put(note(e, p), l.page(e, t, parse(l.o.Get(note(e, p))), members))
		l.done += int64(len(members))
		l.o.Progress(l.done, l.total)
		if l.told < waiting {
			continue
		}
		l.told = 0
		if err := l.o.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// page compares the rows of one page with what was noted, and gives what to note.
func (l *look) page(e record.Entity, t *table, was map[record.Key]uint64, members []int) (text []byte) {
	tell := func(key record.Key) {
		l.o.Changed(e, key, nil)
		l.told++
	}
	for _, i := range members {
		x := t.entries[i]
		digest := l.d.digest(t, x)
		if old, known := was[x.key]; !known && !x.gone || known && old != digest {
			tell(x.key)
		}
		delete(was, x.key)
		text = appendNote(text, x.key, digest)
	}
	for _, key := range slices.Sorted(maps.Keys(was)) {
		if t.state.settled(l.d.cfg.DeletedAfter) {
			tell(key)
		} else {
			text = appendNote(text, key, was[key])
		}
	}
	return text
}

// digest changes with whatever Read gives of a row.
func (d *Dossier) digest(t *table, x entry) uint64 {
	digest := x.digest
	if x.entity == record.Product {
		digest = xxh3.HashStringSeed(d.pictures.of(x.key, x.image), digest)
	}
	if t.twice(x) {
		digest++
	}
	return digest
}

func appendNote(b []byte, key record.Key, digest uint64) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	return binary.LittleEndian.AppendUint64(b, digest)
}

// parse reads a page; what is damaged is as if it had never been noted.
func parse(b []byte) map[record.Key]uint64 {
	all := map[record.Key]uint64{}
	for len(b) > 0 {
		n, width := binary.Uvarint(b)
		if width <= 0 || n > uint64(len(b)) || uint64(len(b)-width) < n+8 {
			return map[record.Key]uint64{}
		}
		key := record.Key(b[width : width+int(n)])
		b = b[width+int(n):]
		all[key] = binary.LittleEndian.Uint64(b)
		b = b[8:]
	}
	return all
}

// found are the notices of a look.
func (d *Dossier) found() []record.Remark {
	var found []record.Remark
	for _, kind := range kinds {
		t := d.tables[kind]
		if t == nil {
			if d.refused[kind] == nil {
				found = append(found, record.Remark{Code: CodeNotProvided, Args: argsOf("kind", kind)})
			}
			continue
		}
		found = append(found, t.state.Notices...)
		if age := d.cfg.Now().Sub(t.state.At); age >= d.cfg.ExportExpected {
			hours := strconv.Itoa(int(age.Hours()))
			found = append(found, record.Remark{Code: CodeNoExport, Args: argsOf("kind", kind, "hours", hours)})
		}
	}
	return found
}

// twice says whether another live record of the entity has the same reference of ours.
func (t *table) twice(x entry) bool { return x.ref != id{} && len(t.refs[x.ref]) > 1 }
