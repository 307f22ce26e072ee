package app_test

import (
	"testing"

	"syncbox/connectors/acomba/acombatest"
)

// TestFirstSync brings two companies of either geometry across and then rests.
//
// Requirement: ACO-1, ACO-2, ACO-15, ACO-16, ACO-17, ACO-19, ACO-20, ACO-21, ACO-22, ACO-23, ACO-24, ACO-25, ACO-27, ACO-28, ACO-35, ACO-54
func TestFirstSync(t *testing.T) {
	for _, profile := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(profile), func(t *testing.T) {
			r := newRig(t, setup{profile: profile})
			r.still()
		})
	}
}
