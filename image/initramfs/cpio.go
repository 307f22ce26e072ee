package initramfs

import (
	"fmt"
	"io"
)

// cpio writes the "newc" form of the kernel's Documentation/driver-api/early-userspace/buffer-format:
// a header of 13 hexadecimal fields, the name and the content, each padded to 4 bytes. Owner and
// time are always 0, inode numbers count up. The first error stays.
type cpio struct {
	w   io.Writer
	ino uint32
	err error
}

// File types and permissions of the entries, as in stat(2).
const (
	dirMode     = 0o040755
	fileMode    = 0o100644
	privateMode = 0o100600
	execMode    = 0o100755
)

func (c *cpio) dir(name string) { c.entry(name, dirMode, 2, nil) }

func (c *cpio) file(name string, mode uint32, content []byte) { c.entry(name, mode, 1, content) }

// end writes the entry that closes the archive.
func (c *cpio) end() error {
	c.ino = 0
	c.put("TRAILER!!!", 0, 0, 1, nil)
	return c.err
}

func (c *cpio) entry(name string, mode, links uint32, content []byte) {
	if int64(len(content)) > 1<<32-1 {
		c.err = fmt.Errorf("cpio entry %s: larger than 4 GiB", name)
	}
	c.ino++
	c.put(name, c.ino, mode, links, content)
}

func (c *cpio) put(name string, ino, mode, links uint32, content []byte) {
	header := fmt.Sprintf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		ino, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name)+1, 0)
	c.write([]byte(header + name + "\x00"))
	c.pad(len(header) + len(name) + 1)
	c.write(content)
	c.pad(len(content))
}

func (c *cpio) pad(n int) { c.write(make([]byte, -n&3)) }

func (c *cpio) write(b []byte) {
	if c.err == nil {
		_, c.err = c.w.Write(b)
	}
}
