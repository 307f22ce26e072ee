package update

import (
	"maps"
	"slices"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

// published is what is asked of the signed targets.
type published interface {
	Payload(name string) (trust.Payload, bool)
	Deltas(v bundle.Version, board string) []trust.Payload
}

// limits are what a box accepts.
type limits struct {
	board   string
	running bundle.Version
	release int64 // the least version
	size    int64 // of a slot, in bytes
}

// choose gives the payloads that make what a wish names, the whole one last. Order and signed list must agree in all that
// both say.
func choose(w *Wish, t published, l limits) ([]trust.Payload, error) {
	full, ok := t.Payload(w.Target.Name)
	if !ok {
		return nil, notPublished(w.Target.Name)
	}
	target := bundle.Image{SHA256: w.Target.SHA256, Bytes: w.Target.Bytes}
	switch {
	case full.Board != l.board || w.Target.Board() != l.board:
		return nil, fail(WrongBoard, "%s is for %s, this box is %s", full.File.Name, full.Board, l.board)
	case full.Format != bundle.Full || full.Version != w.Target.Version || full.To != target:
		return nil, fail(Disagree, "order names %s of %d bytes with SHA-256 %s, signed list %s of %d bytes with %s",
			w.Target.Version, target.Bytes, target.SHA256, full.Version, full.To.Bytes, full.To.SHA256)
	case full.Version.Number() < l.release:
		return nil, fail(BelowFloor, "%s is older than may be installed", full.Version)
	case full.Version.Compare(l.running) < 0 && w.Op != order.Downgrade:
		return nil, fail(Downgrade, "%s is older than %s, which runs, and the order is not for a downgrade", full.Version, l.running)
	case full.To.Bytes > l.size:
		return nil, fail(TooLarge, "image of %d bytes, the slot has %d", full.To.Bytes, l.size)
	}
	var all []trust.Payload
	for _, d := range t.Deltas(full.Version, full.Board) {
		if d.To == full.To && d.File.Bytes < full.File.Bytes {
			all = append(all, d)
		}
	}
	return append(all, full), nil
}

// sums gives what the boot state needs of a manifest. tree names this board's device tree.
func sums(m bundle.Manifest, tree string) (bootstate.Sums, error) {
	s := bootstate.Sums{Kernel: bootstate.Sum(m.Sums["vmlinuz"]), Initrd: bootstate.Sum(m.Sums["initrd"])}
	if tree != "" {
		s.DTB = bootstate.Sum(m.Sums[tree])
	}
	state := bootstate.State{Seq: 1, Good: bootstate.A, B: bootstate.Sums{Kernel: bootstate.Invalid, Initrd: bootstate.Invalid}}
	state, err := state.Ready(s)
	if err == nil {
		_, err = state.Encode()
	}
	if err != nil {
		return s, fail(BadManifest, "sums of %v: %w", slices.Sorted(maps.Keys(m.Sums)), err)
	}
	return s, nil
}
