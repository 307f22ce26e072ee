package floors_test

import (
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"strings"
	"testing"

	"syncbox/ota/floors"
)

// written is a copy as the first version wrote it, up to the zeros: boxes have it, and the other slot's version reads it.
const written = "5342464c31000000" + "2a000000" + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0400000000000000" + "70520f0000000000"

// block gives a copy that begins so.
func block(t *testing.T, begin string) []byte {
	t.Helper()
	b, err := hex.DecodeString(begin)
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, make([]byte, 508-len(b))...)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// TestReadsWhatWasWritten reads what the first version wrote, and what a next one may write behind it; and this version
// writes what the first one reads.
func TestReadsWhatWasWritten(t *testing.T) {
	want := floors.Values{Root: 1, Timestamp: 2, Snapshot: 3, Targets: 4, Release: 1_004_144}
	for name, begin := range map[string]string{"the first version's": written, "with a number more": written + strings.Repeat("07", 8)} {
		d := newDisk()
		copy(d.bytes[floors.Offset1:], block(t, begin))
		if got, err := floors.Read(d); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, want)
		}
	}
	d := newDisk()
	first := strings.Replace(written, "2a000000", "01000000", 1)
	if err := floors.Write(d, want); err != nil {
		t.Fatal(err)
	}
	if got := d.bytes[floors.Offset1 : floors.Offset1+512]; string(got) != string(block(t, first)) {
		t.Errorf("wrote %x", got)
	}
}
