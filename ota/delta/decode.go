package delta

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"syncbox/ota/bundle"
)

// fullWindow is the most that a zstd frame may ask the decoder to remember, in bytes.
const fullWindow = 4 << 20

// OldError is a read of the old image that failed: a frame can't be decoded, through no fault of its own.
type OldError struct {
	At  int64
	Err error
}

func (e *OldError) Error() string { return fmt.Sprintf("read old image at %d: %v", e.At, e.Err) }
func (e *OldError) Unwrap() error { return e.Err }

// Decode gives the windows of one frame, in order, to emit, whose slice is good until it returns; sizes are their
// lengths, each 1 to bundle.WindowSize, at most bundle.MaxFrameWindows of them. A delta reads the old image by old; a full
// payload does without. What emit returns ends the work and is returned as it is. Errors wrap ErrFrame, or are an
// *OldError. For more than one frame, a Decoder takes less memory.
func Decode(format bundle.Format, frame []byte, old io.ReaderAt, oldSize int64, sizes []int, emit func(window []byte) error) error {
	var d Decoder
	return d.Decode(format, frame, old, oldSize, sizes, emit)
}

// Decoder decodes frame after frame in the same memory. Its zero value is ready.
type Decoder struct {
	zstd   *zstd.Decoder
	frame  frame
	old    oldImage
	window []byte
}

// Decode is as the function Decode.
func (d *Decoder) Decode(format bundle.Format, frame []byte, old io.ReaderAt, oldSize int64, sizes []int, emit func(window []byte) error) error {
	if err := checkSizes(frame, sizes); err != nil {
		return err
	}
	if d.window == nil {
		d.window = make([]byte, bundle.WindowSize)
	}
	switch {
	case format == bundle.Full:
		return d.full(frame, sizes, emit)
	case format != bundle.Delta:
		return fmt.Errorf("decode frame: format %q", format)
	case frame[0] == plain:
		return d.full(frame[1:], sizes, emit)
	case frame[0] == linked && oldSize >= 0 && oldSize <= bundle.MaxImage:
		return d.linked(frame[1:], old, oldSize, sizes, emit)
	}
	return bad("kind %d with an old image of %d bytes", frame[0], oldSize)
}

func checkSizes(frame []byte, sizes []int) error {
	if len(frame) < 1 || len(frame) > bundle.MaxFrame {
		return bad("%d bytes", len(frame))
	}
	if len(sizes) < 1 || len(sizes) > bundle.MaxFrameWindows {
		return bad("%d windows", len(sizes))
	}
	for _, n := range sizes {
		if n < 1 || n > bundle.WindowSize {
			return bad("window of %d bytes", n)
		}
	}
	return nil
}

func (d *Decoder) full(frame []byte, sizes []int, emit func([]byte) error) error {
	if d.zstd == nil {
		var err error
		d.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(fullWindow), zstd.WithDecoderMaxMemory(fullWindow))
		if err != nil {
			return err
		}
	}
	if err := d.zstd.Reset(bytes.NewReader(frame)); err != nil {
		return bad("%w", err)
	}
	for _, n := range sizes {
		if _, err := io.ReadFull(d.zstd, d.window[:n]); err != nil {
			return bad("%w", err)
		}
		if err := emit(d.window[:n]); err != nil {
			return err
		}
	}
	if n, err := d.zstd.Read(d.window[:1]); n != 0 || !errors.Is(err, io.EOF) {
		return bad("more than its windows: %w", err)
	}
	return nil
}

func (d *Decoder) linked(b []byte, old io.ReaderAt, oldSize int64, sizes []int, emit func([]byte) error) error {
	d.old.from, d.old.size, d.old.buf = old, oldSize, nil
	f := &d.frame
	f.reset(newReader(b), &d.old)
	bytes := 0
	for _, n := range sizes {
		bytes += n
	}
	at, err := f.header(0, layout{}, f.ops[:0], bytes)
	if err != nil {
		return err
	}
	cur := cursor{at: at, lo: f.links.lo}
	for _, n := range sizes {
		if err := f.window(&cur, d.window[:n]); err != nil {
			return err
		}
		if err := emit(d.window[:n]); err != nil {
			return err
		}
	}
	if !f.ended() {
		return bad("bytes after its end")
	}
	return nil
}
