package calibrate_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/acomba/calibrate"
)

// TestInventory: sizes, growth and repetition tell the card sizes before anybody has typed a word.
func TestInventory(t *testing.T) {
	for _, profile := range []acombatest.Profile{acombatest.SIM1, acombatest.SIM2} {
		t.Run(string(profile), func(t *testing.T) {
			u := newStudio(t, profile)
			must(t, os.WriteFile(filepath.Join(u.company.Dir(), "NOISE.BIN"), noise(5, 40_000), 0o644))
			inv := u.inventory()
			for _, table := range []acombatest.Table{acombatest.CustomerTable, acombatest.ProductTable, acombatest.GroupTable} {
				f := seen(inv, table.Path())
				if len(f.Candidates) == 0 || f.Candidates[0].CardSize != profile.CardSize(table) || f.Candidates[0].Confidence == calibrate.Sure {
					t.Errorf("%s, want likely %d: %+v", table, profile.CardSize(table), f)
				}
			}
			_, err := u.company.AddCustomer(acombatest.Customer{Name: "Un inc."})
			must(t, err)
			u.take()
			for _, name := range []string{"Deux inc.", "Trois inc."} {
				_, err = u.company.AddCustomer(acombatest.Customer{Name: name})
				must(t, err)
			}
			u.take()
			inv = u.inventory()
			f, size := seen(inv, acombatest.CustomerTable.Path()), profile.CardSize(acombatest.CustomerTable)
			if len(f.Candidates) == 0 || f.Candidates[0].CardSize != size || f.Candidates[0].Confidence != calibrate.Sure || f.Step != int64(size) {
				t.Errorf("after growth, want surely %d: %+v", size, f)
			}
			if f := seen(inv, "NOISE.BIN"); len(f.Candidates) != 0 {
				t.Errorf("noise repeats: %+v", f)
			}
			if f := seen(inv, "COMPANY.VER"); !f.Text {
				t.Errorf("version file: %+v", f)
			}
		})
	}
}

func (u *studio) inventory() calibrate.Inventory {
	u.Helper()
	inv, err := u.s.Inventory(context.Background(), nil)
	must(u, err)
	return inv
}

func seen(inv calibrate.Inventory, path string) calibrate.FileSeen {
	i := slices.IndexFunc(inv.Files, func(f calibrate.FileSeen) bool { return f.Path == path })
	if i < 0 {
		return calibrate.FileSeen{}
	}
	return inv.Files[i]
}

func noise(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, seed))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}
