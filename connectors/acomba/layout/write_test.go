package layout_test

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"syncbox/connectors/acomba/layout"
)

var noon = time.Date(2025, 6, 1, 16, 0, 0, 0, time.UTC)

type values = map[layout.Field]any

// sim1 is the customer file of SIM-1 with its code page settled.
func sim1(t testing.TB) *layout.File {
	t.Helper()
	var v layout.Vote
	for range 3 {
		v.Add([]byte("Caf\xe9"))
	}
	return embeddedFor(t, "SIM-1").Resolve(&v).File("CUSTOMER")
}

// differing gives the bytes in which two images differ, as half-open ranges.
func differing(a, b []byte) (ranges [][2]int) {
	for i := range a {
		switch n := len(ranges); {
		case a[i] == b[i]:
		case n > 0 && ranges[n-1][1] == i:
			ranges[n-1][1]++
		default:
			ranges = append(ranges, [2]int{i, i + 1})
		}
	}
	return ranges
}

// within reports whether every byte of the inner ranges lies in an outer one.
func within(inner, outer [][2]int) bool {
	covered := map[int]bool{}
	for _, out := range outer {
		for i := out[0]; i < out[1]; i++ {
			covered[i] = true
		}
	}
	for _, in := range inner {
		for i := in[0]; i < in[1]; i++ {
			if !covered[i] {
				return false
			}
		}
	}
	return true
}

