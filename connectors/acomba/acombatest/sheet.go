package acombatest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// sheetColumns are the headings of the hand-off file, in order.
var sheetColumns = []string{"No", "Date", "Action", "NoClient", "Client", "Champ", "ValeurActuelle",
	"NouvelleValeur", "DemandePar", "Etat"}

// Row is one pending change of a hand-off file, as the person reads it.
type Row struct {
	No, Date, Action string
	Number, Customer string // number and name of the customer
	Field            string // in French
	Current, Wanted  string
	By, State        string
}

// ReadSheet reads a hand-off file: UTF-8 with a byte order mark, semicolons, CRLF, quoted values. It
// is as strict as a French Excel's user would wish it to be, and takes off the apostrophe in front
// of cells that would otherwise be formulas.
func ReadSheet(b []byte) ([]Row, error) {
	text, ok := strings.CutPrefix(string(b), "\uFEFF")
	if !ok {
		return nil, errors.New("read hand-off file: no byte order mark")
	}
	var rows []Row
	for line := 0; text != ""; line++ {
		cells, rest, err := readRecord(text, line > 0)
		if err == nil && len(cells) != len(sheetColumns) {
			err = fmt.Errorf("%d columns, want %d", len(cells), len(sheetColumns))
		}
		if err == nil && line == 0 && !slices.Equal(cells, sheetColumns) {
			err = fmt.Errorf("headings %q, want %q", cells, sheetColumns)
		}
		if err != nil {
			return nil, fmt.Errorf("read hand-off file: record %d: %w", line, err)
		}
		text = rest
		if line == 0 {
			continue
		}
		for i := range cells {
			if cells[i], err = unescape(cells[i]); err != nil {
				return nil, fmt.Errorf("read hand-off file: record %d: column %s: %w", line, sheetColumns[i], err)
			}
		}
		rows = append(rows, Row{cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7],
			cells[8], cells[9]})
	}
	return rows, nil
}

// unescape takes the protecting apostrophe away; a cell that Excel would take for a formula is an
// error.
func unescape(s string) (string, error) {
	if s == "" {
		return s, nil
	}
	if strings.ContainsRune("=+-@", rune(s[0])) {
		return s, errors.New("looks like a formula")
	}
	if s[0] == '\'' && len(s) > 1 && strings.ContainsRune("=+-@", rune(s[1])) {
		return s[1:], nil
	}
	return s, nil
}

// readRecord reads one record up to its CRLF; with quoted, every cell must stand in quotes.
func readRecord(text string, quoted bool) (cells []string, rest string, err error) {
	for {
		var cell string
		if cell, text, err = readCell(text, quoted); err != nil {
			return nil, "", err
		}
		cells = append(cells, cell)
		if r, ok := strings.CutPrefix(text, "\r\n"); ok {
			return cells, r, nil
		}
		if text, ok := strings.CutPrefix(text, ";"); ok {
			rest = text
		} else {
			return nil, "", fmt.Errorf("column %d: neither semicolon nor CRLF follows", len(cells))
		}
		text = rest
	}
}

func readCell(text string, quoted bool) (cell, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		if quoted {
			return "", "", errors.New("a value is not quoted")
		}
		i := strings.IndexAny(text, ";\r")
		if i < 0 {
			return "", "", errors.New("no end of line")
		}
		return text[:i], text[i:], nil
	}
	text = text[1:]
	for {
		i := strings.IndexByte(text, '"')
		if i < 0 {
			return "", "", errors.New("a quote is not closed")
		}
		cell, text = cell+text[:i], text[i+1:]
		if !strings.HasPrefix(text, `"`) {
			return cell, text, nil
		}
		cell, text = cell+`"`, text[1:]
	}
}
