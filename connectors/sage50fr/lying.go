package sage50fr

import (
	"io"
	"path"
	"strings"
	"time"

	"syncbox/connectors/share"
)

// lying is what the import files in the folder say, whoever wrote them: a box that takes another one's place, or has lost what it noted,
// must not hand over once more what lies there or was taken.
type lying struct {
	read map[string][]string // references by the name of a file, each of which is read once
	refs map[string]string   // the file of a reference, without its end
}

// lyingBytes bounds what is read of one file.
const lyingBytes = 16 << 20

// lookAtFolder reads the import files that are new to this process. What was refused does not count.
func (d *Dossier) lookAtFolder(names []string) error {
	if d.lying.read == nil {
		d.lying.read = map[string][]string{}
	}
	d.lying.refs = map[string]string{}
	for _, n := range names {
		base, ok := importName(n)
		if !ok || holds(names, base+endRefused) {
			continue
		}
		if _, read := d.lying.read[n]; !read {
			refs, err := d.referencesIn(n)
			if share.NotThere(err) {
				continue // just now; under its other name the next look has it
			}
			if err != nil {
				return share.Fault(err)
			}
			d.lying.read[n] = refs
		}
		for _, ref := range d.lying.read[n] {
			d.lying.refs[ref] = base
		}
	}
	return nil
}

// importName gives the name without its end of a file that may have been imported.
func importName(name string) (base string, ok bool) {
	end := path.Ext(name)
	base = strings.TrimSuffix(name, end)
	if !strings.EqualFold(end, endWaiting) && !strings.EqualFold(end, endTaken) {
		return "", false
	}
	kind, number, _ := strings.Cut(base, "-")
	_, known := importEntity[strings.ToLower(kind)]
	return base, known && number != "" && strings.Trim(number, "0123456789") == ""
}

// referencesIn gives our references that an import file has.
func (d *Dossier) referencesIn(name string) ([]string, error) {
	f, err := d.files.Open(path.Join(d.in(), name))
	if err != nil {
		return nil, err
	}
	defer f.Close() // for reading only: its error changes nothing
	text, err := io.ReadAll(io.LimitReader(f, lyingBytes))
	if err != nil {
		return nil, err
	}
	var refs []string
	for cell := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return r == '\r' || r == '\n' || string(r) == d.cfg.Format.Delimiter }) {
		if strings.HasPrefix(cell, referencePrefix) {
			refs = append(refs, cell)
		}
	}
	return refs, nil
}

// adopt takes a row for handed over whose reference lies in the folder.
func (d *Dossier) adopt(h *handed, r *handedRow, now time.Time) {
	base := d.lying.refs[r.Reference]
	if base == "" {
		return
	}
	r.File = base
	if h.Files[base] == nil {
		h.Files[base] = &importFile{Kind: importKind(r.Entity), Phase: there, At: now, Since: now}
	}
}
