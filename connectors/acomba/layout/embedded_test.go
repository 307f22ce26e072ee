package layout_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/layout"
)

func embeddedFor(t testing.TB, version string) *layout.Layout {
	t.Helper()
	l, err := layout.Match(layout.Embedded(), version)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// table is what the reference tables say of a file: geometry, then name:offset:bytes in order.
type table struct {
	file                            string
	card, header, first, data, used int
	card2                           int // card size in SIM-2
	fields                          string
}

var tables = []table{
	{"CUSTOMER", 1536, 0, 1, 2, 1120, 1280, `number:16:20 sort_key:36:20 name:56:60 care_of:116:60 address:176:60
		city:236:60 province:296:30 postal_code:326:12 iso_country:338:4 phone.desc:342:80 phone.number:422:120
		phone.ext:542:30 email:572:240 web:812:80 language:892:2 price_level:894:2 term_cp:896:4 salesrep_cp:900:4
		territory_cp:904:4 discount_bp:908:4 invoiced_to_cp:912:4 opened:916:4 comment:920:200`},
	{"SALESREP", 256, 64, 1, 1, 160, 192, `number:16:4 name:20:60 email:80:80`},
	{"PRODGRP", 128, 64, 1, 1, 84, 96, `number:16:4 description:20:60 parent_cp:80:4`},
	{"PRODUCT", 640, 0, 1, 2, 398, 480, `number:16:30 description:46:270 group_cp:316:4 price:320:48 upc:368:20 unit:388:10`},
	{"TERM", 128, 64, 1, 1, 64, 80, `number:16:4 description:20:40 days:60:2 percent_bp:62:2`},
	{"TERRITRY", 128, 64, 1, 1, 60, 96, `number:16:4 description:20:40`},
	{"PRICELST", 128, 64, 1, 1, 60, 96, `number:16:4 description:20:40`},
	{"TRANS", 512, 0, 1, 2, 230, 320, `doc_type:16:1 doc_state:17:1 num_lines:18:2 number:20:20 customer_cp:40:4
		invoiced_to_cp:44:4 salesrep_cp:48:4 date:52:4 due:56:4 reference:60:30 description:90:60 term_cp:150:4
		sub_total:154:8 freight:162:8 discount:170:8 discount_bp:178:4 taxes:182:32 total:214:8 first_line_cp:222:4
		source_cp:226:4`},
	{"LINES", 256, 64, 1, 1, 192, 216, `parent_cp:16:4 next_cp:20:4 line_no:24:2 type:26:1 pad:27:1 product_cp:28:4
		sku:32:30 description:62:90 group_cp:152:4 ordered_qty:156:8 invoiced_qty:164:8 unit_price:172:8
		discount_bp:180:4 total:184:8`},
}

func (w table) want(shift, card int) []string {
	out := []string{"status:0:1", "active:1:1", "rev:2:2"}
	if shift == 0 {
		out = append(out, "unique_id:4:4", "mod_seq:8:4", "mod_time:12:4")
	}
	for _, f := range strings.Fields(w.fields) {
		var at, size int
		name, numbers, _ := strings.Cut(f, ":")
		fmt.Sscanf(numbers, "%d:%d", &at, &size)
		out = append(out, fmt.Sprintf("%s:%d:%d", name, at-shift, size))
	}
	return append(out, fmt.Sprintf("filler:%d:%d", w.used-shift, card-w.used+shift))
}

// The embedded layouts hold the offsets of the reference tables, and used + filler = card size.
func TestEmbeddedOffsets(t *testing.T) {
	for _, profile := range []struct {
		version string
		shift   int
	}{{"SIM-1", 0}, {"SIM-2", 12}} {
		l := embeddedFor(t, profile.version)
		if got := len(l.Files()); got != len(tables) {
			t.Errorf("%s: %d files, want %d", l, got, len(tables))
		}
		for _, w := range tables {
			t.Run(profile.version+"/"+w.file, func(t *testing.T) {
				f, card := l.File(w.file), w.card
				if profile.shift > 0 {
					card = w.card2
				}
				got := []int{f.CardSize, f.HeaderSize, int(f.FirstCard), int(f.DataFrom)}
				if diff := cmp.Diff([]int{card, w.header, w.first, w.data}, got); diff != "" {
					t.Errorf("geometry (-want +got):\n%s", diff)
				}
				var fields []string
				end := 0
				for _, s := range f.Fields() {
					fields = append(fields, fmt.Sprintf("%s:%d:%d", s.Name, s.At, s.Count*s.Size))
					if s.At != end || s.Stride != s.Size {
						t.Errorf("%s begins at %d with stride %d, want %d and %d", s.Name, s.At, s.Stride, end, s.Size)
					}
					end = s.At + s.Count*s.Size
				}
				if end != card {
					t.Errorf("fields end at %d, want card size %d", end, card)
				}
				if diff := cmp.Diff(w.want(profile.shift, card), fields); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
				if want := w.file + ".DAT"; f.Path != want || !f.Required {
					t.Errorf("path %q required %v, want %q true", f.Path, f.Required, want)
				}
			})
		}
	}
}

// Kinds, scales and marks that the offsets do not show.
func TestEmbeddedTypes(t *testing.T) {
	one, two := embeddedFor(t, "SIM-1"), embeddedFor(t, "SIM-2")
	var writable, indexed []string
	for _, f := range one.Files() {
		for _, s := range f.Fields() {
			if s.Writable {
				writable = append(writable, f.Name+"."+s.Name)
			}
			if s.Indexed {
				indexed = append(indexed, f.Name+"."+s.Name)
			}
			if s.Kind == layout.KindSkip {
				continue
			}
			other, err := two.File(f.Name).FieldSpec(s.Name)
			if s.Name == "unique_id" || s.Name == "mod_seq" || s.Name == "mod_time" {
				if err == nil {
					t.Errorf("SIM-2 %s has %s", f.Name, s.Name)
				}
				continue
			}
			if err != nil || other.Kind != s.Kind || other.Count != s.Count || other.MaxBytes != s.MaxBytes || other.Ref != s.Ref {
				t.Errorf("%s.%s: SIM-1 %+v, SIM-2 %+v, %v", f.Name, s.Name, s, other, err)
			}
			if other.Writable {
				t.Errorf("SIM-2 %s.%s is writable", f.Name, s.Name)
			}
		}
	}
	wantWritable := strings.Fields(`CUSTOMER.care_of CUSTOMER.address CUSTOMER.city CUSTOMER.province CUSTOMER.postal_code
		CUSTOMER.iso_country CUSTOMER.phone.desc CUSTOMER.phone.number CUSTOMER.phone.ext CUSTOMER.email CUSTOMER.web`)
	if diff := cmp.Diff(wantWritable, writable); diff != "" {
		t.Errorf("writable (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"CUSTOMER.number", "CUSTOMER.sort_key", "CUSTOMER.name"}, indexed); diff != "" {
		t.Errorf("indexed (-want +got):\n%s", diff)
	}
	if !one.Writable || !one.Write.Append || !one.Write.OddWhileWriting || two.Writable || two.Write != nil {
		t.Error("SIM-1 must be writable with append and a sequence, SIM-2 must not")
	}
}

func TestMatch(t *testing.T) {
	for _, test := range []struct{ content, want string }{
		{"SIM-1\r\nwhatever\r\n", "refacomba/1"},
		{"sim-2", "refacomba-sim2/1"},
		{"SIM-3\n", `match layout: no layout for version "SIM-3"`},
	} {
		version, err := embeddedFor(t, "SIM-1").VersionIn([]byte(test.content))
		if err != nil {
			t.Fatal(err)
		}
		l, err := layout.Match(layout.Embedded(), version)
		got := fmt.Sprint(err)
		if err == nil {
			got = l.String()
		}
		if got != test.want {
			t.Errorf("%q: got %s, want %s", test.content, got, test.want)
		}
	}
	twice := append(layout.Embedded(), layout.Embedded()...)
	if _, err := layout.Match(twice, "SIM-1"); err == nil {
		t.Error("two layouts for one version: want an error")
	}
	for _, content := range []string{"", "\n", " \r\nSIM-1"} {
		if v, err := embeddedFor(t, "SIM-1").VersionIn([]byte(content)); err == nil {
			t.Errorf("%q: got version %q, want an error", content, v)
		}
	}
}
