package bob50test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// fixedField is one line FieldN=NAME,Char,length,decimals,position of a .sch file; positions count from 0.
type fixedField struct {
	name             string
	length, position int
}

// readFixed reads a .txt of fixed-width lines by its .sch.
func readFixed(sch, txt []byte) (*importFile, error) {
	fields, err := readSchema(string(sch))
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	f, width := &importFile{}, 0
	for _, c := range fields {
		f.columns = append(f.columns, c.name)
		width = max(width, c.position+c.length)
	}
	text := string(txt)
	if text != "" && !strings.HasSuffix(text, "\r\n") {
		return nil, errIncomplete
	}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if text == "" {
			break
		}
		if len(line) != width || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
			return nil, fmt.Errorf("line %d: not %d characters of ASCII", i+1, width)
		}
		var row []string
		for _, c := range fields {
			row = append(row, strings.TrimRight(line[c.position:][:c.length], " "))
		}
		f.rows = append(f.rows, row)
	}
	return f, nil
}

// readSchema takes the section [CLIENTS_FACT] and refuses what it does not know.
func readSchema(text string) (fields []fixedField, err error) {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n"), "\n")
	if lines[0] != "[CLIENTS_FACT]" {
		return nil, errors.New("no section CLIENTS_FACT")
	}
	settings := map[string]string{}
	for _, line := range lines[1:] {
		key, value, found := strings.Cut(line, "=")
		if !found || settings[key] != "" {
			return nil, fmt.Errorf("line %q", line)
		}
		settings[key] = value
	}
	if !strings.EqualFold(settings["FileType"], "Fixed") || !strings.EqualFold(settings["CharSet"], "ascii") {
		return nil, errors.New("not FileType=Fixed and CharSet=ascii")
	}
	for key, value := range settings {
		if key == "FileType" || key == "CharSet" {
			continue
		}
		f, err := readField(key, value)
		if err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(a, b fixedField) int { return cmp.Compare(a.position, b.position) })
	end := 0
	for _, f := range fields {
		if f.position != end {
			return nil, fmt.Errorf("%s begins at %d, the one before ends at %d", f.name, f.position, end)
		}
		end += f.length
	}
	return fields, nil
}

func readField(key, value string) (f fixedField, err error) {
	parts := strings.Split(value, ",")
	if !strings.HasPrefix(key, "Field") || len(parts) != 5 || !strings.EqualFold(parts[1], "Char") {
		return f, fmt.Errorf("%s=%s", key, value)
	}
	_, err = strconv.Atoi(strings.TrimPrefix(key, "Field"))
	length, err2 := strconv.Atoi(parts[2])
	position, err3 := strconv.Atoi(parts[4])
	if err := errors.Join(err, err2, err3); err != nil || length < 1 {
		return f, fmt.Errorf("%s=%s", key, value)
	}
	return fixedField{parts[0], length, position}, nil
}
