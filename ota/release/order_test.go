package release_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/bundle"
	"syncbox/ota/release"
)

// open reads an envelope by the published form of DSSE and gives the payload and the names of the keys that signed it.
func open(t *testing.T, envelope []byte, keys release.Keys) (payload map[string]any, by []string) {
	t.Helper()
	var e struct {
		PayloadType, Payload string
		Signatures           []struct{ KeyID, Sig string }
	}
	if err := json.Unmarshal(envelope, &e); err != nil {
		t.Fatal(err)
	}
	body, err := base64.StdEncoding.DecodeString(e.Payload)
	if err != nil {
		t.Fatal(err)
	}
	signed := fmt.Sprintf("DSSEv1 %d %s %d %s", len(e.PayloadType), e.PayloadType, len(body), body)
	for _, s := range e.Signatures {
		sig, err := base64.StdEncoding.DecodeString(s.Sig)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if ed25519.Verify(k.Public, []byte(signed), sig) && k.ID() == s.KeyID {
				by = append(by, k.Name())
			}
		}
	}
	if e.PayloadType != "application/vnd.syncbox.order+json" || len(by) != len(e.Signatures) {
		t.Errorf("type %q, %d signatures, right ones by %v", e.PayloadType, len(e.Signatures), by)
	}
	if err := json.Unmarshal(body, &payload); err != nil {
		t.Fatal(err)
	}
	return payload, by
}

func TestWish(t *testing.T) {
	keys := allKeys(t)
	r, dir := newRepo(t, keys)
	publish(t, r, keys, newRelease(t, "1.1.0"))
	image := targets(t, dir)["1.1.0/arm64/full"].To
	danger := keys.Of("danger")
	for name, tt := range map[string]struct {
		wish release.Wish
		op   string
		when string
		by   []string
	}{
		"a group":  {release.Wish{To: "grp:eu-1", Spread: time.Hour}, "desired", "", []string{keys.Of("fleet")[0].Name()}},
		"one box":  {release.Wish{To: "box:SB-0001", Now: true}, "desired", "now", []string{keys.Of("fleet")[0].Name()}},
		"an older": {release.Wish{To: "box:SB-0001", Downgrade: true}, "downgrade", "", []string{danger[0].Name(), danger[1].Name()}},
	} {
		t.Run(name, func(t *testing.T) {
			w := tt.wish
			w.Version, w.Board, w.Valid = parse(t, "1.1.0"), "arm64", 7*day
			b, err := r.Wish(w, keys, start, chance(1))
			if err != nil {
				t.Fatal(err)
			}
			got, by := open(t, b, keys)
			if d := cmp.Diff(tt.by, by); d != "" {
				t.Errorf("signed by (-want +got):\n%s", d)
			}
			if id, _ := got["id"].(string); len(id) != 26 {
				t.Errorf("id %q", id)
			}
			delete(got, "id")
			role := map[string]string{"desired": "fleet", "downgrade": "danger"}[tt.op]
			args := map[string]any{
				"target": "1.1.0/arm64/full", "version": "1.1.0", "sha256": image.SHA256.String(), "bytes": float64(image.Bytes),
			}
			if tt.when != "" {
				args["when"] = tt.when
			}
			if w.Spread > 0 {
				args["spread_s"] = w.Spread.Seconds()
			}
			want := map[string]any{
				"v": 1.0, "to": w.To, "op": tt.op, "role": role, "seq": float64(start.UnixMilli()),
				"iat": float64(start.Unix()), "nbf": float64(start.Unix()), "exp": float64(start.Unix() + 7*86400),
				"args": args,
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("payload (-want +got):\n%s", d)
			}
		})
	}
}

func TestWishRefuses(t *testing.T) {
	keys := allKeys(t)
	r, _ := newRepo(t, keys)
	publish(t, r, keys, newRelease(t, "1.1.0"))
	good := release.Wish{To: "box:1", Version: parse(t, "1.1.0"), Board: "arm64", Valid: day}
	edit := func(f func(*release.Wish)) release.Wish { w := good; f(&w); return w }
	for name, tt := range map[string]struct {
		wish release.Wish
		keys release.Keys
		want string
	}{
		"another version":   {edit(func(w *release.Wish) { w.Version = bundle.Version{Major: 1} }), keys, "no such release"},
		"another board":     {edit(func(w *release.Wish) { w.Board = "arm" }), keys, "no such release"},
		"to nobody":         {edit(func(w *release.Wish) { w.To = "" }), keys, `to ""`},
		"to a name alone":   {edit(func(w *release.Wish) { w.To = "1" }), keys, `to "1"`},
		"to all":            {edit(func(w *release.Wish) { w.To = "box:*" }), keys, `to "box:*"`},
		"for eight days":    {edit(func(w *release.Wish) { w.Valid = 8 * day }), keys, "lives"},
		"for no time":       {edit(func(w *release.Wish) { w.Valid = 0 }), keys, "valid for"},
		"spread of a month": {edit(func(w *release.Wish) { w.Spread = 30 * day }), keys, "spread"},
		"no fleet key":      {good, keys.Of("ops"), "0 of the 1"},
		"one danger key":    {edit(func(w *release.Wish) { w.Downgrade = true }), without(keys, keys.Of("danger")[0]), "1 of the 2"},
		"public halves":     {good, public(keys), "0 of the 1"},
	} {
		if b, err := r.Wish(tt.wish, tt.keys, start, chance(1)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %s, %v, want %q", name, b, err, tt.want)
		}
	}
	if _, err := r.Wish(good, public(keys), start, chance(1)); !errors.Is(err, release.ErrKeys) {
		t.Errorf("no private half: %v", err)
	}
}
