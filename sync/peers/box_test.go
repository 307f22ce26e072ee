package peers_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"syncbox/connectors/record"
	"syncbox/sync/peers"
	"syncbox/sync/peers/sink"
)

func TestPass(t *testing.T) {
	f, s := many(t, 300), sink.New()
	server := httptest.NewServer(s)
	defer server.Close()
	b, err := peers.Open(peers.Config{File: f.path, ID: "id", Sink: server.URL, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer b.Close()
	pass := func(batch, want int) {
		t.Helper()
		p, err := b.Pass(t.Context(), batch)
		must(t, err)
		if p.Sent != want || p.Detect <= 0 || p.CPU < p.Detect || p.Wall <= 0 {
			t.Errorf("got %+v, want %d sent", p, want)
		}
	}
	pass(100, 300)
	if got := s.Stat(); got.Requests != 3 || got.Records != 300 || got.Repeated != 0 {
		t.Errorf("first pass: got %+v", got)
	}
	pass(1, 0)
	f.list[7], f.list[8] = line("C00007", "418-555-0142"), line("C00008", "1")
	f.write(t)
	s.Begin()
	pass(1, 2)
	if got := s.Got(); got["C00007"].Phone != "418-555-0142" || got["C00008"].Phone != "1" || len(got) != 2 {
		t.Errorf("second pass: got %v", got)
	}
	server.Close()
	f.list[9] = line("C00009", "1")
	f.write(t)
	if p, err := b.Pass(t.Context(), 1); err == nil {
		t.Errorf("nobody there: got %+v", p)
	}
	if e := peers.Profile([]string{"id"}).Entity(record.Account); e == nil || len(e.Fields) != 1 {
		t.Errorf("profile: got %+v", e)
	}
}
