package stick_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/stick"
)

// takes is what takes new versions: it answers, and remembers what it was given.
type takes struct {
	version, code string
	orders        []string
	beside        string
}

func (u *takes) FromStick(_ context.Context, files fs.FS, order []byte) (version, code string) {
	u.orders = append(u.orders, string(order))
	b, _ := fs.ReadFile(files, "metadata/timestamp.json")
	u.beside = string(b)
	return u.version, u.code
}

// wishStick makes a stick with an order, a published file, and perhaps a syncbox.toml.
func (r *partRig) wishStick(toml string) string {
	dir := r.stick(toml)
	must(r.t, os.Mkdir(filepath.Join(dir, "metadata"), 0o700))
	must(r.t, os.WriteFile(filepath.Join(dir, "metadata/timestamp.json"), []byte("published"), 0o600))
	must(r.t, os.WriteFile(filepath.Join(dir, "SYNCBOX-WISH.JSON"), []byte("order"), 0o600))
	return dir
}

// TestWish: an order is handed on once for each time its stick is plugged in, and what came of it stands on the stick.
//
// Requirement: ACO-70
func TestWish(t *testing.T) {
	tests := []struct {
		name    string
		updates *takes
		toml    string
		refused bool
		pulls   int
		report  string
	}{
		{"taken", &takes{version: "1.4.0"}, "", false, 1, "Version 1.4.0 is on the box now"},
		{"not taken", &takes{version: "1.4.0", code: "update-signature"}, "", true, 0, "is not signed as it must be"},
		{"with settings", &takes{version: "1.4.0"}, hostA, false, 1, "Version 1.4.0 is on the box now"},
		{"with settings that are wrong", &takes{version: "1.4.0"}, "colour = 1", true, 0, "Version 1.4.0 is on the box now"},
		{"no updates here", nil, "", false, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run(t, func(r *partRig) {
				dir := r.wishStick(tt.toml)
				r.slot.plug("sda", dir)
				r.pass()
				r.pass()
				report, _ := os.ReadFile(filepath.Join(dir, stick.WishReportName))
				if got := string(report); !strings.Contains(got, tt.report) || tt.report == "" && got != "" {
					t.Errorf("the report is %q, want %q in it", got, tt.report)
				}
				if r.pulls != tt.pulls || r.state.holds[stick.CodeRefused] != tt.refused {
					t.Errorf("told to pull %d times, refused %t", r.pulls, r.state.holds[stick.CodeRefused])
				}
				if tt.updates == nil {
					return
				}
				if d := cmp.Diff([]string{"order"}, tt.updates.orders); d != "" || tt.updates.beside != "published" {
					t.Errorf("orders (-want +got):\n%s beside them %q", d, tt.updates.beside)
				}
			}, func(r *partRig) {
				if tt.updates != nil {
					r.updates = tt.updates
				}
			})
		})
	}
}
