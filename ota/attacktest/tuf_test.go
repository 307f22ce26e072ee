package attacktest_test

// The attacks that the specification of TUF names (section 1.5.2).

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/ota/release"
	"syncbox/ota/trust"
	"syncbox/ota/update"
)

// 1. What is not signed is not installed, whatever a true order says.
func TestAttackArbitrarySoftware(t *testing.T) {
	offer := func(keys ...release.Key) func(w *world) {
		return func(w *world) {
			th := w.thief(append(keys, w.key("snapshot", 0), w.key("timestamp", 0))...)
			th.targets(func(_, targets object) { th.full(targets, "1.2.0", evil()) })
			w.use(th.serve())
			w.orderEvil()
			w.run(3 * time.Hour)
			w.says("update-signature")
			w.still("1.1.0")
		}
	}
	attack(t, 1, "a release that nobody has signed", offer())
	attack(t, 1, "a release signed by keys of the thief's own", offer(own("targets"), another(own("ops"), "targets")))
	attack(t, 1, "a release under the true signatures of another", func(w *world) {
		th := w.thief(w.key("snapshot", 0), w.key("timestamp", 0))
		th.borrow = true
		th.targets(func(_, targets object) { th.full(targets, "1.2.0", evil()) })
		w.use(th.serve())
		w.orderEvil()
		w.run(3 * time.Hour)
		w.says("update-signature")
		w.still("1.1.0")
	})
	attack(t, 1, "another content under the name of a signed file", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		th := w.thief()
		for _, payload := range []string{"1.2.0/arm64/full", "1.2.0/arm64/1.1.0", "1.2.0/arm64/1.0.0"} {
			w.must(os.WriteFile(th.file(payload), bytes.Repeat([]byte("evil"), 1<<16), 0o600))
		}
		w.use(th.serve())
		w.order("1.2.0")
		w.run(3 * time.Hour)
		w.says("update-payload", "update-server", "update-unreachable")
		w.still("1.1.0")
	})
	attack(t, 1, "another window list under the name of a signed one", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		th, other := w.thief(), w.thief()
		entries := object{}
		other.full(entries, "1.2.0", evil())
		for _, name := range []string{"1.2.0/arm64/full", "1.2.0/arm64/full.windows"} {
			sum := dig(entries, name, "hashes")["sha256"].(string)
			b, err := os.ReadFile(filepath.Join(filepath.Dir(th.file(name)), "..", "..", "..", "..", filepath.Base(other.dir), "targets", "1.2.0", "arm64", sum+"."+filepath.Base(name)))
			w.must(err)
			w.must(os.WriteFile(th.file(name), b, 0o600))
		}
		for _, delta := range []string{"1.2.0/arm64/1.1.0", "1.2.0/arm64/1.0.0"} {
			w.must(os.Remove(th.file(delta)))
		}
		w.use(th.serve())
		w.order("1.2.0")
		w.run(3 * time.Hour)
		w.still("1.1.0")
	})
}

// another gives a key another role.
func another(k release.Key, role release.Role) release.Key {
	k.Role = role
	return k
}

// endless answers without an end for all names that fit, at the speed of the reader.
func endless(w *world, header bool, fit func(name string) bool) *server {
	s := w.serve(w.repoDir())
	s.spoil = func(rw http.ResponseWriter, r *http.Request, name string) bool {
		if !fit(name) {
			return false
		}
		if header {
			rw.Header().Set("Content-Length", fmt.Sprint(int64(math.MaxInt64)))
		}
		rw.WriteHeader(http.StatusOK)
		for b := bytes.Repeat([]byte(" "), 1<<16); ; {
			if _, err := rw.Write(b); err != nil {
				return true
			}
		}
	}
	return s
}

// 2. Files have an end for the box, whatever the server sends.
func TestAttackEndlessData(t *testing.T) {
	const most = 32 << 20 // of what the box may have taken in three hours of trying
	for _, name := range []string{"metadata/timestamp.json", "metadata/2.root.json", "snapshot.json", "targets.json"} {
		for _, header := range []bool{false, true} {
			attack(t, 2, fmt.Sprintf("endless %s, length told: %t", filepath.Base(name), header), func(w *world) {
				w.publish("1.2.0", "1.1.0")
				s := endless(w, header, func(n string) bool { return strings.HasSuffix(n, name) })
				w.use(s)
				w.order("1.2.0")
				w.run(3 * time.Hour)
				w.says("update-too-big", "update-server")
				w.still("1.1.0")
				if got := s.bytes(); got > most {
					w.t.Errorf("the box has taken %d bytes", got)
				}
			})
		}
	}
	for _, ending := range []string{".windows", ".full", ".1.1.0"} {
		attack(t, 2, "endless file *"+ending, func(w *world) {
			w.publish("1.2.0", "1.1.0")
			s := endless(w, false, func(n string) bool { return strings.HasPrefix(n, "targets/") && strings.HasSuffix(n, ending) })
			w.use(s)
			w.order("1.2.0")
			w.run(3 * time.Hour)
			if w.version != "1.2.0" { // by the other payload
				w.still("1.1.0")
			}
			if got := s.bytes(); got > most {
				w.t.Errorf("the box has taken %d bytes", got)
			}
		})
	}
}

