package enrol

import (
	"path/filepath"
	"testing"
	"time"
)

// TestLightDoesNotWait: while the card takes no write, whoever shows how the box is hears so all the same, in each write of a life.
func TestLightDoesNotWait(t *testing.T) {
	l := &life{t: t, dir: filepath.Join(t.TempDir(), "identity"), ca: newCA(t), now: birth}
	f, err := openFolder(l.dir)
	asked := 0
	light := func() {
		if l.box == nil {
			return // its key is being made: nobody can ask yet
		}
		shown := make(chan bool)
		go func() {
			l.box.Conditions()
			l.box.Time()
			l.box.Status()
			close(shown)
		}()
		select {
		case <-shown:
			asked++
		case <-time.After(20 * time.Second): // no test ends by it that succeeds
			t.Fatal("the light waits for the disk")
		}
	}
	write, remove := f.write, f.remove
	f.write = func(path string, text []byte) error { light(); return write(path, text) }
	f.remove = func(path string) error { light(); return remove(path) }
	if err := l.open(f, err); err != nil {
		t.Fatal(err)
	}
	for i, step := range steps {
		if err := step(l); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	if asked < 9 {
		t.Errorf("asked during %d writes", asked)
	}
	l.finished(&cutter{})
}
