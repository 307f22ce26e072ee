package release

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RenewBefore is how long before its end something signed is renewed, and a warning is due.
const RenewBefore = 90 * 24 * time.Hour

// Refresh renews the timestamp, and the snapshot where it is due. Their keys alone are needed, which may lie on a machine
// that does so once a day.
func (r *Repo) Refresh(keys Keys, now time.Time) error {
	c, err := r.change(keys, now)
	if err != nil {
		return err
	}
	if r.snapshot.Signed.Expires.Sub(now) < RenewBefore {
		return c.commit(Snapshot)
	}
	return c.commit(Timestamp)
}

// Renew signs everything anew for another year, without any other change.
func (r *Repo) Renew(keys Keys, now time.Time) error { return r.Rotate(Rotation{}, keys, now) }

// Rotation replaces keys: one that was lost or stolen, or all when the years have passed.
type Rotation struct {
	Remove []string // names (root-1a2b3c4d) or ids
	Add    Keys     // their public halves are enough
}

// Rotate makes a new root, for another year, with other keys. It is signed by enough keys of the old root and enough of the
// new one. What the replaced keys had signed is signed anew: boxes believe nothing of an old key once they know the new root.
func (r *Repo) Rotate(what Rotation, keys Keys, now time.Time) error {
	c, err := r.change(keys, now)
	if err != nil {
		return err
	}
	root, err := copyOf(r.root)
	if err != nil {
		return err
	}
	root.Signed.Version, root.Signed.Expires = root.Signed.Version+1, until(now, RootValid)
	changed := map[Role]bool{}
	for _, name := range what.Remove {
		role, id, err := r.find(name)
		if err != nil {
			return fmt.Errorf("rotate: %w", err)
		}
		if err := root.Signed.RevokeKey(id, string(role)); err != nil {
			return fmt.Errorf("rotate: %w", err)
		}
		changed[role] = true
	}
	for _, k := range what.Add {
		if err := root.Signed.AddKey(k.tuf(), string(k.Role)); err != nil {
			return fmt.Errorf("rotate: %w", err)
		}
		changed[k.Role] = true
	}
	for _, rule := range rules {
		if have := len(root.Signed.Roles[string(rule.role)].KeyIDs); have < rule.keys {
			return fmt.Errorf("rotate: %w: role %s would have %d, want %d", ErrKeys, rule.role, have, rule.keys)
		}
	}
	if err := c.setRoot(root, r.root); err != nil {
		return err
	}
	if len(changed) == 0 {
		return c.commit(Targets)
	}
	return c.commit(slices.DeleteFunc([]Role{Targets, Snapshot, Timestamp}, func(r Role) bool { return !changed[r] })...)
}

// find gives the role and the id of a key of the root by name or id.
func (r *Repo) find(name string) (Role, string, error) {
	for _, k := range r.Keys() {
		if name == k.ID || name == k.Name() {
			return k.Role, k.ID, nil
		}
	}
	return "", "", fmt.Errorf("no key %s in root %d", name, r.root.Signed.Version)
}

// Named is a key as the root names it.
type Named struct {
	Role Role
	ID   string
}

// Name gives "root-1a2b3c4d".
func (n Named) Name() string { return fmt.Sprintf("%s-%.8s", n.Role, n.ID) }

// Keys gives the keys of the newest root, by role and id.
func (r *Repo) Keys() (all []Named) {
	for _, rule := range rules {
		ids := slices.Clone(r.root.Signed.Roles[string(rule.role)].KeyIDs)
		slices.SortFunc(ids, strings.Compare)
		for _, id := range ids {
			all = append(all, Named{rule.role, id})
		}
	}
	return all
}
