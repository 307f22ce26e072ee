package paneltest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/board"
	"syncbox/board/boardtest"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/panel/paneltest"
)

func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		begin := time.Now()
		light := boardtest.NewLight(time.Now)
		var player sync.WaitGroup
		player.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				beat := 250 * time.Millisecond
				if i == 30 {
					beat = 3 * beat // late, once
				}
				_ = light.Set([]board.Colour{board.Blue, board.Dark}[i%2])
				time.Sleep(beat)
			}
		})
		defer func() { cancel(); player.Wait() }()
		if err := paneltest.Await(ctx, light, health.Updating); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took < 17*time.Second || took > 19*time.Second {
			t.Errorf("it took %s, want ten seconds after the late beat", took)
		}
		if err := paneltest.Await(ctx, light, health.Ready); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a light that never comes: got %v", err)
		}
	})
}
