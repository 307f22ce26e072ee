package layout

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"slices"
)

// ratio counts good ones among all; the checks build on it.
type ratio struct {
	file        string
	probe       Probe
	field       *field
	good, total int
}

func (r *ratio) count(good bool) {
	r.total++
	if good {
		r.good++
	}
}

func (r *ratio) outcome(what string) ProbeResult {
	result := ProbeResult{File: r.file, Kind: r.probe.Kind, Field: r.probe.Field, Ratio: 1, Detail: "nothing to judge"}
	if r.total > 0 {
		result.Ratio = float64(r.good) / float64(r.total)
		result.Detail = fmt.Sprintf("%d of %d %s", r.good, r.total, what)
	}
	result.Pass = result.Ratio >= r.probe.MinRatio
	return result
}

// sizeCheck: size_modulo.
type sizeCheck struct {
	run   *fileRun
	probe Probe
}

func (s *sizeCheck) card(*Card, bool) {}

func (s *sizeCheck) result(*ProbeRun) ProbeResult {
	result := ProbeResult{File: s.run.file.Name, Kind: s.probe.Kind}
	_, result.Pass = s.run.file.Count(s.run.size)
	if result.Pass {
		result.Ratio, result.Detail = 1, fmt.Sprintf("%d bytes", s.run.size)
		return result
	}
	f := s.run.file
	result.Detail = fmt.Sprintf("%d bytes: header %d, then no whole number of cards of %d", s.run.size, f.HeaderSize, f.CardSize)
	return result
}

// printableCheck: printable. A blank value is no evidence, but a key is never blank.
type printableCheck struct{ ratio }

func (p *printableCheck) card(c *Card, sampled bool) {
	if !sampled {
		return
	}
	for i := range p.field.count {
		text, err := p.field.textBytes(p.field.slice(c.raw, i))
		if err == nil && len(text) == 0 && !p.field.key {
			continue
		}
		good := err == nil && len(text) > 0
		for _, b := range text {
			good = good && c.file.page.text[b]
		}
		p.count(good)
	}
}

func (p *printableCheck) result(*ProbeRun) ProbeResult { return p.outcome("values are text") }

// enumCheck: enum_known.
type enumCheck struct{ ratio }

func (e *enumCheck) card(c *Card, sampled bool) {
	if !sampled {
		return
	}
	for i := range e.field.count {
		_, known := e.field.tokens[e.field.integer(e.field.slice(c.raw, i))]
		e.count(known)
	}
}

func (e *enumCheck) result(*ProbeRun) ProbeResult { return e.outcome("values are in the map") }

// uniqueCheck: unique, over all cards. It keeps 16 bytes a card; two different values meet in one
// hash once in some tens of millions of runs over a million cards.
type uniqueCheck struct {
	ratio
	seed   maphash.Seed
	values []hashedValue
}

type hashedValue struct {
	hash     uint64
	position int32
}

func (u *uniqueCheck) card(c *Card, _ bool) {
	u.values = append(u.values, hashedValue{valueHash(u.seed, u.field, c.raw, 0), c.position})
}

func (u *uniqueCheck) result(*ProbeRun) ProbeResult {
	slices.SortFunc(u.values, func(a, b hashedValue) int {
		switch {
		case a.hash < b.hash:
			return -1
		case a.hash > b.hash:
			return 1
		}
		return int(a.position) - int(b.position)
	})
	u.good, u.total = 0, 0
	var shared []int32
	for i, v := range u.values {
		collides := i > 0 && u.values[i-1].hash == v.hash || i+1 < len(u.values) && u.values[i+1].hash == v.hash
		u.count(!collides)
		if collides {
			shared = append(shared, v.position)
		}
	}
	result := u.outcome("values are unique")
	// One number given twice says nothing of a layout, however few cards there are.
	onePair := u.probe.MinRatio < 1 && len(shared) == 2 && u.good > 2
	result.Pass = result.Pass || onePair
	slices.Sort(shared)
	result.Cards = shared
	return result
}

