package local_test

import (
	"os"
	"testing"

	"syncbox/connectors/acomba"
)

// What a company is known again by is asked of its running job.
//
// Requirement: ACO-71
func TestIdentity(t *testing.T) {
	b := running(t)
	id, err := b.client.Identity(b.ctx(), "north")
	must(t, err)
	cfg := acomba.Defaults()
	cfg.Folder = "EXEMPLE"
	agree, err := id.Agree(b.ctx(), cfg, os.DirFS(b.dir))
	must(t, err)
	if agree < 5 || agree != len(id.Signs) {
		t.Errorf("%d of %d signs agree", agree, len(id.Signs))
	}
	if _, err := b.client.Identity(b.ctx(), "nobody"); err == nil {
		t.Error("a job that is not there has an identity")
	}
}
