package trust_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"syncbox/ota/fetch"
	"syncbox/ota/trust"
)

func TestFailingSource(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	for name := range r.files {
		if name == "metadata/1.root.json" || strings.HasPrefix(name, "metadata/1.") {
			continue
		}
		f := r.server()
		delete(f, name)
		b := r.fresh()
		b.refused(f, trust.Unreachable)
		b.good(r.server())
		// A server that is away for one file stops the walk too: for new roots it must not look like the end.
		b.refused(failing{r.server(), "metadata/2.root.json"}, trust.Code(fetch.Slow))
		b.good(r.server())
	}
}

func TestCancelled(t *testing.T) {
	r := first(t)
	b := r.fresh()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := b.anchor.Refresh(ctx, r.server(), b.state, b.floors, b.clock)
	if !errors.Is(err, context.Canceled) || trust.CodeOf(err) != "" {
		t.Errorf("got %v of code %q", err, trust.CodeOf(err))
	}
}

func TestRefreshAny(t *testing.T) {
	r := first(t)
	r.release("1.4.0")
	old := r.server()
	r.release("1.5.0")
	garbage := files{"metadata/timestamp.json": []byte("hello")}
	sources := func(f ...files) (all []fetch.Source) {
		for _, f := range f {
			all = append(all, f)
		}
		return all
	}
	tests := []struct {
		name    string
		first   files // what was seen before
		sources []fetch.Source
		version int64
		code    trust.Code
	}{
		{"one after garbage", nil, sources(garbage, r.server()), 3, ""},
		{"the first that has something", nil, sources(old, r.server()), 2, ""},
		{"the first that has something new", old, sources(old, files{}, r.server()), 3, ""},
		{"nothing new anywhere", old, sources(old, garbage, old), 2, ""},
		{"one that is behind", r.server(), sources(old, r.server()), 3, ""},
		{"none", nil, nil, 0, trust.Unreachable},
		{"none that is good", nil, sources(garbage, files{}), 0, trust.BadMetadata},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := first(t).fresh()
			if tt.first != nil {
				b.good(tt.first)
			}
			s, got, err := b.anchor.RefreshAny(t.Context(), tt.sources, b.state, b.floors, b.clock)
			if trust.CodeOf(err) != tt.code {
				t.Fatalf("got error %v, want code %q", err, tt.code)
			}
			if s.Versions.Targets != tt.version {
				t.Errorf("got version %d, want %d", s.Versions.Targets, tt.version)
			}
			if err == nil && got.Versions.Targets != tt.version {
				t.Errorf("got version %d, want %d", got.Versions.Targets, tt.version)
			}
		})
	}
}
