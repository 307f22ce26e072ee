package trust_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/bundle"
	"syncbox/ota/trust"
)

func sample() trust.State {
	return trust.State{
		Root: []byte("root"), Timestamp: []byte("timestamp"), Snapshot: []byte("snapshot"), Targets: []byte("targets"),
		Versions: trust.Versions{Root: 1, Timestamp: 2, Snapshot: 3, Targets: 4}, Since: trust.Versions{Timestamp: 5},
		Clock: now, Issued: now.Add(day), Wish: trust.Wish{ID: "x", Seq: 6, SHA256: bundle.Digest{7}},
	}
}

func marshal(t testing.TB, s trust.State) []byte {
	t.Helper()
	b, err := s.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestStateCodec(t *testing.T) {
	for _, want := range []trust.State{{}, sample()} {
		got, err := trust.Unmarshal(marshal(t, want))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("state (-want +got):\n%s", d)
		}
	}
}

// Cut anywhere, or with any byte changed, it is none.
func TestTornState(t *testing.T) {
	whole := marshal(t, sample())
	check := func(b []byte) {
		t.Helper()
		if s, err := trust.Unmarshal(b); !errors.Is(err, trust.ErrState) || !cmp.Equal(s, trust.State{}) {
			t.Fatalf("got %+v, %v", s, err)
		}
	}
	check(nil)
	for i := range whole {
		check(whole[:i])
		torn := bytes.Clone(whole)
		torn[i] ^= 1
		check(torn)
	}
	check(append(bytes.Clone(whole), 0))
}

func FuzzUnmarshal(f *testing.F) {
	f.Add(marshal(f, sample()))
	f.Add([]byte("syncbox-trust-1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := trust.Unmarshal(b); err == nil {
			if _, err := trust.Unmarshal(marshal(t, s)); err != nil {
				t.Error(err)
			}
		}
	})
}

// Whatever stands in the place of a file, on the server or in the State: no panic, no evil release, and the honest server is
// accepted afterwards.
func FuzzRefresh(f *testing.F) {
	r := first(f)
	r.release("1.4.0")
	known := r.fresh()
	known.good(r.server())
	r.next(func() {})
	r.release("1.5.0")
	names := []string{"metadata/2.root.json", "metadata/timestamp.json", "metadata/3.snapshot.json", "metadata/3.targets.json"}
	for place, name := range names {
		f.Add(uint8(place), r.files[name], false)
		f.Add(uint8(place), r.files[name], true)
	}
	f.Add(uint8(3), []byte(`{"signed":{"_type":"targets","targets":{"x":null}}}`), false)
	f.Fuzz(func(t *testing.T, place uint8, content []byte, stored bool) {
		b := *known
		b.t = t
		server := r.server()
		if i := int(place) % len(names); stored {
			*[]*[]byte{&b.state.Root, &b.state.Timestamp, &b.state.Snapshot, &b.state.Targets}[i] = content
		} else {
			server[names[i]] = content
		}
		got, err := b.refresh(server)
		unharmed(t, got)
		if stored && err != nil {
			t.Errorf("refused for what is stored: %v", err)
		}
		if err != nil && trust.CodeOf(err) == "" {
			t.Errorf("no code: %v", err)
		}
		b.good(r.server())
	})
}
