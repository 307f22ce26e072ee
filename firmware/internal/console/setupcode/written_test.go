package setupcode_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"syncbox/firmware/internal/console/setupcode"
)

// written is the file of a box whose code was changed and then mistyped once, as the first version wrote it, with a field
// that a next version may add. Boxes have such files: it stays as it is.
const written = `{"label":"$argon2id$v=19$m=19456,t=2,p=1$5/KSg6NzYFufb70BWdKlxg$YTkDLPzbmfC0jBGWtwHXSXSsu10pt3/QBWItfVWBCBM",` +
	`"own":"$argon2id$v=19$m=19456,t=2,p=1$FgR10RJl4kiS7uBlPXimJA$M2IVlzoA0GXF2NJ9RmJ/I60sZMrjyET6l0DESJg6zCY","failures":1,"tomorrow":{"a":[1]}}`

// TestReadsWhatWasWritten opens the door of such a box, with its own code and, once that is taken back, with the label's.
func TestReadsWhatWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "code.json")
	must(t, os.WriteFile(path, []byte(written), 0o600))
	d := setupcode.NewDoor(path)
	if err := d.Check(code); !errors.Is(err, setupcode.ErrWrong) {
		t.Errorf("the label's code: %v", err)
	}
	must(t, d.Check("my own code 1"))
	must(t, d.Reset())
	must(t, d.Check(code))
}