func TestApply(t *testing.T) {
	f, raw := sim1(t), sim1Customer()
	before := string(raw)
	w, err := f.Apply(raw, values{{Name: "phone.number", Index: 2}: "514 555-0100", {Name: "city"}: "Québec"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if string(raw) != before {
		t.Error("Apply changed the card it was given")
	}
	// rev; mod_seq and mod_time; city; slot 2
	if diff := cmp.Diff([][2]int{{2, 4}, {8, 16}, {236, 296}, {470, 494}}, w.Ranges); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
	if got := string(w.After[236:296]); got[:7] != "Qu\xe9bec " || got[6:] != string(spaces(54)) {
		t.Errorf("city is % x", got)
	}
	c, _ := f.Decode(2, w.After)
	sequence, writing := c.Sequence()
	if c.Text("phone.number", 2) != "514 555-0100" || c.Int("rev") != 8 || sequence != 16 || writing || c.Int("mod_time") != noon.Unix() {
		t.Errorf("after: rev %d, sequence %d %v, time %d", c.Int("rev"), sequence, writing, c.Int("mod_time"))
	}
	during, _ := f.Decode(2, w.During)
	if sequence, writing := during.Sequence(); sequence != 15 || !writing {
		t.Errorf("during: sequence %d %v, want 15 true", sequence, writing)
	}
	if diff := cmp.Diff([][2]int{{8, 9}}, differing(w.During, w.After)); diff != "" {
		t.Errorf("during and after differ elsewhere than in the sequence: %s", diff)
	}
	if !f.SamePreImage(raw, sim1Customer()) || f.SamePreImage(raw, w.After) {
		t.Error("pre-image: want equal to itself, different from the new card")
	}
}

func spaces(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = ' '
	}
	return out
}

func TestApplyRefused(t *testing.T) {
	customer := func(change func([]byte)) []byte { raw := sim1Customer(); change(raw); return raw }
	one := sim1(t)
	two := embeddedFor(t, "SIM-2").File("CUSTOMER")
	for _, test := range []struct {
		name    string
		file    *layout.File
		raw     []byte
		changes values
		want    error
		text    string
	}{
		{"indexed", one, sim1Customer(), values{{Name: "name"}: "x"}, layout.ErrNotWritable, "change card of CUSTOMER.DAT: field name: field is not writable"},
		{"key", one, sim1Customer(), values{{Name: "number"}: "x"}, layout.ErrNotWritable, "change card of CUSTOMER.DAT: field number: field is not writable"},
		{"status", one, sim1Customer(), values{{Name: "status"}: 2}, layout.ErrNotWritable, "change card of CUSTOMER.DAT: field status: field is not writable"},
		{"reference", one, sim1Customer(), values{{Name: "term_cp"}: 2}, layout.ErrNotWritable, "change card of CUSTOMER.DAT: field term_cp: field is not writable"},
		{"no field", one, sim1Customer(), values{{Name: "fax"}: "x"}, layout.ErrNoField, "change card of CUSTOMER.DAT: field fax: no such field"},
		{"no element", one, sim1Customer(), values{{Name: "email", Index: 3}: "x"}, layout.ErrNoField, "change card of CUSTOMER.DAT: field email: no such field: element 3 of 3"},
		{"negative element", one, sim1Customer(), values{{Name: "email", Index: -1}: "x"}, layout.ErrNoField, "change card of CUSTOMER.DAT: field email: no such field: element -1 of 3"},
		{"type", one, sim1Customer(), values{{Name: "city"}: 5}, layout.ErrWrongType, "change card of CUSTOMER.DAT: field city: value of the wrong type: int64 for a field of kind text"},
		{"too long", one, sim1Customer(), values{{Name: "phone.ext", Index: 1}: "1234567"}, layout.ErrTooLong, "change card of CUSTOMER.DAT: field phone.ext[1]: value too long: 7 bytes, the field holds 6"},
		{"deleted card", one, customer(func(b []byte) { b[0] = 2 }), values{{Name: "city"}: "x"}, layout.ErrStatus, "change card of CUSTOMER.DAT: card is not in use"},
		{"being written", one, customer(func(b []byte) { b[8] = 13 }), values{{Name: "city"}: "x"}, layout.ErrWriting, "change card of CUSTOMER.DAT: somebody is writing the card"},
		{"nothing", one, sim1Customer(), nil, layout.ErrMissing, "change card of CUSTOMER.DAT: value missing"},
		{"short card", one, sim1Customer()[:100], values{{Name: "city"}: "x"}, nil, "change card of CUSTOMER.DAT: 100 bytes, a card has 1536"},
		{"read-only layout", two, sim2Customer(), values{{Name: "city"}: "x"}, layout.ErrNoWrite, "change card of CUSTOMER.DAT: the layout does not allow it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, err := test.file.Apply(test.raw, test.changes, noon)
			if err == nil || err.Error() != test.text || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got  %v\nwant %s", err, test.text)
			}
			if w.After != nil || w.During != nil {
				t.Error("a refused write has bytes")
			}
		})
	}
	// A file without writable fields takes no write even where the layout is writable.
	trans := one.Layout().File("TRANS")
	if _, err := trans.Apply(make([]byte, 512), values{{Name: "reference"}: "x"}, noon); !errors.Is(err, layout.ErrNotWritable) {
		t.Errorf("document: got %v", err)
	}
}

// The switch writable and the word create stand above the rest of the block write.
func TestWriteSwitches(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		apply, create  error
	}{
		{"all on", "", "", nil, nil},
		{"writable off", "writable = true\n[locks]", "writable = false\n[locks]", layout.ErrNoWrite, layout.ErrNoWrite},
		{"create none", `"append"`, `"none"`, nil, layout.ErrNoWrite},
	} {
		f := parse(t, strings.Replace(small, test.old, test.new, 1)).File("CUSTOMER")
		_, err := f.Apply(make([]byte, 100), values{{Name: "email"}: "a@b.ca"}, noon)
		if !errors.Is(err, test.apply) {
			t.Errorf("%s: Apply %v, want %v", test.name, err, test.apply)
		}
		if _, err := f.Create(values{{Name: "number"}: "1"}, noon); !errors.Is(err, test.create) {
			t.Errorf("%s: Create %v, want %v", test.name, err, test.create)
		}
		spec, _ := f.FieldSpec("email")
		if spec.Writable != (test.apply == nil) {
			t.Errorf("%s: field writable %v", test.name, spec.Writable)
		}
	}
}

