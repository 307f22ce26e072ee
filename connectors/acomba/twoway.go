package acomba

import (
	"fmt"
	"io/fs"
	"log/slog"

	"syncbox/connectors"
)

var (
	_ connectors.Source    = TwoWay{}
	_ connectors.Target    = TwoWay{}
	_ connectors.Creator   = TwoWay{}
	_ connectors.Resolver  = TwoWay{}
	_ connectors.Publisher = TwoWay{}
)

// NewTwoWay makes a company and its way back without touching the outside. files is the share for
// reading, cards opens files of the same share and may be nil unless the mode is direct; drops is
// where WriteBack.Folder lies and may be nil in mode off. All stay the caller's.
func NewTwoWay(cfg Config, back WriteBack, files fs.FS, cards CardOpener, drops Dropper, log *slog.Logger) (TwoWay, error) {
	c, err := New(cfg, files, log)
	if err != nil {
		return TwoWay{}, err
	}
	w, err := NewWriter(back, Parts{Files: files, Folder: cfg.Folder, Cards: cards, Drops: drops, Show: c, Now: c.cfg.Now})
	if err != nil {
		return TwoWay{}, fmt.Errorf("set up company: %w", err)
	}
	return c.With(w), nil
}
