package delta

import (
	"bytes"
	"cmp"
	"debug/elf"
	"encoding/binary"
	"slices"
)

// program is an arm64 program of Go's in an image, or a kernel, with what its own tables say of it. Offsets are of the image.
type program struct {
	at          int
	loads       []span // by segment
	codes       []span
	datas       []span // with addresses in them
	relocations span   // of a kernel
	text        span
	rodata      span
	sections    map[string]span
	tables      map[string]span // of the runtime: names, cu, files, pctab, functions, entries, find, types, funcdata
}

// span is a stretch of an image that is at an address when it runs.
type span struct {
	at, n int
	va    uint32
}

func (s span) end() int { return s.at + s.n }

// programs finds Go's programs in an image.
func programs(image []byte) (found []*program) {
	magic := []byte("\x7fELF\x02\x01\x01")
	for at := 0; ; at++ {
		i := bytes.Index(image[at:], magic)
		if i < 0 {
			return found
		}
		at += i
		if p := openProgram(image, at); p != nil {
			found = append(found, p)
		}
	}
}

// openProgram gives nil for what is no such program, or is none that it understands.
func openProgram(image []byte, at int) *program {
	f, err := elf.NewFile(bytes.NewReader(image[at:]))
	if err != nil || f.Machine != elf.EM_AARCH64 || f.Type != elf.ET_EXEC {
		return nil
	}
	p := &program{at: at, sections: map[string]span{}}
	for _, l := range f.Progs {
		if l.Type != elf.PT_LOAD {
			continue
		}
		s, ok := spanOf(image, at, l.Off, l.Filesz, l.Vaddr)
		if !ok {
			return nil
		}
		p.loads = append(p.loads, s)
	}
	for _, s := range f.Sections {
		if s.Type == elf.SHT_NOBITS || s.Addr == 0 {
			continue
		}
		sp, ok := spanOf(image, at, s.Offset, s.Size, s.Addr)
		if !ok {
			return nil
		}
		p.sections[s.Name] = sp
	}
	p.text, p.rodata = p.sections[".text"], p.sections[".rodata"]
	if p.text.n == 0 || p.rodata.n == 0 || p.sections[".gopclntab"].n == 0 {
		return nil
	}
	p.codes = []span{p.text}
	for _, name := range []string{".rodata", ".itablink", ".go.module", ".noptrdata", ".data"} {
		p.datas = append(p.datas, p.sections[name])
	}
	p.tables = p.runtimeTables(image)
	return p
}

func spanOf(image []byte, at int, off, size, va uint64) (span, bool) {
	if off > uint64(len(image)-at) || size > uint64(len(image)-at)-off || va > 1<<31 {
		return span{}, false
	}
	return span{at + int(off), int(size), uint32(va)}, true
}

// place gives where in the image an address lies.
func (p *program) place(va uint64) (int, bool) {
	for _, s := range p.loads {
		if va >= uint64(s.va) && va < uint64(s.va)+uint64(s.n) {
			return s.at + int(va-uint64(s.va)), true
		}
	}
	return 0, false
}

// Words of runtime.moduledata, Go 1.26 ($GOROOT/src/runtime/symtab.go).
const (
	mdNames, mdCU, mdFiles, mdPCTab, mdPCLine, mdFuncs = 1, 4, 7, 10, 13, 16
	mdFind, mdText, mdTextEnd                          = 19, 22, 23
	mdTypes, mdTypesEnd, mdFuncData                    = 37, 38, 40
	mdWords                                            = 42
)

// runtimeTables gives nil where runtime.moduledata is not as it is in the Go version that this was written for.
func (p *program) runtimeTables(image []byte) map[string]span {
	m := p.sections[".go.module"]
	if m.n < 8*mdWords {
		return nil
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(image[m.at+8*i:]) }
	if word(0) != uint64(p.sections[".gopclntab"].va) || word(mdText) != uint64(p.text.va) || word(mdPCLine) != word(mdFuncs) {
		return nil
	}
	t := map[string]span{}
	for name, r := range map[string][2]uint64{
		"names":    {word(mdNames), word(mdNames + 1)},
		"cu":       {word(mdCU), 4 * word(mdCU+1)},
		"files":    {word(mdFiles), word(mdFiles + 1)},
		"pctab":    {word(mdPCTab), word(mdPCTab + 1)},
		"entries":  {word(mdFuncs), 8*word(mdFuncs+1) - 4},
		"find":     {word(mdFind), findBytesOf(word(mdTextEnd) - word(mdText))},
		"types":    {word(mdTypes), word(mdTypesEnd) - word(mdTypes)},
		"funcdata": {word(mdFuncData), word(mdFind) - word(mdFuncData)},
	} {
		at, ok := p.place(r[0])
		if !ok || r[1] == 0 || r[1] > uint64(len(image)-at) || r[0] > 1<<31 {
			return nil
		}
		t[name] = span{at, int(r[1]), uint32(r[0])}
	}
	e := t["entries"]
	// The first function's offset says where the functions begin: right behind the entries.
	first := int(get32(image[e.at+4:]))
	end := t["funcdata"].at
	if first < e.n || e.at+first >= end {
		return nil
	}
	t["functions"] = span{e.at + first, end - e.at - first, 0}
	return t
}

