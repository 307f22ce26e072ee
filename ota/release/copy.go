package release

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/bundle"
)

// HasRoot says whether a file of this hash is a root of the repository that boxes can follow: an image whose root is
// another one would take no update ever again.
func (r *Repo) HasRoot(sum bundle.Digest) bool {
	_, named, err := r.rootFiles()
	return err == nil && slices.ContainsFunc(named, func(f bundle.Digest) bool { return f == sum })
}

// rootFiles gives the roots, oldest first.
func (r *Repo) rootFiles() (names []string, sums []bundle.Digest, err error) {
	first, err := r.firstRoot()
	if err != nil {
		return nil, nil, err
	}
	for n := first; n <= r.root.Signed.Version; n++ {
		b, err := os.ReadFile(r.path(versioned(n, Root)))
		if err != nil {
			return nil, nil, err
		}
		names, sums = append(names, versioned(n, Root)), append(sums, imageOf(b).SHA256)
	}
	return names, sums, nil
}

// CopyRelease copies to another folder, a USB stick, what a box needs to install one release: the metadata as they are, and
// the release's files. The signed order for it, which lies beside them, is the caller's.
func (r *Repo) CopyRelease(to string, v bundle.Version, board string) error {
	names, _, err := r.rootFiles()
	if err != nil {
		return err
	}
	names = append(names, versioned(r.targets.Signed.Version, Targets), versioned(r.snapshot.Signed.Version, Snapshot), timestampFile)
	for _, name := range names {
		if err := copyFile(r.path(name), filepath.Join(to, MetadataDir, name)); err != nil {
			return err
		}
	}
	all, err := r.payloads(board)
	if err != nil {
		return err
	}
	found := false
	for _, p := range all {
		if p.Version != v {
			continue
		}
		found = true
		for name, t := range map[string]*metadata.TargetFiles{p.name: p.TargetFiles, p.Windows: r.targets.Signed.Targets[p.Windows]} {
			if err := copyFile(r.file(name, t), filepath.Join(to, filepath.FromSlash(fileOf(name, t)))); err != nil {
				return err
			}
		}
	}
	if !found {
		return fmt.Errorf("%s for %s: %w", v, board, ErrNoRelease)
	}
	return nil
}

// copyFile copies a file that must be on the stick when the stick is pulled out.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return cmp.Or(err, errors.Join(out.Sync(), out.Close()))
}
