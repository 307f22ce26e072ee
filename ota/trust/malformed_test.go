package trust_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"syncbox/ota/trust"
)

// Metadata that make the library panic or stumble, signed or not.
func TestMalformed(t *testing.T) {
	nulls := []string{
		`null`, `[]`, `{}`, `{"signed":null}`, `{"signed":{}}`, `{"signed":{"_type":null}}`, `{"signed":{"_type":"%s"}}`,
		`{"signed":{"_type":"%s","roles":null,"keys":null,"meta":null,"targets":null},"signatures":null}`,
		`{"signed":{"_type":"%s","roles":{"root":null,"timestamp":null},"keys":{"x":null},"meta":{"snapshot.json":null,"targets.json":null},"targets":{"x":null}}}`,
		`{"signed":{"_type":"%s","version":99999999999999999999}}`, `{"signed":{"_type":"%s","version":1.5}}`, `{"signed":{"_type":"%s","expires":"soon"}}`,
		`{"signed":{"_type":"%s","x":1e400}}`, `{"signed":{"_type":"%s","version":2,"x":1.5},"signatures":[{"keyid":"a","sig":"00"},{"keyid":"a","sig":"00"}]}`,
		`{"signed":{"_type":"%s","version":2,"x":1.5},"signatures":[{"keyid":null,"sig":"0"}]}`,
		strings.Repeat("[", 20000), `{"signed":` + strings.Repeat(`{"a":`, 3000),
	}
	names := []string{"metadata/2.root.json", "metadata/timestamp.json", "metadata/2.snapshot.json", "metadata/2.targets.json"}
	r := first(t)
	known := r.fresh()
	known.good(r.server())
	r.next(func() {})
	r.release("1.4.0")
	r.snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(2) // without hashes, it comes to be read
	r.putSnapshot()
	r.timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(2)
	r.putTimestamp()
	for place, role := range []string{"root", "timestamp", "snapshot", "targets"} {
		for i, text := range nulls {
			t.Run(fmt.Sprintf("%s %d", role, i), func(t *testing.T) {
				if strings.Contains(text, "%s") {
					text = fmt.Sprintf(text, role)
				}
				b := *known
				b.t = t
				f := r.server()
				f[names[place]] = []byte(text)
				_, err := b.refresh(f)
				switch trust.CodeOf(err) {
				case trust.BadMetadata, trust.Signature, trust.TooBig:
				default:
					t.Errorf("got %v", err)
				}
				// Stored, it counts as not there.
				*[]*[]byte{&b.state.Root, &b.state.Timestamp, &b.state.Snapshot, &b.state.Targets}[place] = []byte(text)
				b.good(r.server())
			})
		}
	}
}

// The same, signed by those who may: a slip of the makers must not stop a box for ever.
func TestMalformedAndSigned(t *testing.T) {
	for name, spoil := range map[string]func(r *repo){
		"timestamp without snapshot": func(r *repo) { r.timestamp.Signed.Meta = nil },
		"timestamp with null":        func(r *repo) { r.timestamp.Signed.Meta["snapshot.json"] = nil },
		"timestamp, negative length": func(r *repo) { r.timestamp.Signed.Meta["snapshot.json"].Length = -1 },
		"timestamp, version 0":       func(r *repo) { r.timestamp.Signed.Meta["snapshot.json"].Version = 0 },
		"timestamp of version 0":     func(r *repo) { r.timestamp.Signed.Version = 0 },
		"timestamp, below zero":      func(r *repo) { r.timestamp.Signed.Version = math.MinInt64 },
		"snapshot without targets":   func(r *repo) { r.snapshot.Signed.Meta = nil; r.putSnapshot() },
		"snapshot with null":         func(r *repo) { r.snapshot.Signed.Meta["targets.json"] = nil; r.putSnapshot() },
		"snapshot with another null": func(r *repo) { r.snapshot.Signed.Meta["x.json"] = nil; r.putSnapshot() },
		"snapshot, negative length":  func(r *repo) { r.snapshot.Signed.Meta["targets.json"].Length = -1; r.putSnapshot() },
		"snapshot, unknown hash": func(r *repo) {
			r.snapshot.Signed.Meta["targets.json"].Hashes = metadata.Hashes{"md5": []byte{1}}
			r.putSnapshot()
		},
		"targets with a null":         func(r *repo) { r.targets.Signed.Targets["x"] = nil; r.putTargets(); r.putSnapshot() },
		"targets without hashes":      func(r *repo) { r.targets.Signed.Targets["x"] = metadata.TargetFile(); r.putTargets(); r.putSnapshot() },
		"targets that are delegated":  func(r *repo) { r.targets.Signed.Delegations = &metadata.Delegations{}; r.putTargets(); r.putSnapshot() },
		"targets with odd hash names": func(r *repo) { oddHashes(r); r.putTargets(); r.putSnapshot() },
	} {
		t.Run(name, func(t *testing.T) {
			r := first(t)
			r.release("1.4.0")
			good := r.server()
			spoil(r)
			r.putTimestamp()
			for _, known := range []bool{false, true} {
				b := r.fresh()
				if known {
					b.good(first(t).server())
				}
				got, err := b.refresh(r.server())
				unharmed(t, got)
				if code := trust.CodeOf(err); err != nil && code != trust.BadMetadata && code != trust.Mixed && code != trust.Rollback {
					t.Errorf("got %v", err)
				}
				if err != nil {
					b.good(good)
				}
			}
		})
	}
}

func oddHashes(r *repo) {
	f := r.targets.Signed.Targets["1.4.0/arm64/full"]
	f.Hashes = metadata.Hashes{"md5": []byte{1}}
}