// Numbers and dates that the field cannot hold are refused, never rounded or wrapped.
func TestApplyRange(t *testing.T) {
	f := typesLayout(t).File("ALL")
	d := decimal.RequireFromString
	for _, test := range []struct {
		field string
		value any
		ok    bool
	}{
		{"i8", 127, true}, {"i8", 128, false}, {"i8", -128, true}, {"i8", -129, false},
		{"u16_big", 65535, true}, {"u16_big", 65536, false}, {"u16_big", -1, false},
		{"u32", int64(math.MaxUint32), true}, {"u32", int64(math.MaxUint32) + 1, false},
		{"i32", d("21474836.47"), true}, {"i32", d("21474836.48"), false}, {"i32", d("0.005"), false}, {"i32", 5, true},
		{"i64", d("922337203685477.5807"), true}, {"i64", d("922337203685477.5808"), false}, {"i64", d("1e400"), false},
		{"i64", decimal.New(1, -999999999), false}, {"raw64", decimal.New(1, 999999999), false}, {"i64", decimal.New(1, 999999999), false},
		{"f32", d("0.3"), true}, {"f32", d("0.35"), false}, {"f32", d("123456789.1"), false},
		{"f64", d("1234567.89"), true}, {"f64", d("1.005"), false}, {"f64", d("99999999999999999"), false},
		{"raw64", d("0.1"), true}, {"raw64", d("0.12345678901234567890"), false},
		{"bcd", 9999999, true}, {"bcd", 10000000, false}, {"bcd", -9999999, true}, {"bcd", int64(math.MinInt64), false},
		{"money_bcd", d("-1234567.89"), true}, {"money_bcd", d("12345678.90"), false},
		{"dos", time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), true}, {"dos", time.Date(1979, 12, 31, 0, 0, 0, 0, time.UTC), false},
		{"days", time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC), false}, {"days", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), true},
		{"delphi", time.Date(1899, 12, 29, 0, 0, 0, 0, time.UTC), false},
		{"ymd32", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), false},
		{"yes", "true", false}, {"spaced", true, false}, {"ymd32", "2025-01-31", false}, {"i8", 1.5, false}, {"i8", nil, false},
	} {
		_, err := f.Apply(make([]byte, 256), values{{Name: test.field}: test.value}, noon)
		if (err == nil) != test.ok {
			t.Errorf("%s = %v: got %v, want ok %v", test.field, test.value, err, test.ok)
		}
		var refused *layout.ValueError
		if err != nil && (!errors.As(err, &refused) || refused.Field != test.field) {
			t.Errorf("%s: %v is no ValueError of the field", test.field, err)
		}
	}
}

// Only bytes of the changed fields, stamps and sequence move, whatever the card held before.
func TestApplyTouchesNothingElse(t *testing.T) {
	f := sim1(t)
	texts := []string{"care_of", "address", "city", "province", "postal_code", "iso_country", "web"}
	rapid.Check(t, func(rt *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 1536, 1536).Draw(rt, "card")
		raw[0], raw[8] = 0, raw[8]&^1
		changes := values{}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(texts), 1, 4).Draw(rt, "fields") {
			changes[layout.Field{Name: name}] = rapid.StringMatching(`[A-Zé]{0,4}`).Draw(rt, "value")
		}
		changes[layout.Field{Name: "email", Index: rapid.IntRange(0, 2).Draw(rt, "slot")}] = "a@b.ca"
		w, err := f.Apply(raw, changes, noon)
		if err != nil {
			rt.Fatal(err)
		}
		allowed := [][2]int{{2, 4}, {8, 16}}
		for key, value := range changes {
			spec, _ := f.FieldSpec(key.Name)
			at := spec.At + key.Index*spec.Stride
			allowed = append(allowed, [2]int{at, at + spec.Size})
			c, _ := f.Decode(2, w.After)
			if got := c.Text(key.Name, key.Index); got != value {
				rt.Fatalf("%v: got %q, want %q", key, got, value)
			}
		}
		for _, image := range [][]byte{w.During, w.After} {
			moved := differing(raw, image)
			if !within(moved, allowed) || !within(moved, w.Ranges) {
				rt.Fatalf("moved %v, allowed %v, told %v", moved, allowed, w.Ranges)
			}
		}
	})
}

