package bob50

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/share"
)

// copyTries is how often a backup that is being written is copied again.
const copyTries = 3

const copyPrefix = "copy-"

// copied copies the tables of a backup to the box and opens them there.
func (s *Site) copied(ctx context.Context, b *backup) (*view, error) {
	tables, contactErr := s.tables(ctx, b)
	if contactErr != nil && connectors.CodeOf(contactErr) != CodeContacts {
		return nil, contactErr
	}
	v := &view{identity: b.identity, contactErr: contactErr}
	err := s.fill(ctx, b, v, tables)
	if err == nil {
		return v, nil
	}
	if closed := v.close(); closed != nil {
		s.log.Warn("remove the copy of a backup", "err", closed)
	}
	return nil, err
}

// fill copies the tables until they are of one moment, and reads them.
func (s *Site) fill(ctx context.Context, b *backup, v *view, tables needed) error {
	for range copyTries {
		same, err := s.copyOnce(ctx, b, v, tables)
		if err != nil {
			return err
		}
		if same {
			return s.open(ctx, v, tables)
		}
	}
	return fault(connectors.Busy, CodeBackupBusy, nil, "backup", b.name)
}

// needed are tables by their names in lower case.
type needed struct {
	account string
	contact string   // empty without one
	own     []string // of the site, those that are there
}

// tables names the tables that are needed. The error is about that of the persons.
func (s *Site) tables(ctx context.Context, b *backup) (needed, error) {
	n := needed{account: strings.ToLower(s.cfg.Map.Account.Table)}
	for _, name := range s.cfg.Map.Account.CustomTables {
		if name = strings.ToLower(name); b.names[name+".adt"] != "" {
			n.own = append(n.own, name)
		}
	}
	contact, err := s.contactTable(ctx, b)
	n.contact = contact
	return n, err
}

// files are the files of the tables that are in the backup, each once.
func (n needed) files(b *backup) []string {
	var names []string
	for _, t := range append([]string{n.account, n.contact}, n.own...) {
		for _, ext := range []string{".adm", ".adt"} {
			if b.names[t+ext] != "" {
				names = append(names, t+ext)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// copyOnce copies the files, and says whether the backup was the same before and after.
func (s *Site) copyOnce(ctx context.Context, b *backup, v *view, tables needed) (same bool, err error) {
	if err := os.MkdirAll(s.cfg.Dir, 0o700); err != nil {
		return false, noRoom(err)
	}
	if v.dir == "" {
		if v.dir, err = os.MkdirTemp(s.cfg.Dir, copyPrefix); err != nil {
			return false, noRoom(err)
		}
	}
	v.evidence = Evidence{Path: b.name, Time: b.at}
	sum := sha256.New()
	for _, name := range tables.files(b) {
		n, err := s.copyFile(ctx, b, name, filepath.Join(v.dir, name), s.cfg.MaxCopy-v.evidence.Size, sum)
		if err != nil {
			return false, err
		}
		v.evidence.Size += n
	}
	v.evidence.SHA256 = hex.EncodeToString(sum.Sum(nil))
	before := b.identity
	if b.zip == nil {
		if err := b.identify(); err != nil {
			return false, share.Fault(err)
		}
	}
	v.identity = b.identity
	return before == b.identity, nil
}

// copyFile copies at most room bytes.
func (s *Site) copyFile(ctx context.Context, b *backup, name, to string, room int64, sum hash.Hash) (int64, error) {
	from, err := b.tree.Open(b.names[name])
	if err != nil {
		return 0, s.unread(b, name, err)
	}
	defer from.Close() // for reading only: its error changes nothing
	f, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, noRoom(err)
	}
	defer f.Close()
	src := &source{ctx: ctx, from: io.LimitReader(from, room+1)}
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(f, sum)}, src, make([]byte, 64<<10))
	switch {
	case src.err != nil:
		return n, s.unread(b, name, src.err)
	case err != nil:
		return n, noRoom(err)
	case n > room:
		return n, fault(connectors.Drift, CodeBackupLarge, nil, "backup", b.name, "megabytes", strconv.FormatInt(s.cfg.MaxCopy>>20, 10))
	}
	return n, noRoom(f.Close())
}

// unread is an error of a file of the backup: of an archive it means that this is damaged.
func (s *Site) unread(b *backup, name string, err error) error {
	if errors.Is(err, context.Canceled) || b.zip == nil && !errors.Is(err, fs.ErrNotExist) {
		return share.Fault(err)
	}
	return fault(connectors.Unavailable, CodeBackupIncomplete, err, "file", strings.ToUpper(name), "backup", b.name)
}

// source reads until its context ends, and tells its own errors from those of who writes.
type source struct {
	ctx  context.Context
	from io.Reader
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err = s.ctx.Err(); s.err != nil {
		return 0, s.err
	}
	n, err := s.from.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// sweepCopies takes away what an earlier process copied.
func (s *Site) sweepCopies() error {
	old, err := filepath.Glob(filepath.Join(s.cfg.Dir, copyPrefix+"*"))
	if err != nil {
		return err
	}
	var all []error
	for _, dir := range old {
		all = append(all, os.RemoveAll(dir))
	}
	return errors.Join(all...)
}
