package bob50

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/bob50/dbf"
)

// The names under which LINK takes third parties.
const (
	dbfName    = "CLIENTS.DBF"
	fixedName  = "CLIENTS_FACT.txt"
	schemaName = "CLIENTS_FACT.sch"
	section    = "CLIENTS_FACT"
)

// linkColumn is a column of LINK's file.
type linkColumn struct {
	name   string // in the file
	column string // in the table
	length int    // characters
}

// linkFile is one file, in the order in which it is to be put there.
type linkFile struct {
	name    string
	content []byte
}

// encode makes the files for rows.
func (s *Site) encode(columns []linkColumn, rows []*handedRow, at time.Time) ([]linkFile, error) {
	if s.cfg.LinkFormat == LinkFixed {
		return encodeFixed(columns, rows), nil
	}
	fields := make([]dbf.Field, len(columns))
	for i, c := range columns {
		fields[i] = dbf.Field{Name: c.name, Type: 'C', Length: c.length}
	}
	cells := make([][]dbf.Value, len(rows))
	for i, r := range rows {
		for _, c := range columns {
			cells[i] = append(cells[i], dbf.Value(r.Cells[c.column]))
		}
	}
	var b bytes.Buffer
	if err := dbf.Write(&b, dbfName, fields, cells, at); err != nil {
		return nil, err
	}
	return []linkFile{{dbfName, b.Bytes()}}, nil
}

// encodeFixed makes lines of fixed width and their schema, as the exporters that are known do. The schema comes first: lines
// without one are nothing.
func encodeFixed(columns []linkColumn, rows []*handedRow) []linkFile {
	var schema, lines bytes.Buffer
	fmt.Fprintf(&schema, "[%s]\r\nFileType=Fixed\r\nCharSet=ascii\r\n", section)
	at := 0
	for i, c := range columns {
		fmt.Fprintf(&schema, "Field%02d=%s,Char,%03d,00,%03d\r\n", i+1, c.name, c.length, at)
		at += c.length
	}
	for _, r := range rows {
		for _, c := range columns {
			fmt.Fprintf(&lines, "%-*s", c.length, r.Cells[c.column])
		}
		lines.WriteString("\r\n")
	}
	return []linkFile{{schemaName, schema.Bytes()}, {fixedName, lines.Bytes()}}
}

// linkFiles are the names of all files of the form, in the order in which they go.
func (c *Config) linkFiles() []string {
	names := []string{dbfName}
	if c.LinkFormat == LinkFixed {
		names = []string{fixedName, schemaName} // the lines go first
	}
	if c.Trigger != "" {
		names = append([]string{c.Trigger}, names...)
	}
	return names
}

// main is the file whose presence tells that LINK has not taken it yet.
func (c *Config) main() string {
	if c.LinkFormat == LinkFixed {
		return fixedName
	}
	return dbfName
}

// linkColumns are the columns that rows fill, the key and the name first.
func (s *Site) linkColumns(v *view, rows []*handedRow) []linkColumn {
	filled := map[string]bool{}
	for _, r := range rows {
		for column := range r.Cells {
			filled[column] = true
		}
	}
	first := []string{v.account.Fields()[v.columns.key].Name}
	names := map[string]string{}
	for name, f := range s.cfg.Map.Account.Fields {
		if link := s.linkNames(f); link != nil {
			for i, column := range f.Columns {
				names[strings.ToUpper(column)] = link[i]
			}
		}
		if name == "name" {
			first = append(first, f.Columns...)
		}
	}
	var columns []linkColumn
	for _, f := range v.account.Fields() {
		column := strings.ToUpper(f.Name)
		if filled[column] {
			name := names[column]
			if name == "" {
				name = column
			}
			columns = append(columns, linkColumn{name, column, f.Length})
		}
	}
	rank := func(c linkColumn) int {
		if i := slices.IndexFunc(first, func(n string) bool { return strings.EqualFold(n, c.column) }); i >= 0 {
			return i
		}
		return len(first)
	}
	slices.SortStableFunc(columns, func(a, b linkColumn) int { return rank(a) - rank(b) })
	return columns
}
