package order

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/secure-systems-lab/go-securesystemslib/signerverifier"
)

// RoleKeys are the keys of a role.
type RoleKeys struct {
	Threshold int // how many different keys must sign
	Public    []ed25519.PublicKey
}

// Keyring gives the keys of each role.
type Keyring map[Role]RoleKeys

// payload gives the signed bytes if enough different keys of the role have signed them.
func (r Keyring) payload(role Role, e *dsse.Envelope) ([]byte, error) {
	keys := r[role]
	if keys.Threshold < leastKeys[role] {
		return nil, fmt.Errorf("role %s with a threshold of %d, want at least %d", role, keys.Threshold, leastKeys[role])
	}
	verifiers, err := keys.verifiers()
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", role, err)
	}
	verifier, err := dsse.NewMultiEnvelopeVerifier(keys.Threshold, verifiers...)
	if err != nil {
		return nil, fmt.Errorf("role %s: %d of %d keys: %w", role, keys.Threshold, len(verifiers), err)
	}
	_, payload, err := verifier.VerifyAndDecode(context.Background(), e)
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", role, err)
	}
	return payload, nil
}

// verifiers gives one verifier for each different key. A key that stands there twice must not count twice, and the
// library tells such a case on standard output.
func (k RoleKeys) verifiers() (all []dsse.Verifier, err error) {
	seen := map[string]bool{}
	for _, public := range k.Public {
		id := hex.EncodeToString(public)
		if seen[id] {
			continue
		}
		seen[id] = true
		if len(public) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("ed25519 key of %d bytes", len(public))
		}
		v, err := signerverifier.NewED25519SignerVerifierFromSSLibKey(&signerverifier.SSLibKey{
			KeyID: id, KeyType: signerverifier.ED25519KeyType, Scheme: signerverifier.ED25519KeyType,
			KeyVal: signerverifier.KeyVal{Public: id},
		})
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}
