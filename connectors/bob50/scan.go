package bob50

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/bob50/adt"
	"syncbox/connectors/record"
	"syncbox/connectors/vat"
)

// line is what a look keeps of one row.
type line struct {
	key    string
	row    int    // its number in the table
	digest uint64 // of what it holds and why it is held
	vat    uint64 // of its VAT number; 0 for none
	why    string // the code by which it is held, empty if it is not
}

// twin says what several rows with one VAT number have in common.
type twin struct {
	count    int
	spelling uint64
	differ   bool
}

// reading is the one pass over the third parties.
type reading struct {
	site  *Site
	view  *view
	twins map[uint64]*twin
	bad   int    // rows of no known status
	votes [2]int // letters as code page 1252 and as 850 have them
	memos []int  // columns whose values lie in the memo file
	texts []int  // those of them that are synced
}

// scan reads both tables.
func (s *Site) scan(ctx context.Context, v *view) error {
	v.index = map[string]int32{}
	r := reading{site: s, view: v, twins: map[uint64]*twin{}}
	r.memoColumns()
	if err := v.account.Scan(ctx, r.row); err != nil {
		return noRoom(err)
	}
	if r.bad > 1+len(v.lines)/100 {
		return fault(connectors.Drift, CodeTableUnreadable, nil, "table", v.account.name)
	}
	if err := r.codePage(); err != nil {
		return err
	}
	r.judge()
	if v.contact == nil {
		return nil
	}
	return noRoom(v.scanPersons(ctx, s))
}

func (r *reading) memoColumns() {
	fields := r.view.account.Fields()
	for i, f := range fields {
		if f.Type == adt.Memo || f.Type == adt.Binary || f.Type == adt.Image || f.Type == adt.NMemo {
			r.memos = append(r.memos, i)
		}
	}
	for _, columns := range r.view.account.fields {
		for _, i := range columns {
			if slices.Contains(r.memos, i) && fields[i].Type.Text() {
				r.texts = append(r.texts, i)
			}
		}
	}
	for _, at := range r.view.custom {
		if at.own == nil && slices.Contains(r.memos, at.column) && fields[at.column].Type.Text() {
			r.texts = append(r.texts, at.column)
		}
	}
	slices.Sort(r.texts)
}

// row takes one row of the third parties.
func (r *reading) row(row *adt.Row) error {
	v := r.view
	if at := v.columns.modified; at >= 0 && row.Err == nil {
		if changed := row.Value(at).Time(); changed.After(v.newest) {
			v.newest = changed
		}
	}
	if row.Deleted && row.Err == nil {
		return nil
	}
	key := keyOf(row.Value(v.columns.key))
	if row.Err != nil {
		if r.bad++; key == "" {
			return fault(connectors.Drift, CodeTableUnreadable, row.Err, "table", v.account.name)
		}
	} else if key == "" { // a row that nothing can be said of
		v.nobodys++
		return nil
	}
	if _, taken := v.index[key]; !taken {
		v.index[key] = int32(len(v.lines))
	}
	l := line{key: key, row: row.Number}
	if l.digest = xxh3.HashSeed(row.Bytes(), r.site.rulesSum); row.Err != nil {
		l.why = CodeRowUnreadable
	} else if err := r.memo(row, &l); err != nil {
		return err
	}
	r.number(row, &l)
	r.custom(&l)
	r.vote(row.Bytes())
	v.lines = append(v.lines, l)
	return nil
}

// keyOf is the reference by which third parties are compared.
func keyOf(v adt.Value) string {
	if v.Kind != adt.String {
		return ""
	}
	b := bytes.TrimSpace(v.Bytes())
	for _, c := range b {
		if c < ' ' {
			return ""
		}
	}
	return strings.ToUpper(string(b))
}

// memo makes sure that the row's memos are in their file, and adds those that are synced to the digest.
func (r *reading) memo(row *adt.Row, l *line) error {
	t := r.view.account
	for _, i := range r.memos {
		cell := row.Value(i)
		if cell.Kind != adt.Reference {
			continue
		}
		ref := cell.Ref()
		text, err := []byte(nil), error(nil)
		if slices.Contains(r.texts, i) {
			text, err = t.ReadMemo(i, ref)
		} else if int64(ref.Block)*memoBlock+int64(ref.Length) > t.memos {
			err = errShort
		}
		if err != nil {
			return fault(connectors.Unavailable, CodeBackupIncomplete, err, "file", t.name+".ADM", "backup", r.view.evidence.Path)
		}
		l.digest = xxh3.HashSeed(text, l.digest)
	}
	return nil
}

const memoBlock = 8 // bytes

