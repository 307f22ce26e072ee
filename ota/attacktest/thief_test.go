package attacktest_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/secure-systems-lab/go-securesystemslib/cjson"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
	"syncbox/ota/release"
	"syncbox/ota/update"
)

// object is JSON.
type object = map[string]any

// signed is a file of metadata, as anybody can read and write it. This is the specification's form and none of our code.
type signed struct {
	Signed     object      `json:"signed"`
	Signatures []signature `json:"signatures"`
}

type signature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"`
}

// thief has a copy of the maker's repository, and some of his keys.
type thief struct {
	w    *world
	dir  string
	keys release.Keys
	// borrow leaves the signatures that stood under the metadata before.
	borrow bool
}

// thief gives one with keys of his choice. With none he can still sign, with keys of his own.
func (w *world) thief(keys ...release.Key) *thief {
	w.t.Helper()
	w.thieves++
	dir := filepath.Join(w.dir, fmt.Sprintf("thief%d", w.thieves))
	w.must(os.CopyFS(dir, os.DirFS(w.repoDir())))
	return &thief{w: w, dir: dir, keys: keys}
}

// key gives the n-th key of a role of the maker's.
func (w *world) key(role release.Role, n int) release.Key { return w.keys.Of(role)[n] }

// own makes a key that the maker knows nothing of: the same one for a role each time.
func own(role release.Role) release.Key {
	k, err := release.NewKey(role, rand.NewChaCha8(sha256.Sum256([]byte(role))))
	if err != nil {
		panic(err)
	}
	return k
}

func (th *thief) path(name string) string { return filepath.Join(th.dir, "metadata", name) }

func (th *thief) read(name string) (m signed) {
	b, err := os.ReadFile(th.path(name))
	th.w.must(err)
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	th.w.must(d.Decode(&m))
	return m
}

// write signs metadata with the keys that the thief has of the role, and writes them. It gives what stands above of them.
func (th *thief) write(name string, role release.Role, m signed) object {
	message, err := cjson.EncodeCanonical(m.Signed)
	th.w.must(err)
	if !th.borrow || len(th.keys.Of(role)) > 0 {
		m.Signatures = []signature{}
	}
	for _, k := range th.keys.Of(role) {
		s, err := k.Signer.Sign(nil, message, crypto.Hash(0))
		th.w.must(err)
		m.Signatures = append(m.Signatures, signature{k.ID(), hex.EncodeToString(s)})
	}
	b, err := json.Marshal(m)
	th.w.must(err)
	th.w.must(os.WriteFile(th.path(name), b, 0o600))
	return object{"version": m.Signed["version"], "length": len(b), "hashes": object{"sha256": fmt.Sprintf("%x", sha256.Sum256(b))}}
}

// dig goes down into JSON.
func dig(o object, keys ...string) object {
	for _, k := range keys {
		o = o[k].(object)
	}
	return o
}

func number(v any) int64 {
	n, err := v.(json.Number).Int64()
	if err != nil {
		panic(err)
	}
	return n
}

// timestamp makes a new timestamp.
func (th *thief) timestamp(edit func(signed object)) {
	m := th.read("timestamp.json")
	m.Signed["version"] = number(m.Signed["version"]) + 1
	edit(m.Signed)
	th.write("timestamp.json", release.Timestamp, m)
}

// newest gives the newest metadata.
func (th *thief) newest() (timestamp, snapshot, targets signed) {
	timestamp = th.read("timestamp.json")
	snapshot = th.read(fmt.Sprintf("%v.snapshot.json", dig(timestamp.Signed, "meta", "snapshot.json")["version"]))
	return timestamp, snapshot, th.read(fmt.Sprintf("%v.targets.json", dig(snapshot.Signed, "meta", "targets.json")["version"]))
}

// snapshot makes a new snapshot, and a timestamp for it.
func (th *thief) snapshot(edit func(signed object)) {
	_, m, _ := th.newest()
	m.Signed["version"] = number(m.Signed["version"]) + 1
	edit(m.Signed)
	info := th.write(fmt.Sprintf("%v.snapshot.json", m.Signed["version"]), release.Snapshot, m)
	th.timestamp(func(signed object) { dig(signed, "meta")["snapshot.json"] = info })
}

// targets makes new targets, and all above.
func (th *thief) targets(edit func(signed, targets object)) {
	_, _, m := th.newest()
	m.Signed["version"] = number(m.Signed["version"]) + 1
	edit(m.Signed, dig(m.Signed, "targets"))
	info := th.write(fmt.Sprintf("%v.targets.json", m.Signed["version"]), release.Targets, m)
	th.snapshot(func(signed object) { dig(signed, "meta")["targets.json"] = info })
}

// put writes the file of a target and gives its entry.
func (th *thief) put(name string, content []byte) object {
	sum := fmt.Sprintf("%x", sha256.Sum256(content))
	file := filepath.Join(th.dir, "targets", filepath.FromSlash(path.Dir(name)), sum+"."+path.Base(name))
	th.w.must(os.MkdirAll(filepath.Dir(file), 0o755))
	th.w.must(os.WriteFile(file, content, 0o600))
	return object{"length": len(content), "hashes": object{"sha256": sum}}
}

// evil is the system that no box must ever start. It starts as well as any.
func evil() []byte { return system("evil") }

// full offers an image as a release, whole: payload, window list and entries.
func (th *thief) full(targets object, v string, image []byte, change ...func(manifest object)) {
	var payload bytes.Buffer
	list, err := delta.Full(&payload, bytes.NewReader(image))
	th.w.must(err)
	th.offer(targets, bundle.FullName(version(v), board), v, image, payload.Bytes(), list, change...)
}

