package sim

import (
	"slices"
	"time"
)

// MostTries bounds the runs of one shrinking.
const MostTries = 400

// Shrink leaves out of a failing world whatever the same oracle's failure does not need, and gives what is left after how
// many runs. Where those are MostTries, more could have been left out.
func Shrink(s Spec, oracle string) (small Spec, tries int) {
	return shrink(s, oracle, Run)
}

func shrink(s Spec, oracle string, run func(Spec) Outcome) (small Spec, tries int) {
	k := &shrinker{spec: s, oracle: oracle, run: run}
	k.spec.Trace = false
	for before := -1; before != len(k.spec.Script); {
		before = len(k.spec.Script)
		for size := max(1, before/2); size > 0; size /= 2 {
			k.leaveOut(size)
		}
	}
	k.simplify()
	k.earlier()
	return k.spec, k.tries
}

type shrinker struct {
	spec   Spec
	oracle string
	run    func(Spec) Outcome
	tries  int
}

// fails says whether a world still fails by the same oracle; then it is the one to go on with. Without a try left,
// none does.
func (k *shrinker) fails(s Spec) bool {
	if k.tries == MostTries {
		return false
	}
	k.tries++
	o := k.run(s)
	if len(o.Failures) == 0 || o.Failures[0].Oracle != k.oracle {
		return false
	}
	k.spec = s
	return true
}

// leaveOut tries the script without some steps in a row, from its end to its beginning.
func (k *shrinker) leaveOut(size int) {
	for from := len(k.spec.Script) - size; from >= 0; from -= size {
		s := k.spec
		if from+size > len(s.Script) {
			continue
		}
		s.Script = slices.Delete(slices.Clone(s.Script), from, from+size)
		k.fails(s)
	}
}

// simplify tries a plainer shape, one trait at a time.
func (k *shrinker) simplify() {
	for _, plainer := range []func(*Shape){
		func(s *Shape) { s.CallTakes = 0 },
		func(s *Shape) { s.Backup, s.Set.Schedule.Backup, s.KeyZone = false, nil, "UTC" },
		func(s *Shape) { s.ERPForm.Pieces, s.CRMForm.Pieces = false, false },
		func(s *Shape) { s.CRMForm.Traits.IndexLag = 0 },
		func(s *Shape) { s.CRMForm.Traits.Upsert = true },
		func(s *Shape) { s.CRMForm.Traits.Batch = 1 },
		func(s *Shape) { s.ERPForm.Look = 0 },
		func(s *Shape) { s.CRMForm.Look = 0 },
		func(s *Shape) { s.ERPForm.Memory, s.CRMForm.Memory = 0, 0 },
		func(s *Shape) { s.ERPForm.Compares, s.CRMForm.Compares = true, true },
		func(s *Shape) { s.CRMForm.Echo, s.CRMForm.Shows = true, false },
		func(s *Shape) { s.ERP = Plain },
		func(s *Shape) { s.TwoWay, s.Set.TwoWay = false, false },
		func(s *Shape) { s.Set.Schedule.Interval = time.Minute },
		func(s *Shape) { s.Set.ToCRMBrake.Min, s.Set.ToERPBrake.Min = 99, 99 },
	} {
		s := k.spec
		shape := *s.Shape
		plainer(&shape)
		s.Shape = &shape
		k.fails(s)
	}
}

// earlier tries to let steps happen sooner and between the passes.
func (k *shrinker) earlier() {
	for i := range k.spec.Script {
		s := k.spec
		s.Script = slices.Clone(s.Script)
		if step := &s.Script[i]; step.At > 0 {
			step.At = 0
			k.fails(s)
		}
	}
	for pass := 1; slices.ContainsFunc(k.spec.Script, func(st Step) bool { return st.Pass >= pass }); {
		s := k.spec
		s.Script = slices.Clone(s.Script)
		for i := range s.Script {
			if s.Script[i].Pass >= pass {
				s.Script[i].Pass--
			}
		}
		if !k.fails(s) {
			pass++
		}
	}
}
