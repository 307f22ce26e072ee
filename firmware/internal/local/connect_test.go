package local_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
)

// A job is connected over the socket, step by step; an error keeps its code, and none shows what was pasted.
//
// Requirement: QBO-4
func TestConnect(t *testing.T) {
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/begin") {
			_, _ = w.Write([]byte(`{"state":"abc","authorize":"https://appcenter.example/connect","expires_in":600}`))
			return
		}
		_, _ = w.Write([]byte(`{"realm":"9130","access_token":"a","refresh_token":"r","token_type":"bearer","expires_in":3600,"x_refresh_token_expires_in":8726400}`))
	}))
	defer relay.Close()
	dir := t.TempDir()
	conf := config.Config{Box: config.Box{Name: "syncbox-7Q2K", Data: dir, Zone: time.UTC}, Jobs: []config.Job{
		{Name: "qb", Pair: string(config.QuickBooksCentrixOne), QuickBooks: quickbooks.Config{RelayURL: relay.URL, BoxName: "syncbox-7Q2K"}}}}
	a, err := app.New(conf, quiet())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	signIns := &app.SignIns{Draft: func() (config.Config, error) { return conf, nil }, Log: quiet()}
	background(t, "local server", (&local.Server{Path: path, App: a, Log: quiet(), SignIns: signIns}).Run)
	c := local.NewClient(path)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for { // until the socket is there
		if _, err := c.Status(ctx); err == nil || ctx.Err() != nil {
			break
		}
	}
	if link, err := c.Begin(ctx, "qb"); err != nil || link != "https://appcenter.example/connect" {
		t.Fatalf("begin: %q, %v", link, err)
	}
	err = c.Finish(ctx, "qb", "https://relay.example/?code=SECRET")
	if connectors.CodeOf(err) != quickbooks.CodePasteUnreadable || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("half an address: %v", err)
	}
	if done, err := c.Collect(ctx, "qb"); !done || err != nil {
		t.Errorf("collect: %v, %v", done, err)
	}
	if is, err := c.Connection(ctx, "qb"); err != nil || is.State != quickbooks.Connected || is.Realm != "9130" {
		t.Errorf("the connection: %+v, %v", is, err)
	}
	if err := c.Disconnect(ctx, "qb"); err != nil {
		t.Errorf("disconnect: %v", err)
	}
	if _, err := c.Begin(ctx, "north"); err == nil {
		t.Error("a job that there is not was connected")
	}
}