// offer puts a payload and its window list, and names both in targets.
func (th *thief) offer(targets object, name, v string, image, payload []byte, list bundle.List, change ...func(manifest object)) {
	windows := bundle.WindowsName(name)
	manifest := object{
		"format": "full", "board": board, "version": v, "windows": windows, "floor": "0.0.0", "sums": sumsOf(image),
		"to":    object{"sha256": fmt.Sprintf("%x", sha256.Sum256(image)), "bytes": len(image)},
		"trial": object{"settle_s": 60, "network_s": 1800},
	}
	for _, c := range change {
		c(manifest)
	}
	targets[windows] = th.put(windows, list.Marshal())
	targets[name] = th.put(name, payload)
	targets[name].(object)["custom"] = manifest
}

// file gives the place of a target's file in the thief's folder.
func (th *thief) file(name string) string {
	found, err := filepath.Glob(filepath.Join(th.dir, "targets", filepath.FromSlash(path.Dir(name)), "*."+path.Base(name)))
	th.w.must(err)
	if len(found) != 1 {
		th.w.t.Fatalf("%d files of %s", len(found), name)
	}
	return found[0]
}

// serve begins a server of what the thief has.
func (th *thief) serve() *server { return th.w.serve(th.dir) }

// expect says that a code is among those that are right.
func (w *world) expect(got update.Code, want ...update.Code) {
	w.t.Helper()
	if !slices.Contains(want, got) {
		w.t.Errorf("the box says %q, want %q", got, want)
	}
}

// says says that the box has complained of something, in the status or to support.
func (w *world) says(want ...update.Code) {
	w.t.Helper()
	if !slices.ContainsFunc(want, func(c update.Code) bool { return slices.Contains(w.said(), c) }) {
		w.t.Errorf("the box has said %q, want one of %q", w.said(), want)
	}
}

// onlyAsked says that nothing was asked of a server but metadata and what lies under the prefixes.
func (w *world) onlyAsked(s *server, prefixes ...string) {
	w.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(s.names())) {
		if !strings.HasPrefix(name, "metadata/") && !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			w.t.Errorf("the box has asked for %s", name)
		}
	}
}

// info is what stands above of a file of metadata.
func info(version int64, b []byte) object {
	return object{"version": version, "length": len(b), "hashes": object{"sha256": fmt.Sprintf("%x", sha256.Sum256(b))}}
}

// rotate has the maker replace the first key of roles.
func (w *world) rotate(roles ...release.Role) {
	w.t.Helper()
	var what release.Rotation
	for _, r := range roles {
		old := w.key(r, 0)
		what.Remove, what.Add = append(what.Remove, old.Name()), append(what.Add, own(r))
		w.keys = append(slices.DeleteFunc(slices.Clone(w.keys), func(k release.Key) bool { return k.ID() == old.ID() }), own(r))
	}
	w.must(w.maker().Rotate(what, w.keys, w.now()))
}

// supersede ends what the holders of the keys have done: they sign a next state in which all is as it was.
func (w *world) supersede(th *thief) {
	w.t.Helper()
	_, _, honest := w.thief().newest()
	th.targets(func(signed, _ object) { signed["targets"] = honest.Signed["targets"] })
	w.takeOver(th)
}

// sorted goes through a map by its keys.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// orderEvil has the box take an order, signed by the fleet's true key, for what a thief offers as 1.2.0.
func (w *world) orderEvil() {
	w.t.Helper()
	if code := w.send(envelope(w.wishFor("1.2.0", evil(), nil), w.key("fleet", 0))); code != "" {
		w.t.Fatalf("an order by the fleet's key: %s", code)
	}
}

// wishFor writes an order of what to run, in the published form.
func (w *world) wishFor(v string, image []byte, edit func(o object)) object {
	now := w.next()
	o := object{
		"v": 1, "id": fmt.Sprintf("01J0000000000000000000%04d", w.orders), "to": "box:" + boxName, "op": "desired", "role": "fleet",
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(7 * day).Unix(), "seq": now.UnixMilli(),
		"args": object{"target": v + "/" + board + "/full", "version": v, "sha256": fmt.Sprintf("%x", sha256.Sum256(image)), "bytes": len(image)},
	}
	if edit != nil {
		edit(o)
	}
	return o
}

// envelope signs an order with keys, in the published form (DSSE).
func envelope(o object, keys ...release.Key) []byte {
	const kind = "application/vnd.syncbox.order+json"
	payload, err := json.Marshal(o)
	must(err)
	return seal(kind, kind, payload, payload, keys...)
}

// seal says that what was signed is of a kind, and shows it as of another kind, and shows another content.
func seal(signedKind, shownKind string, signed, shown []byte, keys ...release.Key) []byte {
	signatures := []object{}
	for _, k := range keys {
		sig, err := k.Signer.Sign(nil, fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(signedKind), signedKind, len(signed), signed), crypto.Hash(0))
		must(err)
		signatures = append(signatures, object{"keyid": k.ID(), "sig": base64.StdEncoding.EncodeToString(sig)})
	}
	b, err := json.Marshal(object{"payloadType": shownKind, "payload": base64.StdEncoding.EncodeToString(shown), "signatures": signatures})
	must(err)
	return b
}

// replace puts the content of one target's file in the place of another's.
func (th *thief) replace(name, from string) {
	b, err := os.ReadFile(th.file(from))
	th.w.must(err)
	th.w.must(os.WriteFile(th.file(name), b, 0o600))
}

func sumText(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// takeOver makes what holders of the keys have signed the maker's own.
func (w *world) takeOver(th *thief) {
	w.t.Helper()
	w.must(os.RemoveAll(w.repoDir()))
	w.must(os.CopyFS(w.repoDir(), os.DirFS(th.dir)))
	var err error
	w.repo, err = release.Open(w.repoDir())
	w.must(err)
	w.changed = true
}
