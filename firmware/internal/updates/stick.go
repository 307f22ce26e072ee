package updates

import (
	"context"
	"io/fs"
	"slices"
	"time"

	"syncbox/ota/fetch"
	"syncbox/ota/update"
)

// lookAtStick is how often it is looked whether a stick is still needed.
const lookAtStick = 500 * time.Millisecond

// FromStick takes an order from a stick, whose files are good until it returns. Whoever brings a stick stands beside the
// box and wants it now, whatever the hour. It gives the version that is ordered and, where it is not taken, the health code
// of why.
func (p *Part) FromStick(ctx context.Context, files fs.FS, order []byte) (version, code string) {
	p.mu.Lock()
	p.sticks = []update.Source{{Name: "stick", Files: fetch.Folder{FS: files, Name: "stick"}, Local: true}}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sticks = nil
	}()
	answer, err := p.updater.Wish(ctx, order)
	if err != nil {
		code, _ := CodeOf(update.CodeOf(err))
		return "", code
	}
	if answer.Phase == update.PhaseRejected && answer.Code != "" {
		code, _ := CodeOf(answer.Code)
		return "", code
	}
	p.approve(answer.ID)
	return p.written(ctx, answer.ID)
}

// written waits until what a stick brought is on the card, or will not be.
func (p *Part) written(ctx context.Context, wish string) (version, code string) {
	ticker := time.NewTicker(lookAtStick)
	defer ticker.Stop()
	for {
		s := p.updater.Status()
		if over, code := over(s, wish); over {
			return s.Target.String(), code
		}
		select {
		case <-ticker.C:
		case <-ctx.Done(): // the box restarts, with the new version or for another reason
			return s.Target.String(), ""
		}
	}
}

// over says whether an order needs its stick no more, and why it is not followed.
func over(s update.Status, wish string) (over bool, code string) {
	if s.Wish != wish { // another order came
		return true, "order-replayed"
	}
	if s.Last != nil && s.Last.Wish == wish {
		if s.Last.Phase == update.PhaseSucceeded {
			return true, ""
		}
		code, _ = CodeOf(s.Last.Code)
		return true, code
	}
	if s.Problem != nil {
		code, _ = CodeOf(update.CodeOf(s.Problem))
		return true, code
	}
	return slices.Contains([]update.Doing{update.Restarting, update.OnTrial, update.Compared}, s.Doing), ""
}
