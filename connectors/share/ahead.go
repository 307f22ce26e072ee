package share

import (
	"context"
	"sync"
)

// Windows is how many windows of a file are read at a time: while one is asked for, opened or closed, the
// other keeps the line busy.
const Windows = 2

// Ahead reads the windows 0 to n-1 of a file and visits them in their order. read runs on a goroutine of
// its own, Windows at a time, and window i has the caller's memory i%Windows until its visit is over; visit
// runs on the caller's goroutine. A slow visit thus makes the windows behind it wait in memory, read and
// closed. Ahead returns the first error in the order of the windows, once nothing is being read any more.
func Ahead(ctx context.Context, n int, read func(ctx context.Context, i int) error, visit func(i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer cancel()
	var done [Windows]chan error
	begin := func(i int) {
		if i < n {
			end := make(chan error, 1)
			done[i%Windows] = end
			reading.Go(func() { end <- read(ctx, i) })
		}
	}
	for i := range Windows {
		begin(i)
	}
	for i := range n {
		if err := <-done[i%Windows]; err != nil {
			return err
		}
		if err := visit(i); err != nil {
			return err
		}
		begin(i + Windows)
	}
	return nil
}
