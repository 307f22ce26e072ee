package bundle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/ota/bundle"
)

// lists draws a list and the length of its image.
func lists(t *rapid.T) (l bundle.List, image int64) {
	image = rapid.Int64Range(0, 300*bundle.WindowSize).Draw(t, "image")
	n := bundle.WindowCount(image)
	for i := range n {
		l.Windows = append(l.Windows, bundle.Digest{byte(i / rapid.IntRange(1, 500).Draw(t, "run"))})
	}
	for left := n; left > 0; {
		f := bundle.Frame{
			Windows: rapid.IntRange(1, min(left, bundle.MaxFrameWindows)).Draw(t, "windows"),
			Bytes:   rapid.IntRange(1, bundle.MaxFrame).Draw(t, "bytes"),
			SHA256:  bundle.Digest{31: byte(left)},
		}
		l.Frames, left = append(l.Frames, f), left-f.Windows
	}
	return l, image
}

func TestListRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, image := lists(t)
		b := want.Marshal()
		got, err := bundle.ParseList(b, image)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("(-want +got):\n%s", d)
		}
		if len(b) > bundle.MaxList {
			t.Fatalf("%d bytes, MaxList is %d", len(b), bundle.MaxList)
		}
		for _, cut := range []int{len(b) - 1, len(b) / 2, 3, 0} {
			if _, err := bundle.ParseList(b[:cut], image); !errors.Is(err, bundle.ErrList) {
				t.Fatalf("cut at %d of %d: %v", cut, len(b), err)
			}
		}
	})
}

func TestListSize(t *testing.T) {
	var l bundle.List
	for i := range 96 {
		l.Windows = append(l.Windows, bundle.Digest{byte(min(i, 60))}) // a third of it is empty
	}
	l.Frames = slices.Repeat([]bundle.Frame{{Windows: 16, Bytes: 1}}, 6)
	if got := len(l.Marshal()); got != 4+61*33+6*37 {
		t.Errorf("%d bytes", got)
	}
}

func TestParseListRefuses(t *testing.T) {
	const image = 3*bundle.WindowSize + 1 // four windows
	run := func(n int) string { return string(rune(n-1)) + strings.Repeat("w", 32) }
	frame := func(windows byte, length string) string {
		return string(rune(windows)) + length + strings.Repeat("f", 32)
	}
	one := "\x01\x00\x00\x00"
	for name, tt := range map[string]struct{ list, want string }{
		"good":              {"SBW1" + run(4) + frame(1, one) + frame(3, "\x00\x00\x50\x00"), ""},
		"empty":             {"", "does not begin"},
		"other magic":       {"SBW2" + run(4) + frame(4, one), "does not begin"},
		"windows missing":   {"SBW1" + run(3), "ends after 3 of 4 windows"},
		"run too long":      {"SBW1" + run(3) + run(2) + frame(4, one), "more than 4 windows"},
		"frames missing":    {"SBW1" + run(4) + frame(3, one), "frames of 3 of 4 windows"},
		"frame of nothing":  {"SBW1" + run(4) + frame(0, one), "frame 0 makes 0 windows"},
		"frame beyond end":  {"SBW1" + run(4) + frame(1, one) + frame(4, one), "frame 1 makes 4 windows"},
		"frame too long":    {"SBW1" + run(4) + frame(4, "\x01\x00\x50\x00"), "frame 0 has 5242881 bytes"},
		"frame no bytes":    {"SBW1" + run(4) + frame(4, "\x00\x00\x00\x00"), "frame 0 has 0 bytes"},
		"bytes after end":   {"SBW1" + run(4) + frame(4, one) + "x", "1 bytes after its end"},
		"length overflows":  {"SBW1" + run(4) + frame(4, "\x00\x00\x00\xf0"), "frame 0 has"},
		"frame of too many": {"SBW1" + run(4) + frame(17, one), "frame 0 makes 17 windows"},
	} {
		_, err := bundle.ParseList([]byte(tt.list), image)
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, bundle.ErrList) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	many := "SBW1" + run(17) + frame(17, one)
	if _, err := bundle.ParseList([]byte(many), 17*bundle.WindowSize); err == nil || !strings.Contains(err.Error(), "makes 17 windows") {
		t.Errorf("17 windows in a frame: %v", err)
	}
	for _, image := range []int64{-1, bundle.MaxImage + 1} {
		if _, err := bundle.ParseList([]byte("SBW1"), image); !errors.Is(err, bundle.ErrList) {
			t.Errorf("image of %d bytes: %v", image, err)
		}
	}
}

func TestWindowSizes(t *testing.T) {
	const image = 2*bundle.WindowSize + 5
	if got := bundle.WindowSizes(image, 1, 2); !slices.Equal(got, []int{bundle.WindowSize, 5}) {
		t.Errorf("got %v", got)
	}
	if got := bundle.WindowCount(image); got != 3 {
		t.Errorf("got %d windows", got)
	}
}

// FuzzParseList holds that a list that is read says the same once written and read again.
func FuzzParseList(f *testing.F) {
	l := bundle.List{Windows: make([]bundle.Digest, 3), Frames: []bundle.Frame{{Windows: 1, Bytes: 9}, {Windows: 2, Bytes: bundle.MaxFrame}}}
	f.Add(l.Marshal(), int64(2*bundle.WindowSize+1))
	f.Add([]byte("SBW1"), int64(0))
	f.Fuzz(func(t *testing.T, b []byte, image int64) {
		l, err := bundle.ParseList(b, image)
		if err != nil {
			return
		}
		again, err := bundle.ParseList(l.Marshal(), image)
		if err != nil || !cmp.Equal(l, again) {
			t.Fatalf("read again: %v", err)
		}
		if total := len(l.Windows); total != bundle.WindowCount(image) {
			t.Fatalf("%d windows of an image of %d bytes", total, image)
		}
	})
}
