package calibrate_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"syncbox/connectors/acomba/acombatest"
)

// style is how a foreign program writes its cards. Nothing of it is told to the calibrator.
type style struct {
	page    *charmap.Charmap
	pad     byte
	prefix  int // bytes of the length before a text
	big     bool
	money   string // i32, i64, f64, bcd7
	date    string // ymd32, days:<date>, delphi, dos16, text
	inUse   byte
	deleted byte
	header  int // bytes before the first card
	first   int // position of the first card
	gap     int // most bytes between fields
	woven   bool
	status  int // where status and active flag stand
}

var styles = map[string]style{
	"a": {page: charmap.Windows1252, pad: ' ', money: "i64", date: "ymd32", first: 1, deleted: 2},
	"b": {page: charmap.CodePage850, pad: 0, money: "f64", date: "days:1899-12-30", first: 1, header: 128, gap: 5, status: 3, inUse: 0, deleted: 255},
	"c": {page: charmap.CodePage850, pad: ' ', prefix: 1, money: "bcd7", date: "text", first: 1, header: 512, gap: 3, big: true, inUse: 1, deleted: 4, woven: true},
	"d": {page: charmap.Windows1252, pad: 0, prefix: 2, money: "i32", date: "days:1967-12-31", first: 0, header: 48, gap: 9, big: true, status: 2, inUse: 0, deleted: 1},
	"e": {page: charmap.Windows1252, pad: ' ', prefix: 2, money: "i64", date: "dos16", first: 1, gap: 2, inUse: 2, deleted: 3},
	"f": {page: charmap.CodePage850, pad: 0, money: "i32", date: "delphi", first: 1, header: 16, gap: 1, woven: true, deleted: 9},
}

// column is a field of a foreign file; wide is the bytes of a text.
type column struct {
	label string
	wide  int
}

// what a foreign card holds beside texts.
type (
	money struct {
		units  int64
		places int
	}
	position int32
	code     byte
	count    uint16
	serial   int32
)

// row is a record by label: string, money, position, code, count, serial or acombatest.Date.
type row map[string]any

// foreign is a company folder in a style that nobody knows.
type foreign struct {
	dir    string
	style  style
	size   map[string]int            // of the cards, by file
	at     map[string]map[string]int // by file and label: where the text or number begins
	rows   map[string]map[int32]row
	source *acombatest.Company
}

