package attacktest_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
	"syncbox/ota/otatest"
	"syncbox/ota/slot"
)

// 17. What was checked is what starts.
func TestAttackTimeOfCheck(t *testing.T) {
	attack(t, 17, "the medium gives back another byte than was written", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		w.slot = func(d slot.Device) slot.Device { return &liar{File: d.(*otatest.File), at: imageSize - 100} }
		w.restart(func() {})
		w.order("1.2.0")
		w.run(3 * time.Hour)
		w.says("update-slot-spoilt")
		w.still("1.1.0")
		w.slot = func(d slot.Device) slot.Device { return d }
		w.restart(func() {})
	})
	for how, at := range sorted(map[string]int64{"kernel": 4096, "initrd": imageSize - 100}) {
		attack(t, 17, "the "+how+" in the slot is changed after the check", func(w *world) {
			w.publish("1.2.0", "1.1.0")
			w.order("1.2.0")
			for w.state().Try == "" {
				time.Sleep(time.Second)
			}
			<-w.Restart
			w.tampered = true
			w.restart(func() {
				other := map[string]int64{"a": layout.B, "b": layout.A}[w.Slot]
				b := make([]byte, 1)
				_, err := w.Whole().ReadAt(b, other+at)
				w.must(err)
				b[0] ^= 1
				_, err = w.Whole().WriteAt(b, other+at)
				w.must(err)
			})
			w.still("1.1.0")
			w.tampered = false
		})
	}
	attack(t, 17, "the server changes the file between two ranges", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		n := 0
		s := w.serve(w.repoDir())
		s.spoil = func(rw http.ResponseWriter, r *http.Request, name string) bool {
			if !strings.HasPrefix(name, "targets/") || strings.HasSuffix(name, ".windows") {
				return false
			}
			b, err := os.ReadFile(filepath.Join(w.repoDir(), filepath.FromSlash(name)))
			if err != nil {
				return false
			}
			if n++; n > 1 {
				b[len(b)/2] ^= 1
			} else {
				rw.Header().Set("Content-Length", fmt.Sprint(len(b)))
				rw.Write(b[:len(b)/3])
				panic(http.ErrAbortHandler)
			}
			give(rw, r, b)
			return true
		}
		w.use(s)
		w.order("1.2.0")
		w.run(3 * time.Hour)
		w.says("update-payload", "update-changed", "update-unreachable")
		w.still("1.1.0")
	})
}

// liar is a slot whose medium holds another byte than was written.
type liar struct {
	*otatest.File
	at int64
}

func (l *liar) Reread() (slot.Medium, error) { return &other{l.File, l.at}, nil }

type other struct {
	*otatest.File
	at int64
}

func (o *other) ReadAt(b []byte, at int64) (int, error) {
	n, err := o.File.ReadAt(b, at)
	if at <= o.at && o.at < at+int64(n) {
		b[o.at-at] ^= 1
	}
	return n, err
}

