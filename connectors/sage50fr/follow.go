package sage50fr

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors/record"
)

// standing gives what was handed over as the folder and the exports tell it now, and the names in the folder.
func (d *Dossier) standing(ctx context.Context) (h *handed, names []string, err error) {
	if h, err = d.loadHanded(); err != nil {
		return nil, nil, err
	}
	names, stumps, err := d.drops.List(ctx, d.in())
	if err != nil {
		return nil, nil, d.unwritten(err)
	}
	if err := d.lookAtFolder(names); err != nil {
		return nil, nil, err
	}
	for _, name := range sortedNames(h.Files) {
		if err := d.seen(h, name, names, stumps); err != nil {
			return nil, nil, err
		}
	}
	if err := d.confirm(h); err != nil {
		return nil, nil, err
	}
	return h, names, d.saveHanded(h)
}

// seen says what became of a file, by the names in the folder.
func (d *Dossier) seen(h *handed, name string, names, stumps []string) error {
	f := h.Files[name]
	switch f.Phase {
	case preparing:
		return nil
	case promoting:
		if holds(stumps, name+endWaiting) {
			return nil // it never had its name
		}
		if err := d.isThere(h, name); err != nil {
			return err
		}
	}
	now := f.Phase
	switch {
	case holds(names, name+endRefused):
		now = refused
	case holds(names, name+endTaken):
		now = taken
	case f.Phase == taken || f.Phase == refused:
	case holds(names, name+endWaiting):
		now = there
	case f.Phase == vanished && d.readSince(importEntity[f.Kind], f):
		now = taken // as much as anybody can know
	default:
		now = vanished
	}
	if now != f.Phase {
		f.Phase, f.Since = now, d.cfg.Now()
	}
	if now == refused && f.Reason == "" {
		f.Reason = d.reason(name, names)
	}
	return nil
}

// reasonBytes bounds what is kept of a refusal.
const reasonBytes = 2000

// reason reads why a file was refused. What can't be read now is asked for again.
func (d *Dossier) reason(name string, names []string) string {
	for _, n := range names {
		if !strings.EqualFold(n, name+endRefused) {
			continue
		}
		f, err := d.files.Open(path.Join(d.in(), n))
		if err != nil {
			return ""
		}
		defer f.Close() // for reading only: its error changes nothing
		head, err := io.ReadAll(io.LimitReader(f, reasonBytes))
		if err != nil {
			return ""
		}
		text, err := decoded(strings.NewReader(string(head)), Auto)
		if err != nil {
			return ""
		}
		all, err := io.ReadAll(text)
		if err != nil {
			return ""
		}
		return strings.Join(strings.Fields(strings.ToValidUTF8(blanked(string(all)), "")), " ")
	}
	return ""
}

// confirm forgets what an export shows, whatever became of its file, and files of which nothing is left.
func (d *Dossier) confirm(h *handed) error {
	for id, r := range h.Rows {
		if f := h.Files[r.File]; f == nil || f.Phase == preparing || f.Phase == promoting {
			continue
		}
		shown := d.shownReference(r.Entity, r.Reference)
		if r.Key != "" {
			now, err := d.current(r.Entity, r.Key)
			if err != nil {
				return err
			}
			shown = now != nil && d.shows(now.Fields, r.Wanted)
		}
		if shown {
			delete(h.Rows, id)
		}
	}
	for _, name := range sortedNames(h.Files) {
		f := h.Files[name]
		if f.Phase == preparing || f.Phase == promoting || len(h.rowsOf(name)) > 0 {
			continue
		}
		delete(h.Files, name)
		if err := os.Remove(d.contentPath(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return noRoom(err)
		}
	}
	return nil
}

// follow tells what became of the import files. It changes nothing on the share.
func (d *Dossier) follow(ctx context.Context) error {
	if d.drops == nil {
		return nil
	}
	h, _, err := d.standing(ctx)
	if err != nil {
		return err
	}
	d.handedOver = d.list(h)
	d.notices = append(d.notices, d.reminders(h)...)
	return nil
}

// reminders are what people should do about import files.
func (d *Dossier) reminders(h *handed) (all []record.Remark) {
	now := d.cfg.Now()
	for _, name := range sortedNames(h.Files) {
		f := h.Files[name]
		limit := d.cfg.ImportRemind
		if f.Kind == Quotes {
			limit = d.cfg.QuoteRemind
		}
		switch age := now.Sub(f.Since); {
		case f.Phase == there && age >= limit:
			all = append(all, record.Remark{Code: CodeImportWaiting, Args: argsOf("file", name+endWaiting, "minutes", strconv.Itoa(int(age.Minutes())))})
		case f.Phase == refused:
			all = append(all, record.Remark{Code: CodeImportRefused, Args: argsOf("file", name+endWaiting)})
		}
	}
	rows, oldest, waiting := 0, now, map[string]bool{}
	for _, r := range h.Rows {
		if now.Sub(r.At) >= time.Duration(d.cfg.ConfirmDays)*24*time.Hour && r.File != "" {
			if rows++; r.At.Before(oldest) {
				oldest = r.At
			}
		}
		if r.File == "" && r.Why != "" {
			waiting[r.Why] = true
		}
	}
	if rows > 0 {
		days := strconv.Itoa(int(now.Sub(oldest).Hours() / 24))
		all = append(all, record.Remark{Code: CodeImportUnconfirmed, Args: argsOf("rows", strconv.Itoa(rows), "days", days)})
	}
	for _, code := range sortedNames(waiting) {
		all = append(all, record.Remark{Code: code})
	}
	return all
}

// list tells people and the pair where each record stands.
func (d *Dossier) list(h *handed) []HandedOver {
	var all []HandedOver
	for _, id := range sortedNames(h.Rows) {
		r := h.Rows[id]
		o := HandedOver{Entity: r.Entity, Key: r.Key, By: r.By, Reference: r.Reference, State: StateWaiting, Since: r.At, Code: r.Why, File: r.File, Wanted: r.Wanted}
		if f := h.Files[r.File]; f != nil {
			o.Since, o.Named, o.Code = f.Since, f.Named, ""
			switch f.Phase {
			case there:
				o.State = StateHanded
			case refused:
				o.State, o.Reason, o.Code = StateRefused, f.Reason, CodeImportRefused
			case taken, vanished:
				if o.State = StateTaken; d.readSince(r.Entity, f) {
					o.State = StateUnproven
				}
			}
		}
		all = append(all, o)
	}
	return all
}
