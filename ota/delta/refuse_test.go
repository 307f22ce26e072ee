package delta_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
)

// linkedFrame gives the one frame of a delta between two images that share most.
func linkedFrame(t *testing.T) (frame, old, new []byte) {
	t.Helper()
	old = noise(5, 60_000)
	new = append(append([]byte("begin"), old[:50_000]...), old[40_000:]...)
	for i := 9000; i < 20_000; i += 97 {
		new[i] ^= 5
	}
	frame, l := made(t, bundle.Delta, old, new)
	if len(l.Frames) != 1 || frame[0] != 1 {
		t.Fatalf("%d frames, the first of kind %d", len(l.Frames), frame[0])
	}
	return frame, old, new
}

func zstdOf(t *testing.T, b []byte, window int) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil, zstd.WithWindowSize(window), zstd.WithSingleSegment(false), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(b, nil)
}

func TestDecodeRefuses(t *testing.T) {
	frame, old, new := linkedFrame(t)
	plain := zstdOf(t, new, 1<<20)
	one := []int{len(new)}
	for name, tt := range map[string]struct {
		format bundle.Format
		frame  []byte
		old    []byte
		sizes  []int
		want   string
	}{
		"delta":                {bundle.Delta, frame, old, one, ""},
		"full":                 {bundle.Full, plain, nil, one, ""},
		"plain in a delta":     {bundle.Delta, append([]byte{0}, plain...), old, one, ""},
		"no bytes":             {bundle.Delta, nil, old, one, "0 bytes"},
		"too many bytes":       {bundle.Full, make([]byte, bundle.MaxFrame+1), nil, one, "5242881 bytes"},
		"no windows":           {bundle.Delta, frame, old, nil, "0 windows"},
		"too many windows":     {bundle.Delta, frame, old, make([]int, 17), "17 windows"},
		"empty window":         {bundle.Delta, frame, old, []int{0}, "window of 0 bytes"},
		"negative window":      {bundle.Delta, frame, old, []int{-1}, "window of -1 bytes"},
		"window too large":     {bundle.Delta, frame, old, []int{bundle.WindowSize + 1}, "window of 1048577 bytes"},
		"other kind":           {bundle.Delta, append([]byte{2}, frame[1:]...), old, one, "kind 2"},
		"byte after its end":   {bundle.Delta, append(bytes.Clone(frame), 0), old, one, "after its end"},
		"longer than its ops":  {bundle.Delta, frame, old, []int{len(new), 1}, "ops end before"},
		"copies past the end":  {bundle.Delta, frame, old[:45_000], one, "copies"},
		"no old image":         {bundle.Delta, frame, nil, one, "copies"},
		"zstd is longer":       {bundle.Full, plain, nil, []int{len(new) - 1}, "more than its windows"},
		"zstd is shorter":      {bundle.Full, plain, nil, []int{len(new), 1}, "EOF"},
		"zstd cut short":       {bundle.Full, plain[:len(plain)/2], nil, one, ""},
		"zstd of a wide range": {bundle.Full, zstdOf(t, bytes.Repeat(new, 200), 16<<20), nil, one, "window size exceeded"},
		"bomb":                 {bundle.Full, zstdOf(t, make([]byte, 3<<20), 1<<20), nil, one, "more than its windows"},
		"no zstd":              {bundle.Full, []byte("nothing of the kind"), nil, one, "magic"},
	} {
		t.Run(name, func(t *testing.T) {
			err := delta.Decode(tt.format, tt.frame, bytes.NewReader(tt.old), int64(len(tt.old)), tt.sizes, func([]byte) error { return nil })
			good := name == "delta" || name == "full" || name == "plain in a delta"
			if good != (err == nil) || err != nil && (!errors.Is(err, delta.ErrFrame) || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if err := delta.Decode("other", frame, nil, 0, one, nil); err == nil || !strings.Contains(err.Error(), `format "other"`) {
		t.Errorf("other format: %v", err)
	}
}

// TestDecodeCut cuts a frame at every byte: it is refused, but for the rare beginning that means another image, which
// has other hashes.
func TestDecodeCut(t *testing.T) {
	frame, old, new := linkedFrame(t)
	refused := 0
	var d delta.Decoder
	for n := 1; n < len(frame); n++ {
		err := d.Decode(bundle.Delta, frame[:n], bytes.NewReader(old), int64(len(old)), []int{len(new)}, func(w []byte) error {
			if bytes.Equal(w, new) {
				t.Errorf("cut at %d of %d: makes the image", n, len(frame))
			}
			return nil
		})
		if errors.Is(err, delta.ErrFrame) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if refused < len(frame)*9/10 {
		t.Errorf("%d of %d cuts refused", refused, len(frame)-1)
	}
}

// TestDecodeChanged changes each byte of a frame: whatever comes out, it does so without a panic.
func TestDecodeChanged(t *testing.T) {
	frame, old, new := linkedFrame(t)
	var d delta.Decoder
	for i := range frame {
		changed := bytes.Clone(frame)
		changed[i] ^= 0x55
		got := 0
		err := d.Decode(bundle.Delta, changed, bytes.NewReader(old), int64(len(old)), []int{len(new)}, func(w []byte) error {
			got += len(w)
			return nil
		})
		if err == nil && got != len(new) {
			t.Fatalf("byte %d changed: %d bytes, no error", i, got)
		}
	}
	err := d.Decode(bundle.Delta, frame, bytes.NewReader(old), int64(len(old)), []int{len(new)}, func(w []byte) error {
		if !bytes.Equal(w, new) {
			t.Error("after bad frames a good one makes another image")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// broken is an old image that can't be read from some byte on.
type broken struct {
	image []byte
	from  int64
}

func (b broken) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > b.from {
		return 0, io.ErrNoProgress
	}
	return copy(p, b.image[at:]), nil
}

func TestDecodeOldError(t *testing.T) {
	frame, old, new := linkedFrame(t)
	var failed *delta.OldError
	err := delta.Decode(bundle.Delta, frame, broken{old, 30_000}, int64(len(old)), []int{len(new)}, func([]byte) error { return nil })
	if !errors.As(err, &failed) || !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v", err)
	}
	err = delta.Decode(bundle.Delta, frame, bytes.NewReader(old[:30_000]), int64(len(old)), []int{len(new)}, func([]byte) error { return nil })
	if !errors.As(err, &failed) {
		t.Errorf("an old image that ends early: %v", err)
	}
}

func TestDecodeEmitError(t *testing.T) {
	frame, old, new := linkedFrame(t)
	for format, frame := range map[bundle.Format][]byte{bundle.Delta: frame, bundle.Full: zstdOf(t, new, 1<<20)} {
		err := delta.Decode(format, frame, bytes.NewReader(old), int64(len(old)), []int{len(new)}, func([]byte) error { return io.ErrClosedPipe })
		if err != io.ErrClosedPipe {
			t.Errorf("%s: got %v", format, err)
		}
	}
}

// FuzzDecode holds that no frame panics, or gives other windows than it was asked for.
func FuzzDecode(f *testing.F) {
	old := noise(6, 3000)
	for _, new := range [][]byte{old, old[:1500], append([]byte("longer"), old...), noise(7, 800)} {
		var payload bytes.Buffer
		if _, err := delta.Make(&payload, old, new); err != nil {
			f.Fatal(err)
		}
		f.Add(true, payload.Bytes(), len(new), 0)
		f.Add(true, payload.Bytes(), len(new)/2, len(new)-len(new)/2)
	}
	f.Add(false, []byte("\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00abc"), 3, 0)
	var d delta.Decoder
	f.Fuzz(func(t *testing.T, isDelta bool, frame []byte, first, second int) {
		sizes := []int{first % 5000}
		if second != 0 {
			sizes = append(sizes, second%5000)
		}
		format := bundle.Full
		if isDelta {
			format = bundle.Delta
		}
		i := 0
		err := d.Decode(format, frame, bytes.NewReader(old), int64(len(old)), sizes, func(w []byte) error {
			if len(w) != sizes[i] {
				t.Fatalf("window %d of %d bytes, want %d", i, len(w), sizes[i])
			}
			i++
			return nil
		})
		if err == nil && i != len(sizes) {
			t.Fatalf("%d windows, want %d", i, len(sizes))
		}
		if err != nil && !errors.Is(err, delta.ErrFrame) {
			t.Fatal(err)
		}
	})
}
