package attacktest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

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
