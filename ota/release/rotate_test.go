package release_test

import (
	"crypto"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/release"
)

// without gives keys but one.
func without(keys release.Keys, k release.Key) release.Keys {
	return slices.DeleteFunc(slices.Clone(keys), func(o release.Key) bool { return o.Name() == k.Name() })
}

// TestRotate replaces the first key of each role, with all others at hand.
func TestRotate(t *testing.T) {
	for role, want := range map[release.Role][4]int64{
		"root": {2, 1, 1, 1}, "targets": {2, 2, 2, 2}, "snapshot": {2, 1, 2, 2}, "timestamp": {2, 1, 1, 2},
		"ops": {2, 1, 1, 1}, "fleet": {2, 1, 1, 1}, "danger": {2, 1, 1, 1},
	} {
		t.Run(string(role), func(t *testing.T) {
			keys := allKeys(t)
			r, dir := newRepo(t, keys)
			lost, next := keys.Of(role)[0], newKeys(t, 99, role, 1)[0]
			rest := append(without(keys, lost), next)
			if err := r.Rotate(release.Rotation{Remove: []string{lost.Name()}, Add: public(release.Keys{next})}, rest, start); err != nil {
				t.Fatal(err)
			}
			if got := versions(t, dir, start); got != want {
				t.Errorf("versions %v, want %v", got, want)
			}
			again, err := release.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, k := range rest {
				all = append(all, k.Name())
			}
			slices.Sort(all)
			if d := cmp.Diff(all, names(again.Keys())); d != "" {
				t.Errorf("keys (-want +got):\n%s", d)
			}
			if err := again.Renew(rest, start); err != nil {
				t.Errorf("with the new key: %v", err)
			}
			if _, err := client(t, dir, "2.root.json", start); err != nil {
				t.Errorf("a box that is made with root 2: %v", err)
			}
		})
	}
}

// TestRotateAllRoots replaces all keys of the root, two at first: no more may be missing on either side.
func TestRotateAllRoots(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	old, next := keys.Of("root"), newKeys(t, 99, "root", 3)
	all := release.Rotation{Remove: []string{old[0].Name(), old[1].Name(), old[2].ID()}, Add: next}
	for name, signers := range map[string]release.Keys{
		"old ones only": old, "new ones only": next, "one old one": append(next, old[0]), "one new one": append(old, next[0]),
	} {
		if err := r.Rotate(all, signers, start); !errors.Is(err, release.ErrKeys) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.Rotate(all, append(old[1:], next[:2]...), start); err != nil {
		t.Fatal(err)
	}
	if got := versions(t, dir, start); got != [4]int64{2, 1, 1, 1} {
		t.Errorf("versions %v", got)
	}
}

func TestRotateRefuses(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	root, danger := keys.Of("root"), keys.Of("danger")
	for name, tt := range map[string]struct {
		what release.Rotation
		want string
	}{
		"unknown key":       {release.Rotation{Remove: []string{"root-00000000"}}, "no key root-00000000"},
		"two of three":      {release.Rotation{Remove: []string{root[0].Name()}}, "role root would have 2"},
		"one danger key":    {release.Rotation{Remove: []string{danger[0].Name()}}, "role danger would have 1"},
		"the same twice":    {release.Rotation{Remove: []string{root[0].Name()}, Add: root[1:2]}, "role root would have 2"},
		"removed, again in": {release.Rotation{Remove: []string{root[0].Name(), root[0].Name()}, Add: newKeys(t, 99, "root", 1)}, "is not used by root"},
	} {
		if err := r.Rotate(tt.what, keys, start); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
	if got := versions(t, dir, start); got != [4]int64{1, 1, 1, 1} {
		t.Errorf("versions %v", got)
	}
	if err := r.Renew(keys, start); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestOneKeyForTwoRoles signs once with a key that two roles have, and counts it once.
func TestOneKeyForTwoRoles(t *testing.T) {
	keys := allKeys(t)
	timestamp := keys.Of("snapshot")[0]
	timestamp.Role = "timestamp"
	keys = append(without(keys, keys.Of("timestamp")[0]), timestamp)
	r, dir := newRepo(t, keys)
	if err := r.Renew(keys, start); err != nil {
		t.Fatal(err)
	}
	if got := versions(t, dir, start); got != [4]int64{2, 2, 2, 2} {
		t.Errorf("versions %v", got)
	}
	twice := keys.Of("targets")[0]
	if err := r.Renew(append(append(keys.Of("root"), timestamp), twice, twice), start); !errors.Is(err, release.ErrKeys) {
		t.Errorf("one key twice: %v", err)
	}
}

// faulty is a card that signs something else.
type faulty struct{ crypto.Signer }

func (f faulty) Sign(random io.Reader, message []byte, o crypto.SignerOpts) ([]byte, error) {
	return f.Signer.Sign(random, message[1:], o)
}

// TestFaultySigner: what does not verify is not published.
func TestFaultySigner(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	card := keys.Of("timestamp")[0]
	card.Signer = faulty{card.Signer}
	if err := r.Refresh(release.Keys{card}, start); err == nil || !strings.Contains(err.Error(), "sign timestamp") {
		t.Errorf("got %v", err)
	}
	if got := versions(t, dir, start); got != [4]int64{1, 1, 1, 1} {
		t.Errorf("versions %v", got)
	}
}
