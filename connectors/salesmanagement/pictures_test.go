package salesmanagement_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"syncbox/connectors"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
	"syncbox/connectors/salesmanagement"
)

func newNotes() *connectortest.Notes { return connectortest.NewNotes() }

// folder has pictures by their hash.
type folder struct {
	raw map[string][]byte
	err error
}

func (f *folder) Picture(_ context.Context, sum string) ([]byte, error) { return f.raw[sum], f.err }

// add puts a picture into the folder and gives its hash.
func (f *folder) add(raw []byte) string {
	own := sha256.Sum256(raw)
	if f.raw == nil {
		f.raw = map[string][]byte{}
	}
	f.raw[hex.EncodeToString(own[:])] = raw
	return hex.EncodeToString(own[:])
}

var (
	png = append([]byte("\x89PNG\x0D\x0A\x1A\x0A"), 1, 2, 3)
	jpg = append([]byte("\xFF\xD8\xFF"), 4, 5, 6)
)

// A picture is sent once, and again when it is another one; what was sent outlives a restart.
//
// Requirement: S50-23
func TestPicture(t *testing.T) {
	d, files, n := newDesk(t), &folder{}, newNotes()
	first, second := files.add(png), files.add(jpg)
	with := func(c *salesmanagement.Config) { c.Pictures = files }
	c := d.tenant(with)
	d.look(c, n)
	id := d.applied(c, create(record.Product, "Nord:1", record.Fields{"model": text("A"), "picture": text(first)}))
	for range 2 {
		d.applied(c, update(record.Product, id, record.Fields{"picture": text(first)}))
	}
	if len(d.uploads) != 1 || !bytes.Equal(d.uploads[0], png) {
		t.Fatalf("%d uploads", len(d.uploads))
	}
	if got := d.sent[len(d.sent)-1]; got != `{"folderId":"-1","isCarrousel":true,"name":"`+first[:16]+`.png"}` {
		t.Errorf("told %s", got)
	}
	d.look(c, n)
	c = d.tenant(with)
	d.look(c, n)
	shows(t, d.read(c, record.Product, id), map[string]string{"picture": first})
	d.applied(c, update(record.Product, id, record.Fields{"picture": text(first)}))
	d.applied(c, update(record.Product, id, record.Fields{"picture": text(second)}))
	d.applied(c, update(record.Product, id, record.Fields{"picture": {}}))
	if len(d.uploads) != 2 || !bytes.Equal(d.uploads[1], jpg) {
		t.Errorf("%d uploads", len(d.uploads))
	}
	d.look(c, n)
	shows(t, d.read(c, record.Product, id), map[string]string{"picture": second})
	d.quiet()
}

// Where the tenant has a custom field for it, the product itself says which picture it has.
func TestPictureSumInProduct(t *testing.T) {
	d, files := newDesk(t), &folder{}
	sum := files.add(png)
	d.customs = append(d.customs, "Z_empreinte_image")
	c := d.tenant(func(c *salesmanagement.Config) { c.Pictures = files })
	id := d.applied(c, create(record.Product, "Nord:1", record.Fields{"model": text("A"), "picture": text(sum)}))
	if d.tables["products"][id]["Z_empreinte_image"] != sum {
		t.Error("the product does not say it")
	}
	other := d.tenant()
	shows(t, d.read(other, record.Product, id), map[string]string{"picture": sum})
}

// What is no picture keeps nothing else of its product back, and is told; the address of the store never is.
func TestBadPictures(t *testing.T) {
	big := append(bytes.Clone(png), make([]byte, 5<<20)...)
	for _, tt := range []struct {
		name string
		raw  []byte
		err  error
		said *said // of the API
		kind connectors.Kind
		code string
	}{
		{name: "text", raw: []byte("<html>"), kind: connectors.Rejected, code: salesmanagement.CodePicture},
		{name: "too large", raw: big, kind: connectors.Rejected, code: salesmanagement.CodePicture},
		{name: "gone", kind: connectors.Rejected, code: salesmanagement.CodePicture},
		{name: "the share is away", raw: png, err: connectors.Errorf(connectors.Unavailable, "share-unreachable", "away"), kind: connectors.Unavailable, code: "share-unreachable"},
		{name: "refused", raw: png, said: &said{status: 400}, kind: connectors.Rejected, code: salesmanagement.CodeRecordRefused},
		{name: "no address", raw: png, said: &said{status: 200, body: `{"id":1,"locator":"nowhere"}`}, kind: connectors.Unavailable, code: salesmanagement.CodeBadAnswer},
		{name: "address in clear", raw: png, said: &said{status: 200, body: `{"id":1,"locator":"http://store.example/x"}`}, kind: connectors.Unavailable, code: salesmanagement.CodeBadAnswer},
		{name: "lost", raw: png, said: &said{cut: true, after: true}, kind: connectors.Unavailable, code: salesmanagement.CodeUnreachable},
	} {
		d, files := newDesk(t), &folder{err: tt.err}
		sum := files.add(tt.raw)
		if tt.name == "gone" {
			files.raw = nil
		}
		c := d.tenant(func(c *salesmanagement.Config) { c.Pictures = files })
		id := d.add("products", object{"model": "A"})
		d.onAnswer = func(r *http.Request) *said {
			if strings.HasSuffix(r.URL.Path, "/documents") {
				return tt.said
			}
			return nil
		}
		r := d.apply(c, update(record.Product, id, record.Fields{"price": number("3"), "picture": text(sum)}))
		if (r.Outcome != connectors.ReadBack && r.Outcome != connectors.InDoubt) || connectors.KindOf(r.Err) != tt.kind || connectors.CodeOf(r.Err) != tt.code {
			t.Errorf("%s: got %+v", tt.name, r)
		}
		if d.tables["products"][id]["price"] != 3.0 || len(d.uploads) > 0 {
			t.Errorf("%s: price %v, %d uploads", tt.name, d.tables["products"][id]["price"], len(d.uploads))
		}
		d.quiet(r.Err)
	}
}

// What the store says of an upload decides whether it is tried again; its address stays a secret in any case.
func TestStore(t *testing.T) {
	for _, tt := range []struct {
		status int // 0: no answer
		kind   connectors.Kind
		code   string
	}{
		{403, connectors.Unavailable, salesmanagement.CodeServerError}, {503, connectors.Unavailable, salesmanagement.CodeServerError},
		{400, connectors.Rejected, salesmanagement.CodePicture}, {302, connectors.Rejected, salesmanagement.CodePicture},
		{0, connectors.Unavailable, salesmanagement.CodeUnreachable},
	} {
		d, files := newDesk(t), &folder{}
		sum := files.add(png)
		d.store = tt.status
		d.storeFails = true
		c := d.tenant(func(c *salesmanagement.Config) { c.Pictures = files })
		id := d.add("products", object{"model": "A"})
		r := d.apply(c, update(record.Product, id, record.Fields{"picture": text(sum)}))
		if r.Outcome == connectors.Applied || connectors.KindOf(r.Err) != tt.kind || connectors.CodeOf(r.Err) != tt.code {
			t.Errorf("%d: got %+v", tt.status, r)
		}
		shows(t, d.read(c, record.Product, id), map[string]string{"picture": ""})
		d.quiet(r.Err)
		d.storeFails = false
		d.applied(c, update(record.Product, id, record.Fields{"picture": text(sum)}))
	}
}
