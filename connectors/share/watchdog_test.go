package share

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/share/sharetest"
)

// stall makes calls hang until the returned function is called.
func stall(v *faultVolume, op sharetest.Op, name string) (release func()) {
	hold := make(chan struct{})
	v.fs.Set(func(now *sharetest.Faults) {
		now.Stall = []sharetest.Stall{{Op: op, Name: name, Release: hold}}
	})
	return sync.OnceFunc(func() {
		v.fs.Set(func(now *sharetest.Faults) { now.Stall = nil })
		close(hold)
	})
}

func TestPatienceGrowsWithBytes(t *testing.T) {
	for _, test := range []struct {
		bytes int64
		want  time.Duration
	}{{0, 5 * time.Second}, {100_000, 6 * time.Second}, {256 << 10, 7621440 * time.Microsecond}} {
		if got := patience(test.bytes); got != test.want {
			t.Errorf("%d bytes: %v, want %v", test.bytes, got, test.want)
		}
	}
}

func TestHangingCallEndsTheMount(t *testing.T) {
	tests := []struct {
		op   sharetest.Op
		want time.Duration
		call func(*Share, fs.File) error
	}{
		{sharetest.Stat, 5 * time.Second, func(s *Share, _ fs.File) error {
			entries, err := s.ReadDir(".")
			if err != nil {
				return err
			}
			_, err = entries[0].Info()
			return err
		}},
		{sharetest.Stat, 5 * time.Second, func(_ *Share, f fs.File) error { _, err := f.Stat(); return err }},
		{sharetest.Open, 5 * time.Second, func(s *Share, _ fs.File) error { _, err := s.Open("A.DAT"); return err }},
		{sharetest.Stat, 5 * time.Second, func(s *Share, _ fs.File) error { _, err := s.Stat("A.DAT"); return err }},
		{sharetest.ReadDir, patience(4 * listing), func(s *Share, _ fs.File) error { _, err := s.ReadDir("."); return err }},
		{sharetest.Read, patience(4 * 4), func(_ *Share, f fs.File) error {
			_, err := f.(io.ReaderAt).ReadAt(make([]byte, 4), 0)
			return err
		}},
	}
	for _, test := range tests {
		t.Run(string(test.op), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := newFaultVolume()
				s := v.share()
				defer s.Close()
				f, err := s.Open("A.DAT")
				if err != nil {
					t.Fatal(err)
				}
				release := stall(v, test.op, "")
				v.onInterrupt = release // as MNT_FORCE makes hanging calls return
				start := time.Now()
				wantClass(t, "hanging call", test.call(s, f), Dead)
				if got := time.Since(start); got != test.want {
					t.Errorf("given up after %v, want %v", got, test.want)
				}
				synctest.Wait()
				if v.interrupted != 1 || len(v.detached) != 1 || !v.detached[0] || s.m.stuck != 0 {
					t.Errorf("interrupted %d times, detached %v, %d stuck; want one forced unmount", v.interrupted, v.detached, s.m.stuck)
				}
				time.Sleep(2 * time.Second)
				if got, err := fs.ReadFile(s, "A.DAT"); string(got) != "cards" || v.attempts != 2 {
					t.Errorf("on the new mount: %q, %v after %d mounts", got, err, v.attempts)
				}
			})
		})
	}
}

// One call's time-out is everybody's: after it the mount is dead, whatever it says later.
func TestOtherCallsAreGivenUpWithTheMount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		defer s.Close()
		f, err := s.Open("B.DAT")
		if err != nil {
			t.Fatal(err)
		}
		release := stall(v, sharetest.Any, "")
		late := make([]byte, 4)
		errs := make(chan error, 2)
		start := time.Now()
		go func() {
			_, err := s.Stat("A.DAT")
			errs <- err
		}()
		time.Sleep(time.Second)
		go func() {
			_, err := f.(io.ReaderAt).ReadAt(late, 0)
			errs <- err
		}()
		for range 2 {
			wantClass(t, "call", <-errs, Dead)
		}
		if got := time.Since(start); got != 5*time.Second {
			t.Errorf("both were given up after %v, want 5 s", got)
		}
		if s.m.stuck != 2 {
			t.Errorf("%d calls count as stuck, want 2", s.m.stuck)
		}
		release()
		synctest.Wait()
		if s.m.stuck != 0 {
			t.Errorf("%d calls count as stuck after they came back", s.m.stuck)
		}
		if string(late) != "\x00\x00\x00\x00" {
			t.Errorf("an abandoned read wrote %q into its caller's memory", late)
		}
		if now, _ := v.fs.OpenFiles(); now != 0 {
			t.Errorf("%d files are still open", now)
		}
	})
}

// A call may come back in the very moment its mount is given up.
func TestNothingIsBelievedOnceTheMountIsGone(t *testing.T) {
	m := newMount(newFaultVolume(), "erp", nil)
	gone := make(chan struct{})
	close(gone)
	for range 20_000 {
		late := make(chan string, 1)
		got, err, ok := await(m, time.Hour, gone,
			func() (string, error) { return "late", nil },
			func(v string, _ error) { late <- v })
		if ok || got != "" || err != nil {
			t.Fatalf("got %q, %v, %v of a call on a mount that is gone", got, err, ok)
		}
		if v := <-late; v != "late" {
			t.Fatalf("the late result is %q", v)
		}
	}
}

