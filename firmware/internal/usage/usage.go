// Package usage tells what the box uses of its machine, as support asks for it.
package usage

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Usage is what was used at one moment. Memory is in KiB.
type Usage struct {
	Up        time.Duration // since the kernel started
	RSS, Peak int64         // memory of this process, now and at most: VmRSS and VmHWM of proc(5)
	Anon      int64         // what of RSS is no part of a file, such as a database: RssAnon. The rest can be read again
	Total     int64         // memory of the machine, without what the kernel itself lies in
	Available int64         // what programs could still get without anything being lost
}

// Read reads the files of proc(5).
func Read(proc fs.FS) (Usage, error) {
	var u Usage
	up, err := fs.ReadFile(proc, "uptime")
	if err != nil {
		return u, fmt.Errorf("read what is used: %w", err)
	}
	first, _, _ := strings.Cut(string(up), " ")
	if u.Up, err = time.ParseDuration(first + "s"); err != nil {
		return u, fmt.Errorf("read what is used: uptime: %w", err)
	}
	for _, file := range []struct {
		name  string
		lines map[string]*int64
	}{
		{"self/status", map[string]*int64{"VmRSS": &u.RSS, "VmHWM": &u.Peak, "RssAnon": &u.Anon}},
		{"meminfo", map[string]*int64{"MemTotal": &u.Total, "MemAvailable": &u.Available}},
	} {
		if err := read(proc, file.name, file.lines); err != nil {
			return u, fmt.Errorf("read what is used: %w", err)
		}
	}
	return u, nil
}

// read reads "Name:   123 kB" lines.
func read(proc fs.FS, name string, into map[string]*int64) error {
	b, err := fs.ReadFile(proc, name)
	if err != nil {
		return err
	}
	found := 0
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ":")
		number := into[key]
		if number == nil {
			continue
		}
		if *number, err = strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		found++
	}
	if found != len(into) {
		return fmt.Errorf("%s: has %d of %d lines", name, found, len(into))
	}
	return nil
}

// LogValue is how it stands in the log.
func (u Usage) LogValue() slog.Value {
	return slog.GroupValue(slog.Duration("up", u.Up.Truncate(100*time.Millisecond)), slog.Int64("rss_kib", u.RSS), slog.Int64("anon_kib", u.Anon), slog.Int64("peak_kib", u.Peak),
		slog.Int64("total_kib", u.Total), slog.Int64("available_kib", u.Available))
}
