package layout_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/layout"
)

// folder is a company in memory: the cards of each file from its first data position on.
type folder map[string][][]byte

const probeLayout = `layout = "probes/1"
acomba_versions = ["X"]
version = {ask = "technician"}
encoding = "windows-1252"
[files.DOC]
path = "DOC.DAT"
required = true
header_size = 8
data_from = 2
card_size = 48
in_use = {field = "status", equals = [0]}
deleted = [2]
creating = [3]
fields = [
  {name = "status", at = 0, type = "u8"},
  {name = "kind", at = 1, type = "u8", map = {1 = "invoice", 2 = "quote"}},
  {name = "number", at = 2, type = "str10", pad = "space", key = true},
  {name = "note", at = 12, type = "str8", pad = "space"},
  {name = "term_cp", at = 20, type = "cp", ref = "TERM"},
  {name = "level", at = 24, type = "i16", ref = "TERM.number"},
  {name = "tax", at = 26, type = "i32", scale = -2, count = 2},
  {name = "sub", at = 34, type = "i32", scale = -2},
  {name = "less", at = 38, type = "i32", scale = -2},
  {name = "total", at = 42, type = "i32", scale = -2},
]
probes = [
  {kind = "size_modulo"},
  {kind = "printable", field = "number"},
  {kind = "printable", field = "note"},
  {kind = "unique", field = "number"},
  {kind = "ref_valid", field = "term_cp"},
  {kind = "ref_valid", field = "level"},
  {kind = "enum_known", field = "kind"},
  {kind = "sum", field = "total", plus = ["sub", "tax"], minus = ["less"]},
  {kind = "sum", field = "sub", children = {file = "LINE", by = "doc_cp", field = "amount", where = {type = ["product"]}}},
  {kind = "known", field = "number", value = "D3", expect = {note = "été", total = 12.5, kind = "invoice"}},
]
[files.LINE]
path = "LINE.DAT"
card_size = 12
in_use = {field = "status", equals = [0]}
fields = [
  {name = "status", at = 0, type = "u8"},
  {name = "type", at = 1, type = "u8", map = {1 = "product", 8 = "tax"}},
  {name = "doc_cp", at = 2, type = "cp", ref = "DOC"},
  {name = "amount", at = 6, type = "i32", scale = -2},
]
[files.TERM]
path = "TERM.DAT"
card_size = 8
in_use = {field = "status", equals = [0]}
deleted = [2]
never = [1]
fields = [
  {name = "status", at = 0, type = "u8"},
  {name = "number", at = 2, type = "i16"},
]
`

func doc(status byte, number string, term, level, sub, less, total int) []byte {
	b := make([]byte, 48)
	b[0], b[1] = status, 1
	putText(b, 2, 10, number, ' ')
	putText(b, 12, 8, "\xe9t\xe9", ' ')
	for at, v := range map[int]int{20: term, 26: 100, 30: 50, 34: sub, 38: less, 42: total} {
		binary.LittleEndian.PutUint32(b[at:], uint32(int32(v)))
	}
	binary.LittleEndian.PutUint16(b[24:], uint16(level))
	return b
}

func line(kind byte, parent, amount int) []byte {
	b := make([]byte, 12)
	b[1] = kind
	binary.LittleEndian.PutUint32(b[2:], uint32(parent))
	binary.LittleEndian.PutUint32(b[6:], uint32(int32(amount)))
	return b
}

func term(status byte, number int) []byte {
	b := make([]byte, 8)
	b[0] = status
	binary.LittleEndian.PutUint16(b[2:], uint16(number))
	return b
}

// sound is a folder on which every probe passes: n documents of two product lines and a tax line.
func sound(n int) folder {
	f := folder{"TERM": {term(0, 10), term(2, 20), term(1, 30)}}
	for i := range n {
		// sub 11.50, taxes 1.50, less 0.50, total 12.50; term 1 in use, term 2 deleted, or none
		f["DOC"] = append(f["DOC"], doc(0, fmt.Sprintf("D%d", i+1), i%3, i%3*10, 1150, 50, 1250))
		f["LINE"] = append(f["LINE"], line(1, i+2, 1000), line(1, i+2, 150), line(8, i+2, 99))
	}
	return f
}

// run feeds a folder to a probe run, children first, to show that the order does not matter.
func run(t testing.TB, l *layout.Layout, f folder, full bool) map[string]layout.ProbeResult {
	t.Helper()
	r := layout.NewProbeRun(l, full)
	for _, file := range l.Files() {
		if cards, ok := f[file.Name]; ok {
			r.Begin(file.Name, file.Offset(file.DataFrom)+int64(len(cards)*file.CardSize))
		}
	}
	files := l.Files()
	for i := range files {
		file := files[len(files)-1-i]
		for j, raw := range f[file.Name] {
			r.Feed(file.Name, file.DataFrom+int32(j), raw)
		}
	}
	results := map[string]layout.ProbeResult{}
	for _, result := range r.Result() {
		results[strings.Trim(result.Kind+" "+result.Field, " ")] = result
	}
	return results
}

