package sage50fr_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/share"
)

var _ sage50fr.Drops = (*share.Writer)(nil)

// The reader and the writer of the share take the place of the tests' own folder.
func TestOnTheShare(t *testing.T) {
	r := written(t)
	conf := share.Config{Kind: share.Directory, Path: r.root}
	files := must(share.New(conf, nil))(t)
	drops := must(share.NewWriter(conf, share.WriteDrops, nil))(t)
	t.Cleanup(func() { r.check(files.Close()); r.check(drops.Close()) })
	r.files, r.drops = files, drops
	r.boot()
	r.later()
	for range 2 {
		r.publish(quote("131", "CL1"))
		r.folderIs("devis-1.TXT")
	}
	r.becomes("devis-1.TXT", "devis-1.BAK")
	r.later()
	r.statesAre("taken SSM-131")
	r.publish(quote("131", "CL1"), quote("132", "CL1"))
	r.folderIs("devis-1.BAK", "devis-2.TXT")
	whole, stumps, err := drops.List(t.Context(), "DEMO/in")
	if want := []string{"LISEZ-MOI.txt", "devis-1.BAK", "devis-2.TXT"}; err != nil || len(stumps) > 0 || !slices.Equal(whole, want) {
		t.Errorf("got %v, stumps %v, %v", whole, stumps, err)
	}
}

// quick has somebody else put a file of a name into the folder, just before it is given to ours.
type quick struct {
	*share.Writer
	file string
}

func (q *quick) Promote(ctx context.Context, dir, name string) error {
	if filepath.Base(q.file) == name {
		if err := os.WriteFile(q.file, []byte("theirs"), 0o600); err != nil {
			return err
		}
		q.file = ""
	}
	return q.Writer.Promote(ctx, dir, name)
}

// A name that somebody took meanwhile is left alone; the same rows get another one, once.
func TestNameIsTaken(t *testing.T) {
	r := written(t)
	drops := must(share.NewWriter(share.Config{Kind: share.Directory, Path: r.root}, share.WriteDrops, nil))(t)
	t.Cleanup(func() { r.check(drops.Close()) })
	r.drops = &quick{drops, filepath.Join(r.root, "DEMO/in/devis-1.TXT")}
	r.boot()
	r.later()
	r.code(r.dossier.Publish(t.Context(), quote("1", "CL1")), connectors.Unavailable, sage50fr.CodeImportFolder)
	for range 2 {
		r.publish(quote("1", "CL1"))
	}
	if diff := txt(r.in()); !slices.Equal(diff, []string{"devis-1.TXT", "devis-2.TXT"}) || r.file("devis-1.TXT") != "theirs" {
		t.Errorf("got %v", r.in())
	}
	r.statesAre("handed SSM-1")
}

func txt(names []string) (some []string) {
	for _, n := range names {
		if filepath.Ext(n) == ".TXT" {
			some = append(some, n)
		}
	}
	return some
}

// What was taken is not handed over once more because something else is wanted now, nor forgotten since nothing is wanted any more.
func TestTakenIsNeverBornTwice(t *testing.T) {
	r := written(t)
	r.publish(quote("1", "CL1"))
	r.becomes("devis-1.TXT", "devis-1.BAK")
	r.later()
	r.publish(quote("1", "PR1"))
	r.folderIs("devis-1.BAK")
	r.publish()
	r.statesAre("taken SSM-1")
}
