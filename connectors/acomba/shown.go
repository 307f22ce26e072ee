package acomba

import (
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
	"syncbox/connectors/record"
)

// checkShown makes sure that a planned card shows what was asked for: the reading half has the last
// word. A field that shares its phone slot with one that was set follows it.
func (w *Writer) checkShown(f *layout.File, position int32, after []byte, e record.Entity, fields record.Fields) error {
	card, err := f.Decode(position, after)
	if err != nil {
		return err
	}
	shown, err := w.parts.Show.ShowCard(e, &card)
	if err != nil {
		return err
	}
	for name := range backFields[e] {
		want, set := fields[name]
		if !set || name == "full_name" && want.Empty() {
			continue // an empty "in care of" shows the customer's name
		}
		if !sameShown(f, e, name, shown[name], want) {
			return refusal(CodeNotShown, name)
		}
	}
	return nil
}

// sameShown says whether the card shows a value as well as it can: a contact that bears the customer's
// name is shown in the customer's spelling.
func sameShown(f *layout.File, e record.Entity, name string, got, want record.Value) bool {
	a, b := canonText(f, e, name, got), canonText(f, e, name, want)
	return a == b || name == "full_name" && strings.EqualFold(a, b)
}

// canonText is a value in the form in which the card holds it.
func canonText(f *layout.File, e record.Entity, name string, v record.Value) string {
	text := v.Text
	if spec, err := f.FieldSpec(backFields[e][name]); err == nil {
		text = spec.Canon(text)
	}
	if backFields[e][name] == "phone.number" {
		number, extension := splitExtension(text)
		return number + extensionTag + extension
	}
	return text
}

// sameSeen says whether the card still shows the values that the plan was made on.
func (w *Writer) sameSeen(f *layout.File, card *layout.Card, op connectors.Op) error {
	shown, err := w.parts.Show.ShowCard(op.Entity, card)
	if err != nil {
		return err
	}
	for name := range op.Seen {
		if canonText(f, op.Entity, name, shown[name]) != canonText(f, op.Entity, name, op.Seen[name]) {
			return changed(card.Position(), "field "+name+" shows another value")
		}
	}
	return nil
}