func failed(results map[string]layout.ProbeResult) (names []string) {
	for _, name := range []string{"size_modulo", "printable number", "printable note", "unique number", "ref_valid term_cp",
		"ref_valid level", "enum_known kind", "sum total", "sum sub", "known number", "encoding"} {
		if result, ok := results[name]; !ok || !result.Pass {
			names = append(names, name)
		}
	}
	return names
}

// Each row spoils a sound folder of 40 documents; only the probe meant for it fails.
func TestProbes(t *testing.T) {
	l := parse(t, probeLayout)
	each := func(change func(i int, raw []byte)) func(folder) {
		return func(f folder) {
			for i, raw := range f["DOC"] {
				change(i, raw)
			}
		}
	}
	for _, test := range []struct {
		name  string
		spoil func(folder)
		want  []string
	}{
		{"sound", func(folder) {}, nil},
		{"key blank in 3 of 40", each(func(i int, b []byte) {
			if i > 36 {
				putText(b, 2, 10, "", ' ')
			}
		}), []string{"printable number", "unique number"}},
		{"zero bytes in text", each(func(i int, b []byte) {
			if i > 36 {
				b[14] = 0
			}
		}), []string{"printable note"}},
		{"blank notes are no evidence", each(func(i int, b []byte) {
			if i != 2 {
				putText(b, 12, 8, "", ' ')
			}
		}), nil},
		{"one number twice", each(func(i int, b []byte) {
			if i == 9 {
				putText(b, 2, 10, "D1", ' ')
			}
		}), nil},
		{"one number three times", each(func(i int, b []byte) {
			if i == 9 || i == 12 {
				putText(b, 2, 10, "D1", ' ')
			}
		}), []string{"unique number"}},
		{"reference beyond the file", each(func(i int, b []byte) {
			if i == 9 {
				b[20] = 4
			}
		}), []string{"ref_valid term_cp"}},
		{"negative reference", each(func(i int, b []byte) {
			if i == 9 {
				b[23] = 0x80
			}
		}), []string{"ref_valid term_cp"}},
		{"reference to a card never used", each(func(i int, b []byte) {
			if i == 9 {
				b[20] = 3
			}
		}), []string{"ref_valid term_cp"}},
		{"value of no card", each(func(i int, b []byte) {
			if i == 9 {
				b[24] = 30
			}
		}), []string{"ref_valid level"}},
		{"unknown codes", each(func(i int, b []byte) {
			if i > 36 {
				b[1] = 9
			}
		}), []string{"enum_known kind"}},
		{"total off by two cents", each(func(i int, b []byte) {
			if i > 36 {
				b[42] += 2
			}
		}), []string{"sum total"}},
		{"total off by a cent", each(func(i int, b []byte) { b[42]++ }), []string{"known number"}}, // which is expected to the cent
		{"lines of another document", func(f folder) {
			for _, b := range f["LINE"][:10] {
				b[2] = 41
			}
		}, []string{"sum sub"}},
		{"tax line counted as product", func(f folder) {
			for _, b := range f["LINE"][:9] {
				b[1] = 1
			}
		}, []string{"sum sub"}},
		{"known card gone", each(func(i int, b []byte) {
			if i == 2 {
				putText(b, 2, 10, "D333", ' ')
			}
		}), []string{"known number"}},
		{"known card shows something else", each(func(i int, b []byte) {
			if i == 2 {
				b[12] = 'x'
			}
		}), []string{"known number"}},
		{"known card deleted", each(func(i int, b []byte) {
			if i == 2 {
				b[0] = 2
			}
		}), []string{"known number"}},
		{"other code page", each(func(i int, b []byte) {
			if i != 2 {
				putText(b, 12, 8, "b\x82b\x82", ' ')
			}
		}), []string{"encoding"}},
		{"cards not in use count for nothing", func(f folder) {
			f["DOC"] = append(f["DOC"], doc(2, "D1", 99, 99, 0, 0, 999), doc(3, "", 99, 99, 0, 0, 999), doc(1, "\x01", 99, 99, 0, 0, 999))
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := sound(40)
			test.spoil(f)
			results := run(t, l, f, false)
			if got := failed(results); strings.Join(got, ",") != strings.Join(test.want, ",") {
				t.Errorf("failed %v, want %v\n%+v", got, test.want, results)
			}
		})
	}
}

func TestProbeResult(t *testing.T) {
	l := parse(t, probeLayout)
	f := sound(200)
	copy(f["DOC"][9][2:], "D1 ")
	got := run(t, l, f, false)["unique number"]
	want := layout.ProbeResult{File: "DOC", Kind: "unique", Field: "number", Ratio: 0.99, Pass: true,
		Detail: "198 of 200 values are unique", Cards: []int32{2, 11}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("collisions are to be quarantined (-want +got):\n%s", diff)
	}
	for _, result := range run(t, l, sound(200), false) {
		if strings.Contains(result.Detail, "D3") || strings.Contains(result.Detail, "été") {
			t.Errorf("customer data in %q", result.Detail)
		}
	}
}

