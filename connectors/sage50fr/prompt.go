package sage50fr

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/share"
)

var _ connectors.Prompter = (*Dossier)(nil)

// promptEvery is the time between two glances at the folders while a quote may come back from Sage (S50-15).
const promptEvery = 5 * time.Second

// PromptEvery: a dossier that nothing is handed to has nobody wait for it.
func (d *Dossier) PromptEvery() time.Duration {
	if d.drops == nil {
		return 0
	}
	return promptEvery
}

// Prompt says whether an export of documents, or what became of an import file, is new since the latest look or question, or whether that
// look left pictures unread. It reads two folders, and no file.
func (d *Dossier) Prompt(ctx context.Context) (bool, error) {
	if d.pictures.left { // each look reads so many, and one is told once
		d.pictures.left = false
		return true, nil
	}
	now, err := d.glance(ctx)
	if err != nil || now == d.glanced {
		return false, err
	}
	d.glanced = now
	return true, nil
}

// glance stands for what a quote may come back by.
func (d *Dossier) glance(ctx context.Context) (string, error) {
	var all strings.Builder
	for _, folder := range []string{d.out(), d.in()} {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		names, err := fs.ReadDir(d.files, folder)
		if err != nil {
			return "", share.Fault(err)
		}
		for _, n := range names {
			end := strings.ToUpper(path.Ext(n.Name()))
			if answer := folder == d.in() && (end == endTaken || end == endRefused); !answer && (folder == d.in() || kindOfName(n.Name()) != Pieces) {
				continue
			}
			info, err := n.Info()
			if share.NotThere(err) {
				continue // just now
			}
			if err != nil {
				return "", share.Fault(err)
			}
			fmt.Fprintln(&all, n.Name(), info.Size(), info.ModTime().UnixNano())
		}
	}
	return all.String(), nil
}

// glanceFirst has the next question tell what changes from now on.
func (d *Dossier) glanceFirst(ctx context.Context) {
	if d.drops == nil {
		return
	}
	if now, err := d.glance(ctx); err == nil { // else the look tells
		d.glanced = now
	}
}
