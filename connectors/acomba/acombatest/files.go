package acombatest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
)

// This file holds what goes wrong with whole files.

// Truncate cuts a card file down to size bytes.
func (c *Company) Truncate(t Table, size int64) error {
	return c.resize(t, func(int64) int64 { return size })
}

// ExtendPartly adds n zero bytes at the end of a card file, fewer than a card: another station is
// about to add one. TrimPartly takes them away again.
func (c *Company) ExtendPartly(t Table, n int) error {
	return c.resize(t, func(size int64) int64 { return size + int64(n) })
}

// TrimPartly cuts a card file back to whole cards.
func (c *Company) TrimPartly(t Table) error {
	return c.resize(t, func(size int64) int64 {
		return size - (size-int64(c.profile.HeaderSize(t)))%int64(c.profile.CardSize(t))
	})
}

func (c *Company) resize(t Table, to func(int64) int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, err := c.folder.Open(c.disk(t.Path()), true)
	if err != nil {
		return fmt.Errorf("resize: %w", err)
	}
	size, err := f.Size()
	if err == nil {
		err = f.Truncate(to(size))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("resize %s: %w", t, err), f.Close())
	}
	return f.Close()
}

// ReplaceFile writes a card file under another name and renames it into place: same bytes, another
// file.
func (c *Company) ReplaceFile(t Table) error {
	return c.rewriteFile(t, func(b []byte) ([]byte, error) { return b, nil })
}

// rewriteFile puts a new file with other content in a file's place.
func (c *Company) rewriteFile(t Table, content func([]byte) ([]byte, error)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.replace(c.disk(t.Path()), content)
}

func (c *Company) replace(name string, content func([]byte) ([]byte, error)) error {
	b, err := readFile(c.folder, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace %s: %w", name, err)
	}
	if b, err = content(b); err != nil {
		return fmt.Errorf("replace %s: %w", name, err)
	}
	if err := writeFile(c.folder, name+".TMP", b); err != nil {
		return fmt.Errorf("replace %s: %w", name, err)
	}
	return c.folder.Rename(name+".TMP", name)
}

// Reshape writes a card file anew with another card size, as a newer program version would that
// COMPANY.VER does not tell of. The simulator itself cannot use the file afterwards.
func (c *Company) Reshape(t Table, cardSize int) error {
	header, size := c.profile.HeaderSize(t), c.profile.CardSize(t)
	return c.rewriteFile(t, func(b []byte) ([]byte, error) {
		out := bytes.Clone(b[:header])
		for at := header; at+size <= len(b); at += size {
			card := make([]byte, cardSize)
			copy(card, b[at:at+size])
			out = append(out, card...)
		}
		return out, nil
	})
}

// SetVersion writes another first line into COMPANY.VER. The folder's geometry stays.
func (c *Company) SetVersion(line string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writeVersion(line)
}

// SwitchCodePage writes all texts of the company anew in another code page. Nothing else of the
// cards changes, and no stamp tells.
func (c *Company) SwitchCodePage(to Encoding) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	from := c.page.Load()
	for _, t := range Tables() {
		err := c.replace(c.disk(t.Path()), func(b []byte) ([]byte, error) {
			return b, c.translate(t, b, from, codePages[to])
		})
		if err != nil {
			return fmt.Errorf("switch code page: %w", err)
		}
	}
	c.setEncoding(to)
	if err := c.writeVersion(string(c.profile)); err != nil {
		return fmt.Errorf("switch code page: %w", err)
	}
	return nil
}

func (c *Company) writeVersion(line string) error {
	text := line + "\r\n" + encodingLine(c.Encoding()) + "\r\n"
	return writeFile(c.folder, c.disk(versionFile), []byte(text))
}

// translate turns the text fields of all cards of a file from one code page into another.
func (c *Company) translate(t Table, b []byte, from, to *codePage) error {
	var texts []Field
	for _, f := range c.profile.Fields(t) {
		if isText(blank(t), f.Name) {
			texts = append(texts, f)
		}
	}
	header, size := c.profile.HeaderSize(t), c.profile.CardSize(t)
	cp := int32(1)
	for at := header; at+size <= len(b); at, cp = at+size, cp+1 {
		if cp < c.profile.FirstData(t) {
			continue
		}
		for _, f := range texts {
			field := b[at+f.At : at+f.At+f.Width]
			if err := to.put(field, from.get(field), c.profile.pad()); err != nil {
				return fmt.Errorf("%s card %d: field %s: %w", t, cp, f, err)
			}
		}
	}
	return nil
}

// isText tells whether a field of r is text.
func isText(r record, name string) bool {
	c := &codec{mode: describe, profile: SIM1, texts: map[string]bool{}}
	r.visit(c)
	return c.texts[name]
}
