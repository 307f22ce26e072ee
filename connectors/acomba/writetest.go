package acomba

import (
	"context"
	"fmt"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
)

// WriteTest is a write test under way, to be kept until it is over.
//
//	StartWriteTest: the box writes Marker ─► the technician sees it in Acomba and changes it to Reply
//	─► CheckWriteTest: the box reads Reply, puts Original back, and gives the confirmation
type WriteTest struct {
	Customer string    `json:"customer"` // number
	Position int32     `json:"position"`
	Field    string    `json:"field"`    // of the card
	Original string    `json:"original"` // what the field held, put back at the end
	Marker   string    `json:"marker"`   // what the box writes
	Reply    string    `json:"reply"`    // what the technician types over it
	Started  time.Time `json:"started"`
	// What the test is made on; when one of them changes, the test must begin anew.
	Layout, Fingerprint, AcombaVersion, Path string
}

// testFields are the fields a write test may use, the best first. The web address is the most
// harmless: nobody prints, dials, mails or calculates with it, and no list is sorted by it.
var testFields = []string{"web", "care_of"}

// StartWriteTest writes a harmless field of the customer with that number, chosen for it by a
// technician. keep makes the test durable before anything is written. It works in mode direct only,
// at any hour, and needs no earlier confirmation.
func (w *Writer) StartWriteTest(ctx context.Context, number string, keep func(WriteTest) error) (WriteTest, error) {
	f, err := w.mayTest(ctx)
	if err != nil {
		return WriteTest{}, err
	}
	t, err := w.newTest(ctx, f, number)
	if err != nil {
		return WriteTest{}, err
	}
	if err := keep(t); err != nil {
		return WriteTest{}, fmt.Errorf("keep write test: %w", err)
	}
	return t, w.putTest(ctx, f, t, t.Original, t.Marker)
}

// mayTest checks the conditions of a write test.
func (w *Writer) mayTest(ctx context.Context) (*layout.File, error) {
	w.mu.Lock()
	why, l := w.whyUnfit(), w.cycle.Layout
	w.mu.Unlock()
	if w.set.Mode != WriteDirect {
		why = CodeNotWritable
	}
	if why != "" {
		return nil, w.mayNot(why)
	}
	return l.File(customerFile), w.checkMarkers(ctx, l)
}

// newTest finds the customer by number and reads what its field holds.
func (w *Writer) newTest(ctx context.Context, f *layout.File, number string) (WriteTest, error) {
	field, err := testField(f)
	if err != nil {
		return WriteTest{}, err
	}
	position, err := w.findCustomer(ctx, f, number)
	if err != nil {
		return WriteTest{}, err
	}
	card, err := w.testCard(ctx, f, position)
	if err != nil {
		return WriteTest{}, err
	}
	now := w.parts.Now()
	marker := "SYNCBOX " + now.In(w.set.zone()).Format("150405")
	w.mu.Lock()
	version := w.cycle.Version
	w.mu.Unlock()
	return WriteTest{Customer: number, Position: position, Field: field, Original: card.Text(field),
		Marker: marker, Reply: marker + " OK", Started: now, Layout: f.Layout().String(),
		Fingerprint: f.Layout().Fingerprint, AcombaVersion: version, Path: w.set.Path}, card.Err()
}

func testField(f *layout.File) (string, error) {
	for _, name := range testFields {
		if spec, err := f.FieldSpec(name); err == nil && spec.Writable && !spec.Indexed && spec.MaxBytes >= 20 {
			return name, nil
		}
	}
	return "", connectors.Errorf(connectors.Rejected, CodeLayoutNotWritable, "write test: layout %s lets none of %s be written",
		f.Layout(), strings.Join(testFields, ", "))
}

// findCustomer gives the one card in use with that number.
func (w *Writer) findCustomer(ctx context.Context, f *layout.File, number string) (int32, error) {
	c, err := w.customers(f)
	if err != nil {
		return 0, err
	}
	s, err := c.count(ctx, number)
	if err != nil {
		return 0, err
	}
	if strings.TrimSpace(number) == "" || len(s.live) != 1 {
		return 0, connectors.Errorf(connectors.Rejected, CodeTestCustomer, "write test: %d customers have the number", len(s.live))
	}
	return s.live[0], nil
}

