package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"syncbox/firmware/internal/support/brokertest"
)

// perSecond is how many attempts a second a spread is made for.
const perSecond = 1000 / 1.2

// realClients lets boxes with TLS clients of their own lose a real mosquitto of the recipe, killed and started again
// after down, and waits until all are back. What it prints is what the broker has logged; of the attempts in a second,
// those that the boxes made as well, for a broker that has to catch up takes many in one second. chance gives that of each
// box: an even number in [0, n).
func realClients(ctx context.Context, w io.Writer, recipe string, boxes int, down time.Duration, chance func(box int) func(n int64) int64) error {
	if err := openFiles(uint64(boxes) + 200); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "storm")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ca, err := brokertest.NewCA()
	if err != nil {
		return err
	}
	broker, err := brokertest.StartMosquitto(ctx, recipe, dir, ca)
	if err != nil {
		return err
	}
	defer broker.Stop()
	ctx, cancel := context.WithCancel(ctx)
	f := fleet{broker: broker.Addr, spread: time.Duration(float64(boxes) / perSecond * float64(time.Second))}
	defer f.running.Wait()
	defer cancel()
	if err := f.connect(ctx, ca, boxes, chance); err != nil {
		return err
	}
	logged := len(broker.Log())
	back, err := f.outage(ctx, broker, boxes, down)
	if err != nil {
		return err
	}
	memory, err := broker.Memory()
	if err != nil {
		return err
	}
	if err := broker.Stop(); err != nil {
		return err
	}
	s := read(broker.Log()[logged:])
	last := s.when(1) - back
	fmt.Fprintf(w, "clients=%d broker=mosquitto down_s=%.0f spread_s=%.1f peak_per_s=%d taken_peak_per_s=%d attempts_per_box=%.2f half_back_s=%d all_back_s=%d connected=%d broker_cpu_ms_per_box=%.1f broker_kib_per_box=%d\n",
		boxes, down.Seconds(), f.spread.Seconds(), f.peak(), s.peak, float64(s.attempts)/float64(boxes), s.when(0.5)-back, last, len(s.connected),
		broker.Used().Seconds()*1000/float64(boxes), memory/boxes)
	if len(s.connected) < boxes || f.peak() > goalPeak || s.attempts > goalAttempts*boxes || last > int64(goalBack.Seconds()) {
		return fmt.Errorf("%d real clients: goal missed: all back within %v, at most %d attempts a second and %d per box", boxes, goalBack, goalPeak, goalAttempts)
	}
	return nil
}

// connect starts the boxes and waits until all are connected.
func (f *fleet) connect(ctx context.Context, ca *brokertest.CA, boxes int, chance func(box int) func(n int64) int64) error {
	f.anew()
	first := make(chan struct{}, 32) // connect for the first time at the same time
	for i := range boxes {
		name := fmt.Sprintf("box-%05d", i)
		tls, err := ca.Client(name)
		if err != nil {
			return err
		}
		b := f.box(name, tls, chance(i))
		f.running.Go(func() { b.run(ctx, first) })
	}
	return f.await(ctx, boxes)
}

// outage takes the broker away and gives it back, waits until all boxes are connected again, and tells when the broker
// came back, in seconds since 1970.
func (f *fleet) outage(ctx context.Context, broker *brokertest.Mosquitto, boxes int, down time.Duration) (back int64, err error) {
	f.anew()
	if err := broker.Kill(); err != nil {
		return 0, err
	}
	if err := f.await(ctx, 0); err != nil {
		return 0, err
	}
	pause(ctx, down)
	back = time.Now().Unix()
	if err := broker.Start(ctx); err != nil {
		return 0, err
	}
	return back, f.await(ctx, boxes)
}

// openFiles lets this process, and the broker that it starts, hold so many connections.
func openFiles(n uint64) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	if uint64(limit.Max) < n {
		return fmt.Errorf("at most %d open files are allowed here, %d are needed", limit.Max, n)
	}
	limit.Cur = limit.Max
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
}

// pause waits, but not longer than ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
