package sage50fr_test

import (
	"fmt"
	"strings"
	"testing"
)

// takes has somebody import every file that lies there; the file goes. It tells how often each reference was imported.
func (r *rig) takes(counts map[string]int) {
	r.t.Helper()
	for _, name := range r.in() {
		if !strings.HasSuffix(name, ".TXT") {
			continue
		}
		for _, ref := range []string{"SSM-1", "SSM-2"} {
			counts[ref] += strings.Count(r.file(name), ref+"\t")
		}
		r.becomes(name, "")
	}
}

// The power is cut at each call to the share, before it or after it took effect, and somebody imports at once what lies there, or only
// later. Whatever happened, each quote is imported once: the file that was taken is never there again.
//
// Requirement: LAB-4
func TestPowerCutAtEachCall(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, atOnce := range []bool{false, true} {
			t.Run(fmt.Sprintf("after %v, taken at once %v", after, atOnce), func(t *testing.T) { powerCuts(t, after, atOnce) })
		}
	}
}

func powerCuts(t *testing.T, after, atOnce bool) {
	for n := 1; ; n++ {
		r := written(t)
		f := r.drops.(*folder)
		f.left, f.after = n, after
		err := r.dossier.Publish(t.Context(), append(quote("1", "CL1"), quote("2", "CL1")...))
		cut := f.cut
		f.left, f.cut = 0, false
		counts := map[string]int{}
		if atOnce {
			r.takes(counts)
		}
		r.boot()
		r.check(r.look())
		for range 2 {
			r.publish(quote("1", "CL1"), quote("2", "CL1"))
			r.takes(counts)
		}
		for _, ref := range []string{"SSM-1", "SSM-2"} {
			if counts[ref] != 1 {
				t.Errorf("cut at call %d (%v): %s was imported %d times", n, err, ref, counts[ref])
			}
		}
		if !cut {
			return
		}
	}
}

// Another box takes this one's place, with nothing of what it noted: what lies in the folder or was taken is not handed over again.
func TestAnotherBox(t *testing.T) {
	for _, name := range []string{"devis-1.TXT", "devis-1.BAK", "devis-1.ERR"} {
		r := written(t)
		r.publish(quote("1", "CL1"))
		if r.becomes("devis-1.TXT", name); name == "devis-1.ERR" {
			r.err("devis-1.TXT", r.file(name))
		}
		r.check(r.dossier.Close())
		r.conf.Dir = t.TempDir()
		r.boot()
		r.later()
		for range 2 {
			r.publish(quote("1", "CL1"), quote("2", "CL1"))
		}
		again := 0
		for _, n := range r.in() {
			if n != name && strings.HasSuffix(n, ".TXT") && n != "devis-1.TXT" {
				again += strings.Count(r.file(n), "SSM-1\t")
			}
		}
		if refused := name == "devis-1.ERR"; (again == 1) != refused {
			t.Errorf("%s: handed over %d times more: %v", name, again, r.in())
		}
		if name == "devis-1.BAK" {
			r.statesAre("handed SSM-2", "taken SSM-1")
		}
	}
}
