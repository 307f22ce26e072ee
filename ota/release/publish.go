package release

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/bundle"
)

// How much is kept in the signed targets, which every box reads whole.
const (
	deltasFrom = 5  // the newest releases before a release that it gets deltas from, beside those of the factory
	keepDeltas = 3  // the newest releases that keep their deltas
	keepImages = 10 // the newest releases that can be installed, beside those of the factory
)

// Release is what is to be published.
type Release struct {
	Version bundle.Version
	Board   string        // "arm64"
	Image   string        // file of the slot image
	SHA256  bundle.Digest // that it must have
	Sums    map[string]string
	Floor   bundle.Version
	Trial   bundle.Trial
	Notes   map[string]string
	Factory bool // boxes leave the factory with it: every later release has a delta from it. A board's first release always does
}

// entry is the custom field of a payload: the manifest, and what the maker alone reads.
type entry struct {
	bundle.Manifest
	Factory bool `json:"factory,omitempty"`
}

// payload is a payload of the repository.
type payload struct {
	name string
	entry
	*metadata.TargetFiles
}

// payloads gives those of a board, oldest version first; all that make the same version stand together.
func (r *Repo) payloads(board string) (all []payload, err error) {
	for name, t := range r.targets.Signed.Targets {
		if t.Custom == nil {
			continue
		}
		p := payload{name: name, TargetFiles: t}
		if err := json.Unmarshal(*t.Custom, &p.entry); err != nil {
			return nil, fmt.Errorf("read target %s: %w", name, err)
		}
		if p.Board == board {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b payload) int { return cmp.Or(a.Version.Compare(b.Version), cmp.Compare(a.name, b.name)) })
	return all, nil
}

// images gives the full payloads among all.
func images(all []payload) (full []payload) {
	for _, p := range all {
		if p.Format == bundle.Full {
			full = append(full, p)
		}
	}
	return full
}

// Errors of Publish.
var (
	ErrPublished = errors.New("already published")
	ErrOlder     = errors.New("older than what is published")
	ErrImage     = errors.New("not the image of the manifest")
)

// Publish adds a release: its image, compressed, and what makes it out of the images of earlier ones, where that is
// shorter. It gives the names of the new payloads. The keys of targets, snapshot and timestamp are needed.
func (r *Repo) Publish(ctx context.Context, rel Release, keys Keys, now time.Time) (names []string, err error) {
	all, err := r.payloads(rel.Board)
	if err != nil {
		return nil, err
	}
	full := images(all)
	if len(full) == 0 {
		rel.Factory = true
	} else if newest := full[len(full)-1].Version; rel.Version.Compare(newest) <= 0 {
		why := ErrOlder
		if rel.Version == newest {
			why = ErrPublished
		}
		return nil, fmt.Errorf("publish %s: %w: %s", rel.Version, why, newest)
	}
	image, err := os.ReadFile(rel.Image)
	if err != nil {
		return nil, err
	}
	p := &publication{ctx: ctx, repo: r, rel: rel, image: image, to: imageOf(image), added: map[string]*metadata.TargetFiles{}}
	if p.to.SHA256 != rel.SHA256 {
		return nil, fmt.Errorf("publish %s: %w: %s has SHA-256 %s, want %s", rel.Version, ErrImage, rel.Image, p.to.SHA256, rel.SHA256)
	}
	if err := p.make(bases(full)); err != nil {
		return nil, fmt.Errorf("publish %s: %w", rel.Version, err)
	}
	c, err := r.change(keys, now)
	if err != nil {
		return nil, err
	}
	for name, t := range p.added {
		c.targets.Signed.Targets[name] = t
	}
	if err := c.prune(rel.Board); err != nil {
		return nil, err
	}
	return p.names, c.commit(Targets)
}

// bases gives the releases that the next one has deltas from.
func bases(full []payload) (from []payload) {
	for i, p := range full {
		if p.Factory || i >= len(full)-deltasFrom {
			from = append(from, p)
		}
	}
	return from
}

// prune takes what is too old out of the targets of a board. The files stay: a box may be at work on them.
func (r *Repo) prune(board string) error {
	all, err := r.payloads(board)
	if err != nil {
		return err
	}
	age := map[bundle.Version]int{} // 0 is the newest release
	full := images(all)
	for i, p := range full {
		age[p.Version] = len(full) - 1 - i
	}
	for _, p := range all {
		if p.Format == bundle.Delta && age[p.Version] >= keepDeltas || p.Format == bundle.Full && !p.Factory && age[p.Version] >= keepImages {
			delete(r.targets.Signed.Targets, p.name)
			delete(r.targets.Signed.Targets, p.Windows)
		}
	}
	return nil
}
