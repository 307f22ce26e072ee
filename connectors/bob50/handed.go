package bob50

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
)

// handed is what the box keeps of its writes to LINK, in Config.Dir, since nothing else tells a file that was imported from one
// that never was.
//
//	nothing ──offer──► dropping ──dropped──► laid ──the file is gone──► taken, row by row ──a backup shows it──► nothing
//
// After a power cut in dropping, a file that is not there is dropped once more: the same values twice do no harm.
type handed struct {
	Rows   map[string]*handedRow `json:"rows"`             // by what asked for them
	Digest string                `json:"digest,omitempty"` // of the file that lies in LINK; empty for none
	Laid   bool                  `json:"laid,omitempty"`
	Backup string                `json:"backup,omitempty"` // that the latest file rests on

	stored []byte // as it lies on the disk
}

// handedRow is one third party that was handed to LINK.
type handedRow struct {
	CID    string            `json:"cid"`
	Born   bool              `json:"born,omitempty"`
	Wanted map[string]string `json:"wanted"` // what was asked for, by column
	Cells  map[string]string `json:"cells"`  // all that the file says
	At     time.Time         `json:"at"`
	Taken  bool              `json:"taken,omitempty"` // BOB took the file
}

const handedName = "handed.json"

func (s *Site) loadHanded() (*handed, error) {
	h := &handed{Rows: map[string]*handedRow{}}
	text, err := os.ReadFile(filepath.Join(s.cfg.Dir, handedName))
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return nil, noRoom(err)
	}
	if err := json.Unmarshal(text, h); err != nil {
		return nil, noRoom(err)
	}
	if h.stored = text; h.Rows == nil {
		h.Rows = map[string]*handedRow{}
	}
	return h, nil
}

func (s *Site) saveHanded(h *handed) error {
	text, err := json.Marshal(h)
	if err != nil {
		return noRoom(err)
	}
	if bytes.Equal(text, h.stored) {
		return nil
	}
	h.stored = text
	return noRoom(renameio.WriteFile(filepath.Join(s.cfg.Dir, handedName), text, 0o600))
}

// took notes that BOB took the file which lay in LINK.
func (h *handed) took() {
	for _, r := range h.Rows {
		r.Taken = true
	}
	h.Digest, h.Laid = "", false
}

// open are the rows that the file in LINK is to have.
func (h *handed) open() map[string]*handedRow {
	all := map[string]*handedRow{}
	for id, r := range h.Rows {
		if !r.Taken {
			all[id] = r
		}
	}
	return all
}
