package delta

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"syncbox/ota/bundle"
)

// layouts draws a layout for images of so many bytes: whatever it says, it is sound.
func layouts(t *rapid.T, old, new int) (l layout) {
	position := func(name string, n int) int32 { return int32(rapid.IntRange(0, n).Draw(t, name)) }
	for range rapid.IntRange(0, 4).Draw(t, "segments") {
		s := segment{old: position("old", old), new: position("new", new), oldVA: rapid.Uint32().Draw(t, "va"), newVA: rapid.Uint32().Draw(t, "va")}
		s.oldN, s.newN = position("n", old-int(s.old)), position("n", new-int(s.new))
		l.segments = append(l.segments, s)
	}
	for range rapid.IntRange(1, 5).Draw(t, "bases") {
		l.bases = append(l.bases, base{position("old", old), position("new", new), int32(rapid.IntRange(1, 8).Draw(t, "unit"))})
	}
	takes := map[meaning]int{table: 2, words64: 2, words32: 1, funcs: 5, find: 3}
	for at := 0; at < old && len(l.regions) < 6; {
		r := region{old: int32(at) + 4*position("gap", (old-at)/8), as: meaning(rapid.IntRange(1, 6).Draw(t, "as"))}
		r.n = position("n", old-int(r.old))
		r.old &^= 3
		for range takes[r.as] {
			r.bases = append(r.bases, uint8(rapid.IntRange(0, len(l.bases)-1).Draw(t, "base")))
		}
		l.regions = append(l.regions, r)
		at = int(r.old+r.n+3) &^ 3
	}
	return l
}

