package bob50

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// Drops puts files into the folder of LINK. *share.Writer is one.
type Drops interface {
	Drop(ctx context.Context, dir, name string, content []byte) error
	List(ctx context.Context, dir string) (whole, stumps []string, err error)
	Remove(ctx context.Context, dir, name string) error
}

// Site is a company of BOB 50. It is used by one goroutine at a time.
type Site struct {
	cfg   Config
	files fs.FS
	drops Drops // nil: nothing is written
	log   *slog.Logger

	rulesSum uint64 // of the settings that shape records

	view    *view // what the latest look took for true; nil before
	next    *view // the newest valid backup, which no look took for true yet; nil if that is view
	blocked error // Drift or Hold of the latest look
	accept  bool  // a person took the older copy as the truth
	remarks []record.Remark
}

var (
	_ connectors.Source  = (*Site)(nil)
	_ connectors.Checker = (*Site)(nil)
	_ connectors.Sweeper = (*Site)(nil)
	_ connectors.Holder  = (*Site)(nil)
)

// New makes a Site that reads from files and hands changes to drops, which may be nil. It touches nothing outside of the box;
// copies that an earlier process left in Config.Dir go.
func New(c Config, files fs.FS, drops Drops, log *slog.Logger) (*Site, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if c.Link == "" {
		drops = nil
	}
	s := &Site{cfg: c, files: files, drops: drops, log: log, rulesSum: c.rules()}
	return s, s.sweepCopies()
}

// Close takes the copies of backups away.
func (s *Site) Close() error {
	err := errors.Join(s.view.close(), s.next.close())
	s.view, s.next = nil, nil
	return err
}

// Accept makes the next look take an older copy, fewer rows or other VAT numbers as the truth.
func (s *Site) Accept() { s.accept = true }

// Remarks are what the latest look found while the others go on: a data dictionary, custom fields that are not there, rows of nobody,
// what was handed to LINK and no backup shows.
func (s *Site) Remarks() []record.Remark { return s.remarks }

// Evidence is the backup that the latest look read, for the report of a run; the zero Evidence before.
func (s *Site) Evidence() Evidence {
	if s.view == nil {
		return Evidence{}
	}
	return s.view.evidence
}

// Check finds the backup, copies it and makes sure that it has what the map names. Errors: those of Observe but Hold.
func (s *Site) Check(ctx context.Context) error {
	v, err := s.latest(ctx)
	if err != nil {
		return err
	}
	return v.contactErr
}

// latest gives the view of the newest valid backup, copying it if need be.
func (s *Site) latest(ctx context.Context) (*view, error) {
	b, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	defer b.close()
	for _, v := range []*view{s.view, s.next} {
		if v != nil && v.identity == b.identity {
			return v, nil
		}
	}
	v, err := s.copied(ctx, b)
	if err != nil {
		return nil, err
	}
	if err := s.next.close(); err != nil {
		s.log.Warn("remove the copy of a backup", "err", err)
	}
	s.next = v
	return v, nil
}

// use takes v as the view of reads from now on.
func (s *Site) use(v *view) {
	if s.view == v {
		return
	}
	if err := s.view.close(); err != nil {
		s.log.Warn("remove the copy of an older backup", "err", err)
	}
	s.view, s.next = v, nil
}

// atHand gives the view of the latest look; before one, that of the newest valid backup.
func (s *Site) atHand(ctx context.Context) (*view, error) {
	if s.blocked != nil || s.view != nil {
		return s.view, s.blocked
	}
	return s.latest(ctx)
}

// noRoom is an error of the box's own disk.
func noRoom(err error) error {
	if share.IsFault(err) {
		return err
	}
	return fault(connectors.Unavailable, CodeNoRoom, err)
}
