package sage50fr

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/share"
)

// export is a file of the exchange folder.
type export struct {
	kind string
	name string
	fileState
	copy string // on the box; empty for none
}

// checkedFile is when an export was last compared by content.
type checkedFile struct {
	fileState
	at time.Time
}

// maxExports bounds the files of one kind: what is older than these is not read.
const maxExports = 8

// exports lists the exports by time, those of one kind together. Errors: CodeDossierMissing, or those of the share.
func (d *Dossier) exports() ([]export, error) {
	names, err := fs.ReadDir(d.files, d.out())
	if share.NotThere(err) {
		return nil, fault(connectors.Unavailable, CodeDossierMissing, err, "folder", d.out())
	}
	if err != nil {
		return nil, share.Fault(err)
	}
	byKind := map[string][]export{}
	d.listed = map[string]bool{}
	for _, n := range names {
		kind := kindOfName(n.Name())
		if kind == "" || n.IsDir() {
			continue
		}
		info, err := n.Info()
		if share.NotThere(err) {
			continue // just now
		}
		if err != nil {
			return nil, share.Fault(err)
		}
		d.listed[n.Name()] = true
		byKind[kind] = append(byKind[kind], export{kind: kind, name: n.Name(), fileState: fileState{Size: info.Size(), Time: info.ModTime()}})
	}
	var all []export
	for _, kind := range kinds {
		some := byKind[kind]
		slices.SortFunc(some, func(a, b export) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.name, b.name)) })
		all = append(all, some[max(0, len(some)-maxExports):]...)
	}
	return all, nil
}

// kindOfName tells what an export holds by the beginning of its name; empty for another file.
func kindOfName(name string) string {
	base, txt := strings.CutSuffix(strings.ToLower(name), ".txt")
	for _, kind := range kinds {
		if txt && strings.HasPrefix(base, kind) {
			return kind
		}
	}
	return ""
}

// due says whether an export is to be read: it is new, looks otherwise than it did, or was not compared for a while.
func (d *Dossier) due(x *export) bool {
	if d.anew(x.kind) {
		return true
	}
	was, read := d.was(x)
	if !read || was.Size != x.Size || !was.Time.Equal(x.Time) {
		return true
	}
	c, checked := d.checked[x.name]
	return !checked || c.Size != x.Size || !c.Time.Equal(x.Time) || d.cfg.Now().Sub(c.at) >= d.cfg.Reread || d.cfg.Now().Before(c.at)
}

// anew says whether all exports of a kind are read again: by other rules, or since a person said what one of them means.
func (d *Dossier) anew(kind string) bool {
	t := d.tables[kind]
	return t != nil && t.state.Rules != d.cfg.rules() || d.accept && (d.refused[kind] != nil || t != nil && t.state.Shrunk)
}

// was gives an export as it was read, or refused.
func (d *Dossier) was(x *export) (fileState, bool) {
	if r, ok := d.refusedFiles[x.name]; ok {
		return r, true
	}
	if t := d.tables[x.kind]; t != nil {
		f, ok := t.state.Files[x.name]
		return f, ok
	}
	return fileState{}, false
}

// fresh gives the exports that are new, as copies: what was the same by content before is left out. Those of which two looks differ
// are in busy.
func (d *Dossier) fresh(ctx context.Context, all []export) (ready []export, busy map[string]error, err error) {
	busy = map[string]error{}
	pause := time.Duration(0)
	for _, x := range all {
		if !d.due(&x) {
			continue
		}
		if err := d.fetch(ctx, &x); err != nil {
			if err = d.unread(x, busy, err); err != nil {
				return ready, busy, err
			}
			continue
		}
		if d.known(x) {
			d.checked[x.name] = checkedFile{x.fileState, d.cfg.Now()}
			remove(d, x.copy)
			continue
		}
		ready = append(ready, x)
		pause = max(pause, d.pause(x.kind))
	}
	if len(ready) == 0 {
		return nil, busy, nil
	}
	if err := d.cfg.Wait(ctx, pause); err != nil {
		return ready, busy, err
	}
	return d.again(ctx, ready, busy)
}

func (d *Dossier) pause(kind string) time.Duration {
	if kind == Pieces {
		return d.cfg.SettlePieces
	}
	return d.cfg.Settle
}

