package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"slices"

	"syncbox/ota/release"
)

// newKeys makes key files.
func newKeys(c *call) error {
	roles, err := rolesOf(c.roles)
	if err != nil {
		return err
	}
	passphrase, err := c.newPassphrase()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.into, 0o700); err != nil {
		return err
	}
	for _, role := range roles {
		k, err := release.NewKey(role, rand.Reader)
		if err != nil {
			return err
		}
		if err := k.Write(c.into, passphrase); err != nil {
			return err
		}
		fmt.Fprintln(c.out, k.Name())
	}
	if len(passphrase) == 0 {
		c.say("keys-plain")
	}
	return nil
}

// rolesOf gives a role for each key that is to be made.
func rolesOf(names []string) (roles []release.Role, err error) {
	for _, name := range names {
		r, err := release.ParseRole(name)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		roles = append(roles, r)
	}
	if len(names) > 0 {
		return roles, nil
	}
	all, count := release.Roles()
	for _, r := range all {
		roles = append(roles, slices.Repeat([]release.Role{r}, count[r])...)
	}
	return roles, nil
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
