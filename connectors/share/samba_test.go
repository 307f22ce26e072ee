package share_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"syncbox/connectors/share"
	"syncbox/connectors/share/sharetest"
)

// The reading recipe against a real server: one session writes as the ERP does, another one reads.
func TestBlockReaderOverSMB(t *testing.T) {
	server := sharetest.New(t, sharetest.Options{})
	for _, name := range []string{sharetest.ShareERP, sharetest.ShareEnc} {
		erp, err := server.Session(t.Context(), name, sharetest.UserERP)
		if err != nil {
			t.Fatal(err)
		}
		defer erp.Close()
		box, err := server.Session(t.Context(), name, sharetest.UserBox)
		if err != nil {
			t.Fatal(err)
		}
		defer box.Close()

		want := make([]byte, 3_000_000)
		rand.NewChaCha8([32]byte{3}).Read(want)
		if err := erp.WriteFile("CARDS.DAT", want, 0o644); err != nil {
			t.Fatal(err)
		}
		r := &share.BlockReader{FS: box.DirFS("."), Name: "CARDS.DAT"}
		walk := func() (got []byte) {
			t.Helper()
			look, err := r.Walk(t.Context(), make([]byte, 1<<20), func(b share.Block) error {
				got = append(got, b.Buf...)
				return nil
			})
			if err != nil || look.Size != int64(len(want)) {
				t.Fatalf("%s: walk: %+v, %v", name, look, err)
			}
			return got
		}
		if !bytes.Equal(walk(), want) {
			t.Errorf("%s: what was read is not what was written", name)
		}

		// The ERP keeps its handle open and writes in place: each read goes to the server.
		f, err := erp.OpenFile("CARDS.DAT", 2, 0)
		if err != nil {
			t.Fatal(err)
		}
		copy(want[1_500_000:], "Tremblay")
		if _, err := f.WriteAt([]byte("Tremblay"), 1_500_000); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(walk(), want) {
			t.Errorf("%s: a write through an open handle is not seen", name)
		}
		f.Close()
	}

	r := &share.BlockReader{FS: nil}
	box, err := server.Session(t.Context(), sharetest.ShareERP, sharetest.UserBox)
	if err != nil {
		t.Fatal(err)
	}
	r.FS, r.Name = box.DirFS("."), "CARDS.DAT"
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Look(t.Context()); err == nil {
		t.Error("a killed server answers")
	}
}
