package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"syncbox/ota/release"
)

// newKeys makes key files: those that are asked for, or all that a repository begins with, in a folder for each holder.
func newKeys(c *call) error {
	passphrase, err := c.newPassphrase()
	if err != nil {
		return err
	}
	all := firstKeys()
	if len(c.roles) > 0 {
		if all, err = rolesOf(c.roles); err != nil {
			return err
		}
	}
	for _, w := range all {
		k, err := release.NewKey(w.role, rand.Reader)
		if err != nil {
			return err
		}
		dir := filepath.Join(c.into, w.holder)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		if err := k.Write(dir, passphrase); err != nil {
			return err
		}
		fmt.Fprintln(c.out, path.Join(w.holder, k.Name()))
	}
	if len(passphrase) == 0 {
		c.say("keys-plain")
	}
	return nil
}

// wanted is a key that is to be made, and the folder it goes to.
type wanted struct {
	role   release.Role
	holder string
}

// firstKeys are those that a repository begins with. No holder has two keys of a role; what two must sign, two holders must
// agree to, and the reserve stands in for a holder who has lost his.
func firstKeys() (all []wanted) {
	roles, count := release.Roles()
	for _, r := range roles {
		switch r {
		case release.Snapshot, release.Timestamp:
			all = append(all, wanted{r, "online"})
		case release.Ops, release.Fleet:
			all = append(all, wanted{r, "support"})
		default:
			for _, holder := range []string{"holder-1", "holder-2", "reserve"}[:count[r]] {
				all = append(all, wanted{r, holder})
			}
		}
	}
	return all
}

func rolesOf(names []string) (all []wanted, err error) {
	for _, name := range names {
		r, err := release.ParseRole(name)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		all = append(all, wanted{role: r})
	}
	return all, nil
}

// showKeys lists the keys of folders, and those that a repository goes by: which are here, and which of them can sign.
func showKeys(c *call) error {
	keys, err := c.readKeys()
	if err != nil {
		return err
	}
	var named []string
	if c.repo != "" {
		repo, err := release.Open(c.repo)
		if err != nil {
			return err
		}
		for _, k := range repo.Keys() {
			named = append(named, k.Name())
			i := slices.IndexFunc(keys, func(o release.Key) bool { return o.Name() == k.Name() })
			switch {
			case i < 0:
				c.say("key-away", "name", k.Name())
			case keys[i].Signer == nil:
				c.say("key-public", "name", k.Name())
			default:
				c.say("key-here", "name", k.Name())
			}
		}
	}
	for _, k := range keys {
		switch {
		case slices.Contains(named, k.Name()):
		case c.repo != "":
			c.say("key-unknown", "name", k.Name())
		case k.Signer == nil:
			c.say("key-public", "name", k.Name())
		default:
			c.say("key-here", "name", k.Name())
		}
	}
	return nil
}
