package share_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"syncbox/connectors/share"
	"syncbox/connectors/share/sharetest"
)

// While a window is visited the next ones are read, closed again, and wait; no more than that.
func TestReadsAheadOfASlowVisit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := cards()
		const window = 100_000
		visits := 0
		_, err := reader(f).Walk(t.Context(), make([]byte, share.Windows*window), func(b share.Block) error {
			visits++
			synctest.Wait() // as long as anything goes on
			most := min((int64(visits)+share.Windows-1)*window, fileSize)
			if got, want := int64(f.Calls(sharetest.Read)), (most+window-1)/window; got != want {
				t.Errorf("visit %d: %d windows were asked for, want %d", visits, got, want)
			}
			if now, _ := f.OpenFiles(); now != 0 {
				t.Errorf("visit %d: %d files are open", visits, now)
			}
			return nil
		})
		if err != nil || visits != fileSize/window+1 {
			t.Errorf("%d visits, %v", visits, err)
		}
	})
}

// Two windows are on their way before the first has come.
func TestTwoWindowsOnTheirWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := cards()
		release := make(chan struct{})
		f.Set(func(now *sharetest.Faults) {
			now.Stall = []sharetest.Stall{{Op: sharetest.Read, Release: release}}
		})
		done := make(chan error, 1)
		go func() {
			_, err := reader(f).Walk(t.Context(), make([]byte, 200_000), func(share.Block) error { return nil })
			done <- err
		}()
		synctest.Wait()
		if got, _ := f.OpenFiles(); got != share.Windows {
			t.Errorf("%d files open, want one for each window", got)
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestAheadEnds(t *testing.T) {
	bad := errors.New("bad")
	tests := []struct {
		name           string
		n              int
		readFails      int // this window, -1 = none
		visitFails     int
		visits, atMost int // and reads begun
	}{
		{"nothing to read", 0, -1, -1, 0, 0},
		{"fewer than are read at a time", 1, -1, -1, 1, 1},
		{"all", 7, -1, -1, 7, 7},
		{"first read fails", 7, 0, -1, 0, share.Windows},
		{"a later read fails: those before it are visited", 7, 3, -1, 3, 2 + share.Windows + 1},
		{"a visit fails", 7, -1, 3, 4, 3 + share.Windows},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var begun, under atomic.Int32
			var visited []int
			err := share.Ahead(t.Context(), test.n, func(_ context.Context, i int) error {
				begun.Add(1)
				if now := under.Add(1); now > share.Windows {
					t.Errorf("%d windows are read at a time", now)
				}
				defer under.Add(-1)
				if i == test.readFails {
					return bad
				}
				return nil
			}, func(i int) error {
				visited = append(visited, i)
				if i == test.visitFails {
					return bad
				}
				return nil
			})
			if fails := test.readFails >= 0 || test.visitFails >= 0; errors.Is(err, bad) != fails || !fails && err != nil {
				t.Errorf("got error %v", err)
			}
			if under.Load() != 0 {
				t.Error("something is still being read")
			}
			if len(visited) != test.visits || int(begun.Load()) > test.atMost {
				t.Errorf("got %d visits and %d reads, want %d and at most %d", len(visited), begun.Load(), test.visits, test.atMost)
			}
			for i, got := range visited {
				if got != i {
					t.Fatalf("visited in the order %v", visited)
				}
			}
		})
	}
}

// The memory of a window is the caller's again only when its read has ended, whatever ended the walk.
func TestAheadWaitsForWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		enough := errors.New("enough")
		release, done := make(chan struct{}), make(chan error, 1)
		go func() {
			done <- share.Ahead(t.Context(), 9, func(ctx context.Context, i int) error {
				if i == 0 {
					return nil
				}
				<-ctx.Done()
				<-release
				return ctx.Err()
			}, func(int) error { return enough })
		}()
		synctest.Wait()
		select {
		case err := <-done:
			t.Errorf("ended with %v while a window was being read", err)
		default:
		}
		close(release)
		if err := <-done; !errors.Is(err, enough) {
			t.Errorf("got %v, want the visit's error", err)
		}
	})
}
