package share

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/share/sharetest"
)

// faultTree is a tree of a file system with faults.
type faultTree struct {
	*sharetest.FS
	closed chan struct{}
}

func (t faultTree) open(name string, flag int) (file, error) {
	f, err := t.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return faultFile{f, f.(io.ReaderAt)}, nil
}
func (t faultTree) stat(name string) (fs.FileInfo, error)      { return t.FS.Stat(name) }
func (t faultTree) readDir(name string) ([]fs.DirEntry, error) { return t.FS.ReadDir(name) }
func (t faultTree) rename(string, string) error                { return syscall.EROFS }
func (t faultTree) remove(string) error                        { return syscall.EROFS }
func (t faultTree) close() error                               { close(t.closed); return nil }

type faultFile struct {
	fs.File
	io.ReaderAt
}

func (faultFile) WriteAt([]byte, int64) (int, error) { return 0, syscall.EROFS }
func (faultFile) Sync() error                        { return syscall.EROFS }
func (faultFile) lock(int64, int64) error            { return syscall.EROFS }
func (faultFile) unlock(int64, int64) error          { return syscall.EROFS }

// faultVolume attaches a file system with faults and counts what it is asked for.
type faultVolume struct {
	fs *sharetest.FS

	mu          sync.Mutex
	attempts    int
	refuse      error           // of the next attempts
	hang        <-chan struct{} // of the next attempts
	interrupted int
	detached    []bool // forced or not
	trees       []faultTree
	onInterrupt func()
	onDetach    func()
}

func newFaultVolume() *faultVolume {
	return &faultVolume{fs: &sharetest.FS{Under: fstest.MapFS{
		"A.DAT": {Data: []byte("cards")},
		"B.DAT": {Data: []byte("other")},
	}}}
}

func (v *faultVolume) attach(context.Context) (attached, error) {
	v.mu.Lock()
	v.attempts++
	refuse, hang := v.refuse, v.hang
	v.mu.Unlock()
	if hang != nil {
		<-hang
	}
	if refuse != nil {
		return attached{}, refuse
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	t := faultTree{v.fs, make(chan struct{})}
	v.trees = append(v.trees, t)
	return attached{tree: t, interrupt: v.interrupt, detach: v.detach}, nil
}

func (v *faultVolume) interrupt() {
	v.set(func() { v.interrupted++ })
	if v.onInterrupt != nil {
		v.onInterrupt()
	}
}

func (v *faultVolume) detach(forced bool) error {
	if v.onDetach != nil {
		v.onDetach()
	}
	v.set(func() { v.detached = append(v.detached, forced) })
	return nil
}

func (v *faultVolume) set(change func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	change()
}

func (v *faultVolume) share() *Share { return &Share{newMount(v, `\\srv\erp`, nil)} }

// wantClass checks an error's class.
func wantClass(t *testing.T, doing string, err error, want Class) {
	t.Helper()
	if err == nil || ClassOf(err) != want {
		t.Errorf("%s: %v, class %d; want class %d", doing, err, ClassOf(err), want)
	}
}

func TestMountsAtFirstUseAndStaysMounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		if got := s.State(); got != Unmounted || v.attempts != 0 {
			t.Fatalf("before any use: %s after %d attempts", got, v.attempts)
		}
		for range 3 {
			if got, err := fs.ReadFile(s, "A.DAT"); string(got) != "cards" {
				t.Fatalf("read: %q, %v", got, err)
			}
		}
		if got := s.State(); got != Ready || v.attempts != 1 {
			t.Errorf("after three reads: %s after %d attempts, want ready after 1", got, v.attempts)
		}
		if got := len(s.m.session.files); got != 0 {
			t.Errorf("%d closed files are still remembered", got)
		}
		s.Close()
	})
}

func TestAnOpenFolderIsNoHandle(t *testing.T) {
	v := newFaultVolume()
	s := v.share()
	defer s.Close()
	f, err := s.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if now, most := v.fs.OpenFiles(); now != 0 || most != 1 {
		t.Errorf("%d handles open, %d at most; want 0 and 1", now, most)
	}
	entries, err := f.(fs.ReadDirFile).ReadDir(-1)
	if err != nil || len(entries) != 2 {
		t.Errorf("list: %v, %v", entries, err)
	}
}

func TestManyUsersMountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := fs.ReadFile(s, "A.DAT"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if v.attempts != 1 {
			t.Errorf("%d attempts, want 1", v.attempts)
		}
		s.Close()
	})
}

func TestBackOffGrowsAndEndsWithAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		v.refuse = syscall.EHOSTUNREACH
		s := v.share()
		defer s.Close()
		want := []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} // seconds, a quarter more or less
		for i, seconds := range want {
			_, err := s.Stat("A.DAT")
			wantClass(t, "stat", err, Dead)
			if v.attempts != i+1 {
				t.Fatalf("%d attempts, want %d", v.attempts, i+1)
			}
			time.Sleep(seconds * time.Second * 7 / 10)
			_, err = s.Stat("A.DAT")
			wantClass(t, "stat in the back-off", err, Dead)
			if v.attempts != i+1 {
				t.Fatalf("attempt %d came after %v of %d s", v.attempts, seconds*time.Second*7/10, seconds)
			}
			time.Sleep(seconds * time.Second * 6 / 10)
		}
		v.refuse = nil
		if _, err := s.Stat("A.DAT"); err != nil {
			t.Fatalf("server is back: %v", err)
		}
		s.m.mu.Lock()
		defer s.m.mu.Unlock()
		if s.m.delay != 0 {
			t.Errorf("delay is %v after an answer, want 0", s.m.delay)
		}
	})
}

