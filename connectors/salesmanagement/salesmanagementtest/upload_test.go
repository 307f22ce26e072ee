package salesmanagementtest_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

const png = "\x89PNG\r\n\x1a\n0000"

// locator asks for an address to which the bytes of a picture go.
func (r *rig) locator() string {
	r.t.Helper()
	a := r.send("POST", "products/1/documents", `{"name":"Lampe été.png","isCarrousel":true,"folderId":"-1"}`)
	text, _ := a.object()["locator"].(string)
	if text == "" {
		r.t.Fatal(a.short())
	}
	return text
}

// put sends bytes to the store.
func (r *rig) put(address string, h http.Header, body io.Reader) reply {
	r.t.Helper()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/octet-stream")
	}
	return r.call("PUT", address, h, body)
}

// The bytes go to another host, whose address says all; it takes them for seven days, with their length.
//
// Requirement: LAB-1, LAB-2
func TestUpload(t *testing.T) {
	r := site(t, nil)
	address := r.locator()
	if !strings.HasPrefix(address, "http://documents.example/") || !strings.Contains(address, "X-Amz-Expires=604800") {
		t.Errorf("%s", address)
	}
	if n := len(r.Documents(1)); n != 0 {
		t.Errorf("%d documents before their bytes", n)
	}
	for _, tt := range []struct {
		name, address string
		header        http.Header
		body          io.Reader
		status        int
		leaked        bool
	}{
		{"without length", address, http.Header{}, io.MultiReader(strings.NewReader(png)), 411, false},
		{"another type", address, http.Header{"Content-Type": {"image/png"}}, strings.NewReader(png), 403, false},
		{"another signature", strings.Replace(address, "X-Amz-Signature=", "X-Amz-Signature=0", 1), http.Header{}, strings.NewReader(png), 403, false},
		{"another document", strings.Replace(address, "/documents/1/", "/documents/9/", 1), http.Header{}, strings.NewReader(png), 404, false},
		{"the session told", address, http.Header{"X-Session-Key": {r.token}}, strings.NewReader(png), 200, true},
		{"again", address, http.Header{}, strings.NewReader(png + "2"), 200, false},
	} {
		a := r.put(tt.address, tt.header, tt.body)
		calls := r.Journal(salesmanagementtest.JournalQuery{Endpoint: salesmanagementtest.EndpointStore})
		if leaked := calls[len(calls)-1].Leaked; a.status != tt.status || leaked != tt.leaked {
			t.Errorf("%s: %s, leaked %v", tt.name, a.short(), leaked)
		}
	}
	r.AdvanceClock(7*24*time.Hour - time.Second)
	in := r.put(address, http.Header{}, strings.NewReader("no picture")).status
	r.AdvanceClock(time.Second)
	if late := r.put(address, http.Header{}, strings.NewReader(png)).status; in != 200 || late != 403 {
		t.Errorf("in time %d, late %d", in, late)
	}
	want := []salesmanagementtest.Document{{ID: 1, Product: 1, Name: "Lampe été.png", Uploads: 3, Size: 10,
		SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte("no picture"))), Media: "text/plain; charset=utf-8"}}
	if diff := cmp.Diff(want, r.Documents(1)); diff != "" {
		t.Error(diff)
	}
	if a := r.call("GET", address, http.Header{}, nil); a.status != 405 {
		t.Errorf("read: %s", a.short())
	}
}

// Requirement: LAB-2
func TestDocumentRefused(t *testing.T) {
	r := site(t, nil)
	for path, bodies := range map[string][]string{
		"products/1/documents": {`{"name":"x","isCarrousel":true}`, `{"name":"x","isCarrousel":true,"folderId":-1}`, `{"name":"x","isCarrousel":"true","folderId":"-1"}`,
			`{"name":"","isCarrousel":true,"folderId":"-1"}`, `{"name":"a/b","isCarrousel":true,"folderId":"-1"}`, `{"name":"x","isCarrousel":true,"folderId":"-1","y":1}`},
		"products/9/documents": {`{"name":"x","isCarrousel":true,"folderId":"-1"}`},
	} {
		for _, body := range bodies {
			if a := r.send("POST", path, body); a.status != 400 {
				t.Errorf("%s %s: %s", path, body, a.short())
			}
		}
	}
	r.AddFault(fault{Kind: salesmanagementtest.LocatorExpired})
	address := r.locator()
	for i, want := range []int{403, 200} {
		if a := r.put(address, http.Header{}, strings.NewReader("\xff\xd8\xff\xe0")); a.status != want {
			t.Errorf("%d: %s", i, a.short())
		}
	}
	if got := r.Documents(1)[0].Media; got != "image/jpeg" {
		t.Errorf("media %s", got)
	}
}
