package share

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"syncbox/connectors"
)

// scriptTree is a real folder whose calls are noted and may be made to fail.
type scriptTree struct {
	tree
	script *script
}

type scriptFile struct {
	file
	script *script
}

// script notes each call on the folder and fails it as fail says, before or after it took effect.
type script struct {
	mu    sync.Mutex
	dir   string
	calls []string
	fail  func(n int, call string) (err error, after bool)
}

func (s *script) attach(context.Context) (attached, error) {
	t, err := openTree(s.dir, "")
	return attached{tree: scriptTree{t, s}}, err
}

// do makes one call: n counts from 0.
func (s *script) do(call string, really func() error) error {
	s.mu.Lock()
	n := len(s.calls)
	s.calls = append(s.calls, call)
	fail := s.fail
	s.mu.Unlock()
	var err error
	after := false
	if fail != nil {
		err, after = fail(n, call)
	}
	if err != nil && !after {
		return err
	}
	if done := really(); done != nil {
		return done
	}
	return err
}

func (t scriptTree) open(name string, flag int) (f file, err error) {
	call := "open "
	if flag != os.O_RDONLY {
		call = "create "
	}
	err = t.script.do(call+name, func() error {
		f, err = t.tree.open(name, flag)
		return err
	})
	if err != nil {
		if f != nil {
			f.Close()
		}
		return nil, err
	}
	return scriptFile{f, t.script}, nil
}

func (t scriptTree) stat(name string) (info fs.FileInfo, err error) {
	err = t.script.do("stat "+name, func() error { info, err = t.tree.stat(name); return err })
	return info, err
}

func (t scriptTree) rename(from, to string) error {
	return t.script.do("rename "+from+" "+to, func() error { return t.tree.rename(from, to) })
}

func (t scriptTree) remove(name string) error {
	return t.script.do("remove "+name, func() error { return t.tree.remove(name) })
}

func (f scriptFile) ReadAt(p []byte, off int64) (n int, err error) {
	err = f.script.do("read", func() error { n, err = f.file.ReadAt(p, off); return err })
	return n, err
}

func (f scriptFile) WriteAt(p []byte, off int64) (n int, err error) {
	err = f.script.do("write", func() error { n, err = f.file.WriteAt(p, off); return err })
	if errors.Is(err, syscall.ENOSPC) { // a full disk leaves a stump
		n, _ = f.file.WriteAt(p[:len(p)/2], off)
	}
	return n, err
}

func (f scriptFile) Sync() error  { return f.script.do("sync", f.file.Sync) }
func (f scriptFile) Close() error { return f.script.do("close", f.file.Close) }

func dropper(s *script) *Writer {
	return &Writer{newMount(s, `\\srv\erp`, nil), WriteDrops}
}

// names lists what lies in a folder, with sizes.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

const dropName = "A-SAISIR_F1000_20261120-100000.csv"

var dropContent = bytes.Repeat([]byte("\"No\";\"Date\"\r\n"), 30_000) // two requests

func TestDropInOrder(t *testing.T) {
	s := &script{dir: t.TempDir()}
	w := dropper(s)
	defer w.Close()
	if err := w.Drop(t.Context(), ".", dropName, dropContent); err != nil {
		t.Fatal(err)
	}
	part := dropName + ".part"
	want := []string{
		"open " + dropName, "remove " + part, "create " + part, "write", "write", "sync", "close",
		"open " + part, "read", "read", "close", "stat " + dropName, "rename " + part + " " + dropName,
	}
	if diff := cmp.Diff(want, s.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if got, err := os.ReadFile(filepath.Join(s.dir, dropName)); !bytes.Equal(got, dropContent) {
		t.Errorf("%d bytes, %v; want %d", len(got), err, len(dropContent))
	}
	s.calls = nil
	if err := w.Drop(t.Context(), ".", dropName, dropContent); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if diff := cmp.Diff([]string{"open " + dropName, "read", "read", "close"}, s.calls); diff != "" {
		t.Errorf("calls of the same again (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{dropName}, names(t, s.dir)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
}

// Whatever call fails, whether it took effect or not: the final name never leads to anything but the
// whole content, an error leaves no final name when the server goes on answering, and the same Drop
// again brings it about.
func TestDropFailsAtEachCall(t *testing.T) {
	order := 0
	synctest.Test(t, func(t *testing.T) { order = runDrop(t, nil) })
	for n := range order {
		for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EACCES, syscall.EIO, syscall.EROFS} {
			for _, after := range []bool{false, true} {
				name := fmt.Sprintf("call %d %s after=%v", n, errno, after)
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						runDrop(t, func(at int, _ string) (error, bool) {
							if at == n {
								return errno, after
							}
							return nil, false
						})
					})
				})
			}
		}
	}
}