// A refused log-on must not be tried again: the account would be locked.
func TestRefusedLogOnIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		v.refuse = syscall.EACCES
		s := v.share()
		defer s.Close()
		for range 5 {
			_, err := s.Open("A.DAT")
			wantClass(t, "open", err, Auth)
			if connectors.KindOf(err) != connectors.Auth {
				t.Errorf("kind %s, want auth", connectors.KindOf(err))
			}
			time.Sleep(24 * time.Hour)
		}
		if err := s.Suspend(t.Context()); err != nil {
			t.Error(err)
		}
		_, err := s.Open("A.DAT")
		wantClass(t, "open after a blackout", err, Auth)
		if v.attempts != 1 {
			t.Errorf("%d log-ons, want 1", v.attempts)
		}
		v.refuse = nil
		s.Retry()
		if _, err := fs.ReadFile(s, "A.DAT"); err != nil || v.attempts != 2 {
			t.Errorf("after a person's retry: %v after %d log-ons, want 2", err, v.attempts)
		}
	})
}

func TestDeadServerEndsTheMount(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want Class
	}{
		{"connection lost", sharetest.Lost, Dead},
		{"share closed by its administrator", syscall.EREMCHG, ShareGone},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newFaultVolume()
				s := v.share()
				defer s.Close()
				f, err := s.Open("B.DAT")
				if err != nil {
					t.Fatal(err)
				}
				v.fs.Set(func(now *sharetest.Faults) { now.Gone = test.err })
				_, err = s.Stat("A.DAT")
				wantClass(t, "stat", err, test.want)
				synctest.Wait()
				if s.State() != Unmounted || v.interrupted != 1 || len(v.detached) != 1 || !v.detached[0] {
					t.Errorf("%s, interrupted %d times, detached %v; want unmounted by force", s.State(), v.interrupted, v.detached)
				}
				if now, _ := v.fs.OpenFiles(); now != 0 {
					t.Errorf("%d files are still open", now)
				}
				v.fs.Set(func(now *sharetest.Faults) { now.Gone = nil })
				time.Sleep(2 * time.Second)
				if _, err := s.Stat("A.DAT"); err != nil || v.attempts != 2 {
					t.Errorf("share is back: %v after %d attempts, want 2", err, v.attempts)
				}
				for range 50 {
					_, err = f.(io.ReaderAt).ReadAt(make([]byte, 2), 0)
					wantClass(t, "read from a handle of the old mount", err, test.want)
				}
				if got := v.fs.Calls(sharetest.Read); got != 0 {
					t.Errorf("%d reads reached the old mount", got)
				}
			})
		})
	}
}

func TestErrorsOfFilesLeaveTheMount(t *testing.T) {
	for _, err := range []error{sharetest.SharingViolation, sharetest.NotFound, sharetest.AccessDenied, syscall.EINVAL} {
		synctest.Test(t, func(t *testing.T) {
			v := newFaultVolume()
			s := v.share()
			defer s.Close()
			v.fs.Set(func(now *sharetest.Faults) {
				now.Fail = []sharetest.Fail{{Op: sharetest.Open, Name: "A.DAT", Err: err}}
			})
			_, got := s.Open("A.DAT")
			if !errors.Is(got, err) || s.State() != Ready {
				t.Errorf("%v: state %s, want ready", got, s.State())
			}
		})
	}
}

func TestSuspendLeavesNothingAndNextUseMounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		defer s.Close()
		f, err := s.Open("A.DAT")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Suspend(t.Context()); err != nil {
			t.Fatal(err)
		}
		<-v.trees[0].closed
		if now, _ := v.fs.OpenFiles(); now != 0 || len(v.detached) != 1 || v.detached[0] || v.interrupted != 0 {
			t.Errorf("%d files open, detached %v, interrupted %d; want a clean unmount", now, v.detached, v.interrupted)
		}
		_, err = f.(io.ReaderAt).ReadAt(make([]byte, 1), 0)
		wantClass(t, "read of a closed handle", err, MountBusy)
		if err := f.Close(); err != nil {
			t.Errorf("close of a closed handle: %v", err)
		}
		if _, err := fs.ReadFile(s, "A.DAT"); err != nil || v.attempts != 2 {
			t.Errorf("next use: %v after %d mounts, want 2", err, v.attempts)
		}
	})
}

func TestSuspendWhileMounting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		hang := make(chan struct{})
		v.hang = hang
		s := v.share()
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.m.acquire(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait for a mount: %v, want the context's end", err)
		}
		done := make(chan error, 1)
		go func() { done <- s.Suspend(t.Context()) }()
		synctest.Wait()
		if len(done) != 0 || s.State() != Mounting {
			t.Errorf("suspend came back while %s", s.State())
		}
		close(hang)
		if err := <-done; err != nil || s.State() != Unmounted || len(v.detached) != 1 {
			t.Errorf("suspend: %v, %s, detached %v; want unmounted", err, s.State(), v.detached)
		}
	})
}

func TestCloseIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		if _, err := s.Stat("."); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Open("A.DAT"); !errors.Is(err, fs.ErrClosed) || v.attempts != 1 || len(v.detached) != 1 {
			t.Errorf("open after close: %v, %d mounts, %d unmounts", err, v.attempts, len(v.detached))
		}
	})
}
