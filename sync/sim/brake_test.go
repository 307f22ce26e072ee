package sim

import (
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/engine"
)

// What a resync writes that a person asked for is no work of a brake, also in the pass in which it comes to its end. In any other pass
// the oracle speaks where more was changed than the bound.
func TestBrakeOracleAndAResync(t *testing.T) {
	for name, c := range map[string]struct{ resync, speaks bool }{"a usual pass": {speaks: true}, "the end of a resync": {resync: true}} {
		t.Run(name, func(t *testing.T) {
			w := rested(t)
			w.newDocument(&Step{})
			w.round(w.usual())
			w.round(w.usual())
			w.shape.Set.ToCRMBrake = engine.Brake{Min: 1, Percent: 20} // the box has another one
			for _, x := range w.things {
				if x.entity == record.Document {
					w.change(x, 0, connectors.ERP, w.fresh(words, 0))
				}
			}
			if c.resync {
				w.down[connectors.CRM] = w.steady + time.Second
				if err := w.ask(engine.Resync1, "now"); err != nil || w.repair().Level != 1 {
					t.Fatalf("%v, level %d: the test looks at nothing", err, w.repair().Level)
				}
			}
			w.round(w.usual())
			if w.repair().Level != 0 {
				t.Fatal("the resync did not come to its end")
			}
			if got := len(w.failures) > 0; got != c.speaks {
				t.Errorf("got %v, want it to speak: %v", w.failures, c.speaks)
			}
			w.failures = nil
		})
	}
}
