package attacktest_test

import (
	"net/http"
	"testing"
	"time"
)

// 6. A source that begins each answer and stalls does not spoil what the next one gives.
func TestAttackStallingMirror(t *testing.T) {
	attack(t, 6, "no answer to half of a file", func(w *world) {
		w.publish("1.2.0", "1.1.0")
		bad := w.serve(w.repoDir())
		bad.spoil = func(rw http.ResponseWriter, r *http.Request, name string) bool {
			rw.Header().Set("Content-Length", "100000")
			rw.WriteHeader(200)
			rw.Write([]byte("{"))
			rw.(http.Flusher).Flush()
			<-r.Context().Done()
			return true
		}
		w.use(bad)
		w.order("1.2.0")
		w.run(3 * time.Hour)
		w.still("1.1.0")
		w.use(bad, w.honest)
		w.run(7 * time.Hour)
		w.still("1.2.0")
	})
}
