package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// exFAT is a volume that fits in memory, of which only the beginning of the root folder is read and written: no program of
// Debian puts a file on a volume that is not mounted. The names of its fields are those of Microsoft's "exFAT file system
// specification".
type exFAT struct {
	volume        []byte
	cluster, heap int // bytes of a cluster, and where the first one is
	root          int // the root folder's first cluster
}

// Sizes and types of directory entries.
const (
	entrySize     = 32
	bitmapEntry   = 0x81
	fileEntry     = 0x85
	streamEntry   = 0xc0
	nameEntry     = 0xc1
	lettersInName = 15
)

var le = binary.LittleEndian

func openExFAT(volume []byte) exFAT {
	sector := 1 << volume[108]
	return exFAT{volume: volume, cluster: sector << volume[109], heap: int(le.Uint32(volume[88:])) * sector, root: int(le.Uint32(volume[96:]))}
}

// at gives the volume from a cluster on. The first one has the number 2.
func (v exFAT) at(cluster uint32) []byte { return v.volume[v.heap+(int(cluster)-2)*v.cluster:] }

// entries gives what stands in the root folder's first cluster, up to the end mark.
func (v exFAT) entries() (all [][]byte) {
	for e := range slices.Chunk(v.at(uint32(v.root))[:v.cluster], entrySize) {
		if e[0] == 0 {
			break
		}
		all = append(all, e)
	}
	return all
}

// put writes a file of at most one cluster with a name of at most 15 letters, of those that have no accent.
func (v exFAT) put(name string, content []byte) error {
	all := v.entries()
	i := slices.IndexFunc(all, func(e []byte) bool { return e[0] == bitmapEntry })
	if i < 0 || len(name) > lettersInName || len(content) > v.cluster || (len(all)+3)*entrySize > v.cluster {
		return errors.New("put a file on exFAT: no room for it")
	}
	bitmap, free := v.at(le.Uint32(all[i][20:])), 0
	for bitmap[free/8]>>(free%8)&1 == 1 {
		free++
	}
	bitmap[free/8] |= 1 << (free % 8)
	cluster := uint32(free + 2)
	copy(v.at(cluster), content)

	set := v.at(uint32(v.root))[len(all)*entrySize:][:3*entrySize]
	file, stream, named := set[:entrySize], set[entrySize:2*entrySize], set[2*entrySize:]
	file[0], file[1], file[4] = fileEntry, 2, 0x20 // two more entries; archive
	for _, at := range []int{8, 12, 16} {
		le.PutUint32(file[at:], (2026-1980)<<25|1<<21|1<<16) // 1 January 2026
	}
	stream[0], stream[1], stream[3] = streamEntry, 3, byte(len(name)) // has clusters, which are no chain
	le.PutUint64(stream[8:], uint64(len(content)))
	le.PutUint32(stream[20:], cluster)
	le.PutUint64(stream[24:], uint64(len(content)))
	named[0] = nameEntry
	var upper []byte
	for i, letter := range utf16.Encode([]rune(name)) {
		le.PutUint16(named[2+2*i:], letter)
		upper = le.AppendUint16(upper, utf16.Encode([]rune(strings.ToUpper(string(rune(letter)))))[0])
	}
	le.PutUint16(stream[4:], sum16(upper))
	le.PutUint16(file[2:], sum16(slices.Concat(set[:2], set[4:])))
	return nil
}

// sum16 is EntrySetChecksum without the checksum itself, and NameHash of a name in capitals.
func sum16(b []byte) (sum uint16) {
	for _, x := range b {
		sum = sum<<15 + sum>>1 + uint16(x)
	}
	return sum
}

// get reads a file of at most one cluster.
func (v exFAT) get(name string) ([]byte, error) {
	all := v.entries()
	for i, e := range all {
		if e[0] != fileEntry || i+1+int(e[1]) > len(all) {
			continue
		}
		stream, letters := all[i+1], []uint16{}
		for _, part := range all[i+2 : i+1+int(e[1])] {
			for at := 2; at < entrySize; at += 2 {
				letters = append(letters, le.Uint16(part[at:]))
			}
		}
		if got := string(utf16.Decode(letters[:min(len(letters), int(stream[3]))])); got != name {
			continue
		}
		size := le.Uint64(stream[24:])
		if size > uint64(v.cluster) {
			return nil, fmt.Errorf("read %s: %d bytes are more than a cluster", name, size)
		}
		return v.at(le.Uint32(stream[20:]))[:size], nil
	}
	return nil, fmt.Errorf("read %s: it is not there", name)
}

// TestExFAT: what the stories take for an exFAT volume with a file is one to the program that checks them.
func TestExFAT(t *testing.T) {
	need(t, "mkfs.exfat", "fsck.exfat")
	s := newExFATStick(t, "stick", "a text", false)
	s.whole()
	v := openExFAT(s.volume())
	for name, want := range map[string]string{"syncbox.toml": "a text", "syncbox-report.txt": ""} {
		if got, err := v.get(name); string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	v.at(uint32(v.root))[len(v.entries())*entrySize-1]++
	spoilt := filepath.Join(t.TempDir(), "spoilt")
	s.no(os.WriteFile(spoilt, v.volume, 0o600))
	if exec.Command("fsck.exfat", "-n", spoilt).Run() == nil {
		t.Error("a volume with a wrong sum passes")
	}
}
