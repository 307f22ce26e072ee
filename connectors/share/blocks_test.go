package share_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"syncbox/connectors"
	"syncbox/connectors/share"
	"syncbox/connectors/share/sharetest"
)

const (
	header     = 100
	recordSize = 200
	fileSize   = header + 10_000*recordSize // 2 MB and a bit: no multiple of any request
)

// cards is a file system with one big record file.
func cards() (*sharetest.FS, []byte) {
	content := make([]byte, fileSize)
	random := rand.NewChaCha8([32]byte{1})
	random.Read(content)
	return &sharetest.FS{Under: fstest.MapFS{"CARDS.DAT": {Data: content}}}, content
}

func reader(f fs.FS) *share.BlockReader {
	return &share.BlockReader{FS: f, Name: "CARDS.DAT", First: header, Record: recordSize}
}

func block(off, n int64) *share.Block { return &share.Block{Off: off, Buf: make([]byte, n)} }

func TestReadBlocks(t *testing.T) {
	f, want := cards()
	blocks := []*share.Block{block(0, fileSize), block(fileSize-1, 1), block(300_000, 1_000_000), block(5, 0), block(77, 77)}
	look, err := reader(f).Read(t.Context(), blocks...)
	if err != nil {
		t.Fatal(err)
	}
	if look.Size != fileSize || look.ID == 0 {
		t.Errorf("look %+v, want the size and an id", look)
	}
	for _, b := range blocks {
		if !bytes.Equal(b.Buf, want[b.Off:b.Off+int64(len(b.Buf))]) || b.Skipped != nil {
			t.Errorf("block of %d at %d is wrong, skipped %v", len(b.Buf), b.Off, b.Skipped)
		}
	}
	if now, most := f.OpenFiles(); now != 0 || most != 1 {
		t.Errorf("%d files open, %d at most; want 0 and 1", now, most)
	}
	if got, want := f.Calls(sharetest.Read), 8+1+4+0+1; got != want {
		t.Errorf("%d requests, want %d of at most 256 KiB", got, want)
	}
}

func TestFourRequestsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := cards()
		release := make(chan struct{})
		f.Set(func(now *sharetest.Faults) {
			now.Stall = []sharetest.Stall{{Op: sharetest.Read, Release: release}}
		})
		done := make(chan error, 1)
		go func() {
			_, err := reader(f).Read(t.Context(), block(0, fileSize))
			done <- err
		}()
		synctest.Wait()
		if got := f.Calls(sharetest.Read); got != share.InFlight {
			t.Errorf("%d requests in flight, want %d", got, share.InFlight)
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// spansOf are the records a locked range touches.
func spansOf(first, last int64) share.Span {
	return share.Span{Off: header + first*recordSize, Len: (last - first + 1) * recordSize}
}

func TestReadAroundLockedRecords(t *testing.T) {
	tests := []struct {
		name   string
		locked []sharetest.Span
		record int64
		want   []share.Span
	}{
		{"one record", []sharetest.Span{{Off: header + 812*recordSize, Len: recordSize}}, recordSize, []share.Span{spansOf(812, 812)}},
		{"one byte of a record", []sharetest.Span{{Off: header + 812*recordSize + 7, Len: 1}}, recordSize, []share.Span{spansOf(812, 812)}},
		{"neighbours are one span", []sharetest.Span{{Off: header + 8*recordSize, Len: 2 * recordSize}}, recordSize, []share.Span{spansOf(8, 9)}},
		{"across the edge of a request", []sharetest.Span{{Off: share.RequestSize - 1, Len: 2}}, recordSize, []share.Span{spansOf(1310, 1310)}},
		{"first and last", []sharetest.Span{{Off: header, Len: 1}, {Off: fileSize - 1, Len: 1}}, recordSize, []share.Span{spansOf(0, 0), spansOf(9999, 9999)}},
		{"header", []sharetest.Span{{Off: 10, Len: 1}}, recordSize, []share.Span{{Off: 0, Len: header}}},
		{"beyond the end", []sharetest.Span{{Off: 1_000_000_001, Len: 1}}, recordSize, nil},
		{"records unknown", []sharetest.Span{{Off: 70_000, Len: 1}}, 0, []share.Span{{Off: 64 << 10, Len: 64 << 10}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, content := cards()
			f.Set(func(now *sharetest.Faults) {
				now.Locked = map[string][]sharetest.Span{"CARDS.DAT": test.locked}
			})
			r := reader(f)
			r.Record = test.record
			b := block(0, fileSize)
			rand.NewChaCha8([32]byte{2}).Read(b.Buf) // what an earlier read left there
			if _, err := r.Read(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, b.Skipped); diff != "" {
				t.Errorf("skipped (-want +got):\n%s", diff)
			}
			want := bytes.Clone(content)
			for _, s := range test.want {
				clear(want[s.Off : s.Off+s.Len])
			}
			if !bytes.Equal(b.Buf, want) {
				t.Error("what is not locked differs from the file, or what is locked is not zero")
			}
		})
	}
}

func TestLockedAllOver(t *testing.T) {
	f, _ := cards()
	f.Set(func(now *sharetest.Faults) {
		now.Locked = map[string][]sharetest.Span{"CARDS.DAT": {{Off: 0, Len: fileSize}}}
	})
	_, err := reader(f).Read(t.Context(), block(0, fileSize))
	wantClass(t, "read of a file locked as a whole", err, share.Busy)
	if got := f.Calls(sharetest.Read); got > 200 {
		t.Errorf("%d requests to find that out, want few", got)
	}
}

func TestSmallReadOfALockedRecord(t *testing.T) {
	f, _ := cards()
	f.Set(func(now *sharetest.Faults) {
		now.Locked = map[string][]sharetest.Span{"CARDS.DAT": {{Off: header, Len: 1}}}
	})
	b := block(header, recordSize)
	if _, err := reader(f).Read(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]share.Span{spansOf(0, 0)}, b.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if got := f.Calls(sharetest.Read); got != 1 {
		t.Errorf("%d requests, want 1", got)
	}
	f.Set(func(now *sharetest.Faults) { now.Locked = nil })
	if _, err := reader(f).Read(t.Context(), b); err != nil || b.Skipped != nil {
		t.Errorf("after the lock: %v, skipped %v", err, b.Skipped)
	}
}

func TestReadFails(t *testing.T) {
	fails := func(op sharetest.Op, err error) sharetest.Faults {
		return sharetest.Faults{Fail: []sharetest.Fail{{Op: op, Err: err}}}
	}
	tests := []struct {
		name   string
		faults sharetest.Faults
		off, n int64
		class  share.Class
		is     error
	}{
		{"short read", sharetest.Faults{Short: map[string]int64{"CARDS.DAT": 500_000}}, 0, fileSize, share.Busy, share.ErrShort},
		{"nothing at all", sharetest.Faults{Short: map[string]int64{"CARDS.DAT": 0}}, 0, 10, share.Busy, share.ErrShort},
		{"beyond the end", sharetest.Faults{}, fileSize - 1, 2, share.Busy, share.ErrShort},
		{"replaced while reading", sharetest.Faults{Replaced: map[string]sharetest.Replaced{
			"CARDS.DAT": {AfterReads: 3, Content: make([]byte, fileSize)}}}, 0, fileSize, share.Busy, share.ErrChanged},
		{"grown while reading", sharetest.Faults{Torn: map[string]sharetest.Torn{
			"CARDS.DAT": {New: make([]byte, fileSize+recordSize), Times: 1}}}, 0, fileSize, share.Busy, share.ErrChanged},
		{"opened exclusively elsewhere", fails(sharetest.Open, sharetest.SharingViolation), 0, 10, share.Busy, syscall.EBUSY},
		{"no right to read", fails(sharetest.Open, sharetest.AccessDenied), 0, 10, share.Denied, fs.ErrPermission},
		{"gone", fails(sharetest.Open, sharetest.NotFound), 0, 10, share.Gone, fs.ErrNotExist},
		{"gone after reading", fails(sharetest.Stat, sharetest.NotFound), 0, 10, share.Gone, fs.ErrNotExist},
		{"server dies while reading", fails(sharetest.Read, sharetest.Lost), 0, fileSize, share.Dead, syscall.EIO},
		{"share empty", sharetest.Faults{Empty: true}, 0, 10, share.Gone, fs.ErrNotExist},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, _ := cards()
			f.Set(func(now *sharetest.Faults) { *now = test.faults })
			_, err := reader(f).Read(t.Context(), block(test.off, test.n))
			wantClass(t, "read", err, test.class)
			if !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
			if now, _ := f.OpenFiles(); now != 0 {
				t.Errorf("%d files are still open", now)
			}
			if test.off+test.n > fileSize && f.Calls(sharetest.Read) != 0 {
				t.Error("the server was asked for bytes that are not there")
			}
		})
	}
}

func TestReadBeforeTheFile(t *testing.T) {
	f, _ := cards()
	if _, err := reader(f).Read(t.Context(), block(-1, 2)); !errors.Is(err, share.ErrShort) {
		t.Errorf("got %v", err)
	}
}

