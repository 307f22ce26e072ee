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

// peerTool is a tool of others that makes what ours makes.
type peerTool struct {
	program, name string
	// make makes it in an empty folder, and gives its length.
	make func(ctx context.Context, work string, p pair) (int64, error)
	// apply gives the command that makes the new image, "made", out of it; nil where that takes a box of its own.
	apply func(old, patch, made string) []string
}

var peerTools = []peerTool{
	{"zstd", "zstd_patch_from", zstdPatch, func(old, patch, made string) []string {
		return []string{"zstd", "-q", "-d", "--long=27", "--patch-from=" + old, patch, "-o", made}
	}},
	{"xdelta3", "xdelta3", xdelta, func(old, patch, made string) []string {
		return []string{"xdelta3", "-d", "-B", "134217728", "-s", old, patch, made}
	}},
	{"bsdiff", "bsdiff", bsdiff, func(old, patch, made string) []string { return []string{"bspatch", old, made, patch} }},
	{"casync", "casync_64k", casync, nil},
	{"zck_delta_size", "zchunk", zchunk, nil},
}

// peers lets other tools make what ours makes, each as far as it is there.
func peers(ctx context.Context, dir string, pairs []pair, tools []string) error {
	work := filepath.Join(dir, "peers")
	for _, tool := range peerTools {
		if !slices.Contains(tools, tool.program) {
			continue
		}
		if _, err := exec.LookPath(tool.program); err != nil {
			fmt.Fprintf(os.Stderr, "otabench: %s is not there: %v\n", tool.program, err)
			continue
		}
		for _, p := range pairs {
			_, err := peer(ctx, work, p, tool.measured)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				fmt.Fprintf(os.Stderr, "otabench: %s of %s: %v\n", tool.program, p.name, err)
			}
		}
	}
	if !slices.Contains(tools, "rauc") {
		return nil
	}
	return rauc(ctx, work, pairs)
}

// measured has a tool make and apply what takes one image to the other.
func (t peerTool) measured(ctx context.Context, work string, p pair) (int64, error) {
	n, err := t.make(ctx, work, p)
	if err != nil {
		return 0, err
	}
	name := "peer_" + t.name + "_" + p.name
	figure(name+"_bytes", n, "B")
	if t.apply == nil {
		return n, nil
	}
	made := filepath.Join(work, "made")
	var seconds float64
	var rss int64
	args := append([]string{"-run", "--"}, t.apply(p.old, filepath.Join(work, "out"), made)...)
	if err := itself(ctx, args, &seconds, &rss); err != nil {
		return n, fmt.Errorf("apply: %w", err)
	}
	if err := equal(made, p.new); err != nil {
		return n, fmt.Errorf("apply: %w", err)
	}
	compare(ctx, name, p.new, seconds, rss)
	return n, nil
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
