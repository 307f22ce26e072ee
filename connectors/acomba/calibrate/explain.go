package calibrate

import "slices"

// explaining is one card, or piece of a file, before and after.
type explaining struct {
	*comparing
	before, after []byte
	left          []span // changed and not explained yet
	base          Move
	off           int64
	card          bool
	cards         int64 // of the file, where this is its header
	from, to      []spelling
}

func (e *explaining) run() {
	if e.edit.Kind == EditField {
		e.field()
	}
	for len(e.left) > 0 {
		s := e.left[0]
		m := e.move(int(s.off), int(s.n), MeansUnknown)
		n := e.number(&m, int(s.off), int(s.n))
		m.Len = int64(n)
		e.tell(m)
		e.take(int(s.off), n)
	}
}

func (e *explaining) move(at, n int, means Meaning) Move {
	m := e.base
	m.Offset, m.Len, m.Meaning = e.off+int64(at), int64(n), means
	if e.card {
		m.At = at
	}
	return m
}

// take removes a range from what is left.
func (e *explaining) take(at, n int) {
	var left []span
	from, to := int64(at), int64(at+n)
	for _, s := range e.left {
		if s.off < from {
			left = append(left, span{s.off, min(s.n, from-s.off)})
		}
		if end := s.off + s.n; end > to {
			left = append(left, span{max(s.off, to), end - max(s.off, to)})
		}
	}
	e.left = left
}

// field looks for the value before and after in the same place, and takes the changed bytes of it.
func (e *explaining) field() {
	f, _, ok := FieldOf(e.edit.Table, e.edit.Field)
	if !ok {
		return
	}
	from, errFrom := parseValue(f, e.edit.From)
	to, errTo := parseValue(f, e.edit.To)
	if errFrom != nil || errTo != nil || from.blank && to.blank {
		return
	}
	e.from, e.to = spellings(from.text), spellings(to.text)
	for at := range e.before {
		if n, kind := e.holds(f, at, from, to); n > 0 && e.touches(at, n) {
			m := e.move(at, n, MeansField)
			m.Type = kind
			e.tell(m)
			e.take(at, n)
		}
	}
}

// holds gives how many bytes at an offset hold the value before and after, and the type; 0 if they don't.
func (e *explaining) holds(f Field, at int, from, to value) (int, string) {
	switch f.Kind {
	case Text:
		n, m := spelledAs(e.before, at, e.from), spelledAs(e.after, at, e.to)
		if (n > 0 || from.blank && pad(e.before[at])) && (m > 0 || to.blank && pad(e.after[at])) {
			return max(n, m), "str"
		}
	case Number:
		for _, big := range []bool{false, true} {
			for _, t := range append(slices.Clone(integers), numeric{"f64", 8}, numeric{"f32", 4}) {
				for _, scale := range scales {
					form := Form{At: at, Type: t.name, Big: big, Scale: scale}
					x, okX := amount(e.before, form)
					y, okY := amount(e.after, form)
					if okX && okY && x.Equal(from.num) && y.Equal(to.num) && !x.Equal(y) {
						return t.width, t.name
					}
				}
			}
		}
	case Date:
		for _, enc := range []string{"ymd32", "dos16", "delphi_f64", "str_yyyymmdd", "days_since:1899-12-30"} {
			form := Form{At: at, Type: "date", Enc: enc}
			x, okX := day(e.before, form)
			y, okY := day(e.after, form)
			if okX && okY && x.Equal(from.day) && y.Equal(to.day) && !x.Equal(y) {
				return width(form), enc
			}
		}
	}
	return 0, ""
}

func (e *explaining) touches(at, n int) bool {
	return slices.ContainsFunc(e.left, func(s span) bool { return s.off < int64(at+n) && s.off+s.n > int64(at) })
}

// number tells what number changed where a range begins, and how many of its bytes that explains.
func (e *explaining) number(m *Move, at, n int) int {
	forms := []Form{{At: at, Type: "u32"}, {At: at + n - 4, Type: "u32", Big: true}}
	for back := range 4 { // a stamp's low bytes may be as before
		forms = append(forms, Form{At: at - back, Type: "u32"}, Form{At: at - back, Type: "u32", Big: true})
	}
	for _, f := range forms {
		x, okX := whole(e.before, f)
		y, okY := whole(e.after, f)
		if !okX || !okY || f.At+4 < at+1 {
			continue
		}
		now := e.at.Unix()
		switch {
		case y != x && y > now-2*86400 && y < now+2*86400:
			m.Meaning, m.Type = MeansStamp, "u32"
			return f.At + 4 - at
		case e.cards > 0 && y != x && y == e.cards:
			m.Meaning, m.Type = MeansCount, "u32"
			return f.At + 4 - at
		}
	}
	if e.code(m, at, n) {
		return 1
	}
	for _, f := range []Form{{At: at, Type: "u32"}, {At: at, Type: "u16"}, {At: at + n - 2, Type: "u16", Big: true}, {At: at + n - 4, Type: "u32", Big: true}, {At: at, Type: "u8"}} {
		x, okX := whole(e.before, f)
		y, okY := whole(e.after, f)
		if okX && okY && y > x && y-x <= maxSteps && f.At <= at {
			m.Meaning, m.Type = MeansCounter, f.Type
			return max(1, min(n, f.At+width(f)-at))
		}
	}
	return n
}

// code takes a small number that changed with a deletion, or from 1 to 0 when a record was made inactive.
func (e *explaining) code(m *Move, at, n int) bool {
	x, y := int64(e.before[at]), int64(e.after[at])
	switch {
	case e.edit.Kind == EditDelete && e.card && x < 64 && y < 64, e.edit.Kind == EditDelete && e.card && n == 1:
		m.Meaning = MeansStatus
	case e.edit.Kind == EditInactive && x == 1 && y == 0:
		m.Meaning = MeansActive
	default:
		return false
	}
	m.Type, m.From, m.To = "u8", &x, &y
	return true
}
