package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// report prints one line per id (id, state, what covers it) and the sums. The lines are printed
// even when there is an error.
func report(w io.Writer, root fs.FS) error {
	list, errList := readList(root)
	mentions, errScan := scan(root)
	errJoin := join(list, mentions)
	var tested, documented, open int
	for _, r := range list {
		fmt.Fprintf(w, "%-7s %-18s %s\n", r.ID, r.state(), r.cover())
		tested += count(len(r.Tests) > 0)
		documented += count(len(r.Documents) > 0)
		open += count(len(r.Tests)+len(r.Documents) == 0)
	}
	fmt.Fprintf(w, "ids=%d tested=%d documented=%d open=%d\n", len(list), tested, documented, open)
	return errors.Join(errList, errScan, errJoin)
}

// join gives each requirement its tests, in the order found. Unknown ids make the error.
func join(list []*requirement, mentions []mention) error {
	var wrong []error
	for _, m := range mentions {
		for _, id := range m.IDs {
			i := slices.IndexFunc(list, func(r *requirement) bool { return r.ID == id })
			if i < 0 {
				wrong = append(wrong, fmt.Errorf("%s: %s is not in %s", m.Test, id, listFile))
				continue
			}
			if !slices.Contains(list[i].Tests, m.Test) {
				list[i].Tests = append(list[i].Tests, m.Test)
			}
		}
	}
	return errors.Join(wrong...)
}

func (r *requirement) state() string {
	switch {
	case len(r.Tests) > 0 && len(r.Documents) > 0:
		return "tested,documented"
	case len(r.Tests) > 0:
		return "tested"
	case len(r.Documents) > 0:
		return "documented"
	}
	return "open"
}

// cover names the tests and documents; of an open requirement it gives the text.
func (r *requirement) cover() string {
	if r.state() == "open" {
		return r.Text
	}
	return strings.Join(append(slices.Clone(r.Tests), r.Documents...), " ")
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
