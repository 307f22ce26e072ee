package release

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
)

// restore gives the slot image of a release, out of its full payload in the repository.
func (r *Repo) restore(p payload) ([]byte, error) {
	return r.unpack(p.name, p.TargetFiles, r.targets.Signed.Targets[p.Windows], p.Manifest, nil)
}

// unpack makes the image of a payload, as a box would.
func (r *Repo) unpack(name string, t, windows *metadata.TargetFiles, m bundle.Manifest, old []byte) ([]byte, error) {
	if windows == nil {
		return nil, fmt.Errorf("%s: no window list", name)
	}
	b, err := os.ReadFile(r.file(m.Windows, windows))
	if err != nil {
		return nil, err
	}
	list, err := bundle.ParseList(b, m.To.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Windows, err)
	}
	f, err := os.Open(r.file(name, t))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	image := make([]byte, 0, m.To.Bytes)
	var d delta.Decoder
	made := 0
	for i, frame := range list.Frames {
		b := make([]byte, frame.Bytes)
		if _, err := io.ReadFull(f, b); err != nil {
			return nil, fmt.Errorf("%s: frame %d: %w", name, i, err)
		}
		if sha256.Sum256(b) != frame.SHA256 {
			return nil, fmt.Errorf("%s: frame %d: not the one of the window list", name, i)
		}
		err := d.Decode(m.Format, b, bytes.NewReader(old), int64(len(old)), bundle.WindowSizes(m.To.Bytes, made, frame.Windows), func(w []byte) error {
			if sha256.Sum256(w) != list.Windows[made] {
				return fmt.Errorf("window %d: not the one of the window list", made)
			}
			image, made = append(image, w...), made+1
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%s: frame %d: %w", name, i, err)
		}
	}
	if got := imageOf(image); got != m.To {
		return nil, fmt.Errorf("%s makes %s, want %s", name, got.SHA256, m.To.SHA256)
	}
	return image, nil
}

// file gives the place of a target's file.
func (r *Repo) file(name string, t *metadata.TargetFiles) string {
	return filepath.Join(r.dir, filepath.FromSlash(fileOf(name, t)))
}