// 3. Nothing is fetched and installed but what the order names, even if more is signed.
func TestAttackExtraneousDependencies(t *testing.T) {
	attack(t, 3, "ten thousand more targets, signed", func(w *world) {
		th := w.thief(w.keys...)
		th.targets(func(_, targets object) {
			for i := range 3000 {
				targets[fmt.Sprintf("1.1.0/arm64/extra%d", i)] = object{"length": int64(1) << 40, "hashes": object{"sha256": strings.Repeat("0", 64)}}
			}
			th.full(targets, "9.0.0", evil(), func(m object) { m["requires"] = []string{"1.1.0/arm64/extra1"}; m["auto"] = true })
		})
		s := th.serve()
		w.use(s)
		w.expect(w.check(), "", "update-too-big")
		w.run(day)
		w.onlyAsked(s)
		w.still("1.1.0")
		w.supersede(th)
	})
	attack(t, 3, "a window list and a payload that belong to others", func(w *world) {
		th := w.thief(w.keys...)
		th.targets(func(_, targets object) {
			th.full(targets, "1.2.0", evil(), func(m object) { m["windows"] = "1.1.0/arm64/full.windows" })
			th.full(targets, "1.0.0", evil(), func(m object) { m["version"] = "1.2.0" })
		})
		s := th.serve()
		w.use(s)
		w.orderEvil()
		w.run(3 * time.Hour)
		w.still("1.1.0")
		w.supersede(th)
	})
}

// 4. A thief of the online keys drives the versions up. Only a new root without these keys makes the box forget them.
func TestAttackFastForward(t *testing.T) {
	forward := func(w *world, version int64) *thief {
		th := w.thief(w.key("snapshot", 0), w.key("timestamp", 0))
		th.snapshot(func(signed object) { signed["version"] = version })
		th.timestamp(func(signed object) { signed["version"] = version })
		w.use(th.serve())
		w.expect(w.check(), "")
		if v := w.box.Status().Versions; v.Timestamp != version || v.Snapshot != version {
			w.t.Errorf("the thief has got the box to %+v", v)
		}
		w.use(w.honest)
		w.expect(w.check(), "update-rollback")
		return th
	}
	for name, version := range sorted(map[string]int64{"far": 1 << 40, "to the end": math.MaxInt64}) {
		attack(t, 4, "versions driven "+name+", then new keys", func(w *world) {
			th := forward(w, version)
			w.rotate("ops")
			w.expect(w.check(), "update-rollback") // other keys make it forget nothing
			w.rotate("snapshot", "timestamp")
			w.expect(w.check(), "")
			w.use(th.serve())
			w.check() // nothing new, or refused
			if v := w.box.Status().Versions; v.Timestamp >= version || v.Snapshot >= version {
				w.t.Errorf("the thief has the box again: %+v", v)
			}
			w.still("1.1.0")
		})
	}
	attack(t, 4, "versions driven far, the box restarts, then new keys", func(w *world) {
		forward(w, 1<<40)
		w.restart(func() {})
		w.expect(w.check(), "update-rollback")
		w.restart(func() { w.must(os.Remove(filepath.Join(w.dir, "update.db"))) })
		w.expect(w.check(), "update-rollback")
		w.rotate("snapshot", "timestamp")
		w.expect(w.check(), "")
		w.still("1.1.0")
	})
}

// 5. A server that shows the same state for ever is found out after a week.
func TestAttackIndefiniteFreeze(t *testing.T) {
	attack(t, 5, "the same timestamp for a month", func(w *world) {
		th := w.thief()
		w.publish("1.2.0", "1.1.0")
		w.use(th.serve())
		w.run(6 * day)
		if s := w.box.Status(); s.Frozen {
			w.t.Errorf("frozen after six days: %+v", s)
		}
		w.run(24 * day)
		if s := w.box.Status(); !s.Frozen {
			w.t.Errorf("a month, and the box notices nothing: %+v", s)
		}
		w.says("update-frozen")
		w.still("1.1.0")
	})
	attack(t, 5, "the same order for a month", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		old := w.wish("1.2.0")
		w.run(8 * day)
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.expect(w.send(old), "expired")
		w.run(time.Hour)
		w.still("1.1.0")
	})
	attack(t, 5, "the same timestamp, to a box that does not know the time", func(w *world) {
		th := w.thief()
		w.setClock(func() trust.Clock { return trust.Clock{Now: time.Unix(0, 0)} })
		w.use(th.serve())
		w.run(30 * day)
		w.still("1.1.0")
	})
}

