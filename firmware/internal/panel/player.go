package panel

import (
	"time"

	"syncbox/board"
	"syncbox/firmware/internal/health"
)

// dark is the gap before something new is shown, so that nobody takes the end of one rhythm and the beginning of
// another for a third one.
const dark = 500 * ms

// player says what the light shows at a time. Its times only go forward.
type player struct {
	light health.Light
	over  *rhythm       // shown instead, while somebody is at the button
	began time.Duration // when what is shown began or begins, after the gap
}

// show has another light shown. One that counts less waits until the one that is shown was seen in whole.
func (p *player) show(l health.Light, now time.Duration) {
	if l == p.light {
		return
	}
	if l < p.light && p.over == nil && now < p.began+rhythms[p.light].round() {
		return
	}
	p.light = l
	if p.over == nil {
		p.began = now + dark
	}
}

// cover shows something else until uncover, from a time on; until then it is dark.
func (p *player) cover(r rhythm, from time.Duration) { p.over, p.began = &r, from }

// uncover shows the light again, from its beginning.
func (p *player) uncover(now time.Duration) {
	p.over = nil
	p.began = now + dark
}

// at gives what is shown, and for how much longer; 0 = until something else is to be shown.
func (p *player) at(now time.Duration) (board.Colour, time.Duration) {
	if now < p.began {
		return board.Dark, p.began - now
	}
	r := rhythms[p.light]
	if p.over != nil {
		r = *p.over
	}
	return r.at(now - p.began)
}
