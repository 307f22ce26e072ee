package otatest

import (
	"errors"
	"fmt"
	"slices"
)

// Image is the image of a slot that may start.
type Image struct {
	Name    string
	Content Content // as long as a slot, or shorter
}

// NewImage gives one that stands on an empty slot.
func NewImage(name string, b []byte) Image {
	c := NewContent(int64(len(b)))
	c.Write(b, 0)
	return Image{name, c}
}

// What a cut must never lead to.
var (
	ErrBrick = errors.New("no slot starts")
	ErrTorn  = errors.New("a slot that may start holds neither the old image nor the new one")
)

// Judge says what comes of a disk.
type Judge struct {
	Layout Layout
	Images []Image
}

// Start is what starts from a disk.
type Start struct {
	Decision
	Image string // the name of the image that stands in the slot, whole
}

// Boot lets the boot loader choose. That nothing starts is ErrBrick. That a mix of images starts is ErrTorn, and so is a
// mix in a slot that the boot state lets start: its sums may save the box, but nothing must come to that.
func (j *Judge) Boot(c *Content) (Start, error) {
	d := Select(c, j.Layout)
	if d.Slot == "" {
		return Start{Decision: d}, fmt.Errorf("%w: %v", ErrBrick, d)
	}
	for _, s := range []string{"a", "b"} {
		if d.State["k"+s] != "x" && d.State["i"+s] != "x" && j.Holds(c, s) == "" {
			return Start{Decision: d}, fmt.Errorf("%w: slot %s: %v", ErrTorn, s, d)
		}
	}
	return Start{d, j.Holds(c, d.Slot)}, nil
}

// Holds gives the name of the image that stands in a slot, byte for byte; "" for a mix.
func (j *Judge) Holds(c *Content, slot string) string {
	i := slices.IndexFunc(j.Images, func(i Image) bool { return c.Same(&i.Content, j.Layout.Slot(slot)) })
	if i < 0 {
		return ""
	}
	return j.Images[i].Name
}
