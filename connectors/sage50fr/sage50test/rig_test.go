package sage50test_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"syncbox/connectors/sage50fr/sage50test"
)

type (
	options  = sage50test.Options
	switches = sage50test.Switches
	fields   = sage50test.Fields
)

const dossier = "DUPONT"

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func no(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, o options) *sage50test.Site {
	t.Helper()
	return must(sage50test.Create(t.TempDir(), o))(t)
}

// content is a file of a site below its root.
func content(t testing.TB, s *sage50test.Site, name string) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join(s.Root(), filepath.FromSlash(name))))(t)
}

// table is an export as this test reads it.
type table struct {
	headings []string
	rows     [][]string
}

// read exports a kind and reads the file, which is in a code page.
func read(t testing.TB, s *sage50test.Site, e sage50test.Export) table {
	t.Helper()
	return parse(t, content(t, s, must(s.Export(dossier, e))(t)))
}

func parse(t testing.TB, b []byte) (out table) {
	t.Helper()
	text := must(charmap.Windows1252.NewDecoder().Bytes(b))(t)
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\r\n"), "\r\n") {
		if i == 0 {
			out.headings = strings.Split(line, "\t")
			continue
		}
		out.rows = append(out.rows, strings.Split(line, "\t"))
	}
	return out
}

// column is every cell of a column.
func (f table) column(heading string) (cells []string) {
	at := slices.Index(f.headings, heading)
	for _, row := range f.rows {
		if at < 0 || at >= len(row) {
			cells = append(cells, "absent")
			continue
		}
		cells = append(cells, row[at])
	}
	return cells
}

// lay puts a file into the folder of imports, in the code page of the site.
func lay(t testing.TB, s *sage50test.Site, name string, lines ...string) {
	t.Helper()
	text := strings.Join(lines, "\r\n") + "\r\n"
	b := must(charmap.Windows1252.NewEncoder().Bytes([]byte(strings.ReplaceAll(text, "|", "\t"))))(t)
	to := filepath.Join(s.In(dossier), name)
	no(t, errors.Join(os.WriteFile(to+".tmp", b, 0o644), os.Rename(to+".tmp", to)))
}

// files are the names in the folder of imports.
func files(t testing.TB, s *sage50test.Site) string {
	t.Helper()
	var names []string
	for _, e := range must(os.ReadDir(s.In(dossier)))(t) {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// log is the file of a refusal.
func log(t testing.TB, s *sage50test.Site, name string) string {
	t.Helper()
	return string(must(charmap.Windows1252.NewDecoder().Bytes(bytes.ReplaceAll(content(t, s, dossier+"/in/"+name), []byte("\r\n"), []byte(" / "))))(t))
}

// quote lays a quote of the reference for a client.
func quote(t testing.TB, s *sage50test.Site, name, reference, client string) {
	t.Helper()
	lay(t, s, name, "E/L|Type de pièce|Référence pièce|Code client|Nom client|Code article|Quantité", "E|Devis|"+reference+"|"+client+"|Nouveau||", "L|||||AR00001|2,5")
}
