package recipe

import "fmt"

// What a box gets must not grow unseen: a build that outgrows these fails, and with it every test that starts the image. They
// are raised by a commit that says what for. A slot has disk.SlotSize, for ever; what it can't hold no box can be given.
const (
	programBudget = 28 << 20 // bytes of the box's program, stripped; 18 MiB before there was a page (html/template keeps every method) and a survey of shares, 24 with two pairs
	slotBudget    = 72 << 20 // bytes of all files of a slot; the kernel of each Debian release is somewhat larger
)

// within says that something has outgrown its budget, in bytes.
func within(what string, bytes, budget int64) error {
	if bytes <= budget {
		return nil
	}
	return fmt.Errorf("%s of %d bytes: %d more than its budget", what, bytes, bytes-budget)
}