func TestFileOpenedAsTheMountEndsIsClosed(t *testing.T) {
	v := newFaultVolume()
	a, err := v.attach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := newSession(a)
	f, err := s.tree.open("A.DAT", os.O_RDONLY)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.release(false); err != nil {
		t.Fatal(err)
	}
	if s.keep(f) {
		t.Error("an ended session keeps a file")
	}
	if now, most := v.fs.OpenFiles(); now != 0 || most != 1 {
		t.Errorf("%d files open, %d at most; want it closed", now, most)
	}
}

// holdFile writes late.
type holdFile struct {
	file
	hold <-chan struct{}
	got  string
}

func (f *holdFile) WriteAt(p []byte, _ int64) (int, error) {
	<-f.hold
	f.got = string(p)
	return len(p), nil
}

// The kernel may send an abandoned request long after; it must not be what its caller has then.
func TestAbandonedWriteKeepsItsBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMount(newFaultVolume(), "erp", nil)
		s, err := m.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		hold := make(chan struct{})
		f := &holdFile{hold: hold}
		h := &handle{m: m, s: s, file: f, name: "A.DAT"}
		p := []byte("intended")
		_, err = h.WriteAt(p, 0)
		wantClass(t, "hanging write", err, Dead)
		copy(p, "changed!")
		close(hold)
		synctest.Wait()
		if f.got != "intended" {
			t.Errorf("what was written late is %q", f.got)
		}
		m.close()
	})
}

func TestLateOpenIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		defer s.Close()
		release := stall(v, sharetest.Open, "A.DAT")
		_, err := s.Open("A.DAT")
		wantClass(t, "open", err, Dead)
		release()
		synctest.Wait()
		if now, most := v.fs.OpenFiles(); now != 0 || most != 1 {
			t.Errorf("%d files open, %d at most; want the late one closed", now, most)
		}
	})
}

func TestHangingMount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		hang := make(chan struct{})
		v.hang = hang
		s := v.share()
		defer s.Close()
		start := time.Now()
		_, err := s.Stat(".")
		wantClass(t, "stat", err, Dead)
		if got := time.Since(start); got != mountPatience || s.m.stuck != 1 {
			t.Errorf("given up after %v with %d stuck, want %v with 1", got, s.m.stuck, mountPatience)
		}
		close(hang)
		synctest.Wait()
		if len(v.detached) != 1 || s.m.stuck != 0 || s.State() != Unmounted {
			t.Errorf("late mount: detached %v, %d stuck, %s; want it let go of", v.detached, s.m.stuck, s.State())
		}
	})
}

func TestHangingUnmountIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		if _, err := s.Stat("."); err != nil {
			t.Fatal(err)
		}
		hang := make(chan struct{})
		v.onDetach = func() { <-hang }
		if err := s.Suspend(t.Context()); err == nil || s.m.stuck != 1 || s.State() != Unmounted {
			t.Errorf("suspend: %v with %d stuck, %s; want an error, 1, unmounted", err, s.m.stuck, s.State())
		}
		close(hang)
		synctest.Wait()
		if s.m.stuck != 0 {
			t.Errorf("%d stuck after the unmount came back", s.m.stuck)
		}
		s.Close()
	})
}

func TestCeilingOfStuckCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		defer s.Close()
		release := stall(v, sharetest.Stat, "A.DAT")
		defer release()
		for i := range maxStuck {
			_, err := s.Stat("A.DAT")
			wantClass(t, "stat", err, Dead)
			if s.m.stuck != i+1 {
				t.Fatalf("%d stuck, want %d", s.m.stuck, i+1)
			}
			time.Sleep(lastDelay * 2)
		}
		_, err := s.Stat("B.DAT")
		wantClass(t, "stat", err, Stuck)
		if !errors.Is(err, ErrStuck) || v.attempts != maxStuck {
			t.Errorf("%v after %d mounts, want ErrStuck and no more mounts", err, v.attempts)
		}
	})
}

// A dead server must not take all threads: what waits for a slot never reaches the kernel.
func TestFewCallsAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		defer s.Close()
		if _, err := s.Stat("."); err != nil {
			t.Fatal(err)
		}
		before := v.fs.Calls(sharetest.Stat)
		release := stall(v, sharetest.Stat, "A.DAT")
		var all sync.WaitGroup
		for range 3 * maxInFlight {
			all.Go(func() {
				_, err := s.Stat("A.DAT")
				wantClass(t, "stat", err, Dead)
			})
		}
		all.Wait()
		if got := v.fs.Calls(sharetest.Stat) - before; got != maxInFlight || s.m.stuck != maxInFlight {
			t.Errorf("%d calls reached the server and %d are stuck, want %d", got, s.m.stuck, maxInFlight)
		}
		release()
	})
}

// Four requests share the line: each may take as long as the bytes of all four need.
func TestSlowLineIsNoTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newFaultVolume()
		s := v.share()
		defer s.Close()
		f, err := s.Open("A.DAT")
		if err != nil {
			t.Fatal(err)
		}
		release := stall(v, sharetest.Read, "A.DAT")
		time.AfterFunc(patience(InFlight*RequestSize)-time.Nanosecond, release)
		var all sync.WaitGroup
		for range InFlight {
			all.Go(func() {
				p := make([]byte, RequestSize)
				if n, err := f.(io.ReaderAt).ReadAt(p, 0); err != io.EOF || string(p[:n]) != "cards" {
					t.Errorf("slow read: %q, %v", p[:n], err)
				}
			})
		}
		all.Wait()
		if s.State() != Ready {
			t.Errorf("the share is %s, want ready", s.State())
		}
	})
}