// 6. and 9. One bad source does not stand in the way of a good one.
func TestAttackMaliciousMirror(t *testing.T) {
	for how, spoil := range sorted(map[string]func(rw http.ResponseWriter, r *http.Request, name string) bool{
		"404 for everything": func(rw http.ResponseWriter, r *http.Request, _ string) bool { http.NotFound(rw, r); return true },
		"500 for everything": func(rw http.ResponseWriter, _ *http.Request, _ string) bool { rw.WriteHeader(500); return true },
		"no answer":          func(_ http.ResponseWriter, r *http.Request, _ string) bool { <-r.Context().Done(); return true },
		"hangs up":           func(http.ResponseWriter, *http.Request, string) bool { panic(http.ErrAbortHandler) },
		"redirects in a circle": func(rw http.ResponseWriter, r *http.Request, _ string) bool {
			http.Redirect(rw, r, r.URL.Path, http.StatusFound)
			return true
		},
		"payloads missing": func(rw http.ResponseWriter, r *http.Request, name string) bool {
			if strings.HasPrefix(name, "targets/") {
				http.NotFound(rw, r)
				return true
			}
			return false
		},
		"payloads that stall": func(rw http.ResponseWriter, r *http.Request, name string) bool {
			if strings.HasPrefix(name, "targets/") {
				<-r.Context().Done()
				return true
			}
			return false
		},
		"answers with another range": func(rw http.ResponseWriter, r *http.Request, name string) bool {
			if strings.HasPrefix(name, "targets/") {
				rw.Header().Set("Content-Range", "bytes 5-9/10")
				rw.Header().Set("Content-Length", "5")
				rw.WriteHeader(206)
				rw.Write([]byte("12345"))
				return true
			}
			return false
		},
	}) {
		attack(t, 6, how, func(w *world) {
			w.publish("1.2.0", "1.1.0")
			bad := w.serve(w.repoDir())
			bad.spoil = spoil
			w.use(bad)
			w.order("1.2.0")
			w.run(3 * time.Hour)
			w.still("1.1.0")
			if len(w.said()) == 0 {
				w.t.Error("the box says nothing")
			}
			w.use(bad, w.honest)
			w.run(7 * time.Hour)
			w.still("1.2.0")
		})
	}
}

// TestAttackMirrorBehind has a first mirror whose files are all true, or none, and a second one that is honest.
func TestAttackMirrorBehind(t *testing.T) {
	for how, spoil := range sorted(map[string]func(th *thief){
		"the first mirror is behind":              func(*thief) {},
		"the first mirror has a root of its own":  func(th *thief) { th.copyMeta(th.dir, "1.root.json", "2.root.json") },
		"the first mirror has lost its timestamp": func(th *thief) { th.w.must(os.Remove(th.path("timestamp.json"))) },
		"the first mirror has noise for all": func(th *thief) {
			all, err := filepath.Glob(th.path("*"))
			th.w.must(err)
			for _, path := range all {
				th.w.must(os.WriteFile(path, random(7, 500), 0o600))
			}
		},
	}) {
		attack(t, 6, how, func(w *world) {
			th := w.thief()
			w.publish("1.2.0", "1.1.0")
			spoil(th)
			w.use(th.serve(), w.honest)
			w.order("1.2.0")
			w.run(time.Hour)
			w.still("1.2.0")
		})
	}
}