// valueHash hashes the value of an element; text without its padding, so that pads do not matter.
func valueHash(seed maphash.Seed, d *field, raw []byte, i int) uint64 {
	b := d.slice(raw, i)
	switch {
	case d.kind == KindText:
		if text, err := d.textBytes(b); err == nil {
			b = text
		}
	case d.prim >= primU8 && d.prim <= primI64:
		var value [8]byte
		binary.LittleEndian.PutUint64(value[:], uint64(d.integer(b)))
		return maphash.Bytes(seed, value[:])
	}
	return maphash.Bytes(seed, b)
}

// refCheck: ref_valid by card position. Positions are judged at the end, when the target is known;
// one inside the target whose card could not be read is left out.
type refCheck struct {
	ratio
	target *fileRun
	refs   []int32
}

func (r *refCheck) card(c *Card, sampled bool) {
	if !sampled {
		return
	}
	for i := range r.field.count {
		if v := r.field.integer(r.field.slice(c.raw, i)); v != 0 {
			r.refs = append(r.refs, int32(v))
		}
	}
}

func (r *refCheck) result(*ProbeRun) ProbeResult {
	r.good, r.total = 0, 0
	for _, position := range r.refs {
		ordinal := int64(position) - int64(r.target.file.DataFrom)
		switch {
		case ordinal < 0 || ordinal >= int64(r.target.cards):
			r.count(false)
		case r.target.seen.has(int(ordinal)):
			r.count(r.target.valid.has(int(ordinal)))
		}
	}
	return r.outcome("references hit a card")
}

// valueTarget are the values of a field that others point to.
type valueTarget struct {
	field *field
	seen  map[uint64]struct{}
}

// valueRefCheck: ref_valid by value; 0 and blank are no reference.
type valueRefCheck struct {
	ratio
	target *valueTarget
	seed   maphash.Seed
	refs   []uint64
}

func (r *valueRefCheck) card(c *Card, sampled bool) {
	if !sampled {
		return
	}
	for i := range r.field.count {
		if !r.isNone(r.field.slice(c.raw, i)) {
			r.refs = append(r.refs, valueHash(r.seed, r.field, c.raw, i))
		}
	}
}

func (r *valueRefCheck) isNone(b []byte) bool {
	if r.field.kind == KindText {
		text, err := r.field.textBytes(b)
		return err == nil && len(text) == 0
	}
	v, err := r.field.whole(b)
	return err == nil && v == 0
}

func (r *valueRefCheck) result(*ProbeRun) ProbeResult {
	r.good, r.total = 0, 0
	for _, ref := range r.refs {
		_, ok := r.target.seen[ref]
		r.count(ok)
	}
	return r.outcome("references hit a value")
}

// knownCheck: known, over all cards. Of several cards with the value, one as expected is enough.
type knownCheck struct {
	ratio
	found, right bool
}

func (k *knownCheck) card(c *Card, _ bool) {
	if k.right || !k.shows(c, k.probe.Field, k.probe.Value) {
		return
	}
	k.found, k.right = true, true
	for label, want := range k.probe.Expect {
		k.right = k.right && k.shows(c, label, want)
	}
}

// shows reports whether a field of the card holds the value, compared in canonical form.
func (k *knownCheck) shows(c *Card, label, want string) bool {
	name, index, _ := c.file.element(label)
	d := c.file.byName[name]
	probed := Card{file: c.file, position: c.position, raw: c.raw}
	got := probed.Format(name, index)
	spec := c.file.spec(d)
	return probed.err == nil && sameText(d.kind, spec.Canon(got), spec.Canon(want))
}

func (k *knownCheck) result(*ProbeRun) ProbeResult {
	k.good, k.total = 0, 1
	result := k.outcome("")
	switch {
	case k.right:
		result.Ratio, result.Pass, result.Detail = 1, true, "known card is as expected"
	case k.found:
		result.Detail = "known card shows other values"
	default:
		result.Detail = "known card not found"
	}
	return result
}
