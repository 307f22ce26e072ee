package acomba

import (
	"fmt"
	"strings"
	"time"
)

// WriteMode is how customer data goes back to Acomba. Everything else is never written.
type WriteMode string

// The modes of a site.
const (
	WriteOff     WriteMode = "off"     // one-way: Acomba to the CRM only
	WriteHandoff WriteMode = "handoff" // a person keys the changes from a list
	WriteDirect  WriteMode = "direct"  // the box writes the cards; a list while it may not
)

// WriteBack are the settings of the way back to Acomba.
type WriteBack struct {
	Mode WriteMode // empty = off

	// Folder holds the hand-off files, from the root of the drop writer, with "/"; empty = "SyncBox".
	// It must exist: the site's administrator makes it and lets the box's account write there.
	Folder string
	// Company stands in the name of the hand-off file; characters that Windows forbids become "_".
	Company string
	// Zone is the site's time zone: of the windows and of the times that people read. nil = UTC.
	Zone *time.Location

	// Windows are the hours in which cards may be written; none = always.
	Windows []WriteWindow
	// Path names server, share and company folder, so that a confirmation is bound to them.
	Path string
	// Confirmed is the technician's word that writing was tried on this folder; nil = not yet.
	Confirmed *WriteConfirmation
	// ServerLate is how long after a lost connection a request may still reach the file; 0 = 30 s.
	ServerLate time.Duration
}

// WriteWindow is a span of the day in local time, from midnight, at most 24 h. It may pass midnight:
// {22 h, 6 h}. Equal ends are a whole day.
type WriteWindow struct{ From, To time.Duration }

const (
	defaultHandoffFolder = "SyncBox"
	defaultServerLate    = 30 * time.Second
)

// Validate checks the settings; the error names the first wrong one.
func (b WriteBack) Validate() error {
	switch b.Mode {
	case "", WriteOff, WriteHandoff, WriteDirect:
	default:
		return fmt.Errorf(`write-back: mode %q: want "off", "handoff" or "direct"`, b.Mode)
	}
	if b.writes() && strings.Trim(b.Company, " .") == "" {
		return fmt.Errorf("write-back: company: is empty")
	}
	if b.Mode == WriteDirect && b.Path == "" {
		return fmt.Errorf("write-back: path: is empty")
	}
	if b.ServerLate < 0 {
		return fmt.Errorf("write-back: server late %v: want no less than 0", b.ServerLate)
	}
	for _, w := range b.Windows {
		if w.From < 0 || w.To < 0 || w.From > 24*time.Hour || w.To > 24*time.Hour {
			return fmt.Errorf("write-back: window %v to %v: want times of a day", w.From, w.To)
		}
	}
	return nil
}

// writes says whether anything may ever be written on the share.
func (b WriteBack) writes() bool { return b.Mode == WriteHandoff || b.Mode == WriteDirect }

// inWindow says whether cards may be written at t.
func (b WriteBack) inWindow(t time.Time) bool {
	t = t.In(b.zone())
	now := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
	for _, w := range b.Windows {
		if w.holds(now) {
			return true
		}
	}
	return len(b.Windows) == 0
}

func (w WriteWindow) holds(now time.Duration) bool {
	switch {
	case w.From == w.To:
		return true
	case w.From < w.To:
		return w.From <= now && now < w.To
	}
	return now >= w.From || now < w.To
}

func (b WriteBack) zone() *time.Location {
	if b.Zone == nil {
		return time.UTC
	}
	return b.Zone
}

func (b WriteBack) folder() string {
	if b.Folder == "" {
		return defaultHandoffFolder
	}
	return b.Folder
}

func (b WriteBack) serverLate() time.Duration {
	if b.ServerLate == 0 {
		return defaultServerLate
	}
	return b.ServerLate
}
