package all

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path"
	"time"

	"syncbox/connectors/acomba"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/pairs"
	"syncbox/connectors/share"
)

func acombaCentrixOne(s Settings, log *slog.Logger, p *Pair) error {
	o := s.AcombaCentrixOne
	o.TwoWay = s.TwoWay
	p.Profile = pairs.AcombaCentrixOne(o)
	crm, err := centrixone.New(s.CentrixOne, log.With("part", "crm"), nil)
	if err != nil {
		return err
	}
	p.CRM = crm
	p.closes = append(p.closes, crm.Close)
	return acombaSide(s, log.With("part", "erp"), p)
}

// acombaSide builds the company: one mount for reading; for hand-off files and cards one each, as far as
// the site writes at all.
func acombaSide(s Settings, log *slog.Logger, p *Pair) error {
	files, err := share.New(s.Share, log)
	if err != nil {
		return err
	}
	p.closes = append(p.closes, files.Close)
	company, err := acomba.New(s.Acomba, files, log)
	if err != nil {
		return err
	}
	mounts := []mount{files}
	if !s.TwoWay || s.WriteBack.Mode == "" || s.WriteBack.Mode == acomba.WriteOff {
		p.ERP = oneWay{company, sessions{mounts}}
		return nil
	}
	parts := acomba.Parts{Show: company, Now: time.Now}
	if parts.Files, err = fs.Sub(files, s.Acomba.Folder); err != nil {
		return err
	}
	drops, err := share.NewWriter(s.Share, share.WriteDrops, log)
	if err != nil {
		return err
	}
	p.closes = append(p.closes, drops.Close)
	parts.Drops, mounts = drops, append(mounts, drops)
	if s.WriteBack.Mode == acomba.WriteDirect {
		at := s.Share
		at.Folder = path.Join(at.Folder, s.Acomba.Folder)
		cards, err := share.NewWriter(at, share.WriteCards, log)
		if err != nil {
			return err
		}
		p.closes = append(p.closes, cards.Close)
		parts.Cards, mounts = cards, append(mounts, cards)
	}
	writer, err := acomba.NewWriter(s.WriteBack, parts)
	if err != nil {
		return err
	}
	p.ERP, p.WriteTest = twoWay{company.With(writer), sessions{mounts}}, writer
	return nil
}

// mount is one session with the server.
type mount interface {
	Suspend(ctx context.Context) error
	Retry()
}

// sessions are all sessions of a job with its server.
type sessions struct{ mounts []mount }

// suspendFor bounds how long letting go may take.
const suspendFor = 30 * time.Second

// Suspend implements connectors.Suspender: the next use opens them again.
func (s sessions) Suspend() error {
	ctx, cancel := context.WithTimeout(context.Background(), suspendFor)
	defer cancel()
	var all []error
	for _, m := range s.mounts {
		all = append(all, m.Suspend(ctx))
	}
	return errors.Join(all...)
}

// Retry implements connectors.Retrier.
func (s sessions) Retry() {
	for _, m := range s.mounts {
		m.Retry()
	}
}

type oneWay struct {
	*acomba.Company
	sessions
}

type twoWay struct {
	acomba.TwoWay
	sessions
}
