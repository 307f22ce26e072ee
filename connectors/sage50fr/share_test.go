package sage50fr_test

import (
	"slices"
	"testing"

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
