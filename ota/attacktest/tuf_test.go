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
			if w.Version != "1.2.0" { // by the other payload
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
