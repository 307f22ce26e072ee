package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPackageOf(t *testing.T) {
	for name, want := range map[string]string{
		"syncbox/ota/trust.(*State).Marshal":                                            "syncbox/ota/trust",
		"syncbox/ota/update.(*Updater).install.func1":                                   "syncbox/ota/update",
		"github.com/theupdateframework/go-tuf/v2/metadata.Root":                         "github.com/theupdateframework/go-tuf/v2/metadata",
		"gopkg.in/yaml%2ev3.Marshal":                                                    "gopkg.in/yaml.v3",
		"type:*syncbox/ota/trust.State":                                                 "syncbox/ota/trust",
		"type:[]syncbox/ota/trust.State":                                                "syncbox/ota/trust",
		"type:[32]syncbox/ota/trust.State":                                              "syncbox/ota/trust",
		"type:.eq.syncbox/ota/trust.State":                                              "syncbox/ota/trust",
		"go:itab.*syncbox/ota/trust.State,error":                                        "syncbox/ota/trust",
		"slices.SortFunc[go.shape.[]syncbox/ota/trust.State,go.shape.struct { A int }]": "slices",
		"main.main":                "main",
		"runtime.mallocgc":         "runtime",
		"type:func(*os.File) bool": "func",
		"_cgo_init":                "_cgo_init",
	} {
		if got := packageOf(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestParseSymbol(t *testing.T) {
	for line, want := range map[string]symbol{
		"   b9020       1872 T syncbox/ota/trust.refresh\n":   {"syncbox/ota/trust.refresh", 1872, true},
		"  4a1c40         24 R type:func(int) (a.B, error)\n": {"type:func(int)", 24, false},
		"  4a1c40         24 D syncbox/ota/order.ErrRole\n":   {"syncbox/ota/order.ErrRole", 24, false},
		"  4a1c40         24 B syncbox/ota/order.cache\n":     {},
		"  4a1c40    2400000 R runtime.pclntab\n":             {},
		"  4a1c40          0 T runtime.etext\n":               {},
		"                    U fork\n":                        {},
		"":                                                    {},
	} {
		got, ok := parseSymbol(line)
		if got != want || ok != (want != symbol{}) {
			t.Errorf("%q: got %+v, %v", line, got, ok)
		}
	}
}

// TestWithout: what something else imports as well is there for both.
func TestWithout(t *testing.T) {
	imports := map[string][]string{"main": {"app", "update"}, "app": {"http"}, "update": {"http", "tuf"}, "tuf": {"json", "http"}, "http": nil, "json": nil}
	got := slices.Sorted(maps.Keys(without(imports, "main", func(p string) bool { return p == "update" })))
	if d := cmp.Diff([]string{"json", "tuf", "update"}, got); d != "" {
		t.Errorf("added (-want +got):\n%s", d)
	}
}