// 7. Parts of different states are not put together.
func TestAttackMixAndMatch(t *testing.T) {
	for how, tt := range sorted(map[string]struct {
		mix  func(th *thief, old string)
		want update.Code
	}{
		"old targets in a new snapshot":      {func(th *thief, old string) { th.copyMeta(old, "3.targets.json", "4.targets.json") }, "update-mixed"},
		"an old snapshot in a new timestamp": {func(th *thief, old string) { th.copyMeta(old, "3.snapshot.json", "4.snapshot.json") }, "update-mixed"},
		"an old snapshot and old targets": {func(th *thief, old string) {
			th.copyMeta(old, "3.snapshot.json", "4.snapshot.json")
			th.copyMeta(old, "3.targets.json", "4.targets.json")
		}, "update-mixed"},
		"an old timestamp with new files": {func(th *thief, old string) { th.copyMeta(old, "timestamp.json", "timestamp.json") }, "update-not-published"},
		"targets as snapshot":             {func(th *thief, _ string) { th.copyMeta(th.dir, "4.targets.json", "4.snapshot.json") }, "update-too-big"},
		"snapshot as targets":             {func(th *thief, _ string) { th.copyMeta(th.dir, "4.snapshot.json", "4.targets.json") }, "update-mixed"},
		"snapshot as timestamp":           {func(th *thief, _ string) { th.copyMeta(th.dir, "4.snapshot.json", "timestamp.json") }, "update-metadata"},
		"root as targets":                 {func(th *thief, _ string) { th.copyMeta(th.dir, "1.root.json", "4.targets.json") }, "update-mixed"},
		"targets as root":                 {func(th *thief, _ string) { th.copyMeta(th.dir, "4.targets.json", "2.root.json") }, "update-metadata"},
		"root 1 as root 2":                {func(th *thief, _ string) { th.copyMeta(th.dir, "1.root.json", "2.root.json") }, "update-rollback"},
	}) {
		attack(t, 7, how, func(w *world) {
			before := w.thief()
			w.publish("1.2.0", "1.1.0")
			th := w.thief()
			tt.mix(th, before.dir)
			w.use(th.serve())
			w.order("1.2.0")
			w.run(3 * time.Hour)
			w.says(tt.want)
			w.still("1.1.0")
		})
	}
}

// copyMeta puts a file of metadata of a folder in the place of another one.
func (th *thief) copyMeta(dir, from, to string) {
	b, err := os.ReadFile(filepath.Join(dir, "metadata", from))
	th.w.must(err)
	th.w.must(os.WriteFile(th.path(to), b, 0o600))
}

// 8. Neither older metadata nor an older system.
func TestAttackRollback(t *testing.T) {
	attack(t, 8, "the state of before, whole", func(w *world) {
		w.use(w.serve(stage("1.0.0")))
		w.expect(w.check(), "update-rollback")
		w.order("1.1.0")
		w.run(3 * time.Hour)
		w.still("1.1.0")
	})
	attack(t, 8, "the state of before, after a restart", func(w *world) {
		w.use(w.serve(stage("1.0.0")))
		w.restart(func() {})
		w.expect(w.check(), "update-rollback")
		w.still("1.1.0")
	})
	attack(t, 8, "an order for an older release, by the fleet's key", func(w *world) {
		w.order("1.0.0")
		w.run(3 * time.Hour)
		w.says("update-downgrade")
		w.still("1.1.0")
	})
	attack(t, 8, "an order of two keys, below the floor", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		w.order("1.2.0")
		w.run(26 * time.Hour)
		w.still("1.2.0")
		w.must(w.repo.Refresh(w.keys, w.now()))
		w.order("1.0.0", func(r *release.Wish) { r.Downgrade = true })
		w.run(3 * time.Hour)
		w.says("update-below-floor")
		w.still("1.2.0")
	})
	attack(t, 8, "older targets under a newer number, by the online keys", func(w *world) {
		th := w.thief(w.key("snapshot", 0), w.key("timestamp", 0))
		th.snapshot(func(signed object) {
			b, err := os.ReadFile(th.path("2.targets.json"))
			w.must(err)
			dig(signed, "meta")["targets.json"] = info(2, b)
		})
		w.use(th.serve())
		w.expect(w.check(), "update-rollback")
		w.still("1.1.0")
	})
}

// 9. A server that drips is given up.
func TestAttackSlowRetrieval(t *testing.T) {
	for how, fit := range sorted(map[string]string{"metadata": "metadata/", "payloads": "targets/"}) {
		attack(t, 9, "1 byte a second of "+how, func(w *world) {
			w.publish("1.2.0", "1.1.0")
			slow := w.serve(w.repoDir())
			slow.spoil = func(rw http.ResponseWriter, r *http.Request, name string) bool {
				if !strings.HasPrefix(name, fit) {
					return false
				}
				rw.WriteHeader(200)
				for {
					if _, err := rw.Write([]byte(" ")); err != nil {
						return true
					}
					rw.(http.Flusher).Flush()
					select {
					case <-r.Context().Done():
						return true
					case <-time.After(time.Second):
					}
				}
			}
			w.use(slow)
			w.order("1.2.0")
			w.run(time.Hour)
			w.says("update-slow", "update-server")
			w.still("1.1.0")
			w.use(slow, w.honest)
			w.run(7 * time.Hour)
			w.still("1.2.0")
		})
	}
}
