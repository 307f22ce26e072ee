package bundle

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Bounds of payloads. A payload is a row of frames, end to end; each makes one or more whole windows of the image.
const (
	WindowSize      = 1 << 20 // bytes of image; the last window may be short
	MaxFrame        = 5 << 20 // bytes of payload
	MaxFrameWindows = 16
)

// maxWindows is that of an image of MaxImage bytes.
const maxWindows = (MaxImage + WindowSize - 1) / WindowSize

// MaxList is the most bytes that a window list may have, whatever the image.
const MaxList = len(listMagic) + maxWindows*(runBytes+frameBytes)

// The list is binary: the magic; the windows, as runs of equal ones (count less one, digest); the frames (windows,
// length as uint32, little-endian, digest). Nothing is counted in it: the image's length says where each part ends.
const (
	listMagic  = "SBW1"
	runBytes   = 1 + len(Digest{})
	frameBytes = 1 + 4 + len(Digest{})
	maxRun     = 256
)

// Frame is a piece of payload that can be decoded by itself.
type Frame struct {
	Windows int    // that it makes, 1 to MaxFrameWindows
	Bytes   int    // of payload, 1 to MaxFrame
	SHA256  Digest // of these bytes
}

// List says what each piece of a payload and of its image must be. A frame is checked before it is decoded, a window
// before it is written.
type List struct {
	Windows []Digest // of each window of the image
	Frames  []Frame  // in the order of the payload
}

// ErrList is wrapped by the error for a window list that can't be used.
var ErrList = errors.New("bad window list")

// WindowCount gives the number of windows of an image of so many bytes.
func WindowCount(image int64) int { return int((image + WindowSize - 1) / WindowSize) }

// WindowSizes gives the bytes of n windows of an image, from the window first on.
func WindowSizes(image int64, first, n int) []int {
	sizes := make([]int, n)
	for i := range sizes {
		sizes[i] = int(min(WindowSize, image-int64(first+i)*WindowSize))
	}
	return sizes
}

// Bytes gives the length of the payload.
func (l List) Bytes() int64 {
	var n int64
	for _, f := range l.Frames {
		n += int64(f.Bytes)
	}
	return n
}

// LongestFrame gives the length of the longest frame, at most MaxFrame.
func (l List) LongestFrame() int {
	most := 0
	for _, f := range l.Frames {
		most = max(most, f.Bytes)
	}
	return most
}

// Marshal gives what ParseList reads.
func (l List) Marshal() []byte {
	b := []byte(listMagic)
	for i := 0; i < len(l.Windows); {
		n := 1
		for i+n < len(l.Windows) && n < maxRun && l.Windows[i+n] == l.Windows[i] {
			n++
		}
		b = append(append(b, byte(n-1)), l.Windows[i][:]...)
		i += n
	}
	for _, f := range l.Frames {
		b = binary.LittleEndian.AppendUint32(append(b, byte(f.Windows)), uint32(f.Bytes))
		b = append(b, f.SHA256[:]...)
	}
	return b
}

// ParseList reads the window list of an image of so many bytes, 0 to MaxImage.
func ParseList(b []byte, image int64) (List, error) {
	if image < 0 || image > MaxImage {
		return List{}, fmt.Errorf("%w: image of %d bytes", ErrList, image)
	}
	if len(b) < len(listMagic) || string(b[:len(listMagic)]) != listMagic {
		return List{}, fmt.Errorf("%w: it does not begin with %q", ErrList, listMagic)
	}
	windows, b, err := parseWindows(b[len(listMagic):], WindowCount(image))
	if err != nil {
		return List{}, err
	}
	frames, b, err := parseFrames(b, len(windows))
	if err != nil {
		return List{}, err
	}
	if len(b) > 0 {
		return List{}, fmt.Errorf("%w: %d bytes after its end", ErrList, len(b))
	}
	return List{windows, frames}, nil
}

func parseWindows(b []byte, count int) (windows []Digest, rest []byte, err error) {
	for len(windows) < count {
		if len(b) < runBytes {
			return nil, nil, fmt.Errorf("%w: it ends after %d of %d windows", ErrList, len(windows), count)
		}
		n := int(b[0]) + 1
		if n > count-len(windows) {
			return nil, nil, fmt.Errorf("%w: more than %d windows", ErrList, count)
		}
		for range n {
			windows = append(windows, Digest(b[1:runBytes]))
		}
		b = b[runBytes:]
	}
	return windows, b, nil
}

func parseFrames(b []byte, count int) (frames []Frame, rest []byte, err error) {
	for made := 0; made < count; {
		if len(b) < frameBytes {
			return nil, nil, fmt.Errorf("%w: it ends after the frames of %d of %d windows", ErrList, made, count)
		}
		f := Frame{Windows: int(b[0]), SHA256: Digest(b[5:frameBytes])}
		length := binary.LittleEndian.Uint32(b[1:5])
		switch {
		case f.Windows < 1 || f.Windows > min(MaxFrameWindows, count-made):
			return nil, nil, fmt.Errorf("%w: frame %d makes %d windows", ErrList, len(frames), f.Windows)
		case length < 1 || length > MaxFrame:
			return nil, nil, fmt.Errorf("%w: frame %d has %d bytes", ErrList, len(frames), length)
		}
		f.Bytes = int(length)
		frames, made, b = append(frames, f), made+f.Windows, b[frameBytes:]
	}
	return frames, b, nil
}
