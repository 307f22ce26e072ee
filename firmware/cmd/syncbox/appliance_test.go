package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"syncbox/firmware/internal/console/setupcode"
)

// TestErase: a full reset takes everything of the customer, and nothing of the box.
func TestErase(t *testing.T) {
	dir := t.TempDir()
	asked := filepath.Join(dir, filepath.Base(applianceErase))
	for _, name := range []string{"jobs/acomba/state.db", "syncbox.toml", "secrets.toml", "identity/key", "ota/trust", "clock", "anything"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := setupcode.Write(filepath.Join(dir, "setup-code.json"), "ABCD-EFGH-JKLM"); err != nil {
		t.Fatal(err)
	}
	left := func() []string {
		t.Helper()
		all, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range all {
			names = append(names, e.Name())
		}
		return names
	}
	if erased, err := erase(dir, asked); erased || err != nil || len(left()) != 8 {
		t.Fatalf("without anybody asking: %t, %v, left are %v", erased, err, left())
	}
	if err := os.WriteFile(asked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if erased, err := erase(dir, asked); !erased || err != nil {
		t.Fatal(erased, err)
	}
	if got, want := left(), []string{"clock", "identity", "ota", "setup-code.json"}; !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
}

func TestTerminal(t *testing.T) {
	var b bytes.Buffer
	if n, err := (terminal{&b}).Write([]byte("one\ntwo\n")); n != 8 || err != nil || b.String() != "one\r\ntwo\r\n" {
		t.Errorf("got %d, %v, %q", n, err, b.String())
	}
}
