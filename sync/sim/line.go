package sim

import (
	"slices"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/sim/product"
)

// line is the way from the box to both products.
type line struct{ *world }

var _ product.Line = line{}

// mostCalls is how many calls a pass may make before it counts as one that never ends.
const mostCalls = 3000

// request is one op on its way.
type request struct {
	side connectors.Side
	op   *connectors.Op
}

// point is a place where the power can be cut. Where nothing happened since the one before, in the world or in the box's
// files, a cut leaves the same behind.
func (w *world) point(what string) {
	w.points++
	if w.stirred || w.points == 1 {
		w.apart = append(w.apart, w.points)
	}
	w.stirred = false
	if w.points == w.cutAt {
		w.unsure, w.troubled = w.steady, w.steady
		w.trace("POWER CUT at point %d (%s)", w.points, what)
		panic(errPower)
	}
}

// Begin lets happen what happens before a call, and gives the call's answer if the product can't be reached.
func (l line) Begin(side connectors.Side, m product.Method) error {
	w := l.world
	w.calls++
	w.stirred = w.stirred || w.shape.CallTakes > 0 || m != product.Read && m != product.Check
	if w.calls > mostCalls {
		panic("the pass does not end")
	}
	w.due(w.calls)
	w.atCall(side, m)
	w.advance(w.shape.CallTakes)
	if writes(m) {
		w.point(string(m))
		w.stirred = true
	}
	if w.product(side).Ails() {
		w.troubled, w.stirred = w.steady, true
	}
	if w.down[side] > w.steady {
		w.troubled = w.steady
		w.trace("%s %s: not reachable", side, m)
		return connectors.Errorf(connectors.Unavailable, side.String()+"-unreachable", "connection refused")
	}
	w.trace("%s %s", side, m)
	if side == connectors.ERP && m == w.shape.reads() {
		w.readings++
	}
	return nil
}

// End is a place where the power can be cut while the box has not heard yet what the product did.
func (l line) End(side connectors.Side, m product.Method) {
	if m != product.Read && m != product.Check {
		l.stirred = true
		l.point("done " + string(m))
	}
}

// writes says whether a call can change something. Before one that can't, a cut is the same as after what came before.
func writes(m product.Method) bool {
	return m == product.Apply || m == product.Publish || m == product.Prepare || m == product.Resolve
}

// Send takes the fate of a request from the script.
func (l line) Send(side connectors.Side, ops []connectors.Op) product.Fate {
	w := l.world
	w.traceOps(side, ops)
	w.sendsShown(side, ops)
	w.sendsDeletes(side, ops)
	for i := range ops {
		if side == connectors.ERP {
			w.readBy[ops[i].ID] = w.readings
		}
	}
	if len(w.spoils) == 0 {
		return product.Fate{}
	}
	s := w.spoils[0]
	w.spoils = w.spoils[1:]
	w.trace("  %s", deedNames[s.Do])
	w.unsure, w.troubled = w.steady, w.steady
	for i := range ops {
		if t := w.whose(side, &ops[i], nil, ops[i].Key == ""); t != nil {
			t.spoiled = true
		}
	}
	switch s.Do {
	case LoseRequest:
		return product.Fate{Kind: product.Lost, Done: s.B % (len(ops) + 1)}
	case BreakRequest:
		return product.Fate{Kind: product.Broken, Done: s.B % (len(ops) + 1)}
	case LimitRequest:
		pause := time.Duration(1+s.B%8) * 30 * time.Second
		w.limited[side] = w.steady + pause
		w.off = s.A%4 == 0
		return product.Fate{Kind: product.Limited, Retry: pause}
	}
	bound := w.product(side).Form.Traits.ServerLate
	delay := bound * time.Duration(1+s.B%8) / 8
	all := make([]request, len(ops))
	for i := range ops {
		all[i] = request{side, &ops[i]}
	}
	w.underway = append(w.underway, all...)
	w.agenda.add(w.steady+delay, func() {
		w.underway = slices.DeleteFunc(w.underway, func(r request) bool {
			return slices.ContainsFunc(all, func(a request) bool { return a.op == r.op }) // a second try has the same ID
		})
	})
	return product.Fate{Kind: product.Late, Delay: delay}
}

// Refuse gives why a product refuses an op: people see to it later.
func (l line) Refuse(side connectors.Side, op *connectors.Op) error {
	if t := l.whose(side, op, nil, op.Key == ""); t != nil && t.refused {
		return connectors.Errorf(connectors.Rejected, side.String()+"-refused", "%s %s", op.Entity, op.Key)
	}
	return nil
}

// Later does something after d.
func (l line) Later(d time.Duration, do func()) { l.agenda.add(l.steady+d, do) }

// Now is the time of day at the products.
func (l line) Now() time.Time { return l.right() }

// Steady is the time since the world began.
func (l line) Steady() time.Duration { return l.steady }

// Breaks takes from the script whether a look or sweep breaks off.
func (l line) Breaks(side connectors.Side, m product.Method) bool {
	w := l.world
	if w.breaks[side] && (m == product.Sweep || w.pass%2 > 0) { // or every one would be a look's
		w.breaks[side], w.brokeOff = false, true
		w.troubled = w.steady
		w.trace("  %s %s breaks off", side, m)
		return true
	}
	return false
}

// Told notes that a look tells a record.
func (l line) Told(side connectors.Side, e record.Entity, key record.Key) {
	l.trace("  %s tells %s %s", side, e, key)
}

// Forgot notes that a feed remembers less than the time since the last look.
func (l line) Forgot(side connectors.Side) { l.trace("  the feed of the %s does not reach back", side) }

// atCall judges that the box may call a product just now.
func (w *world) atCall(side connectors.Side, m product.Method) {
	if side == connectors.ERP && w.inBackup() {
		w.fail("W7", "erp %s in the company's backup", m)
	}
	if w.limited[side] > w.steady {
		w.fail("W6", "%s %s although the product wanted no request before %s", side, m, w.limited[side])
	}
}

// inBackup says whether the company's backup runs by the box's clock, unless that was set during this pass.
func (w *world) inBackup() bool {
	if !w.shape.Backup || w.jumped > 0 && w.jumped >= w.began {
		return false
	}
	window := w.shape.Set.Schedule.Backup[0]
	local := w.right().Add(w.jump).In(toronto)
	minute := local.Hour()*60 + local.Minute()
	if window.From < window.To {
		return minute >= window.From && minute < window.To
	}
	return minute >= window.From || minute < window.To
}
