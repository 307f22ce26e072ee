package disklog

import (
	"encoding/binary"
	"strings"

	"syncbox/ota/otatest"
)

// Parts reads kernel and initrd of a slot out of its FAT file system, as the boot loader does: names of eight and three
// letters in the root folder, 16-bit FAT. Whatever a torn slot holds gives files or none, never an error. It is for
// otatest.Layout.
func Parts(c *otatest.Content, at, size int64) (kernel, initrd []byte, ok bool) {
	head := c.Bytes(at, 512)
	le := binary.LittleEndian
	v := fat{
		disk: c, at: at, size: size,
		cluster: int64(head[13]) * int64(le.Uint16(head[11:])),
		first:   int64(le.Uint16(head[14:])) * int64(le.Uint16(head[11:])),
	}
	tables := int64(head[16]) * int64(le.Uint16(head[22:])) * int64(le.Uint16(head[11:]))
	entries := int64(le.Uint16(head[17:]))
	v.root = v.first + tables
	v.files = v.root + entries*32
	if v.cluster == 0 || v.files >= size {
		return nil, nil, false
	}
	kernel, hasKernel := v.file("VMLINUZ", entries)
	initrd, hasInitrd := v.file("INITRD", entries)
	return kernel, initrd, hasKernel && hasInitrd
}

// fat is a file system; places are in bytes from its beginning.
type fat struct {
	disk               *otatest.Content
	at, size           int64
	first, root, files int64 // table, root folder, first cluster
	cluster            int64
}

const (
	attrLongName = 0x0f
	firstCluster = 2
	lastCluster  = 0xfff7
)

func (v fat) file(name string, entries int64) ([]byte, bool) {
	folder := v.disk.Bytes(v.at+v.root, entries*32)
	for ; len(folder) >= 32; folder = folder[32:] {
		e := folder[:32]
		if e[0] == 0 {
			break
		}
		if e[11]&attrLongName == attrLongName || strings.TrimRight(string(e[:11]), " ") != name {
			continue
		}
		le := binary.LittleEndian
		return v.chain(int64(le.Uint16(e[26:])), int64(le.Uint32(e[28:])))
	}
	return nil, false
}

// chain follows the table from a cluster on.
func (v fat) chain(cluster, length int64) ([]byte, bool) {
	if length > v.size {
		return nil, false
	}
	b := make([]byte, 0, length)
	for int64(len(b)) < length {
		place := v.files + (cluster-firstCluster)*v.cluster
		if cluster < firstCluster || cluster >= lastCluster || place+v.cluster > v.size {
			return nil, false
		}
		b = append(b, v.disk.Bytes(v.at+place, min(v.cluster, length-int64(len(b))))...)
		cluster = int64(binary.LittleEndian.Uint16(v.disk.Bytes(v.at+v.first+2*cluster, 2)))
	}
	return b, true
}