// emigrate writes a company of the simulator down in a foreign style.
func emigrate(t testing.TB, c *acombatest.Company, s style, seed uint64) *foreign {
	t.Helper()
	f := &foreign{dir: t.TempDir(), style: s, size: map[string]int{}, at: map[string]map[string]int{}, rows: rowsOf(t, c), source: c}
	r := rand.New(rand.NewPCG(seed, 7))
	for _, name := range tableNames {
		f.draw(r, name)
		must(t, os.WriteFile(f.path(name), f.file(r, name), 0o644))
	}
	must(t, os.WriteFile(filepath.Join(f.dir, "VERSION.TXT"), []byte("Acomba\r\n14.02\r\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(f.dir, "NOTE.TXT"), []byte("rien\r\n"), 0o644))
	return f
}

var tableNames = []string{"SALESREP", "TERM", "TERRITRY", "PRICELST", "PRODGRP", "PRODUCT", "CUSTOMER", "TRANS", "LINES"}

// fileNames are the foreign program's.
var fileNames = map[string]string{"SALESREP": "VEN.D01", "TERM": "TRM.D01", "TERRITRY": "TER.D01", "PRICELST": "PRX.D01", "PRODGRP": "GRP.D01",
	"PRODUCT": "PRO.D01", "CUSTOMER": "CLI.D01", "TRANS": "FAC.D01", "LINES": "FAC.D02"}

func (f *foreign) path(name string) string { return filepath.Join(f.dir, fileNames[name]) }

var columns = map[string][]column{
	"SALESREP": {{"number", 0}, {"name", 60}, {"email", 80}},
	"TERM":     {{"number", 0}, {"description", 40}, {"days", 0}},
	"TERRITRY": {{"number", 0}, {"description", 40}},
	"PRICELST": {{"number", 0}, {"description", 40}},
	"PRODGRP":  {{"number", 0}, {"description", 60}, {"parent_cp", 0}},
	"PRODUCT":  {{"number", 30}, {"description*3", 90}, {"group_cp", 0}, {"price*6", 0}, {"upc", 20}, {"unit", 10}},
	"CUSTOMER": {{"number", 20}, {"sort_key", 20}, {"name", 60}, {"care_of", 60}, {"address", 60}, {"city", 60}, {"province", 30}, {"postal_code", 12},
		{"iso_country", 4}, {"phone.desc*5", 16}, {"phone.number*5", 24}, {"phone.ext*5", 6}, {"email*3", 80}, {"web", 80}, {"language", 0},
		{"price_level", 0}, {"term_cp", 0}, {"salesrep_cp", 0}, {"territory_cp", 0}, {"discount_bp", 0}, {"invoiced_to_cp", 0}, {"opened", 0}, {"comment", 200}},
	"TRANS": {{"doc_type", 0}, {"doc_state", 0}, {"num_lines", 0}, {"number", 20}, {"customer_cp", 0}, {"invoiced_to_cp", 0}, {"salesrep_cp", 0}, {"date", 0},
		{"due", 0}, {"reference", 30}, {"description", 60}, {"term_cp", 0}, {"sub_total", 0}, {"freight", 0}, {"discount", 0}, {"discount_bp", 0}, {"taxes*4", 0},
		{"total", 0}, {"first_line_cp", 0}, {"source_cp", 0}},
	"LINES": {{"parent_cp", 0}, {"next_cp", 0}, {"line_no", 0}, {"type", 0}, {"product_cp", 0}, {"sku", 30}, {"description", 90}, {"group_cp", 0},
		{"ordered_qty", 0}, {"invoiced_qty", 0}, {"unit_price", 0}, {"discount_bp", 0}, {"total", 0}},
}

// draw decides where the fields of a file lie: in any order, with gaps, behind some bytes of the program's own.
func (f *foreign) draw(r *rand.Rand, name string) {
	at, next := map[string]int{}, f.style.status+2+r.IntN(2)
	next += 6 // a revision and a number of the program's own
	all := append([]column{}, columns[name]...)
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, c := range all {
		label, times, _ := strings.Cut(c.label, "*")
		n := 1
		if times != "" {
			fmt.Sscan(times, &n)
		}
		wide := f.wide(label, c.wide)
		for i := range n {
			at[element(label, i, n)] = next + i*wide
		}
		next += n * wide
		if f.style.gap > 0 {
			next += r.IntN(f.style.gap + 1)
		}
	}
	if f.style.woven && name == "CUSTOMER" { // phones: number and description beside each other, five times
		a, b := f.wide("phone.number", 24), f.wide("phone.desc", 16)
		for i := range 5 {
			at[element("phone.number", i, 5)], at[element("phone.desc", i, 5)] = next+i*(a+b), next+i*(a+b)+a
		}
		next += 5 * (a + b)
	}
	f.at[name], f.size[name] = at, next+r.IntN(150)
}

func element(label string, i, n int) string {
	if n == 1 {
		return label
	}
	return fmt.Sprintf("%s[%d]", label, i)
}

// wide gives the bytes of a field.
func (f *foreign) wide(label string, text int) int {
	if text > 0 {
		return text + f.style.prefix
	}
	switch v := sampleValue(label).(type) {
	case money:
		return map[string]int{"i32": 4, "i64": 8, "f64": 8, "bcd7": 7}[f.style.money]
	case acombatest.Date:
		return map[string]int{"y": 4, "d": 4}[f.style.date[:1]] + map[string]int{"delphi": 4, "dos16": -2, "text": 8}[f.style.date]
	case code:
		return 1
	case count:
		return 2
	default:
		_ = v
		return 4
	}
}

// sampleValue tells what kind of value a label has.
func sampleValue(label string) any {
	switch label {
	case "price", "unit_price", "ordered_qty", "invoiced_qty", "sub_total", "freight", "discount", "discount_bp", "taxes", "total":
		return money{}
	case "opened", "date", "due":
		return acombatest.Date(0)
	case "language", "doc_type", "doc_state", "type":
		return code(0)
	case "num_lines", "line_no", "days", "price_level":
		return count(0)
	}
	return position(0)
}

// file writes all cards of a table.
func (f *foreign) file(r *rand.Rand, name string) []byte {
	size, rows := f.size[name], f.rows[name]
	last := int32(0)
	for cp := range rows {
		last = max(last, cp)
	}
	b := make([]byte, f.style.header+(int(last)-f.style.first+1)*size)
	for i := range f.style.header {
		b[i] = byte(r.Uint32())
	}
	for cp := int32(f.style.first); cp <= last; cp++ {
		card := b[f.style.header+(int(cp)-f.style.first)*size:][:size]
		for _, c := range columns[name] {
			if c.wide > 0 {
				f.blank(card, name, c)
			}
		}
		f.card(card, name, cp, rows[cp])
	}
	return b
}

func (f *foreign) blank(card []byte, name string, c column) {
	label, _, _ := strings.Cut(c.label, "*")
	for l, at := range f.at[name] {
		if l == label || strings.HasPrefix(l, label+"[") {
			for i := range c.wide {
				card[at+f.style.prefix+i] = f.style.pad
			}
		}
	}
}

func (f *foreign) card(card []byte, name string, cp int32, values row) {
	s := f.style
	card[s.status], card[s.status+1] = s.deleted, 1
	if values != nil && values["status"] == nil {
		card[s.status] = s.inUse
	}
	if values != nil && values["inactive"] != nil {
		card[s.status+1] = 0
	}
	f.order().PutUint16(card[s.status+2:], uint16(1+cp*7%11)) // how often it was changed
	f.order().PutUint32(card[s.status+4:], uint32(cp)*3+1000) // a number that is never used again
	for label, v := range values {
		if at, ok := f.at[name][label]; ok {
			f.put(card[at:], v)
		}
	}
}

func (f *foreign) order() binary.ByteOrder {
	if f.style.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (f *foreign) put(b []byte, v any) {
	s := f.style
	switch v := v.(type) {
	case string:
		text := encoded(s.page, v)
		switch s.prefix {
		case 1:
			b[0] = byte(len(text))
		case 2:
			f.order().PutUint16(b, uint16(len(text)))
		}
		copy(b[s.prefix:], text)
	case position:
		f.order().PutUint32(b, uint32(v))
	case serial:
		f.order().PutUint32(b, uint32(v))
	case count:
		f.order().PutUint16(b, uint16(v))
	case code:
		b[0] = byte(v)
	case money:
		f.money(b, v)
	case acombatest.Date:
		f.date(b, v)
	}
}

func (f *foreign) money(b []byte, v money) {
	switch f.style.money {
	case "i32":
		f.order().PutUint32(b, uint32(int32(v.units)))
	case "i64":
		f.order().PutUint64(b, uint64(v.units))
	case "f64":
		f.order().PutUint64(b, math.Float64bits(float64(v.units)/math.Pow10(v.places)))
	default: // packed
		n := v.units
		sign := byte(0xC)
		if n < 0 {
			n, sign = -n, 0xD
		}
		digits := fmt.Sprintf("%013d", n)
		for i := range 7 {
			low := sign
			if i < 6 {
				low = digits[2*i+1] - '0'
			}
			b[i] = (digits[2*i]-'0')<<4 | low
		}
	}
}

func (f *foreign) date(b []byte, d acombatest.Date) {
	if d == 0 {
		if f.style.date == "text" {
			copy(b, "00000000")
		}
		return
	}
	day := d.Time()
	switch name, base, _ := strings.Cut(f.style.date, ":"); name {
	case "ymd32":
		f.order().PutUint32(b, uint32(d))
	case "days":
		zero, _ := time.Parse(time.DateOnly, base)
		f.order().PutUint32(b, uint32(int32(day.Sub(zero)/(24*time.Hour))))
	case "delphi":
		f.order().PutUint64(b, math.Float64bits(float64(day.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC))/(24*time.Hour))))
	case "dos16":
		f.order().PutUint16(b, uint16((day.Year()-1980)<<9|int(day.Month())<<5|day.Day()))
	default:
		copy(b, day.Format("20060102"))
	}
}

func encoded(page *charmap.Charmap, text string) []byte {
	var out []byte
	for _, r := range text {
		c, ok := page.EncodeRune(r)
		if !ok {
			c = '?'
		}
		out = append(out, c)
	}
	return out
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
