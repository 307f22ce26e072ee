package all

import (
	"context"
	"errors"
	"log/slog"
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
	mounts := []mount{files}
	if !s.TwoWay || s.WriteBack.Mode == "" || s.WriteBack.Mode == acomba.WriteOff {
		company, err := acomba.New(s.Acomba, files, log)
		p.ERP = oneWay{company, sessions{mounts}}
		return err
	}
	drops, err := share.NewWriter(s.Share, share.WriteDrops, log)
	if err != nil {
		return err
	}
	p.closes = append(p.closes, drops.Close)
	mounts = append(mounts, drops)
	var opener acomba.CardOpener
	if s.WriteBack.Mode == acomba.WriteDirect {
		cards, err := share.NewWriter(s.Share, share.WriteCards, log)
		if err != nil {
			return err
		}
		p.closes = append(p.closes, cards.Close)
		opener, mounts = cards, append(mounts, cards)
	}
	both, err := acomba.NewTwoWay(s.Acomba, s.WriteBack, files, opener, drops, log)
	p.ERP, p.WriteTest = twoWay{both, sessions{mounts}}, both.Writer
	return err
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
