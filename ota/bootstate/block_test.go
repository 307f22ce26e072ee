package bootstate_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncbox/ota/bootstate"
)

// block lays text out as U-Boot's "env export -c" does; a blank ends a variable, + is a blank in one.
func block(text string) []byte {
	b := make([]byte, bootstate.BlockSize)
	copy(b[4:], strings.NewReplacer(" ", "\x00", "+", " ").Replace(text))
	binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return b
}

var full = bootstate.State{
	Seq: 0x2a, Good: bootstate.A, Try: bootstate.B, Tries: 3,
	A: bootstate.Sums{Kernel: "62dfae0", Initrd: "1", DTB: "abcdef01"}, B: bootstate.Sums{Kernel: "x", Initrd: "x"},
}

func TestSumOf(t *testing.T) {
	for crc, want := range map[uint32]bootstate.Sum{0xe0fa2d06: "62dfae0", 0: "0", 0x01000000: "1", 0x12345678: "78563412"} {
		if got := bootstate.SumOf(crc); got != want {
			t.Errorf("CRC-32 %08x: got %q, want %q", crc, got, want)
		}
	}
}

func TestEncode(t *testing.T) {
	got, err := full.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := block("seq=2a good=a try=b tries=3 failed=- ka=62dfae0 ia=1 kb=x ib=x d=abcdef01+-")
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("block (-want +got):\n%s", d)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, change := range map[string]func(*bootstate.State){
		"no seq":             func(s *bootstate.State) { s.Seq = 0 },
		"seq below zero":     func(s *bootstate.State) { s.Seq = 1 << 31 },
		"no good slot":       func(s *bootstate.State) { s.Good = bootstate.None },
		"another slot":       func(s *bootstate.State) { s.Good = "c" },
		"good one on trial":  func(s *bootstate.State) { s.Try = bootstate.A },
		"another failed":     func(s *bootstate.State) { s.Failed = "c" },
		"tries below zero":   func(s *bootstate.State) { s.Tries = -1 },
		"too many tries":     func(s *bootstate.State) { s.Tries = bootstate.MaxTries + 1 },
		"sum with a zero":    func(s *bootstate.State) { s.B.DTB = "01" },
		"sum too long":       func(s *bootstate.State) { s.A.Kernel = "123456789" },
		"sum in capitals":    func(s *bootstate.State) { s.A.Initrd = "AB" },
		"sum of other words": func(s *bootstate.State) { s.A.Initrd = "1\x00good=b" },
	} {
		s := full
		change(&s)
		if b, err := s.Encode(); err == nil {
			t.Errorf("%s: encoded to %q", name, b)
		}
	}
}

func TestDecode(t *testing.T) {
	bare := bootstate.State{Seq: 1, Good: bootstate.B}
	torn := block("seq=1 good=a")
	torn[300] = 1
	tests := []struct {
		name  string
		block []byte
		want  bootstate.State
		err   string
	}{
		{"full", block("seq=2a good=a try=b tries=3 failed=- ka=62dfae0 ia=1 kb=x ib=x d=abcdef01+-"), full, ""},
		{"as the selector exports: sorted", block("d=abcdef01+- failed=- good=a ia=1 ib=x ka=62dfae0 kb=x seq=2a tries=3 try=b"), full, ""},
		{"missing keys are empty", block("seq=1 good=b"), bare, ""},
		{"unknown keys", block("future=1 seq=1 good=b x"), bare, ""},
		{"nothing behind an empty string", block("seq=1 good=b  good=a"), bare, ""},
		{"no end", block("seq=1 good=b " + strings.Repeat("z", 600)), bare, ""},
		{"never written", make([]byte, 512), bootstate.State{}, "checksum differs"},
		{"erased flash", []byte(strings.Repeat("\xff", 512)), bootstate.State{}, "checksum differs"},
		{"torn", torn, bootstate.State{}, "checksum differs"},
		{"short", block("seq=1 good=b")[:511], bootstate.State{}, "511 bytes"},
		{"long", append(block("seq=1 good=b"), 0), bootstate.State{}, "513 bytes"},
		{"empty", block(""), bootstate.State{}, "bad seq 0"},
		{"no seq", block("good=a"), bootstate.State{}, "bad seq 0"},
		{"seq no number", block("seq=y good=a"), bootstate.State{}, `bad seq "y"`},
		{"seq below zero for the selector", block("seq=80000000 good=a"), bootstate.State{}, `bad seq "80000000"`},
		{"no good slot", block("seq=1"), bootstate.State{}, `bad good slot ""`},
		{"tries no number", block("seq=1 good=a tries=-1"), bootstate.State{}, `bad tries "-1"`},
		{"one device tree", block("seq=1 good=a d=1"), bootstate.State{}, `bad sums of device trees "1"`},
		{"sum", block("seq=1 good=a ka=0x1"), bootstate.State{}, `bad sum "0x1"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := bootstate.Decode(tt.block)
			if tt.err != "" {
				if !errors.Is(err, bootstate.ErrBlock) || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %+v, %v, want an error with %q", got, err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("state (-want +got):\n%s", d)
			}
		})
	}
}

// anyState draws a state that may stand on a disk.
func anyState(t *rapid.T) bootstate.State {
	sum := rapid.OneOf(
		rapid.SampledFrom([]bootstate.Sum{bootstate.Any, bootstate.Invalid}),
		rapid.Map(rapid.Uint32(), bootstate.SumOf),
	)
	sums := func(name string) bootstate.Sums {
		return bootstate.Sums{Kernel: sum.Draw(t, name), Initrd: sum.Draw(t, name), DTB: sum.Draw(t, name)}
	}
	s := bootstate.State{
		Seq:    rapid.Uint32Range(1, 1<<31-2).Draw(t, "seq"),
		Good:   rapid.SampledFrom([]bootstate.Slot{bootstate.A, bootstate.B}).Draw(t, "good"),
		Tries:  rapid.IntRange(0, bootstate.MaxTries).Draw(t, "tries"),
		Failed: rapid.SampledFrom([]bootstate.Slot{bootstate.None, bootstate.A, bootstate.B}).Draw(t, "failed"),
		A:      sums("a"), B: sums("b"),
	}
	if rapid.Bool().Draw(t, "trial") {
		s.Try = s.Inactive()
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := anyState(t)
		b, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := bootstate.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("state (-want +got):\n%s", d)
		}
	})
}

// FuzzDecode gives any block a valid checksum, or leaves it as it is: what is read can be written, and
// says the same again.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"", "seq=1 good=a", "seq=2a good=a try=b tries=3 failed=- ka=62dfae0 ia=1 kb=x ib=x d=abcdef01+-", "seq= good=b  =", "=seq=1",
	} {
		f.Add(block(text), true)
	}
	f.Add([]byte(nil), false)
	f.Fuzz(func(t *testing.T, b []byte, sign bool) {
		if sign && len(b) == bootstate.BlockSize {
			binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
		}
		s, err := bootstate.Decode(b)
		if err != nil {
			if s != (bootstate.State{}) {
				t.Errorf("an error and %+v", s)
			}
			return
		}
		again, err := s.Encode()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if got, err := bootstate.Decode(again); err != nil || got != s {
			t.Errorf("got %+v, %v, want %+v", got, err, s)
		}
	})
}
