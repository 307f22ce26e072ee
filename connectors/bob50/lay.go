package bob50

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/bob50/dbf"
	"syncbox/connectors/record"
)

func holds(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// lay makes LINK's file hold what is open, or takes it away. there says that one lies in LINK.
func (s *Site) lay(ctx context.Context, v *view, h *handed, there bool) error {
	open := h.open()
	if there && h.Digest == "" && len(open) > 0 {
		return fault(connectors.Busy, CodeLinkTaken, nil, "file", s.cfg.main())
	}
	if len(open) == 0 {
		return s.clear(ctx, h, there)
	}
	rows := make([]*handedRow, 0, len(open))
	for _, r := range open {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b *handedRow) int { return cmp.Compare(a.CID, b.CID) })
	digest, err := digestOf(rows)
	if err != nil {
		return err
	}
	if there && h.Digest == digest {
		h.Laid = true
		return s.saveHanded(h)
	}
	if !there && h.Digest == "" && h.Backup == v.evidence.SHA256+v.evidence.Time.UTC().String() {
		return fault(connectors.Busy, CodeBackupUsed, nil, "backup", v.evidence.Path)
	}
	files, err := s.encode(s.linkColumns(v, rows), rows, s.cfg.Now())
	if e, ok := errors.AsType[*dbf.FormatError](err); ok {
		return fault(connectors.Rejected, CodeBadValue, e, "field", e.What)
	} else if err != nil {
		return err
	}
	h.Digest, h.Laid, h.Backup = digest, false, v.evidence.SHA256+v.evidence.Time.UTC().String()
	if err := s.saveHanded(h); err != nil {
		return err
	}
	return s.drop(ctx, h, files)
}

func digestOf(rows []*handedRow) (string, error) {
	sum := sha256.New()
	for _, r := range rows {
		text, err := json.Marshal(r.Cells)
		if err != nil {
			return "", err
		}
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// clear takes our file away, since nothing is wanted any more.
func (s *Site) clear(ctx context.Context, h *handed, there bool) error {
	if there && h.Digest != "" {
		if err := s.remove(ctx); err != nil {
			return err
		}
	}
	h.Digest, h.Laid = "", false
	return s.saveHanded(h)
}

func (s *Site) remove(ctx context.Context) error {
	for _, name := range s.cfg.linkFiles() {
		if err := s.drops.Remove(ctx, s.cfg.Link, name); err != nil {
			return s.unlinked(err)
		}
	}
	return nil
}

// drop replaces what lies in LINK; the file that LINK waits for comes last.
func (s *Site) drop(ctx context.Context, h *handed, files []linkFile) error {
	if err := s.remove(ctx); err != nil {
		return err
	}
	if s.cfg.Trigger != "" {
		files = append(files, linkFile{s.cfg.Trigger, []byte(s.cfg.main() + "\r\n")})
	}
	for _, f := range files {
		if err := s.drops.Drop(ctx, s.cfg.Link, f.name, f.content); err != nil {
			return s.unlinked(err)
		}
	}
	h.Laid = true
	return s.saveHanded(h)
}

// confirm forgets what the backup shows, and tells what none has shown for too long.
func (s *Site) confirm(ctx context.Context, v *view) error {
	if s.drops == nil {
		return nil
	}
	h, _, err := s.standing(ctx)
	if err != nil {
		return err
	}
	var wants []request
	for id, r := range h.Rows {
		wants = append(wants, request{id: id, key: record.Key(strings.ToUpper(r.CID))})
	}
	now, err := s.current(ctx, v, wants)
	if err != nil {
		return err
	}
	before, late, oldest := len(h.Rows), 0, s.cfg.Now()
	for _, w := range wants {
		r := h.Rows[w.id]
		if p := now[w.key]; p != nil && shows(p.cells, r.Wanted) {
			delete(h.Rows, w.id)
		} else if s.cfg.Now().Sub(r.At) >= time.Duration(s.cfg.ConfirmDays)*24*time.Hour {
			late++
			oldest = earlier(oldest, r.At)
		}
	}
	if late > 0 {
		days := strconv.Itoa(int(s.cfg.Now().Sub(oldest).Hours() / 24))
		s.remarks = append(s.remarks, record.Remark{Code: CodeLinkUnconfirmed, Args: map[string]string{"rows": strconv.Itoa(late), "days": days}})
	}
	if len(h.Rows) == before {
		return nil
	}
	return s.saveHanded(h)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
