package sagex3

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// listed is a row of an object's list: what tells whether the record changed since an earlier look. The columns are fields of
// headers only: a text of several lines or a grid needs a read.
type listed struct {
	key   record.Key
	stamp uint64 // of all columns, the time and the number of the last change among them; even
	mine  bool   // the user's, or taken for it
	// counted says that X3 counts the revisions, so that every change shows; without, recent is a record that may change again
	// without another stamp.
	counted, recent bool
}

// list gives the rows of what the user may have, in the order of keys.
func (u *User) list(ctx context.Context, e record.Entity) ([]listed, error) {
	lines, err := u.lines(ctx, e)
	if err != nil {
		return nil, err
	}
	c := u.server.cfg
	newest := time.Time{}
	for _, line := range lines {
		if at := c.day(line); at.After(newest) {
			newest = at
		}
	}
	rows := make([]listed, 0, len(lines))
	for _, line := range lines {
		counted := one(line, "UPDTICK") != ""
		rows = append(rows, listed{
			key: record.Key(one(line, c.code(e, "chrono"))), stamp: line.stamp() &^ 1, mine: true,
			counted: counted, recent: !counted && !c.day(line).Before(newest.Add(-c.Overlap)),
		})
	}
	if err := u.whole(ctx, e, rows); err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b listed) int { return cmp.Compare(a.key, b.key) })
	return slices.CompactFunc(rows, func(a, b listed) bool { return a.key == b.key }), nil
}

// lines reads the rows by SOAP or by REST. An appointment may be the user's without being owned.
func (u *User) lines(ctx context.Context, e record.Entity) ([]row, error) {
	s, rep := u.server, u.cfg.Representative
	if e == record.Appointment {
		rep = ""
	}
	if s.cfg.Read == ByREST {
		if _, err := s.describe(ctx, e); err != nil {
			return nil, err
		}
		return s.restRows(ctx, e, rep)
	}
	var by []string
	if rep != "" {
		by = []string{s.cfg.code(e, owner[e]), rep}
	}
	return s.query(ctx, e, by...)
}

// whole holds a list against the one before it, since JSON does not tell how long a list is and records may move from page to page: what is missing must not be there.
func (u *User) whole(ctx context.Context, e record.Entity, rows []listed) error {
	s, now := u.server, make(map[record.Key]bool, len(rows))
	for _, r := range rows {
		now[r.key] = true
	}
	for key := range u.last[e] {
		if now[key] {
			continue
		}
		r, err := s.call(ctx, "read", s.cfg.publication(e), keys(s.cfg.code(e, "chrono"), string(key)))
		switch {
		case connectors.KindOf(err) == connectors.Rejected:
		case err != nil:
			return err
		case e == record.Appointment || u.owns(e, r.payload):
			return s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("a list of which a part is missing"))
		}
	}
	u.last[e] = now
	return nil
}

// day is the day of a row's last change, zero if it does not say.
func (c Config) day(line row) time.Time {
	if _, old := line["UPDDAT"]; !old {
		v, _ := c.moment(one(line, "UPDDATTIM"), "") // unreadable is as absent
		return v.Time()
	}
	v, err := day(one(line, "UPDDAT"))
	if err != nil || v.Empty() {
		return time.Time{}
	}
	t, _ := time.Parse(time.DateOnly, v.Text) // a day, as day gives it
	return t
}

// query gives the rows of an object that fit, each with its number. A list that may not be whole is an error.
func (s *Server) query(ctx context.Context, e record.Entity, by ...string) ([]row, error) {
	if _, err := s.describe(ctx, e); err != nil {
		return nil, err
	}
	lines, err := s.rows(ctx, s.cfg.publication(e), by...)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		if one(line, s.cfg.code(e, "chrono")) == "" {
			return nil, s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("a row of a list without its number"))
		}
	}
	return lines, nil
}

func (s *Server) rows(ctx context.Context, publication string, by ...string) ([]row, error) {
	r, err := s.call(ctx, "query", publication, keys(by...), number("listSize", s.cfg.ListSize))
	if err != nil {
		return nil, err
	}
	lines := r.grids[""]
	switch size, told := r.size(); {
	case len(lines) >= s.cfg.ListSize:
		e := s.failure(connectors.Drift, CodeListCut, errors.New("the list is longer than may be asked for"))
		e.Args = map[string]string{"publication": publication}
		return nil, e
	case r.warnings > 0 || told && size != len(lines):
		return nil, s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("a list of which a part is missing"))
	}
	return lines, nil
}

// size is how many rows a list says to have. Only XML tells it.
func (r *result) size() (int, bool) {
	if r.root == nil {
		return 0, false
	}
	n, err := strconv.Atoi(r.root.Attr("SIZE"))
	return n, err == nil
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

// encode keeps a list as a note: for each key its length, its bytes and its stamp, which is odd if the record is the user's.
func encode(rows []listed) []byte {
	b := []byte{}
	for _, r := range rows {
		b = append(binary.AppendUvarint(b, uint64(len(r.key))), r.key...)
		stamp := r.stamp
		if r.mine {
			stamp |= 1
		}
		b = binary.LittleEndian.AppendUint64(b, stamp)
	}
	return b
}

// decode gives a list back; a damaged note is as good as none.
func decode(b []byte) map[record.Key]uint64 {
	stamps := map[record.Key]uint64{}
	for len(b) > 0 {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > uint64(len(b)) || uint64(len(b)-used) < n+8 {
			return map[record.Key]uint64{}
		}
		b = b[used:]
		stamps[record.Key(b[:n])] = binary.LittleEndian.Uint64(b[n:])
		b = b[n+8:]
	}
	return stamps
}
