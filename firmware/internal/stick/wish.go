package stick

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// The files on a stick that brings a new version: an order of what the box shall run, beside the folders of the published
// files; and what came of it.
const (
	WishName       = "syncbox-wish.json"
	WishReportName = "syncbox-update-report.txt"
)

// wishLimit is how many bytes are read of an order; its own limit is lower.
const wishLimit = 64 << 10

// Updates takes new versions. A *updates.Part is one.
type Updates interface {
	// FromStick takes an order, with files beside it that are good until it returns, which is as soon as the stick is
	// not needed any more. It gives the version, and the health code of why it is not taken, empty where it is.
	FromStick(ctx context.Context, files fs.FS, order []byte) (version, code string)
}

// wish hands the order of a stick on, and writes down what came of it.
func (p *Part) wish(ctx context.Context, root fs.FS, s *Setup, out Reports) (Outcome, error) {
	if p.Updates == nil {
		return Nothing, nil
	}
	text, err := readSome(root, WishName, wishLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return Nothing, nil
	}
	if err != nil {
		return Nothing, fmt.Errorf("read %s: %w", WishName, err)
	}
	version, code := p.Updates.FromStick(ctx, root, text)
	p.Log.Info("order on a stick", "version", version, "code", code)
	outcome := Applied
	if code != "" {
		outcome = Refused
	}
	return outcome, s.write(root, out, WishReportName, func(r *report) {
		if code == "" {
			r.say("stick.version-taken", "version", version)
			return
		}
		r.say("stick.version-not-taken", "version", version)
		r.item(r.text("code." + code))
		r.item(r.text("do." + code))
	})
}
