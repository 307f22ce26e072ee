package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tree is the source as it is now.
type tree struct {
	commit string // "" where there is no repository
	clean  bool   // nothing is changed since the commit
}

func treeOf(ctx context.Context, source string) tree {
	head, err := output(exec.CommandContext(ctx, "git", "-C", source, "rev-parse", "HEAD"))
	if err != nil {
		return tree{}
	}
	changes, err := output(exec.CommandContext(ctx, "git", "-C", source, "status", "--porcelain"))
	return tree{strings.TrimSpace(string(head)), err == nil && len(changes) == 0}
}

// String gives what stands in the folder of programs that were built of it.
func (t tree) String() string {
	switch {
	case t.commit == "":
		return "no known commit"
	case !t.clean:
		return t.commit + ", changed"
	}
	return t.commit
}

// builtOf gives what the programs and images of the folder were built of.
func (b *builder) builtOf() string { return filepath.Join(b.dir, "commit") }

// made gives what the images of the folder were built of, and whether there are any. Those of another commit than that of a
// clean tree count as none; with a tree that is changed, those that are there are measured, whatever they are.
func (b *builder) made(now tree) (of string, found bool, err error) {
	if _, err := os.Stat(b.slot("v2")); err != nil {
		return "", false, nil
	}
	of = tree{}.String()
	text, err := os.ReadFile(b.builtOf())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", false, err
	}
	if err == nil {
		of = strings.TrimSpace(string(text))
	}
	return of, !now.clean || of == now.String(), nil
}

// ready has the programs and images of the folder be those of the source, and says of what they are.
func (b *builder) ready(ctx context.Context, source string) error {
	now := treeOf(ctx, source)
	of, found, err := b.made(now)
	if err != nil {
		return err
	}
	if found {
		fmt.Fprintf(os.Stderr, "otabench: programs and images of %s are used again: they are of %s, the source is %s\n", b.dir, of, now)
		return nil
	}
	fmt.Fprintf(os.Stderr, "otabench: programs and images of %s are built, of %s\n", b.dir, now)
	if err := os.Remove(b.builtOf()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := b.programs(ctx, source); err != nil {
		return err
	}
	return os.WriteFile(b.builtOf(), []byte(now.String()+"\n"), 0o644)
}
