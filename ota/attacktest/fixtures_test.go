package attacktest_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/secure-systems-lab/go-securesystemslib/cjson"

	"syncbox/ota/release"
)

// fixturesDir holds broken pieces of bundles; its README says what and why.
const fixturesDir = "../../testdata/ota"

var rewrite = flag.Bool("update", false, "write testdata/ota anew")

// fixtures makes all of them, by name, from nothing but the seeds here.
func fixtures() map[string][]byte {
	all := map[string][]byte{}
	for dir, made := range map[string]map[string][]byte{
		"list": lists(), "full": fullFrames(), "delta": deltaFrames(), "metadata": hostileMetadata(), "order": hostileOrders(),
	} {
		for name, b := range made {
			all[dir+"/"+name] = b
		}
	}
	return all
}

// TestFixtures: what lies in testdata/ota is what is made here.
func TestFixtures(t *testing.T) {
	want := fixtures()
	if *rewrite {
		for name, b := range want {
			path := filepath.Join(fixturesDir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	found := 0
	for _, dir := range []string{"list", "full", "delta", "metadata", "order"} {
		found += len(fixture(t, dir))
	}
	for name, b := range want {
		got, err := os.ReadFile(filepath.Join(fixturesDir, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s: %v, or not what is made; -update writes it", name, err)
		}
	}
	if found != len(want) {
		t.Errorf("%d files, %d are made", found, len(want))
	}
}

// fixture reads a folder of fixtures.
func fixture(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(fixturesDir, dir, "*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no fixtures in %s: %v", dir, err)
	}
	all := map[string][]byte{}
	for _, path := range found {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = b
	}
	return all
}

func random(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// lists are window lists for an image of three windows. The form is in the comment of bundle.List.
func lists() map[string][]byte {
	windows := func(counts ...byte) (b []byte) {
		b = []byte("SBW1")
		for _, c := range counts {
			b = append(append(b, c), random(c, 32)...)
		}
		return b
	}
	frame := func(b []byte, windows byte, length uint32) []byte {
		return append(binary.LittleEndian.AppendUint32(append(b, windows), length), random(1, 32)...)
	}
	good := frame(windows(0, 1), 3, 1000)
	return map[string][]byte{
		"empty":               {},
		"other-magic":         append([]byte("SBW2"), good[4:]...),
		"cut-in-windows":      good[:40],
		"cut-in-frames":       good[:len(good)-1],
		"no-frames":           windows(0, 1),
		"more-behind":         append(bytes.Clone(good), 0),
		"run-too-long":        frame(windows(0, 255), 3, 1000),
		"frame-of-no-windows": frame(frame(windows(0, 1), 0, 1000), 3, 1000),
		"frame-of-4-windows":  frame(windows(0, 1), 4, 1000),
		"frame-of-255":        frame(windows(0, 1), 255, 1000),
		"frame-of-no-bytes":   frame(windows(0, 1), 3, 0),
		"frame-of-4-gib":      frame(windows(0, 1), 3, math.MaxUint32),
		"frame-of-6-mib":      frame(windows(0, 1), 3, 6<<20),
		"noise":               random(9, 500),
	}
}

// fullFrames are zstd frames (RFC 8878) that do not make two windows of a MiB.
func fullFrames() map[string][]byte {
	magic := []byte{0x28, 0xb5, 0x2f, 0xfd}
	// A block that repeats a byte takes 4 bytes and makes 128 KiB at most.
	rle := func(n int, last bool) []byte {
		h := uint32(n)<<3 | 1<<1
		if last {
			h |= 1
		}
		return []byte{byte(h), byte(h >> 8), byte(h >> 16), 'A'}
	}
	blocks := func(count int) (b []byte) {
		for i := range count {
			b = append(b, rle(128<<10, i == count-1)...)
		}
		return b
	}
	raw := func(n int, last byte) []byte {
		h := uint32(n)<<3 | uint32(last)
		return append([]byte{byte(h), byte(h >> 8), byte(h >> 16)}, random(3, n)...)
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	window := func(exponent byte) []byte { return []byte{0x00, exponent << 3} } // no content size; 2^(10+exponent) bytes
	return map[string][]byte{
		"bomb-1-gib":             join(magic, window(10), blocks(8192)),
		"bomb-3-windows":         join(magic, window(10), blocks(24)),
		"one-byte-too-many":      join(magic, window(11), blocks(16)[:60], rle(128<<10, false), rle(1, true)),
		"one-byte-too-few":       join(magic, window(11), blocks(16)[:60], rle(128<<10-1, true)),
		"window-of-2-tib":        join(magic, window(31), blocks(16)),
		"window-of-128-mib":      join(magic, window(17), blocks(16)),
		"size-of-8-eib":          join(magic, []byte{0xe0}, bytes.Repeat([]byte{0xff}, 8), blocks(16)),
		"single-segment-2-gib":   join(magic, []byte{0xa0}, binary.LittleEndian.AppendUint32(nil, 1<<31), blocks(16)),
		"wants-a-dictionary":     join(magic, []byte{0x03, 0x50}, []byte{1, 2, 3, 4}, blocks(16)),
		"wrong-checksum":         join(magic, []byte{0x04, 0x50}, blocks(16), []byte{1, 2, 3, 4}),
		"never-ends":             join(magic, window(10), blocks(16)[:60]),
		"block-longer-than-file": join(magic, window(10), raw(1000, 1)[:500]),
		"reserved-block":         join(magic, window(10), []byte{0x07, 0, 0}),
		"noise-in-a-block":       join(magic, window(10), []byte{0x05 | 0xe8, 3, 0}, random(4, 200)),
		"skipped-4-gib":          join([]byte{0x50, 0x2a, 0x4d, 0x18, 0xff, 0xff, 0xff, 0xff}, random(5, 100)),
		"noise":                  random(6, 4000),
		"nothing":                {0},
	}
}

// deltaFrames are no frames that an encoder makes: all bits set, none, noise. Broken true ones are made by the tests.
func deltaFrames() map[string][]byte {
	all := map[string][]byte{
		"ones": bytes.Repeat([]byte{0xff}, 3000), "zeros": make([]byte, 3000), "one-byte": {1},
		"counting": nil, "varints-without-end": bytes.Repeat([]byte{0x80}, 3000), "largest-varints": nil,
	}
	for i := range 3000 {
		all["counting"] = append(all["counting"], byte(i))
	}
	for range 300 {
		all["largest-varints"] = binary.AppendUvarint(all["largest-varints"], math.MaxUint64)
	}
	for i := range 8 {
		all[fmt.Sprintf("noise-%d", i)] = random(byte(20+i), 1<<(3+i))
	}
	return all
}

// hostileMetadata are files that are signed by all keys of the maker, and can't be used; and some that nobody can sign.
func hostileMetadata() map[string][]byte {
	sign := func(signed any, signatures ...any) []byte {
		message, err := cjson.EncodeCanonical(signed)
		must(err)
		for _, k := range makersKeys() {
			s, err := k.Signer.Sign(nil, message, crypto.Hash(0))
			must(err)
			signatures = append(signatures, object{"keyid": k.ID(), "sig": hex.EncodeToString(s)})
		}
		b, err := json.Marshal(object{"signed": signed, "signatures": signatures})
		must(err)
		return b
	}
	const expires = "2030-01-01T00:00:00Z"
	info := func(version any, length any) object {
		return object{"version": version, "length": length, "hashes": object{"sha256": strings.Repeat("ab", 32)}}
	}
	file := func(kind string, more object) object {
		o := object{"_type": kind, "spec_version": "1.0.31", "version": 9, "expires": expires}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	root := func(edit func(keys, roles object)) object {
		keys, roles := object{}, object{}
		for _, k := range makersKeys() {
			keys[k.ID()] = object{"keytype": "ed25519", "scheme": "ed25519", "keyval": object{"public": hex.EncodeToString(k.Public)}}
			r, _ := roles[string(k.Role)].(object)
			if r == nil {
				r = object{"keyids": []string{}, "threshold": release.Threshold(k.Role)}
				roles[string(k.Role)] = r
			}
			r["keyids"] = append(r["keyids"].([]string), k.ID())
		}
		edit(keys, roles)
		return file("root", object{"version": 2, "consistent_snapshot": true, "keys": keys, "roles": roles})
	}
	first := makersKeys()[0].ID()
	return map[string][]byte{
		"null":                     []byte("null"),
		"empty-object":             []byte("{}"),
		"deep.json":                []byte(strings.Repeat("[", 8000)),
		"deep-objects.json":        []byte(strings.Repeat(`{"a":`, 3000)),
		"signed-null.json":         []byte(`{"signed":null,"signatures":null}`),
		"two-signed.json":          []byte(`{"signed":{"_type":"root"},"signed":{"_type":"timestamp"},"signatures":[]}`),
		"huge-number.json":         []byte(`{"signed":{"_type":"timestamp","spec_version":"1.0","version":1e400,"expires":"` + expires + `","meta":{}},"signatures":[]}`),
		"noise":                    random(40, 3000),
		"root-short-key.json":      sign(root(func(keys, _ object) { dig(keys, first, "keyval")["public"] = "abcdef" })),
		"root-no-key.json":         sign(root(func(keys, _ object) { keys[first] = nil })),
		"root-unknown-key.json":    sign(root(func(keys, _ object) { dig(keys, first)["keytype"] = "sundial" })),
		"root-rsa-key.json":        sign(root(func(keys, _ object) { dig(keys, first)["keytype"] = "rsa" })),
		"root-no-root-role.json":   sign(root(func(_, roles object) { delete(roles, "root") })),
		"root-no-timestamp.json":   sign(root(func(_, roles object) { delete(roles, "timestamp") })),
		"root-null-role.json":      sign(root(func(_, roles object) { roles["fleet"] = nil })),
		"root-threshold-0.json":    sign(root(func(_, roles object) { dig(roles, "targets")["threshold"] = 0 })),
		"root-threshold-less.json": sign(root(func(_, roles object) { dig(roles, "fleet")["threshold"] = -1 })),
		"timestamp-no-meta.json":   sign(file("timestamp", object{"meta": object{}})),
		"timestamp-null-meta.json": sign(file("timestamp", object{"meta": object{"snapshot.json": nil}})),
		"timestamp-endless.json":   sign(file("timestamp", object{"meta": object{"snapshot.json": info(9, int64(math.MaxInt64))}})),
		"timestamp-negative.json":  sign(file("timestamp", object{"meta": object{"snapshot.json": info(-1, -1)}})),
		"timestamp-version-0.json": sign(file("timestamp", object{"version": 0, "meta": object{"snapshot.json": info(1, 100)}})),
		"timestamp-less.json":      sign(file("timestamp", object{"version": int64(math.MinInt64), "meta": object{"snapshot.json": info(1, 100)}})),
		"timestamp-ended.json":     sign(file("timestamp", object{"expires": "0001-01-01T00:00:00Z", "meta": object{"snapshot.json": info(1, 100)}})),
		"timestamp-9999.json":      sign(file("timestamp", object{"expires": "9999-12-31T23:59:59Z", "meta": object{"snapshot.json": info(1, 100)}})),
		"timestamp-sigs.json":      sign(file("timestamp", object{"meta": object{"snapshot.json": info(1, 100)}}), nil, "x", object{"keyid": 1}),
		"snapshot-no-targets.json": sign(file("snapshot", object{"meta": object{}})),
		"snapshot-null.json":       sign(file("snapshot", object{"meta": nil})),
		"targets-null.json":        sign(file("targets", object{"targets": nil})),
		"targets-null-target.json": sign(file("targets", object{"targets": object{"1.2.0/arm64/full": nil}})),
		"targets-up.json": sign(file("targets", object{"targets": object{"../../../init": object{
			"length": 1, "hashes": object{"sha256": strings.Repeat("ab", 32)}}}})),
		"targets-no-hash.json": sign(file("targets", object{"targets": object{"1.2.0/arm64/full": object{
			"length": 1, "hashes": object{}, "custom": object{"format": "full"}}}})),
		"targets-delegates.json": sign(file("targets", object{"targets": object{}, "delegations": object{"keys": object{}, "roles": []object{{
			"name": "../evil", "keyids": []string{first}, "threshold": 1, "terminating": true, "paths": []string{"*"}}}}})),
	}
}

// hostileOrders are envelopes that can't be used, some of them signed by all keys of the maker.
func hostileOrders() map[string][]byte {
	o := func(more object) object {
		all := object{"v": 1, "id": "01J00000000000000000009999", "to": "box:" + boxName, "op": "desired", "role": "fleet",
			"iat": epoch.Unix(), "nbf": epoch.Unix(), "exp": epoch.Add(day).Unix(), "seq": epoch.UnixMilli() + 500,
			"args": object{"target": "1.1.0/arm64/full", "version": "1.1.0", "sha256": strings.Repeat("ab", 32), "bytes": imageSize}}
		for k, v := range more {
			if v == nil {
				delete(all, k)
				continue
			}
			all[k] = v
		}
		return all
	}
	args := func(key string, value any) object {
		a := o(nil)
		dig(a, "args")[key] = value
		return a
	}
	fleet := []release.Key{}
	for _, k := range makersKeys() {
		if k.Role == release.Fleet {
			fleet = append(fleet, k)
		}
	}
	sum := sha256.Sum256(nil)
	return map[string][]byte{
		"empty":               {},
		"null":                []byte("null"),
		"deep":                []byte(strings.Repeat("[", 4000)),
		"no-signatures":       []byte(`{"payloadType":"application/vnd.syncbox.order+json","payload":"e30="}`),
		"bad-base64":          []byte(`{"payloadType":"application/vnd.syncbox.order+json","payload":"?","signatures":[{"keyid":"x","sig":"?"}]}`),
		"noise":               random(50, 2000),
		"signed-null":         envelopeOf([]byte("null"), fleet...),
		"signed-list":         envelopeOf([]byte("[]"), fleet...),
		"signed-nothing":      envelopeOf(nil, fleet...),
		"signed-noise":        envelopeOf(random(51, 500), fleet...),
		"version-2":           envelope(o(object{"v": 2}), fleet...),
		"no-id":               envelope(o(object{"id": nil}), fleet...),
		"id-with-slash":       envelope(o(object{"id": "../../../../../../etc/pwd0"}), fleet...),
		"no-args":             envelope(o(object{"args": nil}), fleet...),
		"args-list":           envelope(o(object{"args": []int{1}}), fleet...),
		"no-recipient":        envelope(o(object{"to": nil}), fleet...),
		"recipient-everybody": envelope(o(object{"to": "box:*"}), fleet...),
		"no-end":              envelope(o(object{"exp": nil}), fleet...),
		"end-overflows":       envelope(o(object{"exp": uint64(math.MaxUint64)}), fleet...),
		"ends-before-issue":   envelope(o(object{"iat": epoch.Add(2 * day).Unix()}), fleet...),
		"issued-in-minus":     envelope(o(object{"iat": int64(math.MinInt64), "nbf": int64(math.MinInt64)}), fleet...),
		"no-seq":              envelope(o(object{"seq": nil}), fleet...),
		"seq-negative":        envelope(o(object{"seq": -1}), fleet...),
		"target-up":           envelope(args("target", "../../1.1.0/arm64/full"), fleet...),
		"target-of-another":   envelope(args("target", "1.0.0/arm64/full"), fleet...),
		"target-of-nobody":    envelope(args("target", ""), fleet...),
		"hash-short":          envelope(args("sha256", "ab"), fleet...),
		"bytes-negative":      envelope(args("bytes", -5), fleet...),
		"bytes-float":         envelope(args("bytes", 1.5), fleet...),
		"bytes-overflow":      envelope(args("bytes", uint64(math.MaxUint64)), fleet...),
		"spread-negative":     envelope(args("spread_s", -1), fleet...),
		"spread-for-ever":     envelope(args("spread_s", int64(math.MaxInt64)), fleet...),
		"when-never":          envelope(args("when", "never"), fleet...),
		"version-of-words":    envelope(args("version", "newest"), fleet...),
		"nobody-has-it":       envelope(args("sha256", hex.EncodeToString(sum[:])), own("fleet")),
	}
}

func envelopeOf(payload []byte, keys ...release.Key) []byte {
	const kind = "application/vnd.syncbox.order+json"
	return seal(kind, kind, payload, payload, keys...)
}