func (w *Writer) testCard(ctx context.Context, f *layout.File, position int32) (layout.Card, error) {
	raw, err := w.settledCard(ctx, f, position)
	if err != nil {
		return layout.Card{}, err
	}
	return f.Decode(position, raw)
}

// putTest writes the test's field, if it still holds from, by the same steps as any write.
func (w *Writer) putTest(ctx context.Context, f *layout.File, t WriteTest, from, to string) error {
	result := w.changeCard(ctx, f, t.Position, func(raw []byte) (layout.Write, error) {
		card, err := f.Decode(t.Position, raw)
		if err != nil {
			return layout.Write{}, err
		}
		if card.Text("number") != t.Customer || !strings.EqualFold(card.Text(t.Field), from) {
			return layout.Write{}, changed(t.Position, "it is not as the write test left it")
		}
		plan, err := f.Apply(raw, map[layout.Field]any{{Name: t.Field}: to}, w.parts.Now())
		if err != nil {
			return layout.Write{}, planFault(t.Position, err)
		}
		return plan, nil
	})
	return result.Err
}

// Seen is what the technician saw in Acomba during a write test.
type Seen struct {
	By string // who
	// ByNumber and ByName: Acomba finds the test customer.
	ByNumber, ByName bool
}

// CheckWriteTest reads what the technician typed over the marker, finds the customer by its number
// once more, puts the field back as it was, and gives the confirmation to be kept. It may be called
// again after an error; write-test-not-seen (Busy) means that the answer is not there yet.
func (w *Writer) CheckWriteTest(ctx context.Context, t WriteTest, seen Seen) (WriteConfirmation, error) {
	f, err := w.mayTest(ctx)
	if err != nil {
		return WriteConfirmation{}, err
	}
	if err := w.sameGround(t); err != nil {
		return WriteConfirmation{}, err
	}
	card, err := w.testCard(ctx, f, t.Position)
	if err != nil {
		return WriteConfirmation{}, err
	}
	if got := card.Text(t.Field); !strings.EqualFold(strings.TrimSpace(got), t.Reply) {
		return WriteConfirmation{}, connectors.Errorf(connectors.Busy, CodeTestNotSeen, "write test: card %d does not show the answer", t.Position)
	}
	found, err := w.findCustomer(ctx, f, t.Customer)
	if err != nil {
		return WriteConfirmation{}, err
	}
	if found != t.Position || !seen.ByNumber || !seen.ByName || strings.TrimSpace(seen.By) == "" {
		return WriteConfirmation{}, connectors.Errorf(connectors.Rejected, CodeTestNotFound, "write test: customer of card %d is not confirmed as found", t.Position)
	}
	if err := w.putTest(ctx, f, t, t.Reply, t.Original); err != nil {
		return WriteConfirmation{}, err
	}
	return WriteConfirmation{Layout: t.Layout, Fingerprint: t.Fingerprint, AcombaVersion: t.AcombaVersion, Path: t.Path,
		By: seen.By, At: w.parts.Now(), Customer: t.Customer}, nil
}

// sameGround says whether the test was begun on this layout, version and path.
func (w *Writer) sameGround(t WriteTest) error {
	c := WriteConfirmation{Layout: t.Layout, Fingerprint: t.Fingerprint, AcombaVersion: t.AcombaVersion, Path: t.Path}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !c.holds(w.cycle, w.set.Path) {
		return connectors.Errorf(connectors.Rejected, CodeWriteTestStale, "write test: begun on layout %s", t.Layout)
	}
	return nil
}

// AbandonWriteTest puts the field back as it was, whether the technician answered or not. A field
// that holds anything else by now is left alone.
func (w *Writer) AbandonWriteTest(ctx context.Context, t WriteTest) error {
	f, err := w.mayTest(ctx)
	if err != nil {
		return err
	}
	err = w.putTest(ctx, f, t, t.Marker, t.Original)
	if connectors.CodeOf(err) == CodeCardChanged {
		err = w.putTest(ctx, f, t, t.Reply, t.Original)
	}
	if connectors.CodeOf(err) == CodeCardChanged {
		return nil
	}
	return err
}
