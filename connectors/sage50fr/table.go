package sage50fr

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/google/renameio/v2"
	"github.com/zeebo/xxh3"

	"syncbox/connectors/record"
)

// table is what the exports of one kind have told so far, in a file of the box: a row in each line, the state in the last one. It is
// replaced as a whole.
type table struct {
	file    *os.File
	state   tableState
	entries []entry
	index   map[id]int
	told    map[record.Entity][]string // fields, as provides finds them
	refs    map[id][]int               // of live entries, by entity and our reference
}

// id is a record's identity within a table.
type id struct {
	entity record.Entity
	key    record.Key
}

// entry is where a row lies.
type entry struct {
	id
	at     int64
	length int
	digest uint64
	name   uint64 // of what people recognise it by; 0 for nothing
	ref    id     // entity and reference of ours; empty for none
	image  string // name of a product's picture
	gone   bool
}

// tableState is what is known of the exports themselves.
type tableState struct {
	Form      int                  `json:"form"`
	Rules     uint64               `json:"rules"`
	Columns   []string             `json:"columns"`            // that the latest export has
	Headings  map[string]string    `json:"headings,omitempty"` // as they stand there, by field
	Files     map[string]fileState `json:"files"`              // those that were read
	Newest    time.Time            `json:"newest"`             // time of the newest export
	Day       string               `json:"day,omitempty"`
	At        time.Time            `json:"at"`   // when the latest export was read
	Full      fileState            `json:"full"` // the latest full export
	FullAt    time.Time            `json:"full_at,omitzero"`
	FullFirst time.Time            `json:"full_first,omitzero"`
	Rebuilt   bool                 `json:"rebuilt,omitempty"` // an earlier table was lost; see settled
	Open      bool                 `json:"open,omitempty"`    // full exports end without a line feed
	Notices   []record.Remark      `json:"notices,omitempty"` // of the latest export
	Shrunk    bool                 `json:"shrunk,omitempty"`  // a person is asked about missing rows
	Live      int                  `json:"live"`
}

// fileState is one export as it was read.
type fileState struct {
	Size int64     `json:"size"`
	Time time.Time `json:"time"`
	Hash string    `json:"hash"`
}

func (f fileState) same(g fileState) bool { return f.Hash == g.Hash && f.Time.Equal(g.Time) }

const tableForm = 1

// provides says whether the exports tell a field.
func (t *table) provides(e record.Entity, field string) bool {
	if t.told == nil {
		t.told = map[record.Entity][]string{}
	}
	fields, known := t.told[e]
	if !known {
		fields = provided(e, func(column string) bool { return slices.Contains(t.state.Columns, column) })
		t.told[e] = fields
	}
	return slices.Contains(fields, field)
}

// settled says whether what the table lacks is gone for certain. One that was begun anew after a loss lacks what no export has told
// since, until two full exports have.
func (s *tableState) settled(after time.Duration) bool {
	return !s.Rebuilt || !s.FullFirst.IsZero() && s.FullAt.Sub(s.FullFirst) >= after
}

var errTable = errors.New("the table is damaged")

// loadTable opens a table; nil where there is none, or what is there is none that this version wrote.
func loadTable(path string) (*table, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	t := newTable(f)
	if err := t.load(); err != nil {
		if closed := f.Close(); closed != nil {
			return nil, closed
		}
		if errors.Is(err, errTable) {
			return nil, nil
		}
		return nil, err
	}
	return t, nil
}

func newTable(f *os.File) *table {
	return &table{file: f, index: map[id]int{}, refs: map[id][]int{}}
}

// tableLine is a line of the file: a row, or at the end the state.
type tableLine struct {
	Row   *row        `json:"row,omitempty"`
	State *tableState `json:"state,omitempty"`
}

func (t *table) load() error {
	r := bufio.NewReaderSize(t.file, 64<<10)
	at, whole := int64(0), false
	for {
		text, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(text) == 0 {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		var l tableLine
		if json.Unmarshal(text, &l) != nil || whole || l.Row == nil && l.State == nil {
			return errTable
		}
		if l.State != nil {
			t.state, whole = *l.State, true
		} else {
			t.note(l.Row, at, len(text))
		}
		at += int64(len(text))
	}
	if !whole || t.state.Form != tableForm {
		return errTable
	}
	return nil
}

// note adds a row that lies at a place of the file.
func (t *table) note(r *row, at int64, length int) {
	e := entry{id: id{r.Entity, r.Key}, at: at, length: length, digest: r.digest(), name: r.nameDigest(), image: r.Image, gone: r.Gone}
	t.index[e.id] = len(t.entries)
	if r.Reference != "" && !r.Gone {
		e.ref = id{r.Entity, record.Key(r.Reference)}
		t.refs[e.ref] = append(t.refs[e.ref], len(t.entries))
	}
	t.entries = append(t.entries, e)
}

// nameDigest stands for what people recognise a record by, in order to tell another dossier.
func (r *row) nameDigest() uint64 {
	text := ""
	for _, field := range []string{"name", "last_name", "description", "account", "date"} {
		if v := r.Fields[field]; !v.Empty() {
			text += plain(v.Text) + "\x00"
		}
	}
	if text == "" {
		return 0
	}
	return xxh3.HashString(text)
}

// row reads one.
func (t *table) row(i int) (row, error) {
	e := t.entries[i]
	text := make([]byte, e.length)
	if _, err := t.file.ReadAt(text, e.at); err != nil {
		return row{}, err
	}
	var l tableLine
	if err := json.Unmarshal(text, &l); err != nil || l.Row == nil {
		return row{}, fmt.Errorf("row %d: %w", i+1, errTable)
	}
	return *l.Row, nil
}

func (t *table) close() error {
	if t == nil || t.file == nil {
		return nil
	}
	f := t.file
	t.file = nil
	return f.Close()
}

// tableWriter writes the table that takes another one's place.
type tableWriter struct {
	*table
	path    string
	pending *renameio.PendingFile
	w       *bufio.Writer
	at      int64
}

func writeTable(path string) (*tableWriter, error) {
	pending, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o600))
	if err != nil {
		return nil, err
	}
	return &tableWriter{table: newTable(nil), path: path, pending: pending, w: bufio.NewWriterSize(pending, 64<<10)}, nil
}

func (w *tableWriter) add(r *row) error {
	n, err := w.put(tableLine{Row: r})
	if err != nil {
		return err
	}
	w.note(r, w.at, n)
	w.at += int64(n)
	return nil
}

func (w *tableWriter) put(l tableLine) (int, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return 0, err
	}
	return w.w.Write(append(text, '\n'))
}

// done replaces the table, which is durable then, and gives it, opened.
func (w *tableWriter) done(state tableState) (*table, error) {
	state.Form, state.Live = tableForm, 0
	for _, e := range w.entries {
		if !e.gone {
			state.Live++
		}
	}
	if _, err := w.put(tableLine{State: &state}); err != nil {
		return nil, err
	}
	if err := w.w.Flush(); err != nil {
		return nil, err
	}
	if err := w.pending.CloseAtomicallyReplace(); err != nil {
		return nil, err
	}
	f, err := os.Open(w.path)
	if err != nil {
		return nil, err
	}
	w.file, w.state = f, state
	return w.table, nil
}

// abort leaves the old table in place.
func (w *tableWriter) abort() error { return w.pending.Cleanup() }
