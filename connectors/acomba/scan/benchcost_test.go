package scan_test

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// cost is what something took.
type cost struct{ wall, cpu time.Duration }

func (c cost) wallTime() float64 { return float64(c.wall) }
func (c cost) cpuTime() float64  { return float64(c.cpu) }

func measure(b *testing.B, do func()) cost {
	at, used := time.Now(), cpu(b)
	do()
	return cost{time.Since(at), cpu(b) - used}
}

// cpu gives the processor time of this process.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// medianRatio gives the median over the pairs.
func medianRatio(of, over []cost, by func(cost) float64) float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = by(of[i]) / by(over[i])
	}
	return median(ratios)
}

func medianMS(of []cost) float64 {
	all := make([]float64, len(of))
	for i, c := range of {
		all[i] = c.wall.Seconds() * 1000
	}
	return median(all)
}

func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
