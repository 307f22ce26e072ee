package release

import (
	"crypto"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/cjson"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// sign signs metadata with all keys that are there of those that any of the roots gives the role. Each of the roots must
// be content with the signatures; a new root needs two to be so, itself and the one before.
func sign[T metadata.Roles](m *metadata.Metadata[T], role Role, keys Keys, roots ...*metadata.Metadata[metadata.RootType]) error {
	var ids []string
	for _, r := range roots {
		given := r.Signed.Roles[string(role)]
		if have := len(keys.signers(given.KeyIDs)); have < given.Threshold {
			return fmt.Errorf("sign %s: %w: %d of the %d needed", role, ErrKeys, have, given.Threshold)
		}
		ids = append(ids, given.KeyIDs...)
	}
	message, err := cjson.EncodeCanonical(m.Signed)
	if err != nil {
		return fmt.Errorf("sign %s: %w", role, err)
	}
	m.ClearSignatures()
	for _, k := range keys.signers(ids) {
		s, err := k.Signer.Sign(nil, message, crypto.Hash(0))
		if err != nil {
			return fmt.Errorf("sign %s with %s: %w", role, k.Name(), err)
		}
		m.Signatures = append(m.Signatures, metadata.Signature{KeyID: k.ID(), Signature: s})
	}
	for _, r := range roots {
		if err := r.VerifyDelegate(string(role), m); err != nil {
			return fmt.Errorf("sign %s: %w", role, err)
		}
	}
	return nil
}
