package acombatest

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

type codecMode int

const (
	encode codecMode = iota
	decode
	describe
)

// codec walks through a record's fields in one of three ways: it writes them into a card, reads
// them from a card, or lists where they lie. Offsets given to it are those of SIM-1.
type codec struct {
	mode    codecMode
	profile Profile
	page    *codePage
	b       []byte
	fields  []Field
	texts   map[string]bool // describe: names of the text fields, if wanted
	err     error           // the first text that could not be written
}

var le = binary.LittleEndian

// at notes the field when describing, and gives its bytes otherwise (nil when describing).
func (c *codec) at(name string, i, at, width int) []byte {
	off := c.profile.offset(at) + i*width
	if c.mode == describe {
		c.fields = append(c.fields, Field{name, i, off, width})
		return nil
	}
	return c.b[off : off+width]
}

func (c *codec) prologue(p *Prologue) {
	c.u8("status", 0, (*uint8)(&p.Status))
	c.flag("active", 1, &p.Active)
	c.u16("rev", 2, &p.Rev)
	if c.profile == SIM2 {
		return
	}
	c.u32("unique_id", 4, &p.UniqueID)
	c.u32("mod_seq", 8, &p.ModSeq)
	c.u32("mod_time", 12, &p.ModTime)
}

func (c *codec) text(name string, i, at, width int, s *string) {
	b := c.at(name, i, at, width)
	switch c.mode {
	case describe:
		if c.texts != nil {
			c.texts[name] = true
		}
	case encode:
		if err := c.page.put(b, *s, c.profile.pad()); err != nil && c.err == nil {
			c.err = fmt.Errorf("field %s[%d]: %w", name, i, err)
		}
	case decode:
		*s = c.page.get(b)
	}
}

func (c *codec) u8(name string, at int, v *uint8) {
	b := c.at(name, 0, at, 1)
	switch c.mode {
	case encode:
		b[0] = *v
	case decode:
		*v = b[0]
	}
}

func (c *codec) flag(name string, at int, v *bool) {
	var n uint8
	if *v {
		n = 1
	}
	c.u8(name, at, &n)
	*v = n != 0
}

func (c *codec) u16(name string, at int, v *uint16) {
	b := c.at(name, 0, at, 2)
	switch c.mode {
	case encode:
		le.PutUint16(b, *v)
	case decode:
		*v = le.Uint16(b)
	}
}

func (c *codec) i16(name string, at int, v *int16) {
	n := uint16(*v)
	c.u16(name, at, &n)
	*v = int16(n)
}

func (c *codec) u32(name string, at int, v *uint32) {
	b := c.at(name, 0, at, 4)
	switch c.mode {
	case encode:
		le.PutUint32(b, *v)
	case decode:
		*v = le.Uint32(b)
	}
}

func (c *codec) i32(name string, at int, v *int32) {
	n := uint32(*v)
	c.u32(name, at, &n)
	*v = int32(n)
}

// amount is a number of 1/scale: an i64 of those units in SIM-1, an f64 of whole ones in SIM-2.
func (c *codec) amount(name string, i, at int, scale float64, v *int64) {
	b := c.at(name, i, at, 8)
	switch {
	case c.mode == describe:
	case c.mode == encode && c.profile == SIM2:
		le.PutUint64(b, math.Float64bits(float64(*v)/scale))
	case c.mode == encode:
		le.PutUint64(b, uint64(*v))
	case c.profile == SIM2:
		*v = int64(math.RoundToEven(math.Float64frombits(le.Uint64(b)) * scale))
	default:
		*v = int64(le.Uint64(b))
	}
}

// dayZero is the first day that SIM-2 counts from.
var dayZero = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

func (c *codec) date(name string, at int, v *Date) {
	n := uint32(*v)
	if c.profile == SIM2 && *v != 0 {
		n = uint32(int32(v.Time().Sub(dayZero) / (24 * time.Hour)))
	}
	c.u32(name, at, &n)
	switch {
	case c.mode != decode:
	case c.profile == SIM2 && n != 0:
		*v = DateOf(dayZero.AddDate(0, 0, int(int32(n))))
	default:
		*v = Date(n)
	}
}
