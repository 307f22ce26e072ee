package trust_test

import (
	"strings"
	"testing"

	"syncbox/ota/bundle"
	"syncbox/ota/trust"
)

func TestNewest(t *testing.T) {
	r := first(t)
	for _, v := range []string{"1.9.0", "1.10.0", "1.2.0"} {
		r.release(v)
	}
	got := r.fresh().good(r.server())
	if p, ok := got.Newest("arm64"); !ok || p.File.Name != "1.10.0/arm64/full" {
		t.Errorf("got %q, %v", p.File.Name, ok)
	}
	if p, ok := got.Newest("armv7"); ok {
		t.Errorf("of another board: got %q", p.File.Name)
	}
}

func TestUnusableTargets(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	good, err := r.targets.Signed.Targets["1.4.0/arm64/full"].Custom.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	custom := func(old, new string) any {
		if !strings.Contains(string(good), old) {
			t.Fatalf("%s is not in %s", old, good)
		}
		return rawJSON(strings.Replace(string(good), old, new, 1))
	}
	for name, c := range map[string]any{
		"text":                    "text",
		"number":                  7,
		"nothing":                 rawJSON("{}"),
		"1.4.1/arm64/full":        custom("", ""), // a manifest of another version
		"1.4.0/armv7/full":        custom("", ""), // of another board
		"1.4.0/arm64/1.3.0":       custom("", ""), // of another format
		"1.4.0/arm64/x/full":      custom("", ""),
		"1.4.2/arm64/full":        custom(`"version":"1.4.0"`, `"version":"1.4.2x"`),
		"1.4.3/arm64/full":        rawJSON(strings.NewReplacer("1.4.0/arm64/full.windows", "gone", `"version":"1.4.0"`, `"version":"1.4.3"`).Replace(string(good))),
		"1.4.4/arm64/full":        rawJSON(strings.Replace(string(good), `"version":"1.4.0"`, `"version":"1.4.4"`, 1)), // without SHA-256
		"1.4.5/arm64/full":        rawJSON(strings.NewReplacer("1.4.0/arm64/full.windows", "huge", `"version":"1.4.0"`, `"version":"1.4.5"`).Replace(string(good))),
		"1.4.6/arm64/full":        rawJSON(strings.Replace(string(good), `"version":"1.4.0"`, `"version":"1.4.6"`, 1)), // empty
		"../../1.4.0/arm64/full":  custom("", ""),
		"/1.4.0/arm64/full":       custom("", ""),
		"1.4.0/arm64/full/":       custom("", ""),
		"1.4.0/arm64/./full":      custom("", ""),
		"1.4.0/arm64/full\x00bad": custom("", ""),
	} {
		r.target(name, "some bytes", c)
	}
	r.target("huge", "some bytes", nil)
	r.targets.Signed.Targets["huge"].Length = trust.MaxList + 1
	r.targets.Signed.Targets["1.4.6/arm64/full"].Length = 0
	h := r.targets.Signed.Targets["1.4.4/arm64/full"].Hashes
	h["sha512"] = h["sha256"]
	delete(h, "sha256")
	r.targets.Signed.Version++
	r.putTargets()
	r.online()
	got := r.fresh().good(r.server())
	if got.Ignored != 17 {
		t.Errorf("ignored %d, want 17", got.Ignored)
	}
	if _, ok := got.Full(bundle.Version{Major: 1, Minor: 4}, "arm64"); !ok {
		t.Error("the good one is gone")
	}
	for patch := 1; patch < 7; patch++ {
		if p, ok := got.Full(bundle.Version{Major: 1, Minor: 4, Patch: patch}, "arm64"); ok {
			t.Errorf("got %+v", p)
		}
	}
}