// known says whether an export was read before, by its content and time.
func (d *Dossier) known(x export) bool {
	was, read := d.was(&x)
	return !d.anew(x.kind) && read && was.same(x.fileState)
}

// again looks at the copied exports once more, and gives those that are as they were.
func (d *Dossier) again(ctx context.Context, all []export, busy map[string]error) (ready []export, _ map[string]error, err error) {
	for i, x := range all {
		err := d.unchanged(ctx, x)
		if err == nil {
			ready = append(ready, x)
			continue
		}
		remove(d, x.copy)
		if err = d.unread(x, busy, err); err != nil {
			for _, rest := range all[i+1:] {
				remove(d, rest.copy)
			}
			return ready, busy, err
		}
	}
	return ready, busy, nil
}

var errChanged = errors.New("changed between two looks")

// unchanged reads an export once more, without keeping it.
func (d *Dossier) unchanged(ctx context.Context, x export) error {
	sum := sha256.New()
	size, at, err := d.stream(ctx, x, sum)
	if err != nil {
		return err
	}
	if size != x.Size || !at.Equal(x.Time) || hex.EncodeToString(sum.Sum(nil)) != x.Hash {
		return errChanged
	}
	return nil
}

// unread notes why an export can't be read now. An error that it gives is one of the whole share.
func (d *Dossier) unread(x export, busy map[string]error, err error) error {
	kind := connectors.KindOf(err)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), connectors.CodeOf(err) == CodeNoRoom:
		return err
	case connectors.CodeOf(err) == CodeExportLarge:
		busy[x.kind] = err
	case errors.Is(err, errChanged), share.NotThere(err), kind == connectors.Busy, errors.Is(err, fs.ErrPermission):
		busy[x.kind] = fault(connectors.Busy, CodeExportBusy, err, "file", x.name)
	default:
		return share.Fault(err)
	}
	return nil
}

const copyPrefix = "copy-"

// fetch copies an export to the box and notes what it was then.
func (d *Dossier) fetch(ctx context.Context, x *export) error {
	f, err := os.CreateTemp(d.cfg.Dir, copyPrefix+"*")
	if err != nil {
		return noRoom(err)
	}
	sum := sha256.New()
	x.copy = f.Name()
	x.Size, x.Time, err = d.stream(ctx, *x, &both{f, sum})
	if closed := f.Close(); err == nil {
		err = noRoom(closed)
	}
	if err != nil {
		remove(d, x.copy)
		return err
	}
	x.Hash = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// both writes to the box's disk and to a sum; its errors are those of the disk.
type both struct{ disk, sum io.Writer }

func (b *both) Write(p []byte) (int, error) {
	if n, err := b.disk.Write(p); err != nil {
		return n, noRoom(err)
	}
	return b.sum.Write(p)
}

// stream reads an export, and gives its size and time as they are at the end.
func (d *Dossier) stream(ctx context.Context, x export, to io.Writer) (int64, time.Time, error) {
	f, err := d.files.Open(path.Join(d.out(), x.name))
	if err != nil {
		return 0, time.Time{}, err
	}
	defer f.Close() // for reading only: its error changes nothing
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, &source{ctx, io.LimitReader(f, d.cfg.MaxFile+1)}, make([]byte, 256<<10))
	if err != nil {
		return n, time.Time{}, err
	}
	if n > d.cfg.MaxFile {
		return n, time.Time{}, fault(connectors.Drift, CodeExportLarge, nil, "file", x.name, "megabytes", strconv.FormatInt(d.cfg.MaxFile>>20, 10))
	}
	info, err := f.Stat()
	if err != nil {
		return n, time.Time{}, err
	}
	if info.Size() != n {
		return n, time.Time{}, errChanged
	}
	return n, info.ModTime(), nil
}

// source reads until its context ends.
type source struct {
	ctx  context.Context
	from io.Reader
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.from.Read(p)
}

// remove takes a copy away.
func remove(d *Dossier, copy string) {
	if err := os.Remove(copy); err != nil {
		d.log.Warn("remove the copy of an export", "err", err)
	}
}

// sweepCopies takes away what an earlier process copied.
func (d *Dossier) sweepCopies() error {
	old, err := filepath.Glob(filepath.Join(d.cfg.Dir, copyPrefix+"*"))
	if err != nil {
		return err
	}
	var all []error
	for _, name := range old {
		all = append(all, os.Remove(name))
	}
	return errors.Join(all...)
}
