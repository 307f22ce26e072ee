package board

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// tree is where the kernel shows what the boot loader says of the board (Devicetree Specification 0.4): folders are
// nodes, files are properties, and texts end with a zero byte each.
const tree = "sys/firmware/devicetree/base"

// Detect tells which board this is from the root folder. A machine that has no device tree, or that is none of ours,
// has a model of that name with nothing on it, which is no error.
func Detect(root fs.FS) (Model, error) {
	names, err := texts(root, "compatible") // the most particular one first
	if errors.Is(err, fs.ErrNotExist) {
		return Model{Name: NoTree}, nil
	}
	if err != nil {
		return Model{Name: Unknown}, errorf(BoardUnread, "read device tree: %w", err)
	}
	for _, name := range names {
		for _, m := range Models() {
			if slices.Contains(m.Compatible, name) {
				m.Console, m.DeviceTree = console(root, m.Console), trees[name]
				return m, nil
			}
		}
	}
	return Model{Name: Unknown, Compatible: names}, nil
}

// texts reads a property that is a list of texts.
func texts(root fs.FS, property string) ([]string, error) {
	b, err := fs.ReadFile(root, path.Join(tree, property))
	return strings.FieldsFunc(string(b), func(r rune) bool { return r == 0 }), err
}

// console gives the device file of the serial line that the tree names for people, or another one where it names none.
// On a Raspberry Pi it depends on the tree which of the two lines has the pins of the header: the PL011, ttyAMA, or
// the small one beside it, ttyS.
func console(root fs.FS, other string) string {
	out, err := texts(root, "chosen/stdout-path")
	if err != nil || len(out) != 1 {
		return other
	}
	alias, _, _ := strings.Cut(out[0], ":") // serial1:115200n8
	number, numbered := strings.CutPrefix(alias, "serial")
	node, err := texts(root, "aliases/"+alias)
	if err != nil || !numbered || len(node) != 1 {
		return other
	}
	kinds, err := texts(root, strings.Trim(node[0], "/")+"/compatible")
	switch {
	case err != nil:
		return other
	case slices.Contains(kinds, "arm,pl011"):
		return "/dev/ttyAMA" + number
	}
	return "/dev/ttyS" + number
}
