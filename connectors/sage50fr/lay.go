package sage50fr

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// The ends of an import file's names.
const (
	endWaiting = ".TXT"
	endTaken   = ".BAK"
	endRefused = ".ERR"
)

func holds(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// lay puts on the share what has its turn: first what a power cut interrupted, then a new file for each kind that has none.
func (d *Dossier) lay(ctx context.Context, h *handed, names []string) error {
	for _, name := range sortedNames(h.Files) {
		if f := h.Files[name]; f.Phase == preparing || f.Phase == promoting {
			if err := d.step(ctx, h, name, names); err != nil {
				return err
			}
		}
	}
	for _, kind := range []string{Prospects, Contacts, Quotes} {
		if err := d.compose(h, kind, names); err != nil {
			return err
		}
	}
	if err := d.saveHanded(h); err != nil {
		return err
	}
	for _, name := range sortedNames(h.Files) {
		if h.Files[name].Phase == preparing {
			if err := d.step(ctx, h, name, names); err != nil {
				return err
			}
		}
	}
	return d.tell(ctx, h)
}

// step brings a file to its place, whatever was done of it before.
func (d *Dossier) step(ctx context.Context, h *handed, name string, names []string) error {
	f := h.Files[name]
	if f.Phase == preparing {
		content, err := os.ReadFile(d.contentPath(name))
		if err != nil {
			return noRoom(err)
		}
		if err := d.drops.Lay(ctx, d.in(), name+endWaiting, content); err != nil {
			return d.unwritten(err)
		}
		f.Phase = promoting
		if err := d.saveHanded(h); err != nil {
			return err
		}
	}
	err := d.drops.Promote(ctx, d.in(), name+endWaiting)
	if share.ClassOf(err) == share.Conflict {
		return errors.Join(d.unwritten(err), d.rename(h, name, names))
	}
	if err != nil {
		return d.unwritten(err)
	}
	return d.isThere(h, name)
}

// isThere notes that people can see a file.
func (d *Dossier) isThere(h *handed, name string) error {
	f := h.Files[name]
	f.Phase, f.Since = there, d.cfg.Now()
	f.Named = f.Since
	if err := d.saveHanded(h); err != nil {
		return err
	}
	if err := os.Remove(d.contentPath(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return noRoom(err)
	}
	return nil
}

// rename has a file that somebody took the name of prepared under another one.
func (d *Dossier) rename(h *handed, name string, names []string) error {
	f := h.Files[name]
	next := h.nextName(f.Kind, append(names, name+endWaiting))
	content, err := os.ReadFile(d.contentPath(name))
	if err == nil {
		err = renameio.WriteFile(d.contentPath(next), content, 0o600)
	}
	if err != nil {
		return noRoom(err)
	}
	f.Phase = preparing
	delete(h.Files, name)
	h.Files[next] = f
	for _, r := range h.rowsOf(name) {
		r.File = next
	}
	return d.saveHanded(h)
}

// unwritten is an error of the folder of the imports.
func (d *Dossier) unwritten(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault(connectors.Unavailable, CodeImportFolder, err, "folder", d.in())
}

// compose makes a file of the rows of a kind that can be handed over, unless one is on its way.
func (d *Dossier) compose(h *handed, kind string, names []string) error {
	var ids []string
	for _, id := range sortedNames(h.Rows) {
		r := h.Rows[id]
		if r.File != "" || importKind(r.Entity) != kind {
			continue
		}
		why, err := d.waitsFor(r)
		if err != nil {
			return err
		}
		if r.Why = why; why == "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 || h.open(kind) != "" {
		return nil
	}
	rows := make([]*handedRow, len(ids))
	for i, id := range ids {
		rows[i] = h.Rows[id]
	}
	content, err := d.encode(kind, rows)
	if err != nil {
		return err
	}
	name := h.nextName(kind, names)
	if err := renameio.WriteFile(d.contentPath(name), content, 0o600); err != nil {
		return noRoom(err)
	}
	now := d.cfg.Now()
	h.Files[name] = &importFile{Kind: kind, Phase: preparing, At: now, Since: now, Lone: len(rows) == 1}
	for _, r := range rows {
		r.File = name
	}
	return nil
}

// waitsFor gives the code of what a row waits for; empty for nothing but its turn. Sage would create a client that it does not know.
func (d *Dossier) waitsFor(r *handedRow) (string, error) {
	if r.Key == "" && (d.tables[kindOfEntity[r.Entity]] == nil || !d.provides(r.Entity, FieldReference)) {
		return CodeNoReference, nil
	}
	if r.Entity == record.Account {
		return "", nil
	}
	account := r.Wanted["account"].Key()
	if r.Key != "" && account == "" {
		now, err := d.current(r.Entity, r.Key)
		if err != nil || now == nil {
			return CodeAccountUnknown, err
		}
		account = now.Fields["account"].Key()
	}
	clients := d.tables[Clients]
	if clients == nil {
		return CodeAccountUnknown, nil
	}
	i, known := clients.index[id{record.Account, account}]
	if !known {
		return CodeAccountUnknown, nil
	}
	row, err := clients.row(i)
	if err != nil {
		return "", noRoom(err)
	}
	if row.Gone || !row.Missing.IsZero() {
		return CodeAccountUnknown, nil
	}
	return "", nil
}
