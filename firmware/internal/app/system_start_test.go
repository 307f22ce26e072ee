package app_test

import (
	"testing"

	"syncbox/connectors/acomba/acombatest"
)

// TestFirstSync brings two companies of either geometry across and then rests.
func TestFirstSync(t *testing.T) {
	for _, profile := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(profile), func(t *testing.T) {
			r := newRig(t, setup{profile: profile})
			r.still()
		})
	}
}
