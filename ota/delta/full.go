package delta

import (
	"crypto/sha256"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"syncbox/ota/bundle"
)

// fullWindows is how many windows a frame of a full payload makes: a download goes on where a frame begins, and
// smaller frames cost bytes.
const fullWindows = 4

// Full writes the payload that makes an image out of nothing, and gives its window list.
func Full(w io.Writer, image io.Reader) (bundle.List, error) {
	var l bundle.List
	z, err := newCompressor()
	if err != nil {
		return l, err
	}
	b := make([]byte, fullWindows*bundle.WindowSize)
	for {
		n, err := io.ReadFull(image, b)
		if n > 0 {
			windows := hashWindows(&l, b[:n])
			if err := putFrame(w, &l, windows, z.EncodeAll(b[:n], nil)); err != nil {
				return l, err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return l, nil
		}
		if err != nil {
			return l, err
		}
	}
}

func newCompressor() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(fullWindow),
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
}

// hashWindows adds the windows of a piece of image to a list, and gives their number.
func hashWindows(l *bundle.List, b []byte) int {
	n := 0
	for ; len(b) > 0; n++ {
		k := min(len(b), bundle.WindowSize)
		l.Windows = append(l.Windows, sha256.Sum256(b[:k]))
		b = b[k:]
	}
	return n
}

func putFrame(w io.Writer, l *bundle.List, windows int, frame []byte) error {
	l.Frames = append(l.Frames, bundle.Frame{Windows: windows, Bytes: len(frame), SHA256: sha256.Sum256(frame)})
	_, err := w.Write(frame)
	return err
}
