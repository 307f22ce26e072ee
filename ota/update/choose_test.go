package update

import (
	"testing"

	"syncbox/ota/bundle"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

// signed is a signed list of one release, by hand.
type signed struct {
	full   trust.Payload
	deltas []trust.Payload
}

func (s signed) Payload(name string) (trust.Payload, bool)             { return s.full, name == s.full.File.Name }
func (s signed) Deltas(v bundle.Version, board string) []trust.Payload { return s.deltas }

// A delta is of use where it is shorter than the whole image, and makes the same image.
func TestChooseBySize(t *testing.T) {
	v, image := bundle.Version{Major: 1}, bundle.Image{SHA256: bundle.Digest{1}, Bytes: 5000}
	payload := func(name string, format bundle.Format, bytes int64, to bundle.Image) trust.Payload {
		return trust.Payload{Manifest: bundle.Manifest{Format: format, Board: "arm64", Version: v, To: to}, File: trust.File{Name: name, Bytes: bytes}}
	}
	list := signed{full: payload(bundle.FullName(v, "arm64"), bundle.Full, 1000, image), deltas: []trust.Payload{
		payload("of another image", bundle.Delta, 10, bundle.Image{SHA256: bundle.Digest{2}, Bytes: 5000}),
		payload("shorter", bundle.Delta, 999, image),
		payload("no shorter", bundle.Delta, 1000, image),
		payload("longer", bundle.Delta, 1001, image),
	}}
	wish := &Wish{Op: order.Desired, Target: order.Target{Name: list.full.File.Name, Version: v, SHA256: image.SHA256, Bytes: image.Bytes}}
	got, err := choose(wish, list, limits{board: "arm64", size: 10000})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range got {
		names = append(names, p.File.Name)
	}
	if len(got) != 2 || names[0] != "shorter" || names[1] != list.full.File.Name {
		t.Errorf("chosen are %q", names)
	}
}
