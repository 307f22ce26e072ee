package takeover_test

import (
	"context"
	"time"

	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/panel/paneltest"
	"syncbox/firmware/internal/standing"
)

// light reads the lamp of the box, as somebody does who stands before it: nothing is wrong with it but what its channel says.
func (x *box) light() health.Light {
	x.t.Helper()
	state, lamp := standing.New(), boardtest.NewLight(time.Now)
	state.Ask(x.channel.Conditions)
	state.Started(nil)
	begin := time.Now()
	ctx, stop := context.WithTimeout(context.Background(), 2*paneltest.Long)
	defer stop()
	if err := panel.New(panel.Config{Light: lamp.Light, Source: state, Log: quiet}).Run(ctx); err != nil {
		x.t.Error(err)
	}
	shown, err := paneltest.Decode(lamp.Recording(begin.Add(paneltest.Long/2), begin.Add(paneltest.Long*3/2)))
	if err != nil {
		x.t.Error(err)
	}
	return shown
}
