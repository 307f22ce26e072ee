package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestFetched(t *testing.T) {
	if n, err := fetched("Comparing\nWould download 1234 of 5678 bytes\nMatched 3 of 9 chunks\n"); n != 1234 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if n, err := fetched("nothing\n"); err == nil {
		t.Errorf("got %d", n)
	}
}

func TestUpstream(t *testing.T) {
	for version, want := range map[string]string{"6.1.192-2": "6.1.192", "6.1.192": "6.1.192"} {
		if got := upstream(version); got != want {
			t.Errorf("%s: got %s, want %s", version, got, want)
		}
	}
}

// TestAdaptive counts for an image that is there already only the index, and for one changed byte the compressed block
// around it.
func TestAdaptive(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	image := make([]byte, 3*squashBlock)
	for i := range image {
		image[i] = byte(i * i >> 8)
	}
	index := int64(len(image) / raucBlock * raucIndexItem)
	old := write("old", image)
	if n, err := adaptive(pair{"", old, old}); n != index || err != nil {
		t.Errorf("the same image: got %d, %v, want %d", n, err, index)
	}
	changed := bytes.Clone(image)
	changed[squashBlock+5]++
	want, err := packed(changed[squashBlock : 2*squashBlock])
	if err != nil {
		t.Fatal(err)
	}
	if n, err := adaptive(pair{"", old, write("new", changed)}); n != index+want || err != nil {
		t.Errorf("one byte changed: got %d, %v, want %d", n, err, index+want)
	}
}
