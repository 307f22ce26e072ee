package layout_test

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/layout"
)

// put copies bytes into a card.
func put(card []byte, at int, b ...byte) { copy(card[at:], b) }

func putText(card []byte, at, size int, text string, pad byte) {
	for i := range size {
		card[at+i] = pad
	}
	copy(card[at:at+size], text)
}

// sim1Customer is a SIM-1 customer card built from the numbers of its table, not by the package.
func sim1Customer() []byte {
	card := make([]byte, 1536)
	for i := 16; i < 892; i++ {
		card[i] = ' '
	}
	card[1] = 1
	binary.LittleEndian.PutUint16(card[2:], 7)
	binary.LittleEndian.PutUint32(card[4:], 4242)
	binary.LittleEndian.PutUint32(card[8:], 14)
	copy(card[16:], "C1001")
	copy(card[56:], "Caf\xe9 du March\xe9")
	copy(card[422+2*24:], "418 555-0199")
	copy(card[572:], "info@exemple.ca")
	binary.LittleEndian.PutUint16(card[892:], 12)
	binary.LittleEndian.PutUint16(card[894:], 2)
	binary.LittleEndian.PutUint32(card[896:], 3)
	binary.LittleEndian.PutUint32(card[908:], 1250)
	binary.LittleEndian.PutUint32(card[916:], 20250131)
	for i := 920; i < 1120; i++ {
		card[i] = ' '
	}
	return card
}

// sim2Customer is the same customer in SIM-2.
func sim2Customer() []byte {
	card := make([]byte, 1280)
	card[1] = 1
	binary.LittleEndian.PutUint16(card[2:], 7)
	copy(card[4:], "C1001")
	copy(card[44:], "Caf\x82 du March\x82")
	copy(card[410+2*24:], "418 555-0199")
	copy(card[560:], "info@exemple.ca")
	binary.LittleEndian.PutUint16(card[880:], 12)
	binary.LittleEndian.PutUint16(card[882:], 2)
	binary.LittleEndian.PutUint32(card[884:], 3)
	binary.LittleEndian.PutUint32(card[896:], 1250)
	binary.LittleEndian.PutUint32(card[904:], 45688) // 2025-01-31
	return card
}

// Requirement: ACO-63
func TestCustomerOfBothProfiles(t *testing.T) {
	for _, test := range []struct {
		version string
		raw     []byte
		unique  bool
	}{{"SIM-1", sim1Customer(), true}, {"SIM-2", sim2Customer(), false}} {
		t.Run(test.version, func(t *testing.T) {
			c, err := embeddedFor(t, test.version).File("CUSTOMER").Decode(812, test.raw)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, name := range []string{"number", "name", "language", "price_level", "term_cp", "discount_bp", "opened", "active", "comment", "invoiced_to_cp"} {
				got[name] = c.Format(name)
			}
			got["mobile"], got["email"], got["email3"] = c.Text("phone.number", 2), c.Text("email"), c.Text("email", 2)
			want := map[string]string{"number": "C1001", "name": "Café du Marché", "language": "french", "price_level": "2",
				"term_cp": "3", "discount_bp": "12.5", "opened": "2025-01-31", "active": "true", "comment": "",
				"invoiced_to_cp": "0", "mobile": "418 555-0199", "email": "info@exemple.ca", "email3": ""}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if c.Err() != nil || c.Status() != layout.StatusInUse || c.Position() != 812 || len(c.Warnings()) != 0 {
				t.Errorf("err %v, status %v, position %d, warnings %v", c.Err(), c.Status(), c.Position(), c.Warnings())
			}
			if c.Has("unique_id") != test.unique {
				t.Errorf("unique_id: got %v", c.Has("unique_id"))
			}
			if test.unique && c.Int("unique_id") != 4242 {
				t.Errorf("unique_id %d", c.Int("unique_id"))
			}
		})
	}
}

