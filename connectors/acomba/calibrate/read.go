package calibrate

import (
	"context"
	"os"
	"path"

	"syncbox/connectors/share"
)

// file is a file of a snapshot, read from its copy or where it is.
type file struct {
	File
	reader share.BlockReader
}

// files gives the files of a snapshot that can be read: those with cards in them, not too large and not empty.
func (s *Session) files(shot Snapshot) []*file {
	var all []*file
	copies := os.DirFS(s.copies(shot.ID))
	for _, f := range shot.Files {
		if f.Size == 0 || f.Size > maxFile {
			continue
		}
		opened := &file{File: f, reader: share.BlockReader{FS: s.o.Company, Name: path.Join(s.o.Root, f.Path)}}
		if f.Copy != "" {
			opened.reader = share.BlockReader{FS: copies, Name: path.Base(f.Copy)}
		}
		all = append(all, opened)
	}
	return all
}

// latest gives the newest snapshot.
func (v *View) latest() (Snapshot, error) {
	if len(v.Snapshots) == 0 {
		return Snapshot{}, ErrNoSnapshot
	}
	return v.Snapshots[len(v.Snapshots)-1], nil
}

// walk hands the file to visit in windows, each with the last overlap bytes of the one before in front of it. Locked
// ranges are zeros. visit's bytes are valid until it returns.
func (f *file) walk(ctx context.Context, overlap int, visit func(off int64, b []byte) error) error {
	buf := make([]byte, streamBytes)
	window := make([]byte, 0, overlap+streamBytes)
	_, err := f.reader.Walk(ctx, buf, func(b share.Block) error {
		keep := min(overlap, len(window))
		copy(window, window[len(window)-keep:])
		window = append(window[:keep], b.Buf...)
		return visit(b.Off-int64(keep), window)
	})
	return err
}

// at reads a range; what lies beyond the end of the file is left off. Locked bytes are zeros, and told.
func (f *file) at(ctx context.Context, off int64, n int) (b []byte, locked bool, err error) {
	n = int(min(int64(n), f.Size-off))
	if off < 0 || n <= 0 {
		return nil, false, nil
	}
	block := share.Block{Off: off, Buf: make([]byte, n)}
	if _, err := f.reader.Read(ctx, &block); err != nil {
		return nil, false, err
	}
	return block.Buf, len(block.Skipped) > 0, nil
}

// ends says whether an error of one file ends the step: ctx, or the whole share has trouble.
func ends(ctx context.Context, err error) bool {
	if err == nil {
		return false
	}
	switch share.ClassOf(err) {
	case share.Auth, share.ShareGone, share.Dead, share.MountBusy, share.Stuck:
		return true
	}
	return ctx.Err() != nil
}
