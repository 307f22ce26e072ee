package calibrate_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"

	"syncbox/connectors/acomba/calibrate"
	"syncbox/connectors/acomba/layout"
)

// tiny makes three files of small cards, so that a round takes milliseconds: customers, documents and their lines.
func tiny() (customers, documents, lines []byte) {
	for i := range 12 {
		card := make([]byte, 48)
		copy(card[2:], fmt.Sprintf("C10%02d", i))
		copy(card[12:], fmt.Sprintf("Côté %c%c inc.", 'A'+i, 'K'+i))
		card[1] = byte(i % 2)
		card[40], card[41] = 12, byte(3*i)
		binary.BigEndian.PutUint32(card[42:], uint32(20260101+i))
		if i == 4 {
			card[0] = 2
		}
		customers = append(customers, card...)
		card = make([]byte, 40)
		copy(card[1:], fmt.Sprintf("F10%02d", i))
		card[10] = 1
		binary.LittleEndian.PutUint32(card[12:], uint32(i%5+1))
		binary.LittleEndian.PutUint32(card[16:], uint32(20260101+i))
		binary.LittleEndian.PutUint32(card[20:], uint32(12345*i))
		binary.LittleEndian.PutUint32(card[24:], uint32(2*i+1))
		card[28] = 2
		documents = append(documents, card...)
		for j := range 2 {
			card = make([]byte, 36)
			copy(card[1:], fmt.Sprintf("Travail %d%c", i, 'A'+j))
			binary.LittleEndian.PutUint32(card[20:], uint32(i+1))
			if j == 0 {
				binary.LittleEndian.PutUint32(card[24:], uint32(2*i+2))
			}
			card[28] = 1
			binary.LittleEndian.PutUint32(card[30:], uint32(100*i+j))
			lines = append(lines, card...)
		}
	}
	return customers, documents, lines
}

// tinyExamples are what a technician reads off the screen of it.
func tinyExamples() map[calibrate.Table][]calibrate.Example {
	known := map[calibrate.Table][]calibrate.Example{}
	for _, i := range []int{2, 4, 5, 7, 10} {
		e := calibrate.Example{Deleted: i == 4, Inactive: i%2 == 0, Values: map[string]string{"number": fmt.Sprintf("C10%02d", i), "name": fmt.Sprintf("Côté %c%c inc.", 'A'+i, 'K'+i),
			"language": "french", "discount_bp": fmt.Sprintf("0,%02d", 3*i), "opened": fmt.Sprintf("2026-01-%02d", 1+i), "invoiced_to_cp": "C1001"}}
		known[calibrate.Customers] = append(known[calibrate.Customers], e)
		d := calibrate.Example{Values: map[string]string{"number": fmt.Sprintf("F10%02d", i), "doc_type": "invoice", "customer_cp": fmt.Sprintf("C10%02d", i%5),
			"date": fmt.Sprintf("2026-01-%02d", 1+i), "total": fmt.Sprint(float64(12345*i) / 100)}}
		for j := range 2 {
			d.Lines = append(d.Lines, calibrate.Example{Values: map[string]string{"description": fmt.Sprintf("Travail %d%c", i, 'A'+j), "type": "product", "total": fmt.Sprint(float64(100*i+j) / 100)}})
		}
		known[calibrate.Documents] = append(known[calibrate.Documents], d)
	}
	return known
}

// FuzzFolder: whatever the files hold, no step fails in another way than with an error, and a draft that is written parses.
func FuzzFolder(f *testing.F) {
	a, b, c := tiny()
	f.Add(a, b, c, 48*4, byte(2))
	f.Add(a, append([]byte("RACO\x01\x00\x0c\x00\x00\x00"), b...), c, 7, byte(0xFF))
	f.Add(c[:len(c)-1], a, b, 3, byte(0))
	f.Add(a, b, c, 5, byte(5))
	f.Add(append(a, a...), append(b, b...), append(c, c...), 5, byte(5)) // everything twice
	f.Add(append(a, a...), append(b, b...), append(c, c...), 5, byte(4))
	f.Add([]byte("C1002 Exemple"), []byte{}, []byte{0}, 0, byte('C'))
	known := tinyExamples()
	f.Fuzz(func(t *testing.T, a, b, c []byte, at int, with byte) {
		if len(a)+len(b)+len(c) > 1<<14 {
			return
		}
		folder := fstest.MapFS{"A.DAT": {Data: a}, "B.DAT": {Data: b}, "C.DAT": {Data: c}, "R/VER.TXT": {Data: []byte("14.02\r\n")}}
		write := func(string, []byte, fs.FileMode) error { return nil }
		dir := t.TempDir()
		book, err := calibrate.OpenBook(filepath.Join(dir, "layouts"), write)
		must(t, err)
		s, err := calibrate.Open(calibrate.Options{Dir: dir, Company: folder, Book: book, Write: write, Now: noon.Local})
		must(t, err)
		must(t, s.Begin(site))
		for table, examples := range known { // one of them up to all
			must(t, s.SetExamples(table, examples[:1+int(with)%len(examples)]))
		}
		ctx := context.Background()
		_, err = s.Take(ctx, "", nil)
		must(t, err)
		_, err = s.Search(ctx, nil)
		must(t, err)
		if len(a) > 0 && at >= 0 {
			changed := append([]byte{}, a...)
			changed[at%len(a)] = with
			folder["A.DAT"] = &fstest.MapFile{Data: append(changed, b[:len(b)/2]...)}
		}
		_, err = s.Take(ctx, "", nil)
		must(t, err)
		_, err = s.Inventory(ctx, nil)
		must(t, err)
		for _, e := range []calibrate.Edit{{Kind: calibrate.EditDelete}, {Kind: calibrate.EditField, Table: calibrate.Customers, Field: "discount_bp", From: "1", To: "2,5"}} {
			_, err = s.Compare(ctx, 1, 2, e, nil)
			must(t, err)
		}
		_, err = s.Search(ctx, nil)
		must(t, err)
		if draft, err := s.Draft(ctx, nil); err == nil {
			_, err := layout.Parse("draft", []byte(draft.Text))
			must(t, err)
			s.Approve("M. Côté")
		}
	})
}