func TestStatusAndSequence(t *testing.T) {
	f := embeddedFor(t, "SIM-1").File("CUSTOMER")
	for _, test := range []struct {
		code byte
		want layout.Status
	}{{0, layout.StatusInUse}, {1, layout.StatusNever}, {2, layout.StatusDeleted}, {3, layout.StatusCreating}, {77, layout.StatusUnknown}} {
		raw := sim1Customer()
		raw[0] = test.code
		c, err := f.Decode(2, raw)
		if err != nil || c.Status() != test.want || f.StatusOf(raw) != test.want {
			t.Errorf("code %d: got %v %v, want %v", test.code, c.Status(), err, test.want)
		}
	}
	for _, test := range []struct {
		value   uint64
		writing bool
	}{{14, false}, {15, true}, {math.MaxUint32, true}} {
		raw := sim1Customer()
		binary.LittleEndian.PutUint32(raw[8:], uint32(test.value))
		c, _ := f.Decode(2, raw)
		if value, writing := c.Sequence(); value != test.value || writing != test.writing {
			t.Errorf("sequence: got %d %v, want %d %v", value, writing, test.value, test.writing)
		}
	}
	quiet := parse(t, strings.NewReplacer(`odd_means_writing = true`, `odd_means_writing = false`,
		`"odd_while_writing"`, `"none"`).Replace(small)).File("CUSTOMER")
	raw := make([]byte, 100)
	raw[4] = 5
	odd, _ := quiet.Decode(2, raw)
	if value, writing := odd.Sequence(); value != 5 || writing {
		t.Errorf("a sequence whose parity means nothing: %d %v", value, writing)
	}
	two := embeddedFor(t, "SIM-2").File("CUSTOMER")
	c, _ := two.Decode(2, sim2Customer())
	if value, writing := c.Sequence(); two.HasSequence() || value != 0 || writing {
		t.Errorf("SIM-2 has sequence %d %v", value, writing)
	}
}

