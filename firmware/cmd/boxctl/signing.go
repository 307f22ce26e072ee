package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/ota/order"
	"syncbox/ota/release"
	"syncbox/ota/trust"
)

func rootFlags(c *call) {
	repoFlag(c)
	c.flags.StringVar(&c.root, "root", "", "`file` with the root that says which keys count (default: the newest of the repository)")
}

func signingFlags(c *call) {
	rootFlags(c)
	keysFlag(c)
	passphraseFlags(c)
	c.flags.Var(&c.signerCommands, "signer", "`command` that signs with a key that is in no file; may be given several times")
}

// readRoot reads the root that says which keys count: the one that is named, else the newest of the repository.
func (c *call) readRoot() ([]byte, error) {
	path := c.root
	if path == "" && c.repo != "" {
		repo, err := release.Open(c.repo)
		if err != nil {
			return nil, err
		}
		path = repo.RootFile()
	}
	if path == "" {
		return nil, fmt.Errorf("%w: -root or -repo is needed, or one of them in the settings", errUsage)
	}
	return os.ReadFile(path)
}

// ring gives who may sign what.
func (c *call) ring() (order.Keyring, error) {
	root, err := c.readRoot()
	if err != nil {
		return nil, err
	}
	return trust.Anchor{Root: root}.Keys(trust.State{})
}

// signers gives those who can sign for a role: the commands, then keys in files that count for it, as many as must sign. Which keys
// the commands have is known to them alone; more of them on the command line than must sign are an error, as one would not be asked.
func (c *call) signers(role order.Role, ring order.Keyring) (all []order.Signer, err error) {
	most := max(ring[role].Threshold, 1)
	if n := len(c.signerCommands); n > most && c.given("signer") {
		return nil, fmt.Errorf("%w: -signer: role %s takes %d, and %d are given", errUsage, role, most, n)
	}
	keys, err := c.readKeys()
	if err != nil {
		return nil, err
	}
	for _, text := range c.signerCommands {
		all = append(all, commandSigner{strings.Fields(text), role})
	}
	counts := func(k release.Key) bool {
		return slices.ContainsFunc(ring[role].Public, func(p ed25519.PublicKey) bool { return p.Equal(k.Public) })
	}
	for _, k := range keys {
		private, ok := k.Signer.(ed25519.PrivateKey)
		if !ok || !counts(k) {
			continue
		}
		s, err := order.KeySigner(private)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("sign: role %s: %w: none here", role, release.ErrKeys)
	}
	return all[:min(len(all), most)], nil
}

// signed is an order that is ready to be sent.
type signed struct {
	order.Order
	envelope []byte
}

// sign fills in what every order has and signs it. The role is that which the order says; without one it is that of its op. An
// order that lacks signatures is an error, unless it is to be proposed to the next one who signs.
func (c *call) sign(o order.Order, valid time.Duration) (signed, error) {
	ring, err := c.ring()
	if err != nil {
		return signed{}, err
	}
	signers, err := c.signers(o.Role, ring)
	if err != nil {
		return signed{}, err
	}
	o, envelope, err := order.Issue(c.ctx, o, time.Now(), valid, rand.Reader, signers...)
	if err != nil {
		return signed{}, err
	}
	if c.propose == "" {
		err = c.check(o, envelope, ring)
	}
	return signed{o, envelope}, err
}

// check looks at an order as its box will.
func (c *call) check(o order.Order, envelope []byte, ring order.Keyring) error {
	kind, name, _ := strings.Cut(o.To, ":")
	box := order.Box{Name: name, Now: time.Now(), ClockTrusted: true, MovesData: support.MovesData}
	if kind == "grp" {
		box = order.Box{Groups: []string{name}, Now: box.Now, ClockTrusted: true}
	}
	_, err := order.Verify(envelope, ring, box)
	var refused *order.Refusal
	if errors.As(err, &refused) && refused.Code == order.BadSignature {
		return fmt.Errorf("sign: role %s: %w: %d must sign (-propose FILE hands it on to the next one): %w",
			o.Role, release.ErrKeys, ring[o.Role].Threshold, err)
	}
	return err
}

// commandSigner has a command sign: it gets the bytes on standard input, and gives an ed25519 signature on standard output, 64
// bytes as they are, in hexadecimal or in base64. BOXCTL_ROLE tells it the role.
type commandSigner struct {
	argv []string
	role order.Role
}

// KeyID gives none: nobody asks for it.
func (s commandSigner) KeyID() (string, error) { return "", nil }

// Sign runs the command.
func (s commandSigner) Sign(ctx context.Context, message []byte) ([]byte, error) {
	if len(s.argv) == 0 {
		return nil, fmt.Errorf("%w: -signer names no command", errUsage)
	}
	cmd := exec.CommandContext(ctx, s.argv[0], s.argv[1:]...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(message), os.Stderr
	cmd.Env = append(os.Environ(), "BOXCTL_ROLE="+string(s.role))
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", s.argv[0], err)
	}
	for _, read := range []func(string) ([]byte, error){
		func(s string) ([]byte, error) { return []byte(s), nil }, hex.DecodeString, base64.StdEncoding.DecodeString,
	} {
		text := string(out)
		if len(out) != ed25519.SignatureSize {
			text = strings.TrimSpace(text)
		}
		if sig, err := read(text); err == nil && len(sig) == ed25519.SignatureSize {
			return sig, nil
		}
	}
	return nil, fmt.Errorf("sign with %s: %d bytes came, want an ed25519 signature", s.argv[0], len(out))
}

// args encodes the arguments of an order.
func args(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and numbers can always be encoded
	}
	return b
}
