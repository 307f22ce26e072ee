package delta_test

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
)

// decoded gives the image that a payload makes, frame by frame, and checks every digest of its list.
func decoded(t rapid.TB, format bundle.Format, payload []byte, l bundle.List, old []byte, size int) []byte {
	t.Helper()
	l, err := bundle.ParseList(l.Marshal(), int64(size))
	if err != nil {
		t.Fatal(err)
	}
	var d delta.Decoder
	var image []byte
	made := 0
	for _, f := range l.Frames {
		frame := payload[:f.Bytes]
		payload = payload[f.Bytes:]
		if sha256.Sum256(frame) != f.SHA256 {
			t.Fatal("frame has another hash")
		}
		err := d.Decode(format, frame, bytes.NewReader(old), int64(len(old)), bundle.WindowSizes(int64(size), made, f.Windows), func(w []byte) error {
			if sha256.Sum256(w) != l.Windows[made] {
				t.Fatalf("window %d has another hash", made)
			}
			made++
			image = append(image, w...)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(payload) > 0 || made != len(l.Windows) {
		t.Fatalf("%d bytes over, %d windows", len(payload), made)
	}
	return image
}

// noise gives bytes that a seed stands for, in runs of random ones and of repetition, as files are.
func noise(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, 0, n+4096)
	for len(b) < n {
		switch r.IntN(4) {
		case 0:
			b = append(b, make([]byte, r.IntN(8192))...)
		case 1:
			b = append(b, bytes.Repeat([]byte("syncbox "), r.IntN(64))...)
		default:
			for range r.IntN(2048) {
				b = append(b, byte(r.Uint32()))
			}
		}
	}
	return b[:n]
}

// edited draws an image out of another.
func edited(t *rapid.T, old []byte) []byte {
	b := bytes.Clone(old)
	for range rapid.IntRange(0, 8).Draw(t, "edits") {
		at := rapid.IntRange(0, len(b)).Draw(t, "at")
		n := rapid.IntRange(0, 3000).Draw(t, "n")
		to := min(at+n, len(b))
		switch rapid.SampledFrom([]string{"insert", "remove", "change", "append", "move"}).Draw(t, "edit") {
		case "insert":
			b = append(b[:at:at], append(noise(uint64(n), n), b[at:]...)...)
		case "remove":
			b = append(b[:at:at], b[to:]...)
		case "change":
			for i := at; i < to; i += 7 {
				b[i]++
			}
		case "append":
			b = append(b, noise(uint64(at), n)...)
		case "move":
			b = append(append(b[:at:at], b[to:]...), b[at:to]...)
		}
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := []int{0, 1, 5, 100, 70_000, 1 << 20, 1<<20 + 1, 3 << 20}
		old := noise(rapid.Uint64().Draw(t, "seed"), rapid.SampledFrom(sizes).Draw(t, "old"))
		new := old
		if rapid.Bool().Draw(t, "related") {
			new = edited(t, old)
		} else {
			new = noise(rapid.Uint64().Draw(t, "seed"), rapid.SampledFrom(sizes).Draw(t, "new"))
		}
		var payload bytes.Buffer
		l, err := delta.Make(&payload, old, new)
		if err != nil {
			t.Fatal(err)
		}
		if got := decoded(t, bundle.Delta, payload.Bytes(), l, old, len(new)); !bytes.Equal(got, new) {
			t.Fatal("delta makes another image")
		}
		payload.Reset()
		if l, err = delta.Full(&payload, bytes.NewReader(new)); err != nil {
			t.Fatal(err)
		}
		if got := decoded(t, bundle.Full, payload.Bytes(), l, nil, len(new)); !bytes.Equal(got, new) {
			t.Fatal("full payload makes another image")
		}
	})
}