// 18. Every byte of an image is signed for.
func TestAttackFirstBytesSigned(t *testing.T) {
	for i := range bundle.WindowCount(imageSize) {
		attack(t, 18, fmt.Sprintf("one byte of window %d is another one", i), func(w *world) {
			th := w.thief(w.keys...)
			image := system("1.2.0")
			th.targets(func(_, targets object) {
				image[i*bundle.WindowSize+1000] ^= 1
				th.full(targets, "1.2.0", image, func(m object) { dig(m, "to")["sha256"] = sumText(system("1.2.0")) })
			})
			w.use(th.serve())
			w.expect(w.send(envelope(w.wishFor("1.2.0", system("1.2.0"), nil), w.key("fleet", 0))), "")
			w.run(3 * time.Hour)
			w.says("update-payload", "update-slot-spoilt")
			w.still("1.1.0")
			w.supersede(th)
		})
	}
	attack(t, 18, "a delta that fits its list, and makes another image", func(w *world) {
		var payload bytes.Buffer
		list, err := delta.Make(&payload, system("1.1.0"), evil())
		w.must(err)
		image := system("1.2.0")
		th := w.thief(w.keys...)
		th.targets(func(_, targets object) {
			floor := func(m object) { m["floor"] = "1.1.0" }
			th.full(targets, "1.2.0", image, floor)
			th.offer(targets, "1.2.0/arm64/1.1.0", "1.2.0", image, payload.Bytes(), list, floor, func(m object) {
				m["format"], m["from"] = "delta", object{"sha256": sumText(system("1.1.0")), "bytes": imageSize}
			})
		})
		w.takeOver(th)
		w.know("1.2.0")
		s := th.serve()
		w.use(s)
		w.expect(w.send(envelope(w.wishFor("1.2.0", image, nil), w.key("fleet", 0))), "")
		w.run(3 * time.Hour)
		w.still("1.2.0")
		names := strings.Join(slices.Sorted(maps.Keys(s.names())), "\n") + "\n"
		if !strings.Contains(names, ".1.1.0\n") || !strings.Contains(names, ".full\n") {
			w.t.Errorf("delta and whole image are not both asked for:\n%s", names)
		}
	})
	for how, bytes := range sorted(map[string]int64{"2 GiB and a little": 1<<31 + imageSize, "4 GiB and a little": 1<<32 + imageSize, "less than nothing": -1}) {
		attack(t, 18, "an image of "+how, func(w *world) {
			th := w.thief(w.keys...)
			th.targets(func(_, targets object) {
				th.full(targets, "1.2.0", evil(), func(m object) { dig(m, "to")["bytes"] = bytes })
			})
			w.use(th.serve())
			w.send(envelope(w.wishFor("1.2.0", evil(), func(o object) { dig(o, "args")["bytes"] = bytes }), w.key("fleet", 0)))
			w.run(3 * time.Hour)
			w.still("1.1.0")
			w.supersede(th)
		})
	}
	attack(t, 18, "a window list that ends before the image", func(w *world) {
		th := w.thief(w.keys...)
		th.targets(func(_, targets object) {
			th.full(targets, "1.2.0", evil())
			list, err := os.ReadFile(th.file("1.2.0/arm64/full.windows"))
			w.must(err)
			targets["1.2.0/arm64/full.windows"] = th.put("1.2.0/arm64/full.windows", list[:len(list)/2])
		})
		w.use(th.serve())
		w.orderEvil()
		w.run(3 * time.Hour)
		w.says("update-payload")
		w.still("1.1.0")
		w.supersede(th)
	})
}

// 19. A stick is a server like any other.
func TestAttackStick(t *testing.T) {
	attack(t, 19, "a stick with a release that nobody has signed", func(w *world) {
		th := w.thief(own("targets"), own("snapshot"), own("timestamp"))
		th.targets(func(_, targets object) { th.full(targets, "1.2.0", evil()) })
		w.stick(th.dir)
		w.orderEvil()
		w.run(3 * time.Hour)
		w.still("1.1.0")
	})
	attack(t, 19, "a stick with another content under signed names", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		th := w.thief()
		for _, name := range []string{"full", "1.0.0", "1.1.0"} {
			th.replace("1.2.0/arm64/"+name, "1.0.0/arm64/full")
		}
		w.use()
		w.stick(th.dir)
		w.order("1.2.0")
		w.run(3 * time.Hour)
		w.says("update-payload", "update-too-big", "update-changed")
		w.still("1.1.0")
	})
	attack(t, 19, "a stick with the state of before", func(w *world) {
		w.use()
		w.stick(stage("1.0.0"))
		w.expect(w.check(), "update-rollback")
		w.still("1.1.0")
	})
	attack(t, 19, "a stick with an order that nobody has signed", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		w.use()
		w.stick(w.repoDir())
		w.expect(w.send(envelope(w.wishFor("1.2.0", w.images["1.2.0"], nil), own("fleet"))), "bad-signature")
		w.run(3 * time.Hour)
		w.still("1.1.0")
	})
	attack(t, 19, "a stick with links in the place of files", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		th := w.thief()
		for _, name := range []string{"full", "1.0.0", "1.1.0", "full.windows"} {
			path := th.file("1.2.0/arm64/" + name)
			w.must(os.Remove(path))
			w.must(os.Symlink("/dev/zero", path))
		}
		w.use()
		w.stick(th.dir)
		w.order("1.2.0")
		w.run(3 * time.Hour)
		w.still("1.1.0")
	})
}
