package otatest_test

import (
	"hash/crc32"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/otatest"
)

var layout = otatest.Layout{A: 4 << 20, B: 5 << 20, SlotSize: 64 << 10}

// twoSlots gives a disk with a system in each slot, and the sums of both.
func twoSlots() (otatest.Content, map[string]string) {
	c := otatest.NewContent(6 << 20)
	sums := map[string]string{}
	for i, slot := range []string{"a", "b"} {
		image := otatest.System(uint64(i+1), int(layout.SlotSize))
		c.Write(image, layout.Slot(slot))
		sums["k"+slot], sums["i"+slot] = otatest.Sums(image)
	}
	return c, sums
}

// words reads "key=value key=value" on top of the sums.
func words(sums map[string]string, text string) map[string]string {
	s := maps.Clone(sums)
	for w := range strings.FieldsSeq(text) {
		k, v, _ := strings.Cut(w, "=")
		s[k] = v
	}
	return s
}

// TestSelect holds the model against what the boot loader is proved to do (TestQEMUPowerCut starts the real one).
func TestSelect(t *testing.T) {
	tests := []struct {
		name           string
		first, second  string // the copies of the state, "" is none
		spoil          func(c *otatest.Content)
		want           string // of the command line
		refused        string
		writes, writeA string // what the new state says besides, and where it stands
	}{
		{name: "new disk", want: "sb.slot=a sb.try=- sb.failed=-"},
		{name: "good is a", first: "seq=1 good=a try=- tries=0 failed=-", want: "sb.slot=a sb.try=- sb.failed=-"},
		{name: "good is b", first: "seq=1 good=a try=- failed=-", second: "seq=2 good=b try=- failed=-", want: "sb.slot=b sb.try=- sb.failed=-"},
		{name: "the first copy is newer", first: "seq=11 good=b try=- failed=a", second: "seq=10 good=a try=- failed=-", want: "sb.slot=b sb.try=- sb.failed=a"},
		{name: "trial", first: "seq=1 good=a try=b tries=3 failed=-", want: "sb.slot=b sb.try=b sb.failed=-",
			writes: "seq=2 good=a try=b tries=2 failed=-", writeA: "second"},
		{name: "last try", first: "seq=f good=a try=b tries=1 failed=-", second: "seq=10 good=a try=b tries=1 failed=-",
			want: "sb.slot=b sb.try=b sb.failed=-", writes: "seq=11 good=a try=b tries=0 failed=-", writeA: "first"},
		{name: "tries used up", first: "seq=1 good=a try=b tries=0 failed=-", want: "sb.slot=a sb.try=- sb.failed=b",
			writes: "seq=2 good=a try=- tries=0 failed=b", writeA: "second"},
		{name: "tries absent", first: "seq=1 good=a try=b failed=-", want: "sb.slot=a sb.try=- sb.failed=b",
			writes: "seq=2 good=a try=- failed=b", writeA: "second"},
		{name: "kernel of the trial is damaged", first: "seq=1 good=a try=b tries=3 failed=-", spoil: flip("b", 2*sector),
			want: "sb.slot=a sb.try=b sb.failed=-", refused: "b", writes: "seq=2 good=a try=b tries=2 failed=-", writeA: "second"},
		{name: "initrd of the trial is damaged", first: "seq=1 good=a try=b tries=3 failed=-", spoil: flip("b", layout.SlotSize-1),
			want: "sb.slot=a sb.try=b sb.failed=-", refused: "b", writes: "seq=2 good=a try=b tries=2 failed=-", writeA: "second"},
		{name: "good is damaged", first: "seq=1 good=a try=- failed=-", spoil: flip("a", 4*sector), want: "sb.slot=b sb.try=- sb.failed=-", refused: "a"},
		{name: "good is b and marked", first: "seq=1 good=b try=- failed=- kb=x ib=x", want: "sb.slot=a sb.try=- sb.failed=-", refused: "b"},
		{name: "only the initrd is marked", first: "seq=1 good=b try=- failed=- ib=x", want: "sb.slot=a sb.try=- sb.failed=-", refused: "b"},
		{name: "good is damaged, the other marked", first: "seq=1 good=a try=- failed=- kb=x ib=x", spoil: flip("a", 4*sector),
			want: "sb.slot= sb.try=- sb.failed=-", refused: "a b"},
		{name: "no sums", first: "seq=1 good=a try=- failed=- ka= ia=", spoil: flip("a", 4*sector), want: "sb.slot=a sb.try=- sb.failed=-"},
		{name: "no sums and no system", first: "seq=1 good=a try=- failed=- ka= ia=", spoil: flip("a", 1), want: "sb.slot=b sb.try=- sb.failed=-", refused: "a"},
		{name: "the newer copy is torn", first: "seq=1 good=a try=- failed=-", second: "seq=2 good=b try=- failed=-",
			spoil: func(c *otatest.Content) { c.Write([]byte{1}, otatest.StateAt2+100) }, want: "sb.slot=a sb.try=- sb.failed=-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, sums := twoSlots()
			for at, text := range map[int64]string{otatest.StateAt1: tt.first, otatest.StateAt2: tt.second} {
				if text != "" {
					c.Write(otatest.EncodeState(words(sums, text)), at)
				}
			}
			if tt.spoil != nil {
				tt.spoil(&c)
			}
			before := c.Sum()
			remembering := layout
			remembering.Known = &sync.Map{}
			for range 2 {
				if got, want := otatest.Select(&c, remembering), otatest.Select(&c, layout); !cmp.Equal(got, want) {
					t.Errorf("with sums that are kept: %v, without: %v", got, want)
				}
			}
			d := otatest.Select(&c, layout)
			if d.CommandLine() != tt.want || strings.Join(d.Refused, " ") != tt.refused {
				t.Errorf("got %v, want %s refused=%s", d, tt.want, tt.refused)
			}
			if c.Sum() != before {
				t.Error("the disk was changed")
			}
			if tt.writes == "" {
				if len(d.Writes) > 0 {
					t.Errorf("wrote %v", d.Writes)
				}
				return
			}
			wantAt := map[string]int64{"first": otatest.StateAt1, "second": otatest.StateAt2}[tt.writeA]
			if len(d.Writes) != 1 || d.Writes[0].At != wantAt || d.Writes[0].Durable {
				t.Fatalf("wrote %v, want one write at %#x that is not durable", d.Writes, wantAt)
			}
			c.Write(d.Writes[0].Data, d.Writes[0].At)
			if diff := cmp.Diff(words(sums, tt.writes), otatest.NewestState(&c)); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

// flip changes a byte of a slot.
func flip(slot string, at int64) func(c *otatest.Content) {
	return func(c *otatest.Content) {
		b := c.Bytes(layout.Slot(slot)+at, 1)
		b[0] ^= 1
		c.Write(b, layout.Slot(slot)+at)
	}
}

// TestSlotSum: U-Boot stores a sum with its first byte first and reads it with its last byte first.
func TestSlotSum(t *testing.T) {
	// CRC-32 of "123456789" is cbf43926, of "" it is 0.
	for text, want := range map[string]string{"123456789": "2639f4cb", "": "0"} {
		if got := otatest.SlotSum([]byte(text)); got != want {
			t.Errorf("sum of %q (%#x) is %s, want %s", text, crc32.ChecksumIEEE([]byte(text)), got, want)
		}
	}
}

// TestSystem: a mix of two images is told from both.
func TestSystem(t *testing.T) {
	a, b := otatest.System(1, 64<<10), otatest.System(2, 64<<10)
	for s := 0; s < len(a); s += sector {
		if string(a[s:s+sector]) == string(b[s:s+sector]) {
			t.Fatalf("sector %d is the same in two images", s/sector)
		}
	}
}
