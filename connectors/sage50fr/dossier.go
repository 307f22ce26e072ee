package sage50fr

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// Drops puts files into the folder of the imports. *share.Writer is one.
type Drops interface {
	// Lay writes a new file beside its name, whole and verified, where List tells it as a stump. Promote gives it its name.
	Lay(ctx context.Context, dir, name string, content []byte) error
	Promote(ctx context.Context, dir, name string) error
	List(ctx context.Context, dir string) (whole, stumps []string, err error)
	Remove(ctx context.Context, dir, name string) error
}

// Dossier is a dossier of Sage 50, by its exchange folder. It is used by one goroutine at a time.
type Dossier struct {
	cfg   Config
	files fs.FS
	drops Drops // nil: nothing is written
	log   *slog.Logger

	tables       map[string]*table // by kind of export; nil for one that was never read
	loaded       bool
	refused      map[string]error // kinds whose newest export can't be read
	listed       map[string]bool  // names of exports that are there
	refusedFiles map[string]fileState
	pictures     pictures
	checked      map[string]checkedFile // when an export was last compared by content
	accept       bool                   // a person took fewer rows, or another dossier, as the truth
	blocked      error                  // Hold of the latest look
	notices      []record.Remark
	lying        lying
	handedOver   []HandedOver // as of the latest look or write
	glanced      string       // what was new for Prompt last
}

var (
	_ connectors.Source   = (*Dossier)(nil)
	_ connectors.Checker  = (*Dossier)(nil)
	_ connectors.Sweeper  = (*Dossier)(nil)
	_ connectors.Finder   = (*Dossier)(nil)
	_ connectors.Holder   = (*Dossier)(nil)
	_ connectors.Pictures = (*Dossier)(nil)
)

// New makes a Dossier that reads from files and hands changes to drops, which may be nil. It touches nothing outside of the box;
// copies that an earlier process left in Config.Dir go.
func New(c Config, files fs.FS, drops Drops, log *slog.Logger) (*Dossier, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	d := &Dossier{cfg: c.withDefaults(), files: files, drops: drops, log: log, tables: map[string]*table{}, refused: map[string]error{},
		checked: map[string]checkedFile{}, refusedFiles: map[string]fileState{}}
	return d, d.sweepCopies()
}

// Close frees the tables; what they hold stays on the box.
func (d *Dossier) Close() error {
	var all []error
	for _, t := range d.tables {
		all = append(all, t.close())
	}
	d.tables, d.loaded = map[string]*table{}, false
	return errors.Join(all...)
}

// Accept makes the next look take rows that are missing for deleted, and an export of other records for this dossier's.
func (d *Dossier) Accept() { d.accept = true }

// Notices are what the latest look found that is no error.
func (d *Dossier) Notices() []record.Remark { return d.notices }

// out and in are the folders of the exports and of the imports.
func (d *Dossier) out() string { return path.Join(d.cfg.Dossier, "out") }
func (d *Dossier) in() string  { return path.Join(d.cfg.Dossier, "in") }

// Check makes sure that the exchange folder is there. An export that is refused holds back its own entities alone, and the next look
// reads the one that follows it. Errors: those of Observe but Hold.
func (d *Dossier) Check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := d.exports(); err != nil {
		return err
	}
	return d.load()
}

// load opens the tables, once.
func (d *Dossier) load() error {
	if d.loaded {
		return nil
	}
	if err := os.MkdirAll(d.cfg.Dir, 0o700); err != nil {
		return noRoom(err)
	}
	for _, kind := range kinds {
		t, err := loadTable(d.tablePath(kind))
		if err != nil {
			return noRoom(err)
		}
		d.tables[kind] = t
	}
	if err := d.pictures.load(d.cfg.Dir); err != nil {
		return noRoom(err)
	}
	d.loaded = true
	return nil
}

func (d *Dossier) tablePath(kind string) string { return filepath.Join(d.cfg.Dir, kind+".rows") }

// use takes t as the table of a kind from now on.
func (d *Dossier) use(kind string, t *table) {
	if err := d.tables[kind].close(); err != nil {
		d.log.Warn("close an older table", "kind", kind, "err", err)
	}
	d.tables[kind] = t
}

// noRoom is an error of the box's own disk.
func noRoom(err error) error {
	if share.IsFault(err) {
		return err
	}
	return fault(connectors.Unavailable, CodeNoRoom, err)
}
