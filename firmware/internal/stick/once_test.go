package stick_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"syncbox/firmware/internal/stick"
)

// A stick that stays in the box does not undo what is set later, and neither does one that comes back.
func TestTheSameContentIsAppliedOnce(t *testing.T) {
	r := newRig(t, nil)
	for i, step := range []struct {
		text string
		want stick.Outcome
	}{{hostA, stick.Applied}, {hostA, stick.Known}, {hostB, stick.Applied}, {hostA, stick.Known}, {hostA + "# again\n", stick.Applied}} {
		if got := r.plug(step.text); got != step.want {
			t.Errorf("step %d: got %s, want %s", i, got, step.want)
		}
	}
	golden(t, "again", r.files[stick.ReportName])
	r.files = map[string]string{}
	r.plug(hostB)
	golden(t, "known", r.files[stick.ReportName])
	if !strings.Contains(r.state(), `hostname = "a"`) {
		t.Errorf("the box is called otherwise:\n%s", r.state())
	}
}

// The report that tells what was set stays on its stick.
func TestTheReportOfAKnownStickStays(t *testing.T) {
	r := newRig(t, nil)
	root := fstest.MapFS{stick.FileName: {Data: []byte(hostA)}}
	for _, want := range []stick.Outcome{stick.Applied, stick.Known} {
		r.files = map[string]string{}
		got, err := r.setup.Apply(root, r)
		must(t, err)
		if got != want || (len(r.files) == 1) != (want == stick.Applied) {
			t.Errorf("got %s and wrote %v", got, r.files)
		}
		root[stick.ReportName] = &fstest.MapFile{}
	}
}

// What was refused can be right another day.
func TestRefusedContentIsTriedAgain(t *testing.T) {
	r := newRig(t, map[string]string{"syncbox.toml": strings.Replace(siteConfig, "pair", "par", 1)})
	if got := r.plug(hostA); got != stick.Refused {
		t.Errorf("got %s", got)
	}
	must(t, os.WriteFile(filepath.Join(r.dir, "syncbox.toml"), []byte(siteConfig), 0o600))
	if got := r.plug(hostA); got != stick.Applied {
		t.Errorf("the box is repaired: got %s", got)
	}
}

// The power is cut after the values are set and before the stick is remembered: the stick sets the same once more.
func TestPowerCutBeforeItIsRemembered(t *testing.T) {
	r := newRig(t, nil)
	memory := r.setup.Memory
	r.setup.Memory = filepath.Join(r.dir, "gone", "stick.json")
	got, err := r.setup.Apply(fstest.MapFS{stick.FileName: {Data: []byte(hostA)}}, r)
	if got != stick.Applied || err == nil {
		t.Errorf("got %s, %v", got, err)
	}
	was := r.state()
	r.setup.Memory = memory
	if got := r.plug(hostA); got != stick.Applied || r.state() != was {
		t.Errorf("again: %s", got)
	}
	golden(t, "once-more", r.files[stick.ReportName])
	must(t, os.WriteFile(memory, []byte("{\"appl"), 0o600))
	if got := r.plug(hostA); got != stick.Applied {
		t.Errorf("a damaged memory: %s", got)
	}
	if got := r.plug(hostA); got != stick.Known {
		t.Errorf("the memory is not whole again: %s", got)
	}
}
