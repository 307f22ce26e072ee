package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/bundle"
)

// ErrNoRelease is wrapped where a version is not in the repository.
var ErrNoRelease = errors.New("no such release")

// image gives the slot image that a release makes.
func (r *Repo) image(v bundle.Version, board string) (bundle.Image, error) {
	t := r.targets.Signed.Targets[bundle.FullName(v, board)]
	if t == nil || t.Custom == nil {
		return bundle.Image{}, fmt.Errorf("%s for %s: %w", v, board, ErrNoRelease)
	}
	var m bundle.Manifest
	if err := json.Unmarshal(*t.Custom, &m); err != nil {
		return bundle.Image{}, fmt.Errorf("read target %s: %w", bundle.FullName(v, board), err)
	}
	return m.To, nil
}

// fileOf gives the path of a target's file inside the repository: "targets/1.4.0/arm64/HASH.full".
func fileOf(name string, t *metadata.TargetFiles) string {
	return path.Join(TargetsDir, path.Dir(name), t.Hashes["sha256"].String()+"."+path.Base(name))
}
