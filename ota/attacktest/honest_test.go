package attacktest_test

import "testing"

// TestAttackNone: without an attack, the box goes on to the newest release. All others end as this one does.
func TestAttackNone(t *testing.T) {
	attack(t, 0, "nobody attacks", func(w *world) {
		w.expect(w.check(), "")
		w.still("1.1.0")
	})
}
