package sage50fr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"syncbox/connectors/record"
)

// handed is what the box keeps of its writes to Sage, in Config.Dir, since nothing else tells a file that was imported from one that
// never was.
//
// A row: waiting ──a file of its kind is free──► in a file ──an export shows it──► forgotten.
//
// A file:
//
//	preparing ──laid beside its name──► promoting ──named──► there ──renamed .BAK──► taken
//	                                                           ├──.ERR beside it──► refused
//	                                                           └──neither──► vanished
//
// Each arrow to the left of "there" is noted before the next step is done on the share. After a power cut a file that is being prepared
// never had its name and is laid anew; one that is being promoted had it exactly if its stump is gone. So no file appears twice.
type handed struct {
	Next  map[string]int         `json:"next"` // number of the next file, by kind
	Files map[string]*importFile `json:"files"`
	Rows  map[string]*handedRow  `json:"rows"` // by what asked for them

	stored []byte // as it lies on the disk
}

// phase is where a file stands.
type phase string

const (
	preparing phase = "preparing"
	promoting phase = "promoting"
	there     phase = "there"
	taken     phase = "taken"
	refused   phase = "refused"
	vanished  phase = "vanished"
)

// importFile is one import file. Its content lies on the box until it is there.
type importFile struct {
	Kind   string    `json:"kind"`
	Phase  phase     `json:"phase"`
	At     time.Time `json:"at"`               // when it was made
	Since  time.Time `json:"since"`            // when its phase was seen
	Named  time.Time `json:"named,omitzero"`   // when people could see it
	Reason string    `json:"reason,omitempty"` // why it was refused, as the person or the agent wrote
	Lone   bool      `json:"lone,omitempty"`   // it has one row
}

// handedRow is one record that is handed over.
type handedRow struct {
	Entity    record.Entity `json:"entity"`
	Key       record.Key    `json:"key,omitempty"` // empty for one to be born
	By        record.Key    `json:"by,omitempty"`  // the other side's record
	Reference string        `json:"reference,omitempty"`
	Wanted    record.Fields `json:"wanted"` // what was asked for
	At        time.Time     `json:"at"`
	File      string        `json:"file,omitempty"` // empty while it waits for its turn
	Why       string        `json:"why,omitempty"`  // the code for which it waits; empty for its turn alone
}

const handedName = "handed.json"

func (d *Dossier) loadHanded() (*handed, error) {
	h := &handed{Next: map[string]int{}, Files: map[string]*importFile{}, Rows: map[string]*handedRow{}}
	text, err := os.ReadFile(filepath.Join(d.cfg.Dir, handedName))
	if errors.Is(err, fs.ErrNotExist) {
		return h, nil
	}
	if err != nil {
		return nil, noRoom(err)
	}
	if err := json.Unmarshal(text, h); err != nil {
		return nil, noRoom(err)
	}
	h.stored = text
	return h, nil
}

func (d *Dossier) saveHanded(h *handed) error {
	text, err := json.Marshal(h)
	if err != nil {
		return noRoom(err)
	}
	if bytes.Equal(text, h.stored) {
		return nil
	}
	if err := renameio.WriteFile(filepath.Join(d.cfg.Dir, handedName), text, 0o600); err != nil {
		return noRoom(err)
	}
	h.stored = text
	return nil
}

// contentPath is where the content of a file lies on the box.
func (d *Dossier) contentPath(file string) string { return filepath.Join(d.cfg.Dir, "in-"+file) }

// open gives the file of a kind for which people or Sage are still to do something; empty for none.
func (h *handed) open(kind string) string {
	for name, f := range h.Files {
		if f.Kind == kind && (f.Phase == preparing || f.Phase == promoting || f.Phase == there || f.Phase == vanished) {
			return name
		}
	}
	return ""
}

// rowsOf are the rows of a file.
func (h *handed) rowsOf(file string) map[string]*handedRow {
	all := map[string]*handedRow{}
	for id, r := range h.Rows {
		if r.File == file {
			all[id] = r
		}
	}
	return all
}

// recallable says whether nothing may come of a row any more that an export would have to show: it is in no file, that was refused, or
// it is a change that people no longer want.
func (h *handed) recallable(r *handedRow) bool {
	f := h.Files[r.File]
	return f == nil || f.Phase == refused || f.Phase == taken && r.Key != ""
}

// nextName names a new file of a kind. A number that is in the folder, or was, is never given again.
func (h *handed) nextName(kind string, names []string) string {
	n := h.Next[kind]
	for _, name := range names {
		var number int
		if _, err := fmt.Sscanf(name, kind+"-%d.", &number); err == nil {
			n = max(n, number)
		}
	}
	h.Next[kind] = n + 1
	return fmt.Sprintf("%s-%d", kind, n+1)
}

// State is where a record that was handed over stands.
type State string

// The states.
const (
	StateWaiting  State = "waiting"  // for its turn, or for what Code names
	StateHanded   State = "handed"   // its file lies there
	StateTaken    State = "taken"    // Sage took the file, or it is gone; no export shows the record yet
	StateRefused  State = "refused"  // Reason says why
	StateUnproven State = "unproven" // exports were read since its file was taken, and do not show it
)

// HandedOver is one record that was handed over and that no export has shown yet.
type HandedOver struct {
	Entity    record.Entity
	Key       record.Key // empty for one to be born
	By        record.Key // the other side's record; empty where it is not known
	Reference string
	State     State
	Since     time.Time
	File      string    // without its end
	Named     time.Time // when people could see the file; zero where they can't yet
	Code      string    // why it waits
	Reason    string    // as the person or the agent wrote it, for people alone: it may hold a customer's data
	Wanted    record.Fields
}

// HandedOver lists what was handed over and that no export has shown, as of the latest look or write. It asks nobody.
func (d *Dossier) HandedOver() []HandedOver { return d.handedOver }
