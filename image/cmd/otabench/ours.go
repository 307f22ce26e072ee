package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
)

// ours makes and applies the deltas, and the full payload.
func ours(ctx context.Context, dir string, pairs []pair) error {
	if err := full(ctx, dir, pairs[0].new); err != nil {
		return err
	}
	for _, p := range pairs {
		if err := measured(ctx, dir, p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	most, err := mostMemory()
	if err == nil {
		figure("ota_make_rss_bytes", most, "B")
	}
	return err
}

func full(ctx context.Context, dir, image string) error {
	f, err := os.Open(image)
	if err != nil {
		return err
	}
	defer f.Close()
	payload := filepath.Join(dir, "full.payload")
	l, err := written(payload, func(w io.Writer) (bundle.List, error) { return delta.Full(w, f) })
	if err != nil {
		return err
	}
	figure("ota_full_bytes", l.Bytes(), "B")
	figure("ota_full_list_bytes", len(l.Marshal()), "B")
	return applied(ctx, "ota_full", image, payload, l, image)
}

// written writes a payload and its list.
func written(path string, make func(w io.Writer) (bundle.List, error)) (l bundle.List, err error) {
	f, err := os.Create(path)
	if err != nil {
		return l, err
	}
	l, err = make(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return l, err
	}
	return l, os.WriteFile(path+".windows", l.Marshal(), 0o644)
}

func measured(ctx context.Context, dir string, p pair) error {
	old, err := os.ReadFile(p.old)
	if err != nil {
		return err
	}
	new, err := os.ReadFile(p.new)
	if err != nil {
		return err
	}
	var costs delta.Costs
	payload := filepath.Join(dir, p.name+".payload")
	begin := time.Now()
	l, err := written(payload, func(w io.Writer) (bundle.List, error) { return delta.MakeCounted(w, old, new, &costs) })
	if err != nil {
		return err
	}
	name := "ota_delta_" + p.name
	figure(name+"_bytes", l.Bytes(), "B")
	figure(name+"_list_bytes", len(l.Marshal()), "B")
	for _, c := range []struct {
		name  string
		value float64
	}{{"control", costs.Control}, {"transform", costs.Transform}, {"diff", costs.Diff}, {"extra", costs.Extra}, {"plain", costs.Plain}} {
		figure(name+"_"+c.name+"_bytes", int(c.value+0.5), "B")
	}
	figure(name+"_make_seconds", fmt.Sprintf("%.1f", time.Since(begin).Seconds()), "s")
	return applied(ctx, name, p.old, payload, l, p.new)
}

// applied applies a payload in a process of its own, and compares its time with that of zstd for the same image.
func applied(ctx context.Context, name, old, payload string, l bundle.List, image string) error {
	size, err := os.Stat(image)
	if err != nil {
		return err
	}
	var seconds float64
	var rss int64
	args := []string{"-apply", old, payload, payload + ".windows", strconv.FormatInt(size.Size(), 10)}
	if err := itself(ctx, args, &seconds, &rss); err != nil {
		return err
	}
	compare(ctx, name, image, seconds, rss)
	return nil
}

// applyDelta is the process that applies: it prints its processor time in seconds and the most memory that it had.
func applyDelta(args []string) error {
	if len(args) != 4 {
		return errors.New("want OLD PAYLOAD LIST BYTES")
	}
	size, err := strconv.ParseInt(args[3], 10, 64)
	if err != nil {
		return err
	}
	old, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer old.Close()
	info, err := old.Stat()
	if err != nil {
		return err
	}
	payload, err := os.Open(args[1])
	if err != nil {
		return err
	}
	defer payload.Close()
	b, err := os.ReadFile(args[2])
	if err != nil {
		return err
	}
	l, err := bundle.ParseList(b, size)
	if err != nil {
		return err
	}
	format := bundle.Delta
	if strings.HasSuffix(args[1], "full.payload") {
		format = bundle.Full
	}
	if err := windows(l, size, payload, format, old, info.Size()); err != nil {
		return err
	}
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return err
	}
	most, err := mostMemory()
	if err != nil {
		return err
	}
	fmt.Println(float64(use.Utime.Nano()+use.Stime.Nano())/1e9, most)
	return nil
}

// windows does what the updater does with a payload, but for writing.
func windows(l bundle.List, size int64, payload io.Reader, format bundle.Format, old io.ReaderAt, oldSize int64) error {
	var d delta.Decoder
	room := make([]byte, bundle.MaxFrame)
	made := 0
	for _, f := range l.Frames {
		frame := room[:f.Bytes]
		if _, err := io.ReadFull(payload, frame); err != nil {
			return err
		}
		if sha256.Sum256(frame) != f.SHA256 {
			return errors.New("frame has another hash")
		}
		err := d.Decode(format, frame, old, oldSize, bundle.WindowSizes(size, made, f.Windows), func(w []byte) error {
			sum := sha256.Sum256(w)
			if !bytes.Equal(sum[:], l.Windows[made][:]) {
				return fmt.Errorf("window %d has another hash", made)
			}
			made++
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