func TestCardErrors(t *testing.T) {
	sim := embeddedFor(t, "SIM-1").File("CUSTOMER")
	all := typesLayout(t).File("ALL")
	for _, test := range []struct {
		name  string
		file  *layout.File
		at    int
		bytes []byte
		read  func(*layout.Card)
		want  string
	}{
		{"date", sim, 916, le32(20250231), func(c *layout.Card) { c.Date("opened") }, "read CUSTOMER.DAT: card 812: field opened: bad date 20250231"},
		{"month", sim, 916, le32(20251301), func(c *layout.Card) { c.Date("opened") }, "read CUSTOMER.DAT: card 812: field opened: bad date 20251301"},
		{"yes or no", sim, 1, []byte{2}, func(c *layout.Card) { c.Bool("active") }, "read CUSTOMER.DAT: card 812: field active: bad yes or no 2"},
		{"position", sim, 896, le32(-5), func(c *layout.Card) { c.Int("term_cp") }, "read CUSTOMER.DAT: card 812: field term_cp: bad card position -5"},
		{"no field", sim, 0, nil, func(c *layout.Card) { c.Text("fax") }, "read CUSTOMER.DAT: card 812: field fax: no such field"},
		{"no element", sim, 0, nil, func(c *layout.Card) { c.Text("email", 3) }, "read CUSTOMER.DAT: card 812: field email: no element 3 of 3"},
		{"negative element", sim, 0, nil, func(c *layout.Card) { c.Text("email", -1) }, "read CUSTOMER.DAT: card 812: field email: no element -1 of 3"},
		{"kind", sim, 0, nil, func(c *layout.Card) { c.Date("name") }, "read CUSTOMER.DAT: card 812: field name: declared as text, read as date"},
		{"scaled as int", sim, 0, nil, func(c *layout.Card) { c.Int("discount_bp") }, "read CUSTOMER.DAT: card 812: field discount_bp: declared as decimal, read as int"},
		{"first error stays", sim, 1, []byte{2}, func(c *layout.Card) { c.Bool("active"); c.Text("fax") }, "read CUSTOMER.DAT: card 812: field active: bad yes or no 2"},
		{"not a number", all, 30, be64(math.Float64bits(math.NaN())), func(c *layout.Card) { c.Decimal("f64") }, "read sub/ALL.DAT: card 812: field f64: bad number NaN"},
		{"infinite", all, 30, be64(math.Float64bits(math.Inf(-1))), func(c *layout.Card) { c.Decimal("f64") }, "read sub/ALL.DAT: card 812: field f64: bad number -Inf"},
		{"too big", all, 30, be64(math.Float64bits(1e17)), func(c *layout.Card) { c.Decimal("f64") }, "read sub/ALL.DAT: card 812: field f64: bad number 1e+17"},
		{"packed digit", all, 46, []byte{0x12, 0xA4, 0x56, 0x7C}, func(c *layout.Card) { c.Int("bcd") }, "read sub/ALL.DAT: card 812: field bcd: bad packed decimal digit"},
		{"packed sign", all, 46, []byte{0x12, 0x34, 0x56, 0x77}, func(c *layout.Card) { c.Int("bcd") }, "read sub/ALL.DAT: card 812: field bcd: bad packed decimal sign"},
		{"length prefix", all, 123, []byte{11}, func(c *layout.Card) { c.Text("pascal") }, "read sub/ALL.DAT: card 812: field pascal: bad length 11, the field holds 10"},
		{"delphi", all, 69, be64(math.Float64bits(-3)), func(c *layout.Card) { c.Date("delphi") }, "read sub/ALL.DAT: card 812: field delphi: bad date -3"},
		{"dos", all, 77, []byte{0xFF, 0xFF}, func(c *layout.Card) { c.Date("dos") }, "read sub/ALL.DAT: card 812: field dos: bad date 65535"},
		{"days", all, 65, []byte{0x7F, 0, 0, 0}, func(c *layout.Card) { c.Date("days") }, "read sub/ALL.DAT: card 812: field days: bad date 2130706432"},
		{"date of letters", all, 79, []byte("Tremblay"), func(c *layout.Card) { c.Date("ymd_text") }, "read sub/ALL.DAT: card 812: field ymd_text: bad date: not eight digits"},
		{"element named", all, 150, nil, func(c *layout.Card) { c.Int("slot.number", 1) }, "read sub/ALL.DAT: card 812: field slot.number: declared as text, read as int"},
	} {
		t.Run(test.name, func(t *testing.T) {
			raw := make([]byte, test.file.CardSize)
			put(raw, test.at, test.bytes...)
			c, err := test.file.Decode(812, raw)
			if err != nil {
				t.Fatal(err)
			}
			test.read(&c)
			var wrong *layout.CardError
			if !errors.As(c.Err(), &wrong) || wrong.Position != 812 || c.Err().Error() != test.want {
				t.Errorf("got  %v\nwant %s", c.Err(), test.want)
			}
		})
	}
	for _, size := range []int{0, 1535, 1537} {
		_, err := sim.Decode(5, make([]byte, size))
		if err == nil || !strings.HasPrefix(err.Error(), "read CUSTOMER.DAT: card 5: ") {
			t.Errorf("%d bytes: got %v", size, err)
		}
	}
}

func le32(v int32) []byte  { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }
func be64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

func TestUnknownEnum(t *testing.T) {
	raw := sim1Customer()
	put(raw, 892, 7, 0)
	c, _ := embeddedFor(t, "SIM-1").File("CUSTOMER").Decode(3, raw)
	if got := c.Enum("language"); got != "unknown(7)" {
		t.Errorf("got %q", got)
	}
	if c.Int("language") != 7 || c.Err() != nil {
		t.Errorf("raw %d, err %v", c.Int("language"), c.Err())
	}
	if diff := cmp.Diff([]layout.Warning{{Field: "language", Raw: 7}}, c.Warnings()); diff != "" {
		t.Error(diff)
	}
}

