package share

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"unicode"
)

// partSuffix marks a drop file that is still being written; nobody's importer looks for it.
const partSuffix = ".part"

var (
	errOtherContent = errors.New("is there with other content")
	errUnverified   = errors.New("what was written does not read back")
)

// Drop puts a new file into the folder dir ("." is the root), which must exist. It returns nil once
// the file has its final name and its verified content. It may be called again with the same name
// and content. Names must be new for each content; a file of that name with other content is an
// error of class Conflict (kind Rejected) and is left alone.
//
// The content goes to a name beside it first, is brought to the disk, read back and compared, and
// then renamed. The final name never leads to anything else; after an error of class Dead it is
// unknown whether it is there, and calling again tells. What is left of the other name when the
// server went away goes with the next Drop or Remove. Somebody who holds the new file open for a
// moment is waited for, twelve seconds at most.
func (w *Writer) Drop(ctx context.Context, dir, name string, content []byte) error {
	if w.mode != WriteDrops {
		return failure("drop", name, errMode)
	}
	if err := checkDropName(name); err != nil {
		return err
	}
	final := path.Join(dir, name)
	done, err := w.dropped(ctx, final, content)
	if done || err != nil {
		return err
	}
	part := final + partSuffix
	if err := w.writePart(ctx, part, content); err != nil {
		w.discard(part)
		return err
	}
	return w.promote(ctx, part, final, content)
}

// dropped says whether the final file is there with this content. Other content is an error.
func (w *Writer) dropped(ctx context.Context, final string, content []byte) (bool, error) {
	err := w.compare(ctx, final, content)
	switch {
	case err == nil:
		return true, nil
	case ClassOf(err) == Gone:
		return false, nil
	case errors.Is(err, errUnverified):
		return false, failure("drop", final, sorted(Conflict, w.m.name, final, errOtherContent))
	}
	return false, err
}

// writePart writes, syncs and verifies the file beside the final one.
func (w *Writer) writePart(ctx context.Context, part string, content []byte) error {
	err := patiently(ctx, func() error { return w.m.remove(ctx, part) }) // of an interrupted Drop
	if err != nil && ClassOf(err) != Gone {
		return err
	}
	f, err := w.m.open(ctx, part, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(content, 0)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return patiently(ctx, func() error { return w.compare(ctx, part, content) })
}

// promote gives the verified file its final name, which nobody has.
func (w *Writer) promote(ctx context.Context, part, final string, content []byte) error {
	err := patiently(ctx, func() error { return w.renameNew(ctx, part, final) })
	if err == nil {
		return nil
	}
	w.discard(part)
	if w.compare(ctx, final, content) == nil {
		return nil // done after all, by the rename whose answer was lost or by somebody else's Drop
	}
	return err
}

// renameNew renames where the final name is free. The look before and the new names are what keeps
// a file from being replaced: servers and clients do replace, whatever they are asked for.
func (w *Writer) renameNew(ctx context.Context, part, final string) error {
	_, err := w.m.stat(ctx, final)
	switch {
	case err == nil:
		return failure("rename", final, sorted(Conflict, w.m.name, final, errOtherContent))
	case ClassOf(err) != Gone:
		return err
	}
	return w.m.rename(ctx, part, final)
}

// compare reads a file back on a new handle: nil if it holds content, errUnverified if it does not.
func (w *Writer) compare(ctx context.Context, name string, content []byte) error {
	f, err := w.m.open(ctx, name, os.O_RDONLY)
	if err != nil {
		return err
	}
	defer f.Close() // nothing was written through it
	if f.info.Size() != int64(len(content)) {
		return w.unverified(name)
	}
	buf := make([]byte, min(RequestSize, len(content)))
	for at := 0; at < len(content); at += len(buf) {
		want := content[at:min(at+len(buf), len(content))]
		n, err := f.ReadAt(buf[:len(want)], int64(at))
		if err != nil && err != io.EOF {
			return err
		}
		if !bytes.Equal(buf[:n], want) {
			return w.unverified(name)
		}
	}
	return nil
}

func (w *Writer) unverified(name string) error {
	return failure("verify", name, sorted(Unknown, w.m.name, name, errUnverified))
}

// discard deletes a stump as well as it can, even when the caller's time is over.
func (w *Writer) discard(part string) {
	_ = w.m.remove(context.Background(), part) // the next Drop or Remove of the name tries again
}

// checkDropName keeps to what Windows can name; each such name is one a person can open there.
func checkDropName(name string) error {
	forbidden := func(c rune) bool { return unicode.IsControl(c) || strings.ContainsRune(`<>:"/\|?*`, c) }
	switch {
	case name == "", strings.ContainsFunc(name, forbidden), strings.TrimRight(name, ". ") != name,
		strings.HasSuffix(name, partSuffix), len(name) > 240:
		return fmt.Errorf("drop %q: not a name for a drop file", name)
	}
	return nil
}
