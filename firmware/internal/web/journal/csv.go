package journal

import (
	"context"
	"encoding/csv"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"syncbox/firmware/internal/web/page"
)

// Bounds of an export. It is made line by line, and one at a time.
const (
	mostLines = 50_000
	patience  = 30 * time.Second // for whoever fetches it to take another hundred lines
)

// columns are the texts of the headings, in order.
var columns = []string{"page.journal.when", "page.journal.severity", "page.journal.of", "page.journal.way", "page.journal.record",
	"page.journal.what", "page.journal.do", "page.journal.code"}

// csv gives what is looked for as a file that a spreadsheet opens in the reader's language.
func (p *Pages) csv(w http.ResponseWriter, r *page.Request) {
	all := p.open(r.Context())
	f, _, _, ok := asked(r, all.jobs)
	if !ok {
		p.show(w, r) // it says what is wrong
		return
	}
	if !p.export.TryLock() {
		w.Header().Set("Retry-After", "30")
		p.Site.Message(w, r, http.StatusServiceUnavailable, "page.refused.title", r.P.Text("page.journal.export-runs", nil))
		return
	}
	defer p.export.Unlock()
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "journal-" + r.Face.Name + ".csv"}))
	h.Set("Cache-Control", "no-store")
	if err := write(r.Context(), w, r, f, all.of(f)); err != nil {
		p.Site.Log.Debug("journal not taken", "err", err)
	}
}

// write makes the lines, and hands them over every hundred. The last ones say what is missing.
func write(ctx context.Context, w http.ResponseWriter, r *page.Request, f filter, all journals) error {
	walk := all.walk(nil, false)
	out, to := http.NewResponseController(w), csv.NewWriter(w)
	to.UseCRLF = true
	if r.P.Text("console.tongue", nil) == "fr" {
		to.Comma = ';' // as Excel reads it where the comma is the decimal mark
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	if err := to.Write(headings(r)); err != nil {
		return err
	}
	for tried := 0; ; tried++ {
		if tried%piece == 0 {
			to.Flush()
			_ = out.SetWriteDeadline(time.Now().Add(patience)) // where that can't be set, the server's own bound holds
			if to.Error() != nil || ctx.Err() != nil {
				return to.Error()
			}
		}
		if tried == mostLines {
			break
		}
		job, e, ok := walk.next(ctx)
		if !ok {
			break
		}
		row := all.row(r.P, job, e)
		if !f.fits(e, row) {
			continue
		}
		if err := to.Write(plain(row.Time, row.Severity, row.Job, row.Way, row.Where, row.Text, row.Do, row.Code)); err != nil {
			return err
		}
	}
	for _, text := range missing(ctx, r, walk) {
		_ = to.Write([]string{"", "", "", "", "", text, "", ""})
	}
	to.Flush()
	return to.Error()
}

// missing says what the file does not hold.
func missing(ctx context.Context, r *page.Request, walk *walk) (all []string) {
	for _, job := range walk.unread() {
		all = append(all, r.P.Text("page.journal.unread", map[string]string{"job": job}))
	}
	if !walk.done(ctx) {
		all = append(all, r.P.Text("page.journal.cut", nil))
	}
	return all
}

func headings(r *page.Request) (cells []string) {
	for _, key := range columns {
		cells = append(cells, r.P.Text(key, nil))
	}
	return cells
}

// plain keeps a spreadsheet from taking a text for a formula
// (https://owasp.org/www-community/attacks/CSV_Injection), also where it leaves out what stands before it.
func plain(cells ...string) []string {
	for i, cell := range cells {
		if text := strings.TrimLeft(cell, " \t\r\n\u00a0"); text != "" && strings.ContainsRune("=+-@", []rune(text)[0]) || text != cell {
			cells[i] = "'" + cell
		}
	}
	return cells
}
