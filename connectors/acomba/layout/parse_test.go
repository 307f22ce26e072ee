package layout_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/acomba/layout"
)

// typesLayout is the layout with a field of every type.
func typesLayout(t testing.TB) *layout.Layout {
	t.Helper()
	text, err := os.ReadFile("testdata/types.toml")
	if err != nil {
		t.Fatal(err)
	}
	l, err := layout.Parse("types.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const small = `layout = "small/1"
acomba_versions = ["X"]
version = {file = "COMPANY.VER", line = 1}
encoding = "auto"
writable = true
[locks]
exclusive_markers = ["COMPANY.LCK"]
on_sharing_violation = "busy"
on_lock_conflict = "skip_card"
[consistency]
mode = "double_read"
quiet_ms = 2000
retries = 3
backoff_ms = [50, 200, 800]
[write]
lock = {range = "card", exclusive = true, wait_ms = 0, attempts = 3}
sequence = "odd_while_writing"
stamp = [{field = "rev", add = 1}, {field = "mod_time", now = "unix"}]
volatile = ["rev", "mod_seq"]
create = "append"
max_writes_per_cycle = 20
[files.CUSTOMER]
path = "CUSTOMER.DAT"
required = true
header_size = 0
first_card = 1
data_from = 2
card_size = 100
in_use = {field = "status", equals = [0]}
deleted = [2]
creating = [3]
sequence = {field = "mod_seq", odd_means_writing = true}
fields = [
  {name = "status", at = 0, type = "u8"},
  {name = "active", at = 1, type = "u8", as = "bool"},
  {name = "rev", at = 2, type = "u16"},
  {name = "mod_seq", at = 4, type = "u32"},
  {name = "mod_time", at = 8, type = "u32"},
  {name = "number", at = 12, type = "str20", pad = "space", key = true, indexed = true},
  {name = "email", at = 32, type = "str10", count = 3, writable = true},
  {name = "language", at = 62, type = "i16", map = {9 = "english", 12 = "french"}},
  {name = "level", at = 64, type = "i16", ref = "LIST.number"},
  {name = "list_cp", at = 66, type = "cp", ref = "LIST"},
  {name = "opened", at = 70, type = "date", enc = "ymd32"},
  {name = "amount", at = 74, type = "i64", scale = -2},
]
probes = [
  {kind = "size_modulo"},
  {kind = "printable", field = "number", min_ratio = 0.95},
  {kind = "known", field = "number", value = "C1", expect = {opened = "2025-01-31"}},
  {kind = "sum", field = "amount", children = {file = "LIST", by = "parent_cp", field = "amount", where = {kind = ["one"]}}},
]
[files.LIST]
path = "LIST.DAT"
card_size = 32
in_use = {field = "status", equals = [0]}
fields = [
  {name = "status", at = 0, type = "u8"},
  {name = "number", at = 2, type = "i16"},
  {name = "parent_cp", at = 4, type = "cp", ref = "CUSTOMER"},
  {name = "kind", at = 8, type = "u8", map = {1 = "one"}},
  {name = "amount", at = 9, type = "i64", scale = -2},
]
`

// Each row breaks the small layout in one place; the message names file, field, key and value.
func TestParseRefuses(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"unknown key", `header_size = 0`, "header_sise = 0", `files.CUSTOMER.header_sise: unknown key (line 25)`},
		{"unknown field key", `at = 70, type`, `at = 70, colour = 1, type`, `colour: unknown key`},
		{"unknown top key", `encoding = "auto"`, "encodings = \"auto\"", `encodings: unknown key`},
		{"wrong type", `card_size = 100`, `card_size = "100"`, `card_size: value of the wrong type`},
		{"bad TOML", `card_size = 100`, `card_size = `, `line 28`},
		{"id", `"small/1"`, `"small"`, `layout "small": must be id/version`},
		{"version 0", `"small/1"`, `"small/0"`, `layout "small/0": must be id/version`},
		{"no versions", `["X"]`, `[]`, `acomba_versions: must name at least one`},
		{"version source", `version = {file = "COMPANY.VER", line = 1}`, `version = {line = 1}`, `version: must have file, or ask`},
		{"version line", `line = 1}`, `line = 0}`, `version.line "0": must be 1 to 1000`},
		{"encoding", `encoding = "auto"`, `encoding = "utf-8"`, `encoding "utf-8": must be auto, windows-1252, cp850`},
		{"sharing violation", `"busy"`, `"missing"`, `locks.on_sharing_violation "missing": must be busy`},
		{"mode", `"double_read"`, `"single"`, `consistency.mode "single": must be double_read`},
		{"page size", `card_size = 100`, `card_size = 0`, `file CUSTOMER: card_size "0": must be 1 to 65536`},
		{"negative header", `header_size = 0`, `header_size = -64`, `file CUSTOMER: header_size "-64": must be 0 to`},
		{"data before first", `data_from = 2`, `data_from = 0`, `file CUSTOMER: data_from "0": must be 1 to`},
		{"path outside", `"CUSTOMER.DAT"`, `"../CUSTOMER.DAT"`, `file CUSTOMER: path "../CUSTOMER.DAT": must be a path below`},
		{"path twice", `"CUSTOMER.DAT"`, `"list.dat"`, `path "LIST.DAT": also the path of CUSTOMER`},
		{"overlap", `at = 12, type = "str20"`, `at = 11, type = "str20"`, `file CUSTOMER: field number: at "11": byte 11 belongs to mod_time already`},
		{"array overlap", `count = 3, writable`, `count = 4, writable`, `field language: at "62": byte 62 belongs to email[0] already`},
		{"outside", `at = 74, type = "i64"`, `at = 93, type = "i64"`, `field amount: at "93": ends at 101, beyond card_size 100`},
		{"huge array", `count = 3, writable`, `count = 9223372036854775807, writable`, `field email: count "9223372036854775807": must be 1 to 100`},
		{"short stride", `count = 3, writable`, `count = 3, stride = 9, writable`, `field email: stride "9": must be 10 to 100`},
		{"no at", `name = "opened", at = 70,`, `name = "opened",`, `field opened: at: missing`},
		{"name twice", `"opened", at`, `"amount", at`, `field amount: name "amount": declared twice`},
		{"name form", `"opened", at`, `"Opened", at`, `field Opened: name "Opened": must be small letters`},
		{"type", `type = "date"`, `type = "time"`, `field opened: type "time": unknown type`},
		{"enum type", `type = "i16", map`, `type = "enum", map`, `field language: type "enum": an enum is an integer type with a map`},
		{"zero text", `"str20"`, `"str0"`, `field number: type "str0": unknown type`},
		{"date encoding", `"ymd32"`, `"ymd33"`, `field opened: enc "ymd33": unknown date encoding`},
		{"date base", `"ymd32"`, `"days_since:1899-13-30"`, `enc "days_since:1899-13-30": days_since wants`},
		{"pad on number", `type = "i64", scale = -2},` + "\n]\nprobes", `type = "i64", pad = "nul"},` + "\n]\nprobes", `field amount: pad: does not go with type "i64"`},
		{"scale", `at = 74, type = "i64", scale = -2`, `at = 74, type = "i64", scale = -99`, `field amount: scale "-99": must be -9 to 9`},
		{"pad", `pad = "space"`, `pad = "zero"`, `field number: pad "zero": must be either, space, nul`},
		{"empty map", `{9 = "english", 12 = "french"}`, `{}`, `field language: map: must not be empty`},
		{"map value", `{9 = "english", 12 = "french"}`, `{nine = "english"}`, `field language: map "nine": not a value of the type`},
		{"map range", `{9 = "english", 12 = "french"}`, `{99999 = "english"}`, `map "99999": not a value of the type`},
		{"map token twice", `{9 = "english", 12 = "french"}`, `{9 = "french", 12 = "french"}`, `map "french": must be a token`},
		{"as", `as = "bool"`, `as = "boolean"`, `field active: as "boolean": must be bool`},
		{"cp without ref", `"cp", ref = "LIST"`, `"cp"`, `field list_cp: ref: a cp must name the file`},
		{"cp by value", `"cp", ref = "LIST"`, `"cp", ref = "LIST.number"`, `ref "LIST.number": a cp must name the file`},
		{"ref file", `"cp", ref = "LIST"`, `"cp", ref = "LISTS"`, `file CUSTOMER: field list_cp: ref "LISTS": no such file`},
		{"ref field", `"LIST.number"`, `"LIST.numbers"`, `field level: ref "LIST.numbers": no such field`},
		{"ref kind", `"LIST.number"`, `"LIST.amount"`, `field level: ref "LIST.amount": is decimal`},
		{"no in_use", "in_use = {field = \"status\", equals = [0]}\ndeleted", "deleted", `file CUSTOMER: in_use: must have field and equals`},
		{"in_use field", `{field = "status", equals = [0]}` + "\ndeleted", `{field = "state", equals = [0]}` + "\ndeleted", `in_use.field "state": no such field`},
		{"in_use kind", `{field = "status", equals = [0]}` + "\ndeleted", `{field = "number", equals = [0]}` + "\ndeleted", `in_use.field "number": must be a plain integer`},
		{"status twice", `deleted = [2]`, `deleted = [0]`, `deleted "0": already in use`},
		{"status range", `deleted = [2]`, `deleted = [256]`, `deleted "256": must be 0 to 255`},
		{"sequence field", `{field = "mod_seq", odd`, `{field = "seq", odd`, `sequence.field "seq": no such field`},
		{"sequence signed", `"mod_seq", at = 4, type = "u32"`, `"mod_seq", at = 4, type = "i32"`, `sequence.field "mod_seq": must be an unsigned integer`},
		{"writable without block", "[write]\nlock = {range = \"card\", exclusive = true, wait_ms = 0, attempts = 3}\nsequence = \"odd_while_writing\"\nstamp = [{field = \"rev\", add = 1}, {field = \"mod_time\", now = \"unix\"}]\nvolatile = [\"rev\", \"mod_seq\"]\ncreate = \"append\"\nmax_writes_per_cycle = 20\n", "", `field email: writable "true": needs the block write`},
		{"nothing writable", `count = 3, writable = true`, `count = 3`, `writable "true": no field is writable`},
		{"writable key", `key = true, indexed = true`, `key = true, writable = true`, `field number: writable "true": key, indexed`},
		{"writable indexed", `key = true, indexed = true`, `indexed = true, writable = true`, `field number: writable "true": key, indexed`},
		{"writable cp", `"cp", ref = "LIST"`, `"cp", ref = "LIST", writable = true`, `field list_cp: writable "true": key, indexed`},
		{"writable enum", `12 = "french"}`, `12 = "french"}, writable = true`, `field language: writable "true": key, indexed`},
		{"writable skip", `type = "i64", scale = -2},` + "\n]\nprobes", `type = "skip", writable = true},` + "\n]\nprobes", `field amount: writable "true": key, indexed`},
		{"writable status", `at = 0, type = "u8"},` + "\n  {name = \"active\"", `at = 0, type = "u8", writable = true},` + "\n  {name = \"active\"", `field status: writable "true": status, sequence and stamps`},
		{"shared lock", `exclusive = true`, `exclusive = false`, `write.lock.exclusive: must be true`},
		{"lock range word", `range = "card"`, `range = "file"`, `write.lock.range "file": must be card`},
		{"lock range key", `range = "card"`, `range = {offset = 1, length = 1, size = 2}`, `write.lock.range.size: unknown key`},
		{"lock range length", `range = "card"`, `range = {offset = 1, length = 0}`, `write.lock.range: must have an offset from 0`},
		{"lock attempts", `attempts = 3`, `attempts = 0`, `write.lock.attempts "0": must be 1 to 100`},
		{"stamp field", `{field = "rev", add`, `{field = "revision", add`, `file CUSTOMER: write.stamp "revision": no such field`},
		{"stamp both", `now = "unix"`, `now = "unix", add = 1`, `write.stamp "mod_time": must have add or now, not both`},
		{"stamp small", `now = "unix"}`, `now = "unix"}, {field = "active", add = 1}`, `write.stamp "active": must be a plain integer field`},
		{"volatile", `volatile = ["rev", "mod_seq"]`, `volatile = ["email"]`, `write.volatile "email": must be a field that is neither writable`},
		{"sequence missing", `sequence = {field = "mod_seq", odd_means_writing = true}`, ``, `write.sequence "odd_while_writing": needs sequence`},
		{"sequence ignored", `sequence = "odd_while_writing"`, `sequence = "none"`, `write.sequence "none": readers of this file`},
		{"append without code", `creating = [3]`, ``, `write.create "append": needs a status code`},
		{"probe kind", `kind = "printable"`, `kind = "readable"`, `probes.kind "readable": unknown probe`},
		{"probe field", `kind = "printable", field = "number"`, `kind = "printable", field = "numbr"`, `file CUSTOMER: probes.field "numbr": no such field (printable)`},
		{"probe text", `kind = "printable", field = "number"`, `kind = "printable", field = "amount"`, `probes.field "amount": printable: is no text`},
		{"probe ref", `kind = "printable", field = "number"`, `kind = "ref_valid", field = "number"`, `probes.field "number": ref_valid: has no ref`},
		{"probe enum", `kind = "printable", field = "number"`, `kind = "enum_known", field = "number"`, `probes.field "number": enum_known: has no map`},
		{"probe ratio", `min_ratio = 0.95`, `min_ratio = 1.5`, `probes.min_ratio "1.5": must be above 0`},
		{"probe ratio zero", `min_ratio = 0.95`, `min_ratio = 0.0`, `probes.min_ratio "0": must be above 0`},
		{"probe expect", `expect = {opened`, `expect = {opend`, `probes.expect "opend": no such field`},
		{"probe value", `value = "C1", `, ``, `probes.value: known needs the value`},
		{"sum parts", `children = {file = "LIST", by = "parent_cp", field = "amount", where = {kind = ["one"]}}`, `min_ratio = 0.5`, `probes.sum "amount": must have plus, minus or children`},
		{"sum field", `children = {file = "LIST", by = "parent_cp", field = "amount", where = {kind = ["one"]}}`, `plus = ["email"]`, `probes.sum "email": no such number`},
		{"sum child", `by = "parent_cp"`, `by = "number"`, `probes.children.by "number": must be a cp of LIST to CUSTOMER`},
		{"sum token", `["one"]`, `["two"]`, `probes.children.where "two": not in the map of kind`},
		{"sum unknown", `by = "parent_cp"`, `by = "parent_cp", sign = -1`, `sign: unknown key`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if strings.Count(small, test.old) < 1 {
				t.Fatalf("%q is not in the layout", test.old)
			}
			_, err := layout.Parse("small.toml", []byte(strings.Replace(small, test.old, test.new, 1)))
			var wrong *layout.ParseError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v, want a ParseError", err)
			}
			if !strings.HasPrefix(err.Error(), "parse layout small.toml: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestParseTellsAll(t *testing.T) {
	broken := strings.NewReplacer(`"ymd32"`, `"ymd"`, `data_from = 2`, `data_from = 2`, `"cp", ref = "CUSTOMER"`, `"cp", ref = "NOBODY"`).Replace(small)
	_, err := layout.Parse("small.toml", []byte(broken))
	var wrong *layout.ParseError
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	want := []layout.Problem{
		{File: "CUSTOMER", Field: "opened", Key: "enc", Value: "ymd", Why: "unknown date encoding"},
		{File: "LIST", Field: "parent_cp", Key: "ref", Value: "NOBODY", Why: "no such file"},
	}
	if diff := cmp.Diff(want, wrong.Problems[:2]); diff != "" {
		t.Error(diff)
	}
}

func TestParse(t *testing.T) {
	l := typesLayout(t)
	if l.String() != "types/3" || l.ID != "types" || l.Version != 3 || len(l.Fingerprint) != 64 || l.VersionFrom.File != "" {
		t.Errorf("head: %+v", l)
	}
	wantWrite := &layout.WriteRules{
		Lock: layout.Lock{Ranges: []layout.LockRange{{Card: true}, {Offset: 4, Length: 8}},
			Wait: 250 * time.Millisecond, Attempts: 3},
		Stamps: []layout.Stamp{{Field: "rev", Add: 1}}, Volatile: []string{"rev"}, Append: true, MaxPerCycle: 5,
	}
	if diff := cmp.Diff(wantWrite, l.Write); diff != "" {
		t.Error(diff)
	}
	wantReading := layout.Consistency{Quiet: 2 * time.Second, Retries: 3,
		Backoff: []time.Duration{50 * time.Millisecond, 200 * time.Millisecond, 800 * time.Millisecond}}
	if diff := cmp.Diff(wantReading, l.Consistency); diff != "" {
		t.Error(diff)
	}
	if _, err := layout.Parse("small.toml", []byte(small)); err != nil {
		t.Errorf("small: %v", err)
	}
	known := l.File("ALL").Probes[5]
	want := map[string]string{"slot.number[2]": "514-1", "i32": "12.5", "ymd32": "2024-02-29", "yes": "true"}
	if diff := cmp.Diff(want, known.Expect); diff != "" {
		t.Error(diff)
	}
}

func TestGeometry(t *testing.T) {
	f := typesLayout(t).File("ALL") // header 32, cards of 256, the first is 0, data from 2
	for _, test := range []struct {
		name  string
		size  int64
		cards int32
		whole bool
		last  int32
	}{
		{"empty", 0, 0, false, -1},
		{"header only", 32, 0, true, -1},
		{"three cards", 32 + 3*256, 3, true, 2},
		{"growing", 32 + 3*256 + 100, 3, false, 2},
		{"absurd", 1 << 62, 1<<31 - 1, false, 1<<31 - 2},
	} {
		cards, whole := f.Count(test.size)
		first, last := f.Positions(test.size)
		if cards != test.cards || whole != test.whole || first != 2 || last != test.last {
			t.Errorf("%s: got %d %v %d..%d, want %d %v 2..%d", test.name, cards, whole, first, last, test.cards, test.whole, test.last)
		}
	}
	if got := f.Offset(2); got != 32+2*256 {
		t.Errorf("offset of card 2 is %d", got)
	}
	want := [][2]int64{{f.Offset(9), 256}, {4, 8}}
	if diff := cmp.Diff(want, f.LockRanges(9)); diff != "" {
		t.Error(diff)
	}
	customer := embeddedFor(t, "SIM-1").File("CUSTOMER")
	if got := customer.Offset(1_500_000); got != 1_499_999*1536 {
		t.Errorf("offset beyond 2 GiB is %d", got)
	}
}
