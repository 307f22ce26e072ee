package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"syncbox/image/disk"
	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/order"
	"syncbox/ota/release"
)

// The two releases of the install, and the box that takes up the second one.
const (
	board   = "arm64"
	boxName = "otabench"
)

var oldVersion, newVersion = bundle.Version{Major: 1, Minor: 4}, bundle.Version{Major: 1, Minor: 4, Patch: 1}

// installs has a box take up a release as it does in the field: signed lists by HTTPS from a server, payload, an empty slot
// on a card, read again; once whole and once by what differs. The box is a process of its own. tell hears the figures, in bytes.
func installs(ctx context.Context, dir string, p pair, tell func(name string, n int64)) error {
	work := filepath.Join(dir, "install")
	if err := errors.Join(os.RemoveAll(work), os.MkdirAll(work, 0o755)); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := publish(ctx, work, p); err != nil {
		return err
	}
	var given atomic.Int64
	files := http.FileServer(http.Dir(filepath.Join(work, "repo")))
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		files.ServeHTTP(&counted{w, &given}, r)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(work, "ca.pem"), ca, 0o644); err != nil {
		return err
	}
	for _, of := range []struct{ name, running string }{{"full", ""}, {"delta", p.old}} {
		for _, what := range []string{"held", "rss"} { // asking what is held changes what the process has
			given.Store(0)
			n, err := installed(ctx, work, of.running, server.URL, what)
			if err != nil {
				return fmt.Errorf("install %s: %w", of.name, err)
			}
			tell("ota_install_"+of.name+"_"+what+"_bytes", n)
		}
		tell("ota_install_"+of.name+"_wire_bytes", given.Load())
	}
	return nil
}

// publish makes a repository with both releases, and the order for the second one.
func publish(ctx context.Context, work string, p pair) error {
	keys, err := release.NewKeys(rand.Reader)
	if err != nil {
		return err
	}
	repo, err := release.Init(filepath.Join(work, "repo"), keys, time.Now())
	if err != nil {
		return err
	}
	for _, r := range []struct {
		version bundle.Version
		image   string
	}{{oldVersion, p.old}, {newVersion, p.new}} {
		b, err := os.ReadFile(r.image)
		if err != nil {
			return err
		}
		_, err = repo.Publish(ctx, release.Release{Version: r.version, Board: board, Image: r.image, SHA256: sha256.Sum256(b),
			Sums: map[string]string{"vmlinuz": "1", "initrd": "2"}, Trial: bundle.Trial{Settle: 60, Network: 1800}}, keys, time.Now())
		if err != nil {
			return err
		}
	}
	wish, err := repo.Wish(release.Wish{To: "box:" + boxName, Version: newVersion, Board: board, Now: true, Valid: order.MaxLife}, keys, time.Now(), rand.Reader)
	if err != nil {
		return err
	}
	root, err := os.ReadFile(repo.RootFile())
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(work, "wish.json"), wish, 0o644), os.WriteFile(filepath.Join(work, "root.json"), root, 0o644))
}

// installed gives what the box measures; running is the image in the slot that it runs from, empty for one that no delta is from.
func installed(ctx context.Context, work, running, url, what string) (n int64, err error) {
	state := bootstate.First()
	state.A, state.B = bootstate.Sums{Kernel: "1", Initrd: "2"}, bootstate.Sums{Kernel: "1", Initrd: "2"}
	card := filepath.Join(work, "card.img")
	if err := disk.Write(card, disk.Parts{DataSize: disk.Sector, State: state}); err != nil {
		return 0, err
	}
	if running != "" {
		if err := copyTo(card, running, disk.SlotAOffset); err != nil {
			return 0, err
		}
	}
	if err := os.RemoveAll(filepath.Join(work, "update.db")); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, peerTime)
	defer cancel()
	err = itself(ctx, []string{"-install", work, url, what}, &n)
	return n, err
}

// copyTo copies a file to a place in another one.
func copyTo(to, from string, at int64) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, at)
	return errors.Join(err, f.Close())
}

// counted counts what a server gives.
type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.n.Add(int64(n))
	return n, err
}