// The sequence and the stamps wrap around without losing their parity.
func TestApplyWraps(t *testing.T) {
	raw := sim1Customer()
	binary.LittleEndian.PutUint16(raw[2:], math.MaxUint16)
	binary.LittleEndian.PutUint32(raw[8:], math.MaxUint32-1)
	f := sim1(t)
	w, err := f.Apply(raw, values{{Name: "web"}: "x"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	during, _ := f.Decode(2, w.During)
	after, _ := f.Decode(2, w.After)
	a, _ := during.Sequence()
	b, _ := after.Sequence()
	if a != math.MaxUint32 || b != 0 || after.Int("rev") != 0 {
		t.Errorf("sequence %d then %d, rev %d", a, b, after.Int("rev"))
	}
}

func TestCreate(t *testing.T) {
	f := sim1(t)
	w, err := f.Create(values{{Name: "number"}: "20250601120000123", {Name: "name"}: "Élan", {Name: "unique_id"}: 99,
		{Name: "active"}: true, {Name: "language"}: "french", {Name: "term_cp"}: 3, {Name: "opened"}: noon}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		image   []byte
		status  layout.Status
		writing bool
	}{{"during", w.During, layout.StatusCreating, true}, {"after", w.After, layout.StatusInUse, false}} {
		c, err := f.Decode(40, test.image)
		if err != nil {
			t.Fatal(err)
		}
		_, writing := c.Sequence()
		if c.Status() != test.status || writing != test.writing {
			t.Errorf("%s: %v, writing %v", test.name, c.Status(), writing)
		}
		got := []string{c.Text("number"), c.Text("name"), c.Format("unique_id"), c.Format("active"), c.Enum("language"),
			c.Format("term_cp"), c.Format("opened"), c.Text("city"), c.Format("salesrep_cp"), c.Text("email", 2)}
		want := []string{"20250601120000123", "Élan", "99", "true", "french", "3", "2025-06-01", "", "0", ""}
		if diff := cmp.Diff(want, got); diff != "" || c.Err() != nil {
			t.Errorf("%s: %s%v", test.name, diff, c.Err())
		}
	}
	for _, test := range []struct {
		name   string
		values values
		want   error
	}{
		{"no key", values{{Name: "name"}: "x"}, layout.ErrMissing},
		{"blank key", values{{Name: "number"}: "  "}, layout.ErrMissing},
		{"status", values{{Name: "number"}: "1", {Name: "status"}: 0}, layout.ErrNotWritable},
		{"sequence", values{{Name: "number"}: "1", {Name: "mod_seq"}: 4}, layout.ErrNotWritable},
		{"stamp", values{{Name: "number"}: "1", {Name: "rev"}: 4}, layout.ErrNotWritable},
		{"filler", values{{Name: "number"}: "1", {Name: "filler"}: 4}, layout.ErrNotWritable},
		{"token", values{{Name: "number"}: "1", {Name: "language"}: "klingon"}, layout.ErrOutOfRange},
		{"reference", values{{Name: "number"}: "1", {Name: "term_cp"}: -1}, layout.ErrOutOfRange},
		{"too long", values{{Name: "number"}: "123456789012345678901"}, layout.ErrTooLong},
	} {
		if _, err := f.Create(test.values, noon); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	for _, file := range []*layout.File{f.Layout().File("TRANS"), f.Layout().File("SALESREP"), embeddedFor(t, "SIM-2").File("CUSTOMER")} {
		if _, err := file.Create(values{{Name: "number"}: "1"}, noon); file.CanAppend() || !errors.Is(err, layout.ErrNoWrite) {
			t.Errorf("%s: got %v, want %v", file.Path, err, layout.ErrNoWrite)
		}
	}
}

// Reading all fields of a card and writing them to a new one gives the same image.
func TestImageIdentity(t *testing.T) {
	f := typesLayout(t).File("ALL")
	rapid.Check(t, func(rt *rapid.T) {
		first, err := f.Create(drawValues(rt), noon)
		if err != nil {
			rt.Fatal(err)
		}
		c, err := f.Decode(2, first.After)
		if err != nil {
			rt.Fatal(err)
		}
		read := readAll(&c)
		if c.Err() != nil {
			rt.Fatal(c.Err())
		}
		second, err := f.Create(read, noon)
		if err != nil {
			rt.Fatal(err)
		}
		if moved := differing(first.After, second.After); moved != nil {
			rt.Fatalf("images differ in %v\nvalues %v", moved, read)
		}
	})
}

func drawValues(rt *rapid.T) values {
	number := func(name string, low, high int64) int64 { return rapid.Int64Range(low, high).Draw(rt, name) }
	text := func(name string, n int) string {
		return rapid.StringOfN(rapid.RuneFrom([]rune("aZ9 éÀç")), 0, n, -1).Draw(rt, name)
	}
	day := func(name string) time.Time {
		return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(number(name, 0, 46000)))
	}
	v := values{
		{Name: "u16_big"}: number("u16", 0, math.MaxUint16), {Name: "u16_small"}: number("u16", 0, math.MaxUint16),
		{Name: "i8"}: number("i8", -128, 127), {Name: "yes"}: rapid.Bool().Draw(rt, "yes"),
		{Name: "i16"}: number("i16", math.MinInt16, math.MaxInt16), {Name: "u32"}: number("u32", 0, math.MaxUint32),
		{Name: "i32"}:   decimal.New(number("i32", math.MinInt32, math.MaxInt32), -2),
		{Name: "i64"}:   decimal.New(number("i64", math.MinInt64, math.MaxInt64), -4),
		{Name: "f32"}:   decimal.New(number("f32", -99999, 99999), -1),
		{Name: "f64"}:   decimal.New(number("f64", -99999999999, 99999999999), -2),
		{Name: "raw64"}: decimal.NewFromFloat(rapid.Float64Range(-1e15, 1e15).Draw(rt, "raw64")),
		{Name: "bcd"}:   number("bcd", -9999999, 9999999), {Name: "money_bcd"}: decimal.New(number("money", -999999999, 999999999), -2),
		{Name: "self"}: number("self", 0, math.MaxInt32), {Name: "colour"}: rapid.SampledFrom([]string{"none", "red", "blue"}).Draw(rt, "colour"),
		{Name: "ymd32"}: day("ymd32"), {Name: "days"}: day("days"), {Name: "delphi"}: day("delphi"), {Name: "dos"}: day("dos"),
		{Name: "ymd_text"}: day("ymd_text"), {Name: "code"}: "K" + text("code", 5), {Name: "counter"}: number("counter", 0, 65535),
		{Name: "like"}: text("like", 6), {Name: "loose"}: text("loose", 8),
	}
	for _, name := range []string{"spaced", "nulled", "either", "pascal", "pascal2"} {
		v[layout.Field{Name: name}] = text(name, 10)
	}
	for i := range 3 {
		v[layout.Field{Name: "slot.desc", Index: i}] = text("desc", 4)
		v[layout.Field{Name: "slot.number", Index: i}] = text("number", 6)
	}
	return v
}

// readAll reads every field the engine does not keep up itself, by kind.
func readAll(c *layout.Card) values {
	v := values{}
	for _, s := range typesSpecs(c) {
		for i := range s.Count {
			key := layout.Field{Name: s.Name, Index: i}
			switch s.Kind {
			case layout.KindText:
				v[key] = c.Text(s.Name, i)
			case layout.KindInt, layout.KindRef:
				v[key] = c.Int(s.Name, i)
			case layout.KindDecimal:
				v[key] = c.Decimal(s.Name, i)
			case layout.KindDate:
				v[key] = c.Date(s.Name, i)
			case layout.KindBool:
				v[key] = c.Bool(s.Name, i)
			case layout.KindEnum:
				v[key] = c.Enum(s.Name, i)
			}
		}
	}
	return v
}

func typesSpecs(c *layout.Card) (specs []layout.Spec) {
	for _, s := range c.File().Fields() {
		if s.Name != "status" && s.Name != "rev" && s.Kind != layout.KindSkip {
			specs = append(specs, s)
		}
	}
	return specs
}
