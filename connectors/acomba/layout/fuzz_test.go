package layout_test

import (
	"os"
	"path/filepath"
	"testing"

	"syncbox/connectors/acomba/layout"
)

// FuzzParse: no text makes Parse panic, and a layout it accepts decodes any bytes without panic.
func FuzzParse(f *testing.F) {
	for _, l := range layout.Embedded() {
		f.Add(string(layout.EmbeddedText(l.Name)))
	}
	samples, err := filepath.Glob("testdata/*.toml")
	if err != nil || len(samples) == 0 {
		f.Fatal("no samples", err)
	}
	for _, name := range samples {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(small)
	f.Add(probeLayout)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := layout.Parse("fuzz.toml", []byte(text))
		if err != nil {
			return
		}
		for _, file := range l.Files() {
			raw := make([]byte, file.CardSize)
			for i := range raw {
				raw[i] = byte(i*37 + len(text))
			}
			readEverything(t, file, raw)
		}
	})
}

// FuzzDecode: no card makes an accessor or a probe panic.
func FuzzDecode(f *testing.F) {
	f.Add(sim1Customer())
	f.Add(sim2Customer())
	f.Add(make([]byte, 2048))
	layouts := append(layout.Embedded(), typesLayout(f), parse(f, probeLayout))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, l := range layouts {
			for _, file := range l.Files() {
				if len(raw) >= file.CardSize {
					readEverything(t, file, raw[:file.CardSize])
				}
			}
		}
	})
}

// readEverything reads all fields in all ways, and runs the probes.
func readEverything(t *testing.T, file *layout.File, raw []byte) {
	c, err := file.Decode(file.DataFrom, raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range file.Fields() {
		for _, i := range []int{0, s.Count - 1} {
			_ = c.Format(s.Name, i)
			_, _, _ = c.Text(s.Name, i), c.Int(s.Name, i), c.Decimal(s.Name, i)
			_, _, _ = c.Date(s.Name, i), c.Bool(s.Name, i), c.Enum(s.Name, i)
			_ = s.Canon(c.Format(s.Name, i))
		}
	}
	_, _ = c.Sequence()
	if got := len(file.CanonicalBytes(nil, raw)); got > file.CardSize {
		t.Fatalf("%d canonical bytes of %d", got, file.CardSize)
	}
	r := layout.NewProbeRun(file.Layout(), true)
	r.Begin(file.Name, file.Offset(file.DataFrom)+int64(file.CardSize))
	r.Feed(file.Name, file.DataFrom, raw)
	for _, result := range r.Result() {
		if result.Ratio < 0 || result.Ratio > 1 {
			t.Fatalf("ratio %v", result.Ratio)
		}
	}
}
