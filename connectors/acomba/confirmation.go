package acomba

import "time"

// WriteConfirmation is a technician's word that writing was tried on a folder and seen in Acomba. It
// holds for this layout, version and path only; a change of any of them withdraws it.
type WriteConfirmation struct {
	Layout        string    `json:"layout"`      // "refacomba/1"
	Fingerprint   string    `json:"fingerprint"` // of the layout's text
	AcombaVersion string    `json:"acombaVersion"`
	Path          string    `json:"path"`
	By            string    `json:"by"` // the technician
	At            time.Time `json:"at"`
	Customer      string    `json:"customer"` // number of the test customer
}

// holds says whether the word still counts.
func (c *WriteConfirmation) holds(cycle Cycle, path string) bool {
	l := cycle.Layout
	return c.Layout == l.String() && c.Fingerprint == l.Fingerprint && c.AcombaVersion == cycle.Version && c.Path == path
}
