package adt_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/bob50/bob50test"
)

const benchRows, benchColumns = 1_000_000, 60

// benchFile writes a table of a million rows of 60 columns, as wide as those of third parties, a thousand rows of which differ.
func benchFile(b *testing.B) string {
	b.Helper()
	kinds := []bob50test.Column{{Type: bob50test.Character, Length: 10}, {Type: bob50test.Character, Length: 20}, {Type: bob50test.Integer},
		{Type: bob50test.Logical}, {Type: bob50test.TimeStamp}, {Type: bob50test.Double}}
	values := func(i int) []any {
		return []any{fmt.Sprintf("C%06d", i), fmt.Sprintf("Crèmerie n° %d", i), i, i%2 == 0, time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC), float64(i) / 4}
	}
	var columns []bob50test.Column
	for i := range benchColumns {
		c := kinds[i%len(kinds)]
		c.Name = fmt.Sprintf("COLUMN%02d", i)
		columns = append(columns, c)
	}
	table, err := bob50test.NewTable(bob50test.Page1252, columns...)
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		var cells []any
		for range benchColumns / len(kinds) {
			cells = append(cells, values(i)...)
		}
		if err := table.Append(bob50test.Active, cells...); err != nil {
			b.Fatal(err)
		}
	}
	head, rows := split(table.Bytes(), 400+200*benchColumns)
	head[24], head[25], head[26], head[27] = byte(benchRows&0xFF), byte(benchRows>>8&0xFF), byte(benchRows>>16), 0
	return writeTimes(b, head, rows, benchRows/1000)
}

func split(b []byte, at int) (head, rest []byte) { return bytes.Clone(b[:at]), b[at:] }

func writeTimes(b *testing.B, head, rows []byte, times int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "BENCH.ADT")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for i := range times + 1 {
		part := rows
		if i == 0 {
			part = head
		}
		if _, err := f.Write(part); err != nil {
			b.Fatal(err)
		}
	}
	return path
}

// cpu is the processor time of this process so far.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// asked are how many columns BOB's own map names of third parties.
const asked = 16

// BenchmarkMillion decodes a million rows of 60 columns, beside reading the file once: every cell, those of the columns that a map
// names, and none, which is what a look at rows that did not change costs. It gives the bytes of a row, processor time of a row,
// that of reading it alone, how many times as much decoding takes, and rows a second.
func BenchmarkMillion(b *testing.B) {
	f, err := os.Open(benchFile(b))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		b.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		columns int
	}{{"every", benchColumns}, {"asked", asked}, {"none", 0}} {
		b.Run(test.name, func(b *testing.B) { million(b, f, info.Size(), test.columns) })
	}
}

func million(b *testing.B, f io.ReaderAt, size int64, columns int) {
	b.Helper()
	var reading, decoding time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := cpu(b)
		if n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.NewSectionReader(f, 0, size), make([]byte, 256<<10)); n != size || err != nil {
			b.Fatal(n, err)
		}
		middle := cpu(b)
		decode(b, f, size, columns)
		reading, decoding = reading+middle-start, decoding+cpu(b)-middle
	}
	rows := float64(b.N) * benchRows
	b.ReportMetric(float64(size)/benchRows, "bytes/row")
	b.ReportMetric(float64(reading.Nanoseconds())/rows, "read-ns/row")
	b.ReportMetric(float64(decoding.Nanoseconds())/rows, "decode-ns/row")
	b.ReportMetric(float64(decoding)/float64(reading), "decode/read")
	b.ReportMetric(rows/decoding.Seconds(), "rows/s")
}

// decode reads the first columns of every row.
func decode(b *testing.B, f io.ReaderAt, size int64, columns int) {
	b.Helper()
	table, err := adt.Open("BENCH.ADT", f, size, nil, adt.CP1252)
	if err != nil {
		b.Fatal(err)
	}
	rows, cells := 0, 0
	err = table.Scan(b.Context(), func(r *adt.Row) error {
		rows++
		for i := range columns {
			if v := r.Value(i); v.Kind != adt.Null && v.Kind != adt.Bad {
				cells++
			}
		}
		return r.Err
	})
	if err != nil || rows != benchRows || cells != benchRows*columns {
		b.Fatal(rows, cells, err)
	}
}