func TestTornReadIsSeenByASecondLook(t *testing.T) {
	f, _ := cards()
	f.Set(func(now *sharetest.Faults) {
		now.Torn = map[string]sharetest.Torn{"CARDS.DAT": {New: make([]byte, fileSize), Times: 1}}
	})
	look := func() []byte {
		t.Helper()
		b := block(0, 1000)
		if _, err := reader(f).Read(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		return b.Buf
	}
	first, second, third := look(), look(), look()
	if bytes.Equal(first, second) || !bytes.Equal(second, third) {
		t.Error("want a torn first look, then two equal ones")
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	f, _ := cards()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reader(f).Read(ctx, block(0, fileSize)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if got := f.Calls(sharetest.Read); got != 0 {
		t.Errorf("%d requests after the end", got)
	}
}

func TestWalk(t *testing.T) {
	f, want := cards()
	f.Set(func(now *sharetest.Faults) {
		now.Locked = map[string][]sharetest.Span{"CARDS.DAT": {{Off: header + 9000*recordSize, Len: 1}}}
	})
	buf := make([]byte, 600_000)
	var got []byte
	var skipped []share.Span
	look, err := reader(f).Walk(t.Context(), buf, func(b share.Block) error {
		if now, _ := f.OpenFiles(); now >= share.Windows {
			t.Errorf("%d files open while the block at %d is looked at, want only what is read ahead", now, b.Off)
		}
		if b.Off != int64(len(got)) {
			t.Errorf("block at %d after %d bytes", b.Off, len(got))
		}
		got = append(got, b.Buf...)
		skipped = append(skipped, b.Skipped...)
		return nil
	})
	if err != nil || look.Size != fileSize {
		t.Fatalf("walk: %+v, %v", look, err)
	}
	if diff := cmp.Diff([]share.Span{spansOf(9000, 9000)}, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	clear(want[header+9000*recordSize : header+9001*recordSize])
	if !bytes.Equal(got, want) {
		t.Error("the windows together are not the file")
	}
}

func TestWalkStops(t *testing.T) {
	enough := errors.New("enough")
	replace := map[string]sharetest.Replaced{"CARDS.DAT": {Content: make([]byte, fileSize)}}
	tests := []struct {
		name  string
		visit func(f *sharetest.FS, visits int) error
		want  error
		most  int // visits: what was read ahead is good
	}{
		{"visit's error", func(*sharetest.FS, int) error { return enough }, enough, 1},
		{"replaced between two windows", func(f *sharetest.FS, _ int) error {
			f.Set(func(now *sharetest.Faults) { now.Replaced = replace })
			return nil
		}, share.ErrChanged, share.Windows},
		{"share gone between two windows", func(f *sharetest.FS, _ int) error {
			f.Set(func(now *sharetest.Faults) { now.Gone = syscall.EREMCHG })
			return nil
		}, syscall.EREMCHG, share.Windows},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, _ := cards()
			visits := 0
			_, err := reader(f).Walk(t.Context(), make([]byte, 600_000), func(share.Block) error {
				visits++
				return test.visit(f, visits)
			})
			if !errors.Is(err, test.want) || visits < 1 || visits > test.most {
				t.Errorf("got %v after %d visits, want %v after 1 to %d", err, visits, test.want, test.most)
			}
			if now, _ := f.OpenFiles(); now != 0 {
				t.Errorf("%d files are still open", now)
			}
		})
	}
}

func TestWalkOfAnEmptyFile(t *testing.T) {
	f := fstest.MapFS{"CARDS.DAT": {}}
	look, err := reader(f).Walk(t.Context(), make([]byte, 10), func(share.Block) error { return errors.New("visited") })
	if err != nil || look.Size != 0 {
		t.Errorf("got %+v, %v", look, err)
	}
}

func TestReadOfAFolder(t *testing.T) {
	f := fstest.MapFS{"CARDS.DAT/x": {}}
	if _, err := reader(f).Read(t.Context(), block(0, 0)); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
}

func TestReadErrorsHaveTheirCode(t *testing.T) {
	f, _ := cards()
	f.Set(func(now *sharetest.Faults) { now.Short = map[string]int64{"CARDS.DAT": 5} })
	_, err := reader(f).Read(t.Context(), block(0, 10))
	if got := connectors.CodeOf(err); got != share.CodeFileBusy {
		t.Errorf("code %q, want %q", got, share.CodeFileBusy)
	}
	want := "read CARDS.DAT: file-busy: fewer bytes than the file's size promises: 5 of 10 bytes at 0"
	if err.Error() != want {
		t.Errorf("got  %q\nwant %q", err, want)
	}
}
