package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

const listFile = "docs/requirements.tsv"

var idForm = regexp.MustCompile(`^[A-Z][A-Z0-9]*-[1-9][0-9]*$`)

// requirement is one line of the list, with the tests found for it.
type requirement struct {
	ID, Text  string
	Documents []string // paths, with "#section" where it helps
	Tests     []string // connectors/x_test.go:TestName, testdata/scenarios/y.txtar
}

// readList reads the list. The error joins all that is wrong with it.
func readList(root fs.FS) ([]*requirement, error) {
	f, err := root.Open(listFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []*requirement
	var wrong []error
	seen := map[string]bool{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "#") {
			r, err := parseLine(root, line)
			if err == nil && seen[r.ID] {
				err = fmt.Errorf("%s stands here twice", r.ID)
			}
			if err != nil {
				wrong = append(wrong, fmt.Errorf("%s:%d: %w", listFile, n, err))
				continue
			}
			seen[r.ID] = true
			list = append(list, r)
		}
	}
	return list, errors.Join(append(wrong, lines.Err())...)
}

func parseLine(root fs.FS, line string) (*requirement, error) {
	cells := strings.Split(line, "\t")
	if len(cells) < 2 || len(cells) > 3 {
		return nil, fmt.Errorf("%d columns, want id, text and perhaps documents", len(cells))
	}
	r := &requirement{ID: cells[0], Text: cells[1]}
	if !idForm.MatchString(r.ID) {
		return nil, fmt.Errorf("bad id %q", r.ID)
	}
	if len(cells) == 3 {
		r.Documents = splitList(cells[2])
	}
	for _, document := range r.Documents {
		path, _, _ := strings.Cut(document, "#")
		if _, err := fs.Stat(root, path); err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
	}
	return r, nil
}

// splitList splits at commas and drops the blanks around.
func splitList(s string) (parts []string) {
	for part := range strings.SplitSeq(s, ",") {
		parts = append(parts, strings.TrimSpace(part))
	}
	return parts
}
