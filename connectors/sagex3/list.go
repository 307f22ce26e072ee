package sagex3

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// listed is a row of an object's list: what tells whether the record changed since an earlier look.
type listed struct {
	key   record.Key
	stamp uint64 // of all columns, the time and the number of the last change among them
}

// list gives the rows of what the user may have, in the order of keys.
func (u *User) list(ctx context.Context, e record.Entity) ([]listed, error) {
	s := u.server
	if _, err := s.describe(ctx, e); err != nil {
		return nil, err
	}
	var by []string
	if e != record.Appointment { // in which a user may take part without owning it
		by = []string{s.cfg.code(e, owner[e]), u.cfg.Representative}
	}
	r, err := s.call(ctx, "query", s.cfg.publication(e), keys(by...), number("listSize", s.cfg.ListSize))
	if err != nil {
		return nil, err
	}
	lines := r.grids[""]
	if len(lines) >= s.cfg.ListSize {
		return nil, s.failure(connectors.Unavailable, CodeListCut, errors.New("the list is longer than may be asked for"))
	}
	rows := make([]listed, 0, len(lines))
	for _, line := range lines {
		key, there := line[s.cfg.code(e, "chrono")]
		if !there || len(key) != 1 || key[0] == "" {
			return nil, s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("a row of a list without its number"))
		}
		rows = append(rows, listed{record.Key(key[0]), line.stamp()})
	}
	slices.SortFunc(rows, func(a, b listed) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return 0
	})
	return slices.CompactFunc(rows, func(a, b listed) bool { return a.key == b.key }), nil
}

// stamp is equal for equal rows.
func (r row) stamp() uint64 {
	var b []byte
	for _, code := range sorted(r) {
		b = append(append(b, code...), 0)
		for _, v := range r[code] {
			b = append(append(b, v...), 1)
		}
	}
	return xxh3.Hash(b)
}

// encode keeps a list as a note: for each key its length, its bytes and its stamp.
func encode(rows []listed) []byte {
	b := []byte{}
	for _, r := range rows {
		b = append(binary.AppendUvarint(b, uint64(len(r.key))), r.key...)
		b = binary.LittleEndian.AppendUint64(b, r.stamp)
	}
	return b
}

// decode gives a list back; a damaged note is as good as none.
func decode(b []byte) map[record.Key]uint64 {
	stamps := map[record.Key]uint64{}
	for len(b) > 0 {
		n, used := binary.Uvarint(b)
		if used <= 0 || uint64(len(b)-used) < n+8 {
			return nil
		}
		b = b[used:]
		stamps[record.Key(b[:n])] = binary.LittleEndian.Uint64(b[n:])
		b = b[n+8:]
	}
	return stamps
}