// number notes the VAT number, and whether the third party is a customer.
func (r *reading) number(row *adt.Row, l *line) {
	if l.why != "" {
		return
	}
	written := r.view.vatText(row)
	spelling := xxh3.HashString(strings.ToUpper(strings.TrimSpace(written)))
	l.vat = vatDigest(vat.Key(written, r.site.cfg.Country))
	switch is := row.Value(r.view.columns.customer); {
	case !strings.EqualFold(strings.TrimSpace(is.Text()), r.site.cfg.Map.Account.CustomerValue):
		l.why = CodeNotCustomer
	case l.vat == 0:
		l.why = CodeVATMissing
	default:
		r.twin(l.vat, spelling)
	}
}

func (r *reading) twin(number, spelling uint64) {
	t := r.twins[number]
	if t == nil {
		t = &twin{spelling: spelling}
		r.twins[number] = t
	}
	t.count++
	t.differ = t.differ || t.spelling != spelling
}

// vatText is the VAT number with its country's letters, if it has any, as it is written.
func (v *view) vatText(row *adt.Row) string {
	number := strings.TrimSpace(row.Value(v.columns.vatNumber).Text())
	if v.columns.vatPrefix < 0 || number == "" {
		return number
	}
	if own, _ := vat.Split(number); own != "" {
		return number
	}
	return strings.TrimSpace(row.Value(v.columns.vatPrefix).Text()) + number
}

// judge finds the rows that can't be told from each other, and makes the reason a part of the digest.
func (r *reading) judge() {
	v := r.view
	for i := range v.lines {
		l := &v.lines[i]
		if first := v.index[l.key]; int(first) != i {
			l.why, v.lines[first].why = CodeReferenceTwice, CodeReferenceTwice
		}
	}
	for i := range v.lines {
		l := &v.lines[i]
		if t := r.twins[l.vat]; l.why == "" && t.count > 1 {
			if l.why = CodeVATTwice; t.differ {
				l.why = CodeVATSpellings
			}
		}
		if l.why != "" {
			l.digest = xxh3.HashStringSeed(l.why, l.digest)
		}
	}
}

// The bytes of letters with an accent that one of the code pages has, and the other one has signs for.
const letters850 = "\x81\x82\x84\x85\x87\x88\x89\x8a\x8b\x8c\x90\x93\x94"

// vote counts the accented letters within words, by both code pages.
func (r *reading) vote(b []byte) {
	for i := 1; i+1 < len(b); i++ {
		if b[i] < 0x80 || !letterByte(b[i-1]) || !letterByte(b[i+1]) {
			continue
		}
		if b[i] >= 0xc0 {
			r.votes[0]++
		} else if strings.IndexByte(letters850, b[i]) >= 0 {
			r.votes[1]++
		}
	}
}

func letterByte(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// codePage refuses texts that are clearly of the other page.
func (r *reading) codePage() error {
	own, other := r.votes[0], r.votes[1]
	if r.site.cfg.CodePage == adt.CP850 {
		own, other = other, own
	}
	if other < 3 || other <= 2*own {
		return nil
	}
	return fault(connectors.Drift, CodeCodePage, nil, "page", string(r.site.cfg.CodePage), "table", r.view.account.name)
}

// scanPersons reads the table of persons. A person's key is the number of its row, its incarnation the third party.
func (v *view) scanPersons(ctx context.Context, s *Site) error {
	at := v.contact.Column(s.cfg.Map.Contact.Account)
	bad := 0
	err := v.contact.Scan(ctx, func(row *adt.Row) error {
		if row.Err != nil {
			bad++
		} else if row.Deleted || keyOf(row.Value(at)) == "" {
			return nil
		}
		l := line{key: strconv.Itoa(row.Number), row: row.Number, digest: xxh3.HashSeed(row.Bytes(), s.rulesSum)}
		if row.Err != nil {
			l.why = CodeRowUnreadable
			l.digest = xxh3.HashStringSeed(l.why, l.digest)
		}
		v.persons = append(v.persons, l)
		return nil
	})
	if err == nil && bad > 1+len(v.persons)/100 {
		v.contactErr = fault(connectors.Drift, CodeTableUnreadable, nil, "table", v.contact.name)
		v.persons = nil
	}
	return err
}

// remarks tells what was found besides.
func (v *view) remarks() []record.Remark {
	all := v.absentRemarks()
	if v.account.Dictionary() {
		all = append(all, record.Remark{Code: CodeDictionary, Args: map[string]string{"table": v.account.name}})
	}
	if v.nobodys > 0 {
		all = append(all, record.Remark{Code: CodeRowUnreadable, Args: map[string]string{"count": strconv.Itoa(v.nobodys)}})
	}
	return all
}
