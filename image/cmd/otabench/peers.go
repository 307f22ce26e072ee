package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// peerTime is how long a tool may take for a pair.
const peerTime = 10 * time.Minute

// peers lets other tools make what ours makes, each as far as it is there.
func peers(ctx context.Context, dir string, pairs []pair, tools []string) error {
	work := filepath.Join(dir, "peers")
	for _, tool := range []struct {
		program string
		bytes   func(ctx context.Context, work string, p pair) (int64, error)
		name    string
	}{
		{"zstd", zstdPatch, "zstd_patch_from"},
		{"xdelta3", xdelta, "xdelta3"},
		{"bsdiff", bsdiff, "bsdiff"},
		{"casync", casync, "casync_64k"},
		{"zck_delta_size", zchunk, "zchunk"},
	} {
		if !slices.Contains(tools, tool.program) {
			continue
		}
		if _, err := exec.LookPath(tool.program); err != nil {
			fmt.Fprintf(os.Stderr, "otabench: %s is not there: %v\n", tool.program, err)
			continue
		}
		for _, p := range pairs {
			n, err := peer(ctx, work, p, tool.bytes)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				fmt.Fprintf(os.Stderr, "otabench: %s of %s: %v\n", tool.program, p.name, err)
				continue
			}
			figure("peer_"+tool.name+"_"+p.name+"_bytes", n, "B")
		}
	}
	if !slices.Contains(tools, "rauc") {
		return nil
	}
	return rauc(ctx, work, pairs)
}

// peer gives a tool an empty folder.
func peer(ctx context.Context, work string, p pair, bytes func(context.Context, string, pair) (int64, error)) (int64, error) {
	if err := errors.Join(os.RemoveAll(work), os.MkdirAll(work, 0o755)); err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	ctx, cancel := context.WithTimeout(ctx, peerTime)
	defer cancel()
	return bytes(ctx, work, p)
}

func zstdPatch(ctx context.Context, work string, p pair) (int64, error) {
	out := filepath.Join(work, "out")
	_, err := output(exec.CommandContext(ctx, "zstd", "-q", "-19", "--long=27", "--patch-from="+p.old, p.new, "-o", out))
	return sizeOf(out, err)
}

func xdelta(ctx context.Context, work string, p pair) (int64, error) {
	out := filepath.Join(work, "out")
	_, err := output(exec.CommandContext(ctx, "xdelta3", "-e", "-9", "-S", "lzma", "-B", "134217728", "-s", p.old, p.new, out))
	return sizeOf(out, err)
}

func bsdiff(ctx context.Context, work string, p pair) (int64, error) {
	out := filepath.Join(work, "out")
	_, err := output(exec.CommandContext(ctx, "bsdiff", p.old, p.new, out))
	return sizeOf(out, err)
}

func sizeOf(path string, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// casync counts the chunks that a box with the old image has to fetch, and the index.
func casync(ctx context.Context, work string, p pair) (int64, error) {
	store := filepath.Join(work, "store.castr")
	index := func(image string) (string, error) {
		to := filepath.Join(work, filepath.Base(image)+".caibx")
		_, err := output(exec.CommandContext(ctx, "casync", "make", "--chunk-size=65536", "--store="+store, to, image))
		return to, err
	}
	if _, err := index(p.old); err != nil {
		return 0, err
	}
	before, err := sizeBelow(store)
	if err != nil {
		return 0, err
	}
	list, err := sizeOf(index(p.new))
	if err != nil {
		return 0, err
	}
	after, err := sizeBelow(store)
	return after - before + list, err
}

func sizeBelow(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

// zchunk asks zchunk's own tool what a box with the old file has to fetch.
func zchunk(ctx context.Context, work string, p pair) (int64, error) {
	pack := func(image string) (string, error) {
		to := filepath.Join(work, filepath.Base(image)+".zck")
		_, err := output(exec.CommandContext(ctx, "zck", "-o", to, image))
		return to, err
	}
	old, err := pack(p.old)
	if err != nil {
		return 0, err
	}
	new, err := pack(p.new)
	if err != nil {
		return 0, err
	}
	out, err := output(exec.CommandContext(ctx, "zck_delta_size", old, new))
	if err != nil {
		return 0, err
	}
	return fetched(string(out))
}

// fetched reads "Would download 1234 of 5678 bytes".
func fetched(said string) (int64, error) {
	for line := range strings.Lines(said) {
		if rest, ok := strings.CutPrefix(line, "Would download "); ok {
			n, _, _ := strings.Cut(rest, " ")
			return strconv.ParseInt(n, 10, 64)
		}
	}
	return 0, fmt.Errorf("zck_delta_size says %q", said)
}
