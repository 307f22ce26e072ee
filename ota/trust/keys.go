package trust

import (
	"crypto/ed25519"
	"encoding/hex"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/order"
)

// keyring gives who may sign orders: the roles ops, fleet and danger stand in the root's map of roles beside those of
// TUF, which lets them be. Keys that are not ed25519 are passed over.
func keyring(root *metadata.RootType) order.Keyring {
	ring := order.Keyring{}
	for _, name := range []order.Role{order.Ops, order.Fleet, order.Danger} {
		role := root.Roles[string(name)]
		if role == nil {
			continue
		}
		keys := order.RoleKeys{Threshold: role.Threshold}
		for _, id := range role.KeyIDs {
			if public := publicKey(root.Keys[id]); public != nil {
				keys.Public = append(keys.Public, public)
			}
		}
		ring[name] = keys
	}
	return ring
}

func publicKey(k *metadata.Key) ed25519.PublicKey {
	if k == nil || k.Type != metadata.KeyTypeEd25519 || k.Scheme != metadata.KeySchemeEd25519 {
		return nil
	}
	b, err := hex.DecodeString(k.Value.PublicKey)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return nil
	}
	return b
}
