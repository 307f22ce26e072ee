package calibrate

import "syncbox/connectors/acomba/layout"

// Progress is told as a long step goes on: bytes done of total, of the file named. It must return soon.
type Progress func(file string, done, total int64)

// Example is one record as Acomba's screen shows it.
type Example struct {
	// Values by label, as FieldOf understands them. The key is needed; what is left out isn't searched.
	Values map[string]string `json:"values"`
	// Inactive: Acomba shows the record as not active. Deleted: it was deleted in Acomba, and its card may still be there.
	Inactive bool `json:"inactive,omitempty"`
	Deleted  bool `json:"deleted,omitempty"`
	// Lines of a document, all of them, in the order of the screen; tax lines may be left out at the end.
	Lines []Example `json:"lines,omitempty"`
}

// Form is how a field lies in a card, in the words of the layout grammar.
type Form struct {
	At        int              `json:"at"`   // offset in the card, bytes, of the length prefix if there is one
	Type      string           `json:"type"` // "str20", "i32", "bcd5", "date", "cp"
	Count     int              `json:"count,omitempty"`
	Stride    int              `json:"stride,omitempty"` // bytes; 0 = contiguous
	Pad       string           `json:"pad,omitempty"`
	LenPrefix int              `json:"lenprefix,omitempty"`
	Scale     int32            `json:"scale,omitempty"`
	Big       bool             `json:"big,omitempty"` // most significant byte first
	Enc       string           `json:"enc,omitempty"`
	Map       map[int64]string `json:"map,omitempty"`
	As        string           `json:"as,omitempty"`
	Ref       Table            `json:"ref,omitempty"`
}

// FoundField is a field of a table, found in the cards of its examples.
type FoundField struct {
	Name       string     `json:"name"`
	Form       Form       `json:"form"`
	Key        bool       `json:"key,omitempty"`
	Confidence Confidence `json:"confidence"`
	Why        []Note     `json:"why,omitempty"`
	Others     []Form     `json:"others,omitempty"` // that fit the examples as well, at most eight
}

// Place is a file in which a table may lie.
type Place struct {
	File     string `json:"file"`
	CardSize int    `json:"card_size"` // bytes
	Examples int    `json:"examples"`  // that were found there
}

// Found is what is known of a table.
type Found struct {
	Table      Table           `json:"table"`
	Place                      // File is empty while the table is not found
	HeaderSize int             `json:"header_size"` // bytes before the first card
	FirstCard  int32           `json:"first_card"`  // its position
	DataFrom   int32           `json:"data_from"`   // first position that holds a record
	Cards      int32           `json:"cards"`       // in the file, by its size
	Page       layout.Encoding `json:"page"`        // Auto: no accented letter was met
	Fields     []FoundField    `json:"fields"`
	InUse      []int64         `json:"in_use,omitempty"`  // status codes of cards in use
	Deleted    []int64         `json:"deleted,omitempty"` // and of deleted ones
	Confidence Confidence      `json:"confidence"`        // of file and card size
	Why        []Note          `json:"why,omitempty"`
	Others     []Place         `json:"others,omitempty"` // that fit as well
}

// Field gives the field of that name, nil if it was not found.
func (f *Found) Field(name string) *FoundField {
	for i := range f.Fields {
		if f.Fields[i].Name == name {
			return &f.Fields[i]
		}
	}
	return nil
}

// Findings are the tables found, and what is still asked for.
type Findings struct {
	Tables []Found `json:"tables"`
	Asks   []Ask   `json:"asks"`
}

// Table gives what is known of a table, nil if no example was given of it.
func (f *Findings) Table(t Table) *Found {
	for i := range f.Tables {
		if f.Tables[i].Table == t {
			return &f.Tables[i]
		}
	}
	return nil
}
