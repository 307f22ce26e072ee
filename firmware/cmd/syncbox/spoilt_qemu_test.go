package main

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"syncbox/firmware/internal/health"
	"syncbox/image/disk"
	"syncbox/image/vm"
)

// spoiltStory starts a new box that has no clock, restarts it, and starts it with garbage in the place of its data
// partition: it comes up each time, talks on its serial line, and in the end its light says that the box itself is
// broken.
func spoiltStory(t *testing.T, ctx context.Context, f factory) {
	b := f.newBox(t, ctx)
	const in1970 = "base=1970-01-02T00:00:00"
	b.powerOn(vm.Config{Args: []string{"-rtc", in1970}})
	b.hears("data partition mounted", "clock set to the least it can be", "code=config-incomplete", "name=syncbox-3456.local", "\nsyncbox-3456> ")
	b.shows(health.SetUp)
	b.setSecrets()
	b.mark()
	b.hold(1)
	b.startsAgain("code=device-restart", "starting again", "\nsyncbox-3456> ")
	b.powerOff()
	files := b.files()
	if kept := files["clock"]; kept == "" || strings.HasPrefix(kept, "1970") {
		t.Errorf("the time that was kept is %q", kept)
	}
	if first := files["syncbox.toml"]; !strings.Contains(first, `name = "syncbox-3456"`) {
		t.Errorf("the first configuration is %q", first)
	}

	garbage := make([]byte, 4<<20)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(garbage)
	card, err := os.OpenFile(b.card, os.O_RDWR, 0)
	b.no(err)
	defer card.Close()
	_, err = card.WriteAt(garbage, disk.DataOffset)
	b.no(err)
	b.unreadable = true
	b.powerOn(vm.Config{Args: []string{"-rtc", in1970}})
	b.hears("code=data-missing", "no ext4 file system", "code=config-missing", "name=syncbox-3456.local", "\nsyncbox-3456> ")
	b.shows(health.HardwareFault)
	b.powerOff()
	after := make([]byte, len(garbage))
	_, err = card.ReadAt(after, disk.DataOffset)
	b.no(err)
	if string(after) != string(garbage) {
		t.Error("the box wrote to a partition that it could not read")
	}
}