// findBytesOf gives the length of runtime.findfunctab for so many bytes of code.
func findBytesOf(code uint64) uint64 {
	return 4*((code+bucketCode-1)/bucketCode) + (code+bucketStretch-1)/bucketStretch
}

// link is a program that stands in both images.
type link struct {
	from, to int // of the new image
	layout   layout
}

// links gives what the programs of two images have in common, the n-th with the n-th.
func linksOf(old, new []*program) (all []link) {
	if len(old) != len(new) {
		return nil
	}
	for i, b := range new {
		k := link{from: b.at, to: b.loads[len(b.loads)-1].end()}
		k.layout.join(old[i], b)
		if len(k.layout.segments) > 0 && k.layout.apart() {
			all = append(all, k)
		}
	}
	return all
}

// apart puts the regions in order, and says whether they are apart: otherwise they are not as they were understood.
func (l *layout) apart() bool {
	slices.SortFunc(l.regions, func(a, b region) int { return cmp.Compare(a.old, b.old) })
	for i := 1; i < len(l.regions); i++ {
		if l.regions[i-1].old+l.regions[i-1].n > l.regions[i].old {
			return false
		}
	}
	return true
}

// layoutOf puts the layouts of links together.
func layoutOf(all []link) (l layout) {
	for _, k := range all {
		m := k.layout
		if len(l.segments)+len(m.segments) > maxSegments || len(l.bases)+len(m.bases) > maxBases || len(l.regions)+len(m.regions) > maxRegions {
			continue
		}
		for _, r := range m.regions {
			r.bases = slices.Clone(r.bases)
			for i := range r.bases {
				r.bases[i] += uint8(len(l.bases))
			}
			l.regions = append(l.regions, r)
		}
		l.segments = append(l.segments, m.segments...)
		l.bases = append(l.bases, m.bases...)
	}
	if !l.apart() {
		return layout{}
	}
	return l
}

// join tells what two programs have in common.
func (l *layout) join(a, b *program) {
	if len(a.loads) != len(b.loads) {
		return
	}
	for i, s := range a.loads {
		t := b.loads[i]
		l.segments = append(l.segments, segment{int32(s.at), int32(t.at), int32(s.n), int32(t.n), s.va, t.va})
	}
	for _, s := range a.codes {
		l.add(s, code)
	}
	if a.text.n == 0 { // a kernel
		l.add(a.relocations, words64)
		for _, s := range a.datas {
			l.add(s, words32)
		}
		return
	}
	tables := a.tables != nil && b.tables != nil
	for _, s := range a.datas {
		if s != a.rodata || !tables {
			l.add(s, words64)
		}
	}
	if tables {
		l.joinTables(a, b)
	}
}

// joinTables tells what the tables of the runtime refer to.
func (l *layout) joinTables(a, b *program) {
	place := func(name string, unit int32) uint8 {
		s, t := a.tables[name], b.tables[name]
		if name == "text" {
			s, t = a.text, b.text
		}
		l.bases = append(l.bases, base{int32(s.at), int32(t.at), unit})
		return uint8(len(l.bases) - 1)
	}
	text, names, pctab, cu := place("text", 1), place("names", 1), place("pctab", 1), place("cu", 4)
	files, types, funcdata, entries, self := place("files", 1), place("types", 1), place("funcdata", 1), place("entries", 1), place("find", 1)
	l.add(a.rodata, words64, types, text)
	l.add(a.tables["find"], find, self, text, entries)
	l.add(a.tables["cu"], table, files)
	l.add(a.tables["entries"], table, text, entries)
	l.add(a.tables["functions"], funcs, text, names, pctab, cu, funcdata)
	l.add(a.tables["funcdata"], words64, types, names)
	l.add(a.sections[".typelink"], table, types)
}

// add adds a region, without what is no whole word of it.
func (l *layout) add(s span, as meaning, bases ...uint8) {
	if s.n >= 4 && len(l.regions) < maxRegions {
		l.regions = append(l.regions, region{int32(s.at), int32(s.n &^ 3), as, bases})
	}
}
