package release

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Role says what a key signs.
type Role string

// Roles. The first four are those of TUF; the others stand beside them in the root and sign orders to boxes.
const (
	Root      Role = metadata.ROOT
	Targets   Role = metadata.TARGETS
	Snapshot  Role = metadata.SNAPSHOT
	Timestamp Role = metadata.TIMESTAMP
	Ops       Role = "ops"
	Fleet     Role = "fleet"
	Danger    Role = "danger"
)

// rule says how many signatures a role needs, and how many keys it must have.
type rule struct {
	role      Role
	threshold int
	keys      int
}

// rules has one line for each role. Where two of three are needed, one may be lost.
var rules = []rule{
	{Root, 2, 3}, {Targets, 2, 3}, {Snapshot, 1, 1}, {Timestamp, 1, 1}, {Ops, 1, 1}, {Fleet, 1, 1}, {Danger, 2, 2},
}

// Roles gives all roles, with the number of keys that each needs from the start.
func Roles() (all []Role, keys map[Role]int) {
	keys = map[Role]int{}
	for _, r := range rules {
		all = append(all, r.role)
		keys[r.role] = r.keys
	}
	return all, keys
}

// Threshold says how many keys of a role must sign.
func Threshold(role Role) int {
	for _, r := range rules {
		if r.role == role {
			return r.threshold
		}
	}
	return 0
}

// ParseRole reads a role's name.
func ParseRole(s string) (Role, error) {
	if all, _ := Roles(); slices.Contains(all, Role(s)) {
		return Role(s), nil
	}
	return "", fmt.Errorf("no role %q", s)
}

// Key is a key pair of a role, or only its public half. The private half may be anywhere: a file, a smart card.
type Key struct {
	Role   Role
	Public ed25519.PublicKey
	Signer crypto.Signer // nil: the public half only
}

// NewKey makes a key pair.
func NewKey(role Role, random io.Reader) (Key, error) {
	public, private, err := ed25519.GenerateKey(random)
	if err != nil {
		return Key{}, fmt.Errorf("make a %s key: %w", role, err)
	}
	return Key{role, public, private}, nil
}

// NewKeys makes all the keys that a repository begins with, for one who holds all of them.
func NewKeys(random io.Reader) (all Keys, err error) {
	for _, r := range rules {
		for range r.keys {
			k, err := NewKey(r.role, random)
			if err != nil {
				return nil, err
			}
			all = append(all, k)
		}
	}
	return all, nil
}

// tuf gives the key as metadata name it.
func (k Key) tuf() *metadata.Key {
	key, err := metadata.KeyFromPublicKey(k.Public)
	if err != nil {
		panic(err) // an ed25519 key always has a name
	}
	return key
}

// ID gives the key's id in the root: 64 hexadecimal digits.
func (k Key) ID() string {
	id, err := k.tuf().ID()
	if err != nil {
		panic(err) // three strings can always be encoded
	}
	return id
}

// Name gives "root-1a2b3c4d": the role, and the first digits of the id.
func (k Key) Name() string { return fmt.Sprintf("%s-%.8s", k.Role, k.ID()) }

// Keys of several roles.
type Keys []Key

// Of gives the keys of a role.
func (all Keys) Of(role Role) (of Keys) {
	for _, k := range all {
		if k.Role == role {
			of = append(of, k)
		}
	}
	return of
}

// signers gives the keys that can sign and whose ids are among ids, each once, whatever its roles.
func (all Keys) signers(ids []string) (found Keys) {
	seen := map[string]bool{}
	for _, k := range all {
		if id := k.ID(); k.Signer != nil && slices.Contains(ids, id) && !seen[id] {
			seen[id], found = true, append(found, k)
		}
	}
	return found
}

// ErrKeys is wrapped where keys for a signature are missing.
var ErrKeys = errors.New("not enough keys")