// Every type from literal bytes; big endian unless the field says otherwise.
func TestTypes(t *testing.T) {
	f := typesLayout(t).File("ALL")
	for _, test := range []struct {
		field string
		at    int
		bytes []byte
		want  string
	}{
		{"u16_big", 2, []byte{1, 2}, "258"},
		{"u16_small", 4, []byte{1, 2}, "513"},
		{"i8", 6, []byte{0xFF}, "-1"},
		{"yes", 7, []byte{1}, "true"},
		{"i16", 8, []byte{0xFF, 0xFE}, "-2"},
		{"u32", 10, []byte{0xFF, 0xFF, 0xFF, 0xFF}, "4294967295"},
		{"i32", 14, []byte{0xFF, 0xFF, 0xFF, 0x85}, "-1.23"},
		{"i64", 18, be64(12345678), "1234.5678"},
		{"f32", 26, binary.BigEndian.AppendUint32(nil, math.Float32bits(0.25)), "0.2"},
		{"f32", 26, binary.BigEndian.AppendUint32(nil, math.Float32bits(0.35)), "0.4"},
		{"f64", 30, be64(math.Float64bits(0.125)), "0.12"},
		{"f64", 30, be64(math.Float64bits(0.135)), "0.14"},
		{"f64", 30, be64(math.Float64bits(-2.675)), "-2.68"},
		{"f64", 30, be64(math.Float64bits(1234567.89)), "1234567.89"},
		{"f64", 30, be64(1), "0"},
		{"raw64", 38, be64(math.Float64bits(0.1)), "0.1"},
		{"bcd", 46, []byte{0x12, 0x34, 0x56, 0x7C}, "1234567"},
		{"bcd", 46, []byte{0x00, 0x00, 0x00, 0x5D}, "-5"},
		{"bcd", 46, []byte{0x00, 0x00, 0x00, 0x5F}, "5"},
		{"money_bcd", 50, []byte{0x00, 0x00, 0x12, 0x34, 0x5D}, "-123.45"},
		{"self", 55, []byte{0, 0, 1, 0}, "256"},
		{"colour", 59, []byte{0xFF, 0xFF}, "blue"},
		{"ymd32", 61, []byte{0x01, 0x34, 0xD7, 0x65}, "2024-02-29"},
		{"ymd32", 61, []byte{0, 0, 0, 0}, ""},
		{"days", 65, []byte{0, 0, 0, 1}, "1899-12-31"},
		{"days", 65, []byte{0xFF, 0xFF, 0xFF, 0xFF}, "1899-12-29"},
		{"days", 65, []byte{0, 0, 0, 0}, ""},
		{"delphi", 69, be64(math.Float64bits(45688.75)), "2025-01-31"},
		{"delphi", 69, be64(0), ""},
		{"dos", 77, []byte{0x5A, 0x3F}, "2025-01-31"},
		{"ymd_text", 79, []byte("20250131"), "2025-01-31"},
		{"ymd_text", 79, []byte("00000000"), ""},
		{"ymd_text", 79, []byte("        "), ""},
		{"spaced", 93, []byte(" \x82t\x82     "), " été"},
		{"nulled", 103, []byte("ab \x00junk\x00"), "ab"},
		{"either", 113, []byte("ab\x00\x00\x00"), "ab"},
		{"either", 113, []byte("ab   \x00\x00"), "ab"},
		{"pascal", 123, []byte("\x03abcdef"), "abc"},
		{"pascal2", 134, []byte("\x00\x02abcdef"), "ab"},
		{"like", 176, []byte("A1\x00"), "A1"},
	} {
		raw := make([]byte, f.CardSize)
		for i := 93; i < 103; i++ {
			raw[i] = ' '
		}
		put(raw, test.at, test.bytes...)
		c, err := f.Decode(2, raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Format(test.field); got != test.want || c.Err() != nil {
			t.Errorf("%s % x: got %q %v, want %q", test.field, test.bytes, got, c.Err(), test.want)
		}
	}
}

// Arrays with a stride read their own bytes.
func TestWovenArrays(t *testing.T) {
	raw := make([]byte, 256)
	copy(raw[146:], "celA111111celB222222celC333333")
	c, _ := typesLayout(t).File("ALL").Decode(2, raw)
	got := []string{c.Text("slot.desc", 0), c.Text("slot.number", 0), c.Text("slot.desc", 2), c.Text("slot.number", 2)}
	if diff := cmp.Diff([]string{"celA", "111111", "celC", "333333"}, got); diff != "" || c.Err() != nil {
		t.Error(diff, c.Err())
	}
}

func TestCanonicalBytes(t *testing.T) {
	for _, test := range []struct {
		version string
		raw     []byte
		quiet   []int // bytes that are noise
		loud    []int // bytes that count
		size    int
	}{
		// 1536 - filler 416 - rev, mod_seq, mod_time
		{"SIM-1", sim1Customer(), []int{2, 3, 8, 11, 12, 15, 1120, 1535}, []int{0, 1, 4, 16, 919, 1119}, 1536 - 416 - 10},
		{"SIM-2", sim2Customer(), []int{2, 3, 1108, 1279}, []int{0, 1, 4, 907, 1107}, 1280 - 172 - 2},
	} {
		f := embeddedFor(t, test.version).File("CUSTOMER")
		base := f.CanonicalBytes(nil, test.raw)
		if len(base) != test.size {
			t.Errorf("%s: %d bytes, want %d", test.version, len(base), test.size)
		}
		changed := func(at int) bool {
			raw := append([]byte(nil), test.raw...)
			raw[at] ^= 0x55
			return string(f.CanonicalBytes(nil, raw)) != string(base)
		}
		for _, at := range test.quiet {
			if changed(at) {
				t.Errorf("%s: byte %d counts, should not", test.version, at)
			}
		}
		for _, at := range test.loud {
			if !changed(at) {
				t.Errorf("%s: byte %d does not count, should", test.version, at)
			}
		}
		if got := f.CanonicalBytes([]byte("x"), test.raw[:10]); string(got) != "x" {
			t.Errorf("short card gave %d bytes", len(got))
		}
	}
	all := typesLayout(t).File("ALL")
	a, b := make([]byte, 256), make([]byte, 256)
	b[182], b[1], b[190], b[195] = 9, 9, 9, 9 // volatile counter, stamp, filler, undeclared
	if string(all.CanonicalBytes(nil, a)) != string(all.CanonicalBytes(nil, b)) {
		t.Error("volatile field, stamp, filler or undeclared bytes count")
	}
}

// A stamp and a sequence that the layout does not call volatile make no noise either, but they
// hold a write back.
func TestStampsAreNoise(t *testing.T) {
	text := strings.Replace(small, `volatile = ["rev", "mod_seq"]`, `volatile = ["rev"]`, 1)
	f := parse(t, text).File("CUSTOMER")
	a := make([]byte, 100)
	for _, test := range []struct {
		at             int
		loud, preImage bool
	}{{2, false, false}, {4, false, true}, {8, false, true}, {12, true, true}, {99, false, true}} {
		b := make([]byte, 100)
		b[test.at] = 2
		if loud := string(f.CanonicalBytes(nil, a)) != string(f.CanonicalBytes(nil, b)); loud != test.loud {
			t.Errorf("byte %d: counts for change detection %v, want %v", test.at, loud, test.loud)
		}
		if moved := !f.SamePreImage(a, b); moved != test.preImage {
			t.Errorf("byte %d: counts for the pre-image %v, want %v", test.at, moved, test.preImage)
		}
	}
	if f.SamePreImage(a, a[:99]) {
		t.Error("a short image equals a whole one")
	}
}

func TestReadingCostsLittle(t *testing.T) {
	f := embeddedFor(t, "SIM-1").File("CUSTOMER")
	raw, buffer := sim1Customer(), make([]byte, 0, 2048)
	allocations := testing.AllocsPerRun(100, func() {
		c, err := f.Decode(2, raw)
		if err != nil || c.Int("term_cp") != 3 || !c.Bool("active") || c.Enum("language") != "french" || c.Date("opened").IsZero() {
			t.Fatal("card not read")
		}
		buffer = f.CanonicalBytes(buffer[:0], raw)
	})
	if allocations != 0 {
		t.Errorf("%v allocations, want 0", allocations)
	}
}

func BenchmarkCanonicalBytes(b *testing.B) {
	f := embeddedFor(b, "SIM-1").File("CUSTOMER")
	raw, buffer := sim1Customer(), make([]byte, 0, 2048)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		buffer = f.CanonicalBytes(buffer[:0], raw)
	}
}
