package layout

import (
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// builder turns wire types into a Layout and collects what is wrong on the way. file and field are
// the place it is at, for messages.
type builder struct {
	layout      *Layout
	problems    []Problem
	file, field string
}

func (b *builder) bad(key string, value any, why string, args ...any) {
	text := ""
	if value != nil {
		text = fmt.Sprint(value)
	}
	b.problems = append(b.problems, Problem{File: b.file, Field: b.field, Key: key, Value: text, Why: fmt.Sprintf(why, args...)})
}

// within reports whether a number lies in its bounds, and complains otherwise.
func (b *builder) within(key string, v, low, high int64) bool {
	if v < low || v > high {
		b.bad(key, v, "must be %d to %d", low, high)
		return false
	}
	return true
}

// oneOf complains unless the word is one of those allowed; an absent word is the first.
func (b *builder) oneOf(key, word string, allowed ...string) string {
	if word == "" {
		return allowed[0]
	}
	if !slices.Contains(allowed, word) {
		b.bad(key, word, "must be %s", strings.Join(allowed, ", "))
	}
	return word
}

var (
	layoutName = regexp.MustCompile(`^([a-z0-9][a-z0-9._-]{0,63})/([1-9][0-9]{0,5})$`)
	fileName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,31}$`)
	fieldName  = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
)

func (b *builder) build(wire *wireLayout) {
	b.head(wire)
	if len(wire.Files) == 0 || len(wire.Files) > maxFiles {
		b.bad("files", nil, "must be 1 to %d files, are %d", maxFiles, len(wire.Files))
		return
	}
	b.layout.names = slices.Sorted(maps.Keys(wire.Files))
	paths := map[string]string{}
	for _, name := range b.layout.names {
		w := wire.Files[name]
		b.file = name
		b.layout.files[name] = b.buildFile(name, &w)
		folded := strings.ToLower(w.Path)
		if other := paths[folded]; other != "" {
			b.bad("path", w.Path, "also the path of %s", other)
		}
		paths[folded] = name
	}
	b.file = ""
	b.crossCheck()
	for _, name := range b.layout.names {
		b.file = name
		b.probes(b.layout.files[name], wire.Files[name].Probes)
	}
}

func (b *builder) head(wire *wireLayout) {
	l := b.layout
	if m := layoutName.FindStringSubmatch(wire.Layout); m == nil {
		b.bad("layout", wire.Layout, `must be id/version such as "refacomba/1"`)
	} else {
		l.ID = m[1]
		l.Version, _ = strconv.Atoi(m[2])
	}
	if l.AcombaVersions = wire.AcombaVersions; len(l.AcombaVersions) == 0 || slices.Contains(l.AcombaVersions, "") {
		b.bad("acomba_versions", nil, "must name at least one version, none of them empty")
	}
	b.version(wire.Version)
	l.Encoding = Encoding(b.oneOf("encoding", wire.Encoding, string(Auto), string(Windows1252), string(CP850)))
	l.Writable = wire.Writable
	b.locks(wire)
	b.writeRules(wire.Write)
}

func (b *builder) version(w *wireVersion) {
	switch {
	case w == nil || w.File == "" && w.Ask == "":
		b.bad("version", nil, "must have file, or ask = \"technician\"")
	case w.File != "" && w.Ask != "":
		b.bad("version", nil, "file and ask exclude each other")
	case w.Ask != "":
		b.oneOf("version.ask", w.Ask, "technician")
		if w.Line != nil {
			b.bad("version.line", *w.Line, "goes with file only")
		}
	default:
		line := int64(1)
		if w.Line != nil {
			line = *w.Line
		}
		b.path("version.file", w.File)
		if b.within("version.line", line, 1, 1000) {
			b.layout.VersionFrom = VersionFrom{File: w.File, Line: int(line)}
		}
	}
}

// path complains unless the path stays below the company folder.
func (b *builder) path(key, path string) {
	if path == "." || !fs.ValidPath(path) || strings.ContainsAny(path, "\\:*?\"<>|\x00") {
		b.bad(key, path, "must be a path below the company folder, with slashes")
	}
}

func (b *builder) locks(wire *wireLayout) {
	b.oneOf("locks.on_sharing_violation", wire.Locks.OnSharingViolation, "busy")
	b.oneOf("locks.on_lock_conflict", wire.Locks.OnLockConflict, "skip_card")
	for _, marker := range wire.Locks.ExclusiveMarkers {
		b.path("locks.exclusive_markers", marker)
	}
	b.layout.Locks.ExclusiveMarkers = wire.Locks.ExclusiveMarkers
	w := wire.Consistency
	if w == nil {
		w = &wireConsistency{QuietMS: 2000, Retries: 3, BackoffMS: []int64{50, 200, 800}}
	}
	b.oneOf("consistency.mode", w.Mode, "double_read")
	b.within("consistency.quiet_ms", w.QuietMS, 0, 600_000)
	b.within("consistency.retries", w.Retries, 0, 100)
	c := Consistency{Quiet: milliseconds(w.QuietMS), Retries: int(w.Retries)}
	for _, ms := range w.BackoffMS {
		b.within("consistency.backoff_ms", ms, 0, 600_000)
		c.Backoff = append(c.Backoff, milliseconds(ms))
	}
	if c.Retries > 0 && len(c.Backoff) == 0 {
		b.bad("consistency.backoff_ms", nil, "retries need at least one")
	}
	b.layout.Consistency = c
}

func milliseconds(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

func (b *builder) writeRules(w *wireWrite) {
	if w == nil {
		return
	}
	rules := &WriteRules{Volatile: w.Volatile, MaxPerCycle: int(w.MaxWritesPerCycle)}
	rules.OddWhileWriting = b.oneOf("write.sequence", w.Sequence, "none", "odd_while_writing") == "odd_while_writing"
	rules.Append = b.oneOf("write.create", w.Create, "none", "append") == "append"
	b.within("write.max_writes_per_cycle", w.MaxWritesPerCycle, 1, 100_000)
	for _, s := range w.Stamp {
		b.oneOf("write.stamp.now", s.Now, "unix")
		if (s.Now == "") == (s.Add == 0) {
			b.bad("write.stamp", s.Field, "must have add or now, not both")
		}
		b.within("write.stamp.add", s.Add, -1<<15, 1<<15)
		rules.Stamps = append(rules.Stamps, Stamp{Field: s.Field, Add: s.Add, Now: s.Now != ""})
	}
	if w.Lock.Exclusive == nil || !*w.Lock.Exclusive {
		b.bad("write.lock.exclusive", nil, "must be true: nothing is written without an exclusive lock")
	}
	b.within("write.lock.wait_ms", w.Lock.WaitMS, 0, 60_000)
	b.within("write.lock.attempts", w.Lock.Attempts, 1, 100)
	rules.Lock = Lock{Wait: milliseconds(w.Lock.WaitMS), Attempts: int(w.Lock.Attempts), Ranges: b.lockRanges(w.Lock.Range)}
	b.layout.Write = rules
}

// lockRanges reads "card", {offset, length}, or a list of both in the order of locking.
func (b *builder) lockRanges(value any) []LockRange {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if len(list) == 0 || len(list) > 8 {
		b.bad("write.lock.range", nil, "must be 1 to 8 ranges, are %d", len(list))
	}
	var ranges []LockRange
	for _, item := range list {
		switch v := item.(type) {
		case string:
			b.oneOf("write.lock.range", v, "card")
			ranges = append(ranges, LockRange{Card: true})
		case map[string]any:
			ranges = append(ranges, b.lockRange(v))
		default:
			b.bad("write.lock.range", item, `must be "card" or {offset, length}`)
		}
	}
	return ranges
}

func (b *builder) lockRange(table map[string]any) LockRange {
	for _, key := range slices.Sorted(maps.Keys(table)) {
		if key != "offset" && key != "length" {
			b.bad("write.lock.range."+key, nil, "unknown key")
		}
	}
	offset, offsetOK := table["offset"].(int64)
	length, lengthOK := table["length"].(int64)
	if !offsetOK || !lengthOK || offset < 0 || length < 1 || offset > 1<<62-length {
		b.bad("write.lock.range", nil, "must have an offset from 0 and a length from 1")
	}
	return LockRange{Offset: offset, Length: length}
}
