package compare

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// figure is one number of the result.
type figure struct {
	name  string
	value float64
	unit  string
}

// figures are in the order in which they are printed.
type figures []figure

func (f *figures) add(name string, value float64, unit string) {
	*f = append(*f, figure{name, value, unit})
}

func (f figures) get(name string) (float64, bool) {
	i := slices.IndexFunc(f, func(g figure) bool { return g.name == name })
	if i < 0 {
		return 0, false
	}
	return f[i].value, true
}

// over gives how many times base's figures these are, where both have them and that makes sense.
func (f figures) over(base figures) (ratios figures) {
	for _, g := range f {
		b, known := base.get(g.name)
		if known && b > 0 && g.unit != "records" {
			ratios.add(g.name+"_ratio", g.value/b, "x")
		}
	}
	return ratios
}

// print writes lines as the other benchmarks have them: name value unit.
func (f figures) print(w io.Writer, entrant string) {
	for _, g := range f {
		fmt.Fprintf(w, "syncbox/sync/peers.%s_%s %s %s\n", entrant, g.name, g.text(), g.unit)
	}
}

// text gives four digits, or all of a whole number.
func (g figure) text() string {
	if g.value == math.Trunc(g.value) {
		return strconv.FormatFloat(g.value, 'f', 0, 64)
	}
	return strconv.FormatFloat(g.value, 'g', 4, 64)
}

// median gives the middle one, in seconds.
func median(all []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return (sorted[n/2] + sorted[(n-1)/2]).Seconds() / 2
}
