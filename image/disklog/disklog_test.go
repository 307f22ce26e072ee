package disklog_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/image/disklog"
	"syncbox/ota/otatest"
)

// log makes one: entries of first sector, number of sectors, flags; each sector is filled with the number of its entry.
func log(entries ...[3]uint64) []byte {
	b := make([]byte, 512)
	le := binary.LittleEndian
	le.PutUint64(b, 0x6a736677736872)
	le.PutUint64(b[8:], 1)
	le.PutUint64(b[16:], uint64(len(entries)))
	le.PutUint32(b[24:], 512)
	for i, e := range entries {
		head := make([]byte, 512)
		for k, v := range e {
			le.PutUint64(head[8*k:], v)
		}
		b = append(b, head...)
		if e[2]&4 == 0 {
			b = append(b, bytes.Repeat([]byte{byte(i)}, int(e[1])*512)...)
		}
	}
	return b
}

func TestRead(t *testing.T) {
	var got []otatest.Op
	b := log([3]uint64{2048, 2, 0}, [3]uint64{0, 0, 1}, [3]uint64{7, 1, 2}, [3]uint64{9, 1, 3}, [3]uint64{100, 8, 4})
	err := disklog.Read(bytes.NewReader(append(b, "what an older log left"...)), func(o otatest.Op) error { got = append(got, o); return nil })
	if err != nil {
		t.Fatal(err)
	}
	write := func(at int64, b byte, sectors int, durable bool) otatest.Op {
		return otatest.Op{Kind: otatest.Write, File: "disk", At: at * 512, Data: bytes.Repeat([]byte{b}, sectors*512), Durable: durable}
	}
	sync := otatest.Op{Kind: otatest.Sync, File: "disk"}
	want := []otatest.Op{write(2048, 0, 2, false), sync, write(7, 2, 1, true), sync, write(9, 3, 1, true)}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("operations (-want +got):\n%s", d)
	}
}

func TestReadBad(t *testing.T) {
	none := func(otatest.Op) error { return nil }
	whole := log([3]uint64{1, 4, 0})
	if err := disklog.Read(bytes.NewReader(whole[:len(whole)-1]), none); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v for a log that ends early", err)
	}
	for name, b := range map[string][]byte{"empty": nil, "another file": make([]byte, 4096), "a write without end": log([3]uint64{1, 1 << 40, 4})} {
		if name == "a write without end" {
			b[512+16] = 0
		}
		if err := disklog.Read(bytes.NewReader(b), none); !errors.Is(err, disklog.ErrLog) {
			t.Errorf("%s: got %v, want ErrLog", name, err)
		}
	}
	stop := errors.New("stop")
	if err := disklog.Read(bytes.NewReader(whole), func(otatest.Op) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the caller's error", err)
	}
}
