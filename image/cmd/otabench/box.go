package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"syncbox/ota/bootstate"
	"syncbox/ota/fetch"
	"syncbox/ota/slot"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

// box is the process that takes up a release, `FOLDER URL held|rss`. It prints the most memory in bytes that this took beyond
// what the process had before: held, by whatever is still of use, at each write of a window; rss, of the machine.
func box(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("want FOLDER URL held|rss")
	}
	work, held := args[0], args[2] == "held"
	c, done, err := boxOf(work, args[1])
	if err != nil {
		return err
	}
	begin := memory{}
	if held {
		c.B = &weighed{Slot: c.B.(*slot.Slot), m: &begin}
	}
	u := update.New(c)
	if _, err := u.Begin(bootstate.Start{Slot: bootstate.A}); err != nil {
		return err
	}
	wish, err := os.ReadFile(filepath.Join(work, "wish.json"))
	if err != nil {
		return err
	}
	if err := begin.begin(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- u.Run(ctx) }()
	a, err := u.Wish(ctx, wish)
	if err != nil {
		return err
	}
	if a.Phase != update.PhaseAccepted {
		return fmt.Errorf("order: %s: %s %s", a.Phase, a.Code, a.Words)
	}
	if err := <-done; err != nil {
		return err
	}
	n := int64(begin.most)
	if !held {
		now, err := mostMemory()
		if err != nil {
			return err
		}
		n = now - begin.rss
	}
	fmt.Println(n)
	cancel()
	return errors.Join(<-ended, u.Close())
}

// boxOf gives a box on a card, and what hears how its install ends.
func boxOf(work, url string) (c update.Config, done chan error, err error) {
	ca, err := os.ReadFile(filepath.Join(work, "ca.pem"))
	if err != nil {
		return c, nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	server, err := fetch.NewServer(fetch.Config{URL: url, TLS: &tls.Config{RootCAs: pool}})
	if err != nil {
		return c, nil, err
	}
	root, err := os.ReadFile(filepath.Join(work, "root.json"))
	if err != nil {
		return c, nil, err
	}
	card := filepath.Join(work, "card.img")
	whole, err := bootstate.Open(card)
	if err != nil {
		return c, nil, err
	}
	a, err := slot.Open(card, slot.PartitionA)
	if err != nil {
		return c, nil, err
	}
	b, err := slot.Open(card, slot.PartitionB)
	if err != nil {
		return c, nil, err
	}
	done = make(chan error, 1)
	var log bytes.Buffer
	end := func(err error) {
		select {
		case done <- err:
		default:
		}
	}
	return update.Config{
		Disk: whole, A: a, B: b, Database: filepath.Join(work, "update.db"),
		Anchor: trust.Anchor{Root: root, Built: time.Now().Add(-time.Hour)}, Box: boxName, Board: board, Version: oldVersion,
		Sources: func() []update.Source { return []update.Source{{Name: "server", Files: server}} },
		Clock:   func() trust.Clock { return trust.Clock{Now: time.Now(), Trusted: true} },
		Allowed: func(bool) bool { return true }, Health: func() update.Health { return update.Health{Link: true} },
		Reboot: func() { end(nil) },
		Tell: func(e update.Event) error {
			if e.Phase == update.PhaseFailed || e.Phase == update.PhaseRejected {
				end(fmt.Errorf("%s: %s\n%s", e.Code, e.Words, log.String()))
			}
			return nil
		},
		Log: slog.New(slog.NewTextHandler(io.Writer(&log), nil)),
	}, done, nil
}

// memory is what a process has, in bytes.
type memory struct {
	heap, most uint64
	rss        int64
}

// begin takes what there is now as nothing.
func (m *memory) begin() (err error) {
	debug.FreeOSMemory()
	m.heap = heap()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil { // the most begins anew
		return err
	}
	m.rss, err = mostMemory()
	return err
}

// heap gives the bytes on the heap that are still of use.
func heap() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

// weighed is a slot that looks at the memory in use whenever a window is written: then the frame, what decodes it and the
// window are there.
type weighed struct {
	*slot.Slot
	m *memory
}

func (w *weighed) WriteAt(b []byte, at int64) (int, error) {
	if now := heap(); now > w.m.heap {
		w.m.most = max(w.m.most, now-w.m.heap)
	}
	return w.Slot.WriteAt(b, at)
}
