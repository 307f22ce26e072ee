package share

import (
	"context"
	"path"
)

// Lay writes content beside the name of a new file, brings it to the disk and verifies it. List tells it as a stump until Promote
// gives it its name: whoever notes between the two that it was laid knows after a power cut, by the stump, that nobody can have seen
// the file yet. It may be called again, with other content as well.
func (w *Writer) Lay(ctx context.Context, dir, name string, content []byte) error {
	if w.mode != WriteDrops {
		return failure("lay", name, errMode)
	}
	if err := checkDropName(name); err != nil {
		return err
	}
	return w.writePart(ctx, path.Join(dir, name+partSuffix), content)
}

// Promote gives a file that was laid its name, which nobody may have: else the error is of class Conflict. The stump stays where it
// fails; after an error of class Dead it is there unless the name was given.
func (w *Writer) Promote(ctx context.Context, dir, name string) error {
	if w.mode != WriteDrops {
		return failure("promote", name, errMode)
	}
	if err := checkDropName(name); err != nil {
		return err
	}
	final := path.Join(dir, name)
	return patiently(ctx, func() error { return w.renameNew(ctx, final+partSuffix, final) })
}