// TestWrongLayout holds that what a layout says is never more than a guess: any of them gives the same image.
func TestWrongLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		old := make([]byte, rapid.IntRange(100, 6000).Draw(t, "bytes"))
		for i := 0; i+4 <= len(old); i += 4 { // words that mean something: calls, pairs, small offsets
			binary.LittleEndian.PutUint32(old[i:], []uint32{
				0x94000000 | r.Uint32N(4096), 0x90000000 | r.Uint32N(1<<29), 0x91000000 | r.Uint32N(1<<22), r.Uint32N(5000), 0, r.Uint32(), 0x07000000, 5,
			}[r.IntN(8)])
		}
		cut := rapid.IntRange(0, len(old)).Draw(t, "cut")
		new := append(append(bytes.Clone(old[:cut]), "inserted"...), old[cut:]...)
		for range 20 {
			new[r.IntN(len(new))]++
		}
		m := maker{planner: newPlanner(old, new)}
		m.links = []link{{0, len(new), layouts(t, len(old), len(new))}}
		m.ops = []op{{int32(cut), 0, patched}, {int32(cut + 8), 0, literal}, {int32(len(new)), int32(cut), patched}}
		m.ops = slices.DeleteFunc(m.ops, func(o op) bool { return o.end == 0 })
		if cut == len(old) {
			m.ops = m.ops[:len(m.ops)-1]
		}
		b, err := m.linked(0, len(new), true)
		if err != nil {
			t.Fatal(err)
		}
		err = Decode(bundle.Delta, b, bytes.NewReader(old), int64(len(old)), []int{len(new)}, func(w []byte) error {
			if !bytes.Equal(w, new) {
				return errors.New("another image")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// numbers codes a row of them, as a layout does.
func numbers(c *coder, all ...uint32) {
	var m number
	m.reset()
	for _, v := range all {
		c.number(&m, v)
	}
}

func TestLayoutRefuses(t *testing.T) {
	const oldSize = 1000
	for name, tt := range map[string]struct {
		words []uint32
		want  string
	}{
		"good":                 {[]uint32{1, 0, 1000, 0, 900, 7, 8, 1, 5, 6, 1, 1, 4, 8, 3, 1, 0}, ""},
		"too many segments":    {[]uint32{maxSegments + 1}, "out of bounds"},
		"segment past the end": {[]uint32{1, 1, 1000, 0, 0, 0, 0, 0, 0}, "out of bounds"},
		"segment of new":       {[]uint32{1, 0, 0, 1 << 30, 1, 0, 0, 0, 0}, "out of bounds"},
		"negative segment":     {[]uint32{1, 1 << 31, 0, 0, 0, 0, 0, 0, 0}, "out of bounds"},
		"too many bases":       {[]uint32{0, maxBases + 1}, "out of bounds"},
		"base past the end":    {[]uint32{0, 1, 1001, 0, 1, 0}, "out of bounds"},
		"unit of nothing":      {[]uint32{0, 1, 0, 0, 0, 0}, "out of bounds"},
		"too many regions":     {[]uint32{0, 0, maxRegions + 1}, "out of bounds"},
		"region past the end":  {[]uint32{0, 0, 1, 999, 2, uint32(code), 0}, "region 0"},
		"second one past it":   {[]uint32{0, 0, 2, 0, 999, uint32(code), 0, 0, 2, uint32(code), 0}, "region 1"},
		"no such meaning":      {[]uint32{0, 0, 1, 0, 4, 9, 0}, "region 0"},
		"meaning 0":            {[]uint32{0, 0, 1, 0, 4, 0, 0}, "region 0"},
		"no such base":         {[]uint32{0, 1, 0, 0, 1, 1, 0, 4, uint32(table), 1, 1}, "region 0"},
		"too many bases of it": {[]uint32{0, 1, 0, 0, 1, 1, 0, 4, uint32(words64), maxRegionBases + 1, 0, 0, 0, 0, 0, 0, 0}, "region 0"},
		"table without bases":  {[]uint32{0, 0, 1, 0, 4, uint32(table), 0}, "region 0"},
		"code with a base":     {[]uint32{0, 1, 0, 0, 1, 1, 0, 4, uint32(code), 1, 0}, "region 0"},
		"funcs without bases":  {[]uint32{0, 0, 1, 0, 4, uint32(funcs), 0}, "region 0"},
		"funcs between words":  {[]uint32{0, 1, 0, 0, 1, 1, 2, 4, uint32(funcs), 5, 0, 0, 0, 0, 0}, "region 0"},
		"find without bases":   {[]uint32{0, 0, 1, 0, 4, uint32(find), 0}, "region 0"},
	} {
		c := newWriter()
		numbers(c, tt.words...)
		var l layout
		err := l.coded(newReader(c.finish()), oldSize)
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, ErrFrame) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// TestTooManyFunctions takes regions whose fields would not fit in the memory that they may have.
func TestTooManyFunctions(t *testing.T) {
	l := links{layout: layout{
		bases:   []base{{unit: 1}},
		regions: []region{{0, maxFuncBytes, funcs, []uint8{0, 0, 0, 0, 0}}, {maxFuncBytes, 4, funcs, []uint8{0, 0, 0, 0, 0}}},
	}}
	err := l.prepare(&oldImage{from: zeroReader{}, size: 1 << 30}, nil)
	if !errors.Is(err, ErrFrame) || !strings.Contains(err.Error(), "too many functions") {
		t.Errorf("got %v", err)
	}
	if len(l.fields) != maxFuncBytes/4 {
		t.Errorf("%d fields kept", len(l.fields))
	}
}

type zeroReader struct{}

func (zeroReader) ReadAt(b []byte, _ int64) (int, error) { clear(b); return len(b), nil }

func TestOpsRefuse(t *testing.T) {
	coded := func(count uint32, o ...op) []byte {
		c := newWriter()
		var m opModel
		m.reset()
		numbers(c, count)
		last, start := zeros, int32(0)
		for _, o := range o {
			if _, err := m.op(c, last, start, o); err != nil {
				t.Fatal(err)
			}
			last, start = o.kind, o.end
		}
		return c.finish()
	}
	for name, tt := range map[string]struct {
		frame []byte
		want  string
	}{
		"good":             {coded(2, op{10, 90, patched}, op{20, 0, literal}), ""},
		"too many":         {coded(maxOps + 1), "65537 ops"},
		"past the end":     {coded(1, op{11, 90, patched}), "copies 11 bytes from 90 of 100"},
		"before the start": {coded(1, op{11, -1, copied}), "copies 11 bytes from -1 of 100"},
		"cut short":        {coded(60000, op{10, 0, literal})[:1], "op"},
	} {
		var m opModel
		m.reset()
		_, err := m.coded(newReader(tt.frame), 0, nil, 100)
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, ErrFrame) || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// pathMemory is what the whole way of a download may take, in bytes: the frame and what decodes it.
const pathMemory = 16 << 20

// TestMemory decodes frames that need as much as a frame may, and looks at what is in use while a window is given.
func TestMemory(t *testing.T) {
	greedy, old := greedyFrame(t)
	plainFrame := append([]byte{plain}, fullFrame(t)...)
	var d Decoder
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	room := make([]byte, bundle.MaxFrame) // the caller's
	most := uint64(0)
	decode := func(frame []byte, sizes []int) {
		b := room[:copy(room, frame)]
		err := d.Decode(bundle.Delta, b, old, greedyOld, sizes, func([]byte) error {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	decode(greedy, []int{bundle.WindowSize})
	decode(plainFrame, []int{bundle.WindowSize, bundle.WindowSize, bundle.WindowSize, bundle.WindowSize})
	decode(greedy, []int{bundle.WindowSize})
	t.Logf("%.1f MiB in use", float64(most)/(1<<20))
	if most > pathMemory {
		t.Errorf("%d bytes in use, at most %d", most, pathMemory)
	}
	runtime.ReadMemStats(&before)
	decode(greedy, []int{bundle.WindowSize})
	runtime.ReadMemStats(&now)
	if again := now.TotalAlloc - before.TotalAlloc; again > 1<<20 {
		t.Errorf("%d bytes more for another frame", again)
	}
	runtime.KeepAlive(room)
}

const greedyOld = 64 << 20

// greedyFrame makes a frame with the most ops and the most fields.
func greedyFrame(t *testing.T) ([]byte, io.ReaderAt) {
	f := &frame{}
	f.reset(newWriter(), &oldImage{from: zeroReader{}, size: greedyOld})
	var ops []op
	for i := range int32(maxOps) {
		ops = append(ops, op{16 * (i + 1), greedyOld - 5000*(i%8000) - 20, copied})
	}
	l := layout{bases: []base{{unit: 1}}, regions: []region{{0, maxFuncBytes, funcs, []uint8{0, 0, 0, 0, 0}}}}
	at, err := f.header(0, l, ops, bundle.WindowSize)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.window(&cursor{at: at}, make([]byte, bundle.WindowSize)); err != nil {
		t.Fatal(err)
	}
	return append([]byte{linked}, f.finish()...), zeroReader{}
}

// fullFrame gives noise that doesn't compress, for a decoder that has to keep all of it.
func fullFrame(t *testing.T) []byte {
	z, err := newCompressor()
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, fullWindows*bundle.WindowSize)
	r := rand.New(rand.NewPCG(1, 1))
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], r.Uint64()&0x3f3f3f3f3f3f3f3f)
	}
	return z.EncodeAll(b, nil)
}

// TestNoGarbage decodes a frame again: nothing may be allocated for each piece of a copy, or the memory in use doubles
// before it is collected.
func TestNoGarbage(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	old := make([]byte, 400_000)
	for i := range old {
		old[i] = byte(r.Uint32())
	}
	new := bytes.Clone(old)
	for i := 50; i < len(new); i += 997 {
		new[i]++
	}
	var payload bytes.Buffer
	if _, err := Make(&payload, old, new); err != nil {
		t.Fatal(err)
	}
	var d Decoder
	decode := func() {
		err := d.Decode(bundle.Delta, payload.Bytes(), bytes.NewReader(old), int64(len(old)), []int{len(new)}, func([]byte) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	decode()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	decode()
	runtime.ReadMemStats(&now)
	if n := now.TotalAlloc - before.TotalAlloc; n > 64<<10 {
		t.Errorf("%d bytes allocated for one frame", n)
	}
}

// TestEntries reads a table of functions up to where it ends, or leaves the image.
func TestEntries(t *testing.T) {
	for name, tt := range map[string]struct {
		entries []uint32
		want    []int32
	}{
		"to its end":      {[]uint32{0, 16, 40, 0}, []int32{0, 16, 40}},
		"outside":         {[]uint32{0, 16, 5000, 6000}, []int32{0, 16}},
		"far outside":     {[]uint32{0, 1<<32 - 1}, []int32{0}},
		"twice the same":  {[]uint32{0, 16, 16}, []int32{0, 16}},
		"nothing of that": {nil, nil},
	} {
		var b []byte
		for _, e := range tt.entries {
			b = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, e), 7)
		}
		l := links{layout: layout{bases: []base{{unit: 1}, {unit: 1}, {unit: 1}}}}
		old := &oldImage{from: bytes.NewReader(b), size: int64(len(b))}
		if tt.entries != nil {
			pad := append(bytes.Clone(b), make([]byte, 100)...)
			old = &oldImage{from: bytes.NewReader(pad), size: int64(len(pad))}
		}
		if err := l.readEntries(old, &region{bases: []uint8{0, 1, 2}}); err != nil || !slices.Equal(l.entries, tt.want) {
			t.Errorf("%s: got %v, %v, want %v", name, l.entries, err, tt.want)
		}
	}
}
