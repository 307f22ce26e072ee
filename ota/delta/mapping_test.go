package delta

import (
	"testing"

	"pgregory.net/rapid"
)

// TestMapping holds the mapping against its words: of the copies that took a byte, joined where they belong together,
// the longest one tells where it went.
func TestMapping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ops []op
		end := int32(0)
		var runs []run
		for range rapid.IntRange(0, 12).Draw(t, "ops") {
			n := rapid.Int32Range(1, 40).Draw(t, "n")
			o := op{end + n, rapid.Int32Range(0, 100).Draw(t, "old"), kind(rapid.IntRange(0, 3).Draw(t, "kind"))}
			if o.kind == patched || o.kind == copied {
				runs = joinedRun(runs, run{o.old, n, end - o.old})
			}
			ops, end = append(ops, o), o.end
		}
		var m mapping
		m.build(0, ops)
		for x := range int32(150) {
			var best *run
			for i := range runs {
				if r := &runs[i]; x >= r.old && x < r.end() && (best == nil || r.n > best.n || r.n == best.n && r.apart < best.apart) {
					best = r
				}
			}
			if got := m.of(x); best != nil && got != int64(x+best.apart) {
				t.Fatalf("byte %d: got %d, want %d, by %+v of %+v", x, got, x+best.apart, *best, runs)
			}
		}
	})
}

// TestMappingBetween asks for bytes that no copy took.
func TestMappingBetween(t *testing.T) {
	var m mapping
	m.build(0, []op{{10, 100, patched}, {20, 0, literal}, {30, 5000, copied}})
	for x, want := range map[int32]int64{100: 0, 109: 9, 110: 10, 4999: 4899, 5000: 20, 5010: 30, 0: -100} {
		if got := m.of(x); got != want {
			t.Errorf("byte %d: got %d, want %d", x, got, want)
		}
	}
	m.build(0, nil)
	if got := m.of(7); got != 7 {
		t.Errorf("without copies: got %d", got)
	}
}
