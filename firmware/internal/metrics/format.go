// Package metrics shows how a box is in numbers, for Prometheus: codes, counts, versions and times. A job goes by its number, in
// the order of the configuration. There is nothing in it that could be the customer's: no name, no address, no value of a
// record, no setting.
package metrics

import (
	"bufio"
	"io"
	"strconv"
	"strings"
)

// ContentType is that of the text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Family is one thing that is told, of which there may be several samples. All of them are gauges: they are what is now.
type Family struct {
	Name, Help string
	Samples    []Sample
}

// Sample is one number.
type Sample struct {
	Labels []Label
	Value  float64
}

// Label tells samples of a family apart.
type Label struct{ Name, Value string }

// Write writes families in the text format; one without samples is left out.
func Write(w io.Writer, all []Family) error {
	b := bufio.NewWriter(w)
	for _, f := range all {
		if len(f.Samples) == 0 {
			continue
		}
		b.WriteString("# HELP " + f.Name + " " + helpText.Replace(f.Help) + "\n# TYPE " + f.Name + " gauge\n")
		for _, s := range f.Samples {
			b.WriteString(f.Name + labels(s.Labels) + " " + strconv.FormatFloat(s.Value, 'f', -1, 64) + "\n")
		}
	}
	return b.Flush()
}

var (
	helpText   = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelValue = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func labels(all []Label) string {
	if len(all) == 0 {
		return ""
	}
	var each []string
	for _, l := range all {
		each = append(each, l.Name+`="`+labelValue.Replace(l.Value)+`"`)
	}
	return "{" + strings.Join(each, ",") + "}"
}
