package slot

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"syncbox/ota/bundle"
)

// Device holds the image of a slot.
type Device interface {
	io.ReaderAt
	io.WriterAt
	// Sync returns once what was written is on the medium.
	Sync() error
	// Size is the most that an image may have, in bytes.
	Size() int64
}

// Rereader is a Device whose ReadAt may answer out of a memory of the machine.
type Rereader interface {
	// Reread gives what reads from the medium itself. Offsets and lengths are multiples of ReadSize or end with the device.
	Reread() (Medium, error)
}

// Medium reads past every cache.
type Medium interface {
	io.ReaderAt
	io.Closer
}

// ReadSize is how much is read at once, in bytes. It divides bundle.WindowSize.
const ReadSize = 256 << 10

// SyncEvery is the most that is written between two syncs, in bytes: a sync that has much to do would hold up everybody
// who writes to the same medium.
const SyncEvery = 8 << 20

// ErrTooLarge: the image does not fit into the slot.
var ErrTooLarge = errors.New("image larger than the slot")

// Hash gives the SHA-256 of the first size bytes of what is on the medium.
func Hash(ctx context.Context, d Device, size int64) (bundle.Digest, error) {
	if size > d.Size() {
		return bundle.Digest{}, fmt.Errorf("%w: %d of %d bytes", ErrTooLarge, size, d.Size())
	}
	whole := sha256.New()
	err := read(ctx, d, size, func(b []byte) { whole.Write(b) })
	return bundle.Digest(whole.Sum(nil)), err
}

// Present says which windows of an image of size bytes are on the medium already.
func Present(ctx context.Context, d Device, windows []bundle.Digest, size int64) ([]bool, error) {
	if size > d.Size() {
		return nil, fmt.Errorf("%w: %d of %d bytes", ErrTooLarge, size, d.Size())
	}
	if len(windows) != bundle.WindowCount(size) {
		return nil, fmt.Errorf("%d windows of an image of %d bytes", len(windows), size)
	}
	present := make([]bool, len(windows))
	window := sha256.New()
	var at int64
	err := read(ctx, d, size, func(b []byte) {
		window.Write(b)
		at += int64(len(b))
		if at%bundle.WindowSize == 0 || at == size {
			i := int((at - 1) / bundle.WindowSize)
			present[i] = bundle.Digest(window.Sum(nil)) == windows[i]
			window.Reset()
		}
	})
	return present, err
}

// read gives the first size bytes on the medium, piece by piece.
func read(ctx context.Context, d Device, size int64, piece func([]byte)) error {
	var from io.ReaderAt = d
	if r, ok := d.(Rereader); ok {
		m, err := r.Reread()
		if err != nil {
			return fmt.Errorf("read slot: %w", err)
		}
		defer m.Close()
		from = m
	}
	buf := aligned(ReadSize)
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		// Past the end of the image up to the device's, where the medium reads whole blocks only.
		n, err := from.ReadAt(buf[:min(ReadSize, d.Size()-at)], at)
		if want := min(ReadSize, size-at); int64(n) < want {
			if err == nil {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("read slot at %#x: %w", at, err)
		}
		n = int(min(int64(n), size-at))
		piece(buf[:n])
		at += int64(n)
	}
	return nil
}