// runDrop drops with one failure, checks the folder, and drops again without. It gives the number of
// calls of the first Drop.
func runDrop(t *testing.T, fail func(int, string) (error, bool)) (calls int) {
	t.Helper()
	s := &script{dir: t.TempDir(), fail: fail}
	w := dropper(s)
	defer w.Close()
	err := w.Drop(t.Context(), ".", dropName, dropContent)
	time.Sleep(time.Minute) // any back-off is over
	final := filepath.Join(s.dir, dropName)
	got, readErr := os.ReadFile(final)
	switch {
	case readErr == nil && !bytes.Equal(got, dropContent):
		t.Fatalf("final name leads to %d bytes of %d", len(got), len(dropContent))
	case err == nil && readErr != nil:
		t.Fatalf("no error, and no file: %v", readErr)
	case err != nil && readErr == nil && ClassOf(err) != Dead:
		t.Fatalf("%v, yet the file is there", err)
	case err != nil && ClassOf(err) != Dead && len(names(t, s.dir)) != 0:
		t.Fatalf("%v leaves %v behind", err, names(t, s.dir))
	}
	s.mu.Lock()
	calls, s.fail = len(s.calls), nil
	s.mu.Unlock()
	if err := w.Drop(t.Context(), ".", dropName, dropContent); err != nil {
		t.Fatalf("again: %v", err)
	}
	if diff := cmp.Diff([]string{dropName}, names(t, s.dir)); diff != "" {
		t.Errorf("folder at the end (-want +got):\n%s", diff)
	}
	return calls
}

func TestDropTellsWhy(t *testing.T) {
	for _, test := range []struct {
		call string
		err  error
		want Class
	}{
		{"create", syscall.EROFS, ReadOnly},
		{"create", syscall.EACCES, Denied},
		{"write", syscall.ENOSPC, Full},
		{"sync", syscall.ENOSPC, Full},
		{"close", syscall.ENOSPC, Full},
		{"rename", syscall.EACCES, Denied},
		{"stat", syscall.EIO, Dead},
	} {
		t.Run(test.call+" "+test.err.Error(), func(t *testing.T) {
			s := &script{dir: t.TempDir()}
			s.fail = func(_ int, call string) (error, bool) {
				if name, _, _ := strings.Cut(call, " "); name == test.call {
					return test.err, false
				}
				return nil, false
			}
			w := dropper(s)
			defer w.Close()
			err := w.Drop(t.Context(), ".", dropName, dropContent)
			wantClass(t, "drop", err, test.want)
			if _, err := os.Stat(filepath.Join(s.dir, dropName)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the final name is there: %v", err)
			}
		})
	}
}

// What is written may read back otherwise: it must never get the final name.
func TestDropVerifies(t *testing.T) {
	s := &script{dir: t.TempDir()}
	s.fail = func(_ int, call string) (error, bool) {
		if call == "close" { // the first is the writer's
			part := filepath.Join(s.dir, dropName+".part")
			if err := os.WriteFile(part, bytes.Repeat([]byte("x"), len(dropContent)), 0o644); err != nil {
				t.Error(err)
			}
		}
		return nil, false
	}
	w := dropper(s)
	defer w.Close()
	if err := w.Drop(t.Context(), ".", dropName, dropContent); !errors.Is(err, errUnverified) {
		t.Errorf("got %v, want errUnverified", err)
	}
	if got := names(t, s.dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestDropLeavesOtherContentAlone(t *testing.T) {
	for _, other := range []string{"", "something else", string(dropContent[:len(dropContent)-1]) + "x", string(dropContent) + "x"} {
		s := &script{dir: t.TempDir()}
		w := dropper(s)
		final := filepath.Join(s.dir, dropName)
		if err := os.WriteFile(final, []byte(other), 0o644); err != nil {
			t.Fatal(err)
		}
		err := w.Drop(t.Context(), ".", dropName, dropContent)
		wantClass(t, "drop", err, Conflict)
		if connectors.KindOf(err) != connectors.Rejected {
			t.Errorf("kind %s, want rejected", connectors.KindOf(err))
		}
		if got, _ := os.ReadFile(final); string(got) != other {
			t.Errorf("the other content of %d bytes became %d", len(other), len(got))
		}
		w.Close()
	}
}

// Somebody else makes the final name between our first look and the rename.
func TestDropNeverReplaces(t *testing.T) {
	for _, test := range []struct {
		name, content string
		want          error
	}{
		{"other content", "other", errOtherContent},
		{"same content", string(dropContent), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &script{dir: t.TempDir()}
			final := filepath.Join(s.dir, dropName)
			s.fail = func(_ int, call string) (error, bool) {
				if call == "sync" {
					if err := os.WriteFile(final, []byte(test.content), 0o644); err != nil {
						t.Error(err)
					}
				}
				return nil, false
			}
			w := dropper(s)
			defer w.Close()
			if err := w.Drop(t.Context(), ".", dropName, dropContent); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if got, _ := os.ReadFile(final); string(got) != test.content {
				t.Errorf("the file of somebody else has %d bytes, want %d", len(got), len(test.content))
			}
			if got := names(t, s.dir); len(got) != 1 {
				t.Errorf("folder has %v, want the final name only", got)
			}
		})
	}
}

func TestDropWaitsForAScanner(t *testing.T) {
	for _, test := range []struct {
		name string
		busy int // so many renames are refused
		want Class
		took time.Duration
	}{
		{"moments", 3, Unknown, 1400 * time.Millisecond},
		{"for good", 100, Busy, 11200 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{dir: t.TempDir()}
				refused := 0
				s.fail = func(_ int, call string) (error, bool) {
					if strings.HasPrefix(call, "rename") && refused < test.busy {
						refused++
						return syscall.EBUSY, false
					}
					return nil, false
				}
				w := dropper(s)
				defer w.Close()
				start := time.Now()
				err := w.Drop(t.Context(), ".", dropName, dropContent)
				if (err == nil) != (test.want == Unknown) || ClassOf(err) != test.want {
					t.Errorf("got %v, class %d", err, ClassOf(err))
				}
				if got := time.Since(start); got != test.took {
					t.Errorf("took %v, want %v", got, test.took)
				}
				if err != nil && len(names(t, s.dir)) != 0 {
					t.Errorf("left behind: %v", names(t, s.dir))
				}
			})
		})
	}
}

func TestDropWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{dir: t.TempDir()}
		s.fail = func(_ int, call string) (error, bool) {
			if strings.HasPrefix(call, "rename") {
				return syscall.EBUSY, false
			}
			return nil, false
		}
		w := dropper(s)
		defer w.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		wantClass(t, "drop", w.Drop(ctx, ".", dropName, dropContent), Busy)
		if got := time.Since(start); got != time.Second {
			t.Errorf("took %v, want 1 s", got)
		}
		if got := names(t, s.dir); len(got) != 0 {
			t.Errorf("left behind: %v", got)
		}
	})
}

func TestDropNames(t *testing.T) {
	s := &script{dir: t.TempDir()}
	w := dropper(s)
	defer w.Close()
	for _, name := range []string{
		"", ".", "..", "a/b", `a\b`, "a:b", "a*b", "a?b", `a"b`, "a<b", "a>b", "a|b", "a\nb", "a.", "a ", "x.part", strings.Repeat("x", 241),
	} {
		if err := w.Drop(t.Context(), ".", name, nil); err == nil {
			t.Errorf("%q was taken", name)
		}
		if err := w.Remove(t.Context(), ".", name); err == nil {
			t.Errorf("%q was removed", name)
		}
	}
	if err := w.Drop(t.Context(), "..", "ok.csv", nil); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("the folder above: %v", err)
	}
	wantClass(t, "a folder that is not there", w.Drop(t.Context(), "SyncBox", "ok.csv", nil), Gone)
	if len(names(t, s.dir)) != 0 {
		t.Errorf("left behind: %v", names(t, s.dir))
	}
	if err := w.Drop(t.Context(), ".", "Été à saisir.csv", nil); err != nil {
		t.Errorf("an empty file with a French name: %v", err)
	}
}

func TestListAndRemove(t *testing.T) {
	s := &script{dir: t.TempDir()}
	w := dropper(s)
	defer w.Close()
	dir := filepath.Join(s.dir, "SyncBox")
	if err := os.MkdirAll(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"b.csv", "a.csv", "a.csv.part", "c.csv.part"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	whole, stumps, err := w.List(t.Context(), "SyncBox")
	if diff := cmp.Diff([][]string{{"a.csv", "b.csv"}, {"a.csv", "c.csv"}}, [][]string{whole, stumps}); diff != "" || err != nil {
		t.Errorf("list: %v (-want +got):\n%s", err, diff)
	}
	for _, name := range []string{"a.csv", "c.csv", "a.csv"} { // whole, stump only, gone already
		if err := w.Remove(t.Context(), "SyncBox", name); err != nil {
			t.Errorf("remove %s: %v", name, err)
		}
	}
	if diff := cmp.Diff([]string{"b.csv", "folder"}, names(t, dir)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
	s.fail = func(_ int, call string) (error, bool) {
		if strings.HasPrefix(call, "remove") {
			return syscall.EROFS, false
		}
		return nil, false
	}
	wantClass(t, "remove on a read-only share", w.Remove(t.Context(), "SyncBox", "b.csv"), ReadOnly)
}

func TestWriterKeepsToItsMode(t *testing.T) {
	s := &script{dir: t.TempDir()}
	drops, cards := dropper(s), &Writer{newMount(s, "erp", nil), WriteCards}
	defer drops.Close()
	defer cards.Close()
	_, openErr := drops.OpenCard(t.Context(), "A.DAT")
	for doing, err := range map[string]error{
		"card by drops":   openErr,
		"drop by cards":   cards.Drop(t.Context(), ".", "a", nil),
		"remove by cards": cards.Remove(t.Context(), ".", "a"),
	} {
		if !errors.Is(err, errMode) {
			t.Errorf("%s: %v, want errMode", doing, err)
		}
	}
	if len(s.calls) != 0 {
		t.Errorf("calls were made: %v", s.calls)
	}
}