func TestProbeSizes(t *testing.T) {
	l := parse(t, probeLayout)
	for _, test := range []struct {
		size int64
		pass bool
	}{{8, true}, {8 + 48, true}, {8 + 5*48, true}, {8 + 5*48 + 1, false}, {7, false}, {0, false}} {
		r := layout.NewProbeRun(l, false)
		r.Begin("DOC", test.size)
		if got := r.Result()[0]; got.Kind != layout.ProbeSizeModulo || got.Pass != test.pass {
			t.Errorf("%d bytes: got %+v, want pass %v", test.size, got, test.pass)
		}
	}
	// A required file that is not there fails all its probes; an empty folder with it passes all but known.
	missing := layout.NewProbeRun(l, false).Result()
	if len(missing) != len(l.File("DOC").Probes)+1 {
		t.Errorf("missing file: %d results", len(missing))
	}
	for _, result := range missing {
		if result.File == "DOC" && (result.Pass || result.Detail != "file not read") {
			t.Errorf("missing file: %+v", result)
		}
	}
	if got := failed(run(t, l, folder{"DOC": nil, "LINE": nil, "TERM": nil}, false)); strings.Join(got, ",") != "known number" {
		t.Errorf("empty folder: failed %v", got)
	}
}

// A card that could not be read (locked, torn) makes no reference to it wrong.
func TestProbeUnreadTarget(t *testing.T) {
	l := parse(t, probeLayout)
	r := layout.NewProbeRun(l, true)
	r.Begin("DOC", 8+2*48)
	r.Begin("TERM", 2*8)
	r.Feed("DOC", 2, doc(0, "D1", 2, 0, 0, 0, 0)) // term 2 is never fed
	r.Feed("TERM", 1, term(0, 10))
	for _, result := range r.Result() {
		if result.Kind == layout.ProbeRefValid && !result.Pass {
			t.Errorf("%+v", result)
		}
	}
}

// Bytes that are no text in the code page are found, and letters that contradict each other.
func TestProbeCodePage(t *testing.T) {
	auto := parse(t, strings.Replace(probeLayout, `"windows-1252"`, `"auto"`, 1))
	dos := parse(t, strings.Replace(probeLayout, `"windows-1252"`, `"cp850"`, 1))
	f := sound(40)
	if got := failed(run(t, auto, f, false)); len(got) != 0 {
		t.Errorf("auto: failed %v", got)
	}
	for i, raw := range f["DOC"] {
		if putText(raw, 12, 8, "\xc9\xcd\xcd\xbb", ' '); i == 2 { // box drawing in CP850
			putText(raw, 12, 8, "\x82t\x82", ' ')
		}
	}
	if got := failed(run(t, dos, f, false)); strings.Join(got, ",") != "printable note" {
		t.Errorf("boxes: failed %v", got)
	}
	for i, raw := range f["DOC"] {
		if putText(raw, 12, 8, "b\x82b\x82", ' '); i%2 == 0 {
			putText(raw, 12, 8, "\xe9t\xe9", ' ')
		}
	}
	if got := failed(run(t, auto, f, false)); strings.Join(got, ",") != "encoding" {
		t.Errorf("both pages at once: failed %v", got)
	}
}

func TestSampled(t *testing.T) {
	for _, test := range []struct{ total, want int }{{0, 0}, {1, 1}, {2000, 2000}, {2001, 1001}, {4000, 2000}, {4001, 1334}, {1_000_000, 2000}} {
		got := 0
		for i := range test.total {
			if layout.Sampled(i, test.total) {
				got++
			}
		}
		if got != test.want {
			t.Errorf("%d cards: sample of %d, want %d", test.total, got, test.want)
		}
	}
}

// Above 2,000 cards ratios come from the sample, uniqueness and known cards from all.
func TestProbeSample(t *testing.T) {
	l := parse(t, probeLayout)
	f := sound(6000) // every third is looked at
	f["DOC"][1][1] = 9
	copy(f["DOC"][4][2:], "D2 ")
	results := run(t, l, f, false)
	if got := results["enum_known kind"]; got.Detail != "2000 of 2000 values are in the map" {
		t.Errorf("sample: %+v", got)
	}
	if got := results["unique number"]; len(got.Cards) != 2 {
		t.Errorf("unique looks at all: %+v", got)
	}
	if got := results["sum sub"]; got.Detail != "2000 of 2000 cards add up within one cent" {
		t.Errorf("sum: %+v", got)
	}
	if got := run(t, l, f, true)["sum sub"]; got.Detail != "6000 of 6000 cards add up within one cent" {
		t.Errorf("full sum: %+v", got)
	}
	if got := run(t, l, f, true)["enum_known kind"]; got.Detail != "5999 of 6000 values are in the map" {
		t.Errorf("full: %+v", got)
	}
}

func BenchmarkProbeFeed(b *testing.B) {
	l := embeddedFor(b, "SIM-1")
	raw := sim1Customer()
	r := layout.NewProbeRun(l, false)
	r.Begin("CUSTOMER", 1536*(1<<20))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.Feed("CUSTOMER", int32(2+i%(1<<20)), raw)
		i++
	}
}
