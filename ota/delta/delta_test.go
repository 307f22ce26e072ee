package delta_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
)

// made gives a payload and its list.
func made(t rapid.TB, format bundle.Format, old, new []byte) ([]byte, bundle.List) {
	t.Helper()
	var payload bytes.Buffer
	var l bundle.List
	var err error
	if format == bundle.Full {
		l, err = delta.Full(&payload, bytes.NewReader(new))
	} else {
		l, err = delta.Make(&payload, old, new)
	}
	if err != nil {
		t.Fatal(err)
	}
	return payload.Bytes(), l
}

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
				return fmt.Errorf("window %d has another hash", made)
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
	b := make([]byte, 0, n+16384)
	for len(b) < n {
		switch r.IntN(4) {
		case 0:
			b = append(b, make([]byte, r.IntN(16384))...)
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
		switch rapid.SampledFrom([]string{"insert", "remove", "change", "append", "move", "cut"}).Draw(t, "edit") {
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
		case "cut":
			b = b[:at]
		}
	}
	return b
}

func TestDeltaRoundTrip(t *testing.T) {
	sizes := []int{0, 1, 3, 5, 16, 19, 100, 5000, 70_000, 200_001}
	rapid.Check(t, func(t *rapid.T) {
		old := noise(rapid.Uint64().Draw(t, "seed"), rapid.SampledFrom(sizes).Draw(t, "old"))
		var new []byte
		if rapid.Bool().Draw(t, "related") {
			new = edited(t, old)
		} else {
			new = noise(rapid.Uint64().Draw(t, "seed"), rapid.SampledFrom(sizes).Draw(t, "new"))
		}
		payload, l := made(t, bundle.Delta, old, new)
		if got := decoded(t, bundle.Delta, payload, l, old, len(new)); !bytes.Equal(got, new) {
			t.Fatal("delta makes another image")
		}
	})
}

// TestRoundTrips takes images of several frames.
func TestRoundTrips(t *testing.T) {
	const mib = 1 << 20
	old := noise(1, 3*mib)
	shifted := append(noise(2, 1234), old...)
	for name, tt := range map[string]struct {
		old, new []byte
		most     int // bytes of the delta
	}{
		"empty":            {old, nil, 0},
		"from nothing":     {nil, old[:5000], 5100},
		"equal":            {old, old, 40},
		"shifted":          {old, shifted, 1400},
		"shorter":          {old, old[:mib+1], 40},
		"longer":           {old, append(bytes.Clone(old), noise(3, 700)...), 900},
		"unrelated":        {old, noise(4, mib+mib/2), 2 * mib},
		"of many windows":  {old, bytes.Repeat(old, 6), 200},
		"mostly empty":     {old, append(make([]byte, 18*mib), old...), 200},
		"less than a word": {[]byte("ab"), []byte("abc"), 10},
	} {
		t.Run(name, func(t *testing.T) {
			payload, l := made(t, bundle.Delta, tt.old, tt.new)
			if got := decoded(t, bundle.Delta, payload, l, tt.old, len(tt.new)); !bytes.Equal(got, tt.new) {
				t.Fatal("delta makes another image")
			}
			if len(payload) > tt.most {
				t.Errorf("%d bytes, want at most %d", len(payload), tt.most)
			}
			payload, l = made(t, bundle.Full, nil, tt.new)
			if got := decoded(t, bundle.Full, payload, l, nil, len(tt.new)); !bytes.Equal(got, tt.new) {
				t.Fatal("full payload makes another image")
			}
		})
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden makes what was made before, on whatever machine, and decodes what an older release has published.
func TestGolden(t *testing.T) {
	base := noise(1, 300_000)
	for name, tt := range map[string]struct{ old, new []byte }{
		"noise":  {base, append(noise(4, 5000), append(bytes.Clone(base[:100_000]), base[110_000:]...)...)},
		"kernel": {kernel(20_000, 0), kernel(20_000, 3)},
	} {
		path := filepath.Join("testdata", name+".delta")
		payload, l := made(t, bundle.Delta, tt.old, tt.new)
		if *update {
			if err := os.WriteFile(path, payload, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(payload, want) {
			t.Errorf("%s: another payload than before", name)
			l.Frames = []bundle.Frame{{Windows: bundle.WindowCount(int64(len(tt.new))), Bytes: len(want), SHA256: sha256.Sum256(want)}}
		}
		if got := decoded(t, bundle.Delta, want, l, tt.old, len(tt.new)); !bytes.Equal(got, tt.new) {
			t.Errorf("%s: makes another image", name)
		}
	}
}
