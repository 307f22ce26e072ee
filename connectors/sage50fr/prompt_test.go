package sage50fr_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syncbox/connectors/connectortest"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sage50fr/sage50test"
)

// Between two looks, a new export of documents and what became of an import file are told, once each; other exports, and files of ours,
// are not, and nothing is read of any.
//
// Requirement: S50-15
func TestPrompt(t *testing.T) {
	s := newSite(t, sage50test.Options{})
	s.exportAll()
	s.check(s.look())
	told := func(what string, want bool) {
		t.Helper()
		for _, want := range []bool{want, false} {
			if got, err := s.dossier.Prompt(t.Context()); err != nil || got != want {
				t.Errorf("%s: got %v, %v, want %v", what, got, err, want)
			}
		}
	}
	put := func(name string) {
		t.Helper()
		s.check(os.WriteFile(filepath.Join(s.root, demo, name), []byte("x"), 0o600))
	}
	told("nothing new", false)
	put("in/devis-7.TXT")
	told("a file of ours", false)
	put("in/devis-7.ERR")
	told("a refusal", true)
	s.check(os.Rename(filepath.Join(s.root, demo, "in/devis-7.TXT"), filepath.Join(s.root, demo, "in/devis-7.BAK")))
	told("an import", true)
	must(s.Export(demo, sage50test.Export{Kind: sage50test.Clients}))(t)
	told("an export of clients", false)
	s.bill(sage50test.Quote, false)
	s.check(s.Advance(time.Minute))
	must(s.Export(demo, sage50test.Export{Kind: sage50test.Documents}))(t)
	told("an export of documents", true)
	s.bill(sage50test.Quote, false)
	s.check(s.Advance(time.Minute))
	must(s.Export(demo, sage50test.Export{Kind: sage50test.Documents}))(t)
	s.notes = connectortest.NewNotes()
	s.check(s.look())
	told("what a look has seen", false)
	s.check(os.Rename(filepath.Join(s.root, demo), filepath.Join(s.root, "away")))
	if got, err := s.dossier.Prompt(t.Context()); err == nil || got {
		t.Errorf("without the folder: %v, %v", got, err)
	}
	s.check(os.Rename(filepath.Join(s.root, "away"), filepath.Join(s.root, demo)))
	one := must(sage50fr.New(s.conf, s.files, nil, nil))(t)
	if every, alone := s.dossier.PromptEvery(), one.PromptEvery(); every != 5*time.Second || alone != 0 {
		t.Errorf("asked every %v; where nothing is written every %v", every, alone)
	}
}

// Pictures that a look leaves unread, since each reads 500, do not wait for the job's next turn: each look that leaves some is told once.
//
// Requirement: S50-15, S50-23
func TestPromptWhilePicturesAreLeft(t *testing.T) {
	s := newSite(t, sage50test.Options{})
	for i := range 1100 {
		name := filepath.Join(s.Out(demo), "images", fmt.Sprintf("P%04d.jpg", i))
		s.check(os.WriteFile(name, fmt.Appendf(nil, "picture %d", i), 0o600))
	}
	for look, want := range []bool{true, true, false} {
		s.check(s.look())
		for question, want := range []bool{want, false} {
			if got, err := s.dossier.Prompt(t.Context()); err != nil || got != want {
				t.Errorf("look %d, question %d: got %v, %v, want %v", look, question, got, err, want)
			}
		}
	}
	sum := sha256.Sum256([]byte("picture 1099"))
	if got, err := s.dossier.Picture(t.Context(), hex.EncodeToString(sum[:])); err != nil || string(got) != "picture 1099" {
		t.Errorf("the last one: %q, %v", got, err)
	}
}
