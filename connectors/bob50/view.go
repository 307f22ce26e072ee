package bob50

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/bob50/adt"
)

// view is the copy of one backup, and where everything stands in it.
type view struct {
	dir, identity string
	evidence      Evidence
	account       *table
	contact       *table // nil: persons are not read
	contactErr    error  // why

	columns accountColumns
	own     []*ownTable             // tables of the site's own that can be used
	custom  map[string]customColumn // the custom fields that are synced
	absent  map[string]error        // why others of them are not there
	lines   []line                  // of the third parties, in the order of the table
	index   map[string]int32        // of lines, by key
	byVAT   []int32                 // of lines, by VAT number; nil = not made yet
	persons []line
	newest  time.Time // the latest change that any row tells, deleted ones included
	nobodys int       // rows without a key
}

// accountColumns are places of columns; -1 is none.
type accountColumns struct{ key, customer, vatPrefix, vatNumber, modified int }

// table is an open one.
type table struct {
	*adt.Table
	name   string
	files  []*os.File
	memos  int64 // bytes of the memo file
	fields map[string][]int
}

// close takes the copy away; a nil view is closed.
func (v *view) close() error {
	if v == nil {
		return nil
	}
	all := []error{v.account.close(), v.contact.close()}
	for _, t := range v.own {
		all = append(all, t.close())
	}
	return errors.Join(append(all, os.RemoveAll(v.dir))...)
}

func (t *table) close() error {
	if t == nil {
		return nil
	}
	var all []error
	for _, f := range t.files {
		all = append(all, f.Close())
	}
	return errors.Join(all...)
}

// open opens what was copied, finds the columns, and reads the tables once.
func (s *Site) open(ctx context.Context, v *view, tables needed) (err error) {
	if v.account, err = s.openTable(v, tables.account); err != nil {
		return err
	}
	if err := s.accountColumns(v); err != nil {
		return err
	}
	if err := s.findCustom(ctx, v, tables.own); err != nil {
		return err
	}
	if tables.contact != "" {
		v.contactErr = s.openContacts(v, tables.contact)
	}
	return s.scan(ctx, v)
}

// openTable opens one table of the copy.
func (s *Site) openTable(v *view, name string) (t *table, err error) {
	t = &table{name: strings.ToUpper(name)}
	incomplete := func(file string, err error) error {
		return fault(connectors.Unavailable, CodeBackupIncomplete, err, "file", file, "backup", v.evidence.Path)
	}
	data, size, err := t.file(filepath.Join(v.dir, name+".adt"))
	if err != nil {
		return t, incomplete(t.name+".ADT", err)
	}
	var memo *adt.MemoFile
	memos, memoSize, err := t.file(filepath.Join(v.dir, name+".adm"))
	if err == nil {
		if memo, err = adt.OpenMemo(t.name+".ADM", memos, memoSize); err != nil {
			return t, incomplete(t.name+".ADM", err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return t, noRoom(err)
	}
	if t.Table, err = adt.Open(t.name+".ADT", data, size, memo, s.cfg.CodePage); err != nil {
		return t, fault(connectors.Drift, CodeTableUnreadable, err, "table", t.name)
	}
	t.memos = memoSize
	switch {
	case t.Truncated():
		return t, incomplete(t.name+".ADT", errShort)
	case t.NeedsMemo() && memo == nil:
		return t, incomplete(t.name+".ADM", fs.ErrNotExist)
	}
	return t, nil
}

var errShort = errors.New("the header tells of another number of rows")

func (t *table) file(name string) (io.ReaderAt, int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	t.files = append(t.files, f)
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// accountColumns finds the columns of the third parties.
func (s *Site) accountColumns(v *view) error {
	m, t := &s.cfg.Map.Account, v.account
	v.columns = accountColumns{t.Column(m.Key), t.Column(m.Customer), -1, t.Column(m.VATNumber), -1}
	if m.VATPrefix != "" {
		v.columns.vatPrefix = t.Column(m.VATPrefix)
	}
	if m.Modified != "" {
		v.columns.modified = t.Column(m.Modified)
	}
	for name, at := range map[string]int{m.Key: v.columns.key, m.Customer: v.columns.customer, m.VATNumber: v.columns.vatNumber} {
		if at < 0 {
			return t.lacks(name)
		}
	}
	if m.VATPrefix != "" && v.columns.vatPrefix < 0 {
		return t.lacks(m.VATPrefix)
	}
	return t.find(m.Fields)
}

func (t *table) lacks(column string) error {
	return fault(connectors.Drift, CodeMap, nil, "table", t.name, "column", column)
}

// find finds the columns of fields; an optional one may have less of them.
func (t *table) find(fields map[string]MapField) error {
	t.fields = map[string][]int{}
	for name, f := range fields {
		var found []int
		for _, column := range f.Columns {
			if at := t.Column(column); at >= 0 {
				found = append(found, at)
			} else if !f.Optional && f.Form != "first" {
				return t.lacks(column)
			}
		}
		if len(found) > 0 {
			t.fields[name] = found
		} else if !f.Optional {
			return t.lacks(f.Columns[0])
		}
	}
	return nil
}

// openContacts opens the table of persons.
func (s *Site) openContacts(v *view, name string) error {
	t, err := s.openTable(v, name)
	if err == nil {
		err = t.find(s.cfg.Map.Contact.Fields)
	}
	if err == nil && t.Column(s.cfg.Map.Contact.Account) < 0 {
		err = t.lacks(s.cfg.Map.Contact.Account)
	}
	if err == nil {
		v.contact = t
		return nil
	}
	if closed := t.close(); closed != nil {
		s.log.Warn("close a copy", "table", name, "err", closed)
	}
	return err
}

// contactTable gives the table of persons: the one that is named, or the only one that has its columns.
func (s *Site) contactTable(ctx context.Context, b *backup) (string, error) {
	refuse := func(tables string) error {
		return fault(connectors.Drift, CodeContacts, nil, "tables", tables)
	}
	name := strings.ToLower(s.cfg.Contacts)
	if name == "" {
		name = strings.ToLower(s.cfg.Map.Contact.Table)
	}
	if name != "" {
		if b.names[name+".adt"] == "" {
			return "", refuse(strings.ToUpper(name))
		}
		return name, nil
	}
	var found []string
	for file := range b.names {
		base, ext := split(file)
		if ext != ".adt" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return "", err
		}
		if s.holdsPersons(b, file) {
			found = append(found, base)
		}
	}
	if len(found) != 1 {
		slices.Sort(found)
		return "", refuse(strings.ToUpper(strings.Join(found, " ")))
	}
	return found[0], nil
}

// headBytes holds the header and 318 columns.
const headBytes = 64 << 10

// holdsPersons looks at the columns of a table. What can't be read is no table of persons; the copy will tell.
func (s *Site) holdsPersons(b *backup, file string) bool {
	f, err := b.tree.Open(b.names[file])
	if err != nil {
		return false
	}
	defer f.Close() // for reading only: its error changes nothing
	info, err := f.Stat()
	if err != nil {
		return false
	}
	head, err := io.ReadAll(io.LimitReader(f, headBytes))
	if err != nil {
		return false
	}
	t := table{}
	if t.Table, err = adt.Open(file, bytes.NewReader(head), info.Size(), nil, s.cfg.CodePage); err != nil {
		return false
	}
	return t.Column(s.cfg.Map.Contact.Account) >= 0 && t.find(s.cfg.Map.Contact.Fields) == nil
}
