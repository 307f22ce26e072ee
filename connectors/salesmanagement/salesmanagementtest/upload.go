package salesmanagementtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/rest/resttest"
)

// locatorLife is how long a pre-signed address can be used.
const locatorLife = 7 * 24 * time.Hour

// Document is a picture of a product. It is there for people once its bytes are.
type Document struct {
	ID, Product int64
	Name        string
	Uploads     int // how many times its bytes were sent
	Size        int
	SHA256      string // of the last bytes, in hexadecimal; "" before
	Media       string // what the bytes are, by their beginning: image/png, image/jpeg, or another type
}

// locator is a pre-signed address.
type locator struct {
	signature string
	made      time.Time
}

// newDocument answers POST /products/<id>/documents.
func (s *Server) newDocument(c *Call, q *request) (*resttest.Answer, *Refusal) {
	body, wrong := q.object()
	if wrong != nil {
		return nil, wrong
	}
	name, ok := body["name"].(string)
	_, ok2 := body["isCarrousel"].(bool)
	folder, ok3 := body["folderId"].(string)
	if !ok || !ok2 || !ok3 || len(body) != 3 || name == "" || len(name) > 255 || strings.ContainsAny(name, `/\`) || folder != "-1" {
		return nil, invalid("name, isCarrousel and folderId: required")
	}
	if s.state.live(Products, c.ID) == nil {
		return nil, gone()
	}
	d := &Document{ID: int64(len(s.state.Documents) + 1), Product: c.ID, Name: name}
	s.state.Documents = append(s.state.Documents, d)
	c.Writes = append(c.Writes, Write{Products, c.ID, "document"})
	signed := &locator{fmt.Sprintf("%016x", s.random.Uint64()), s.clock.Now()}
	s.locators[d.ID] = signed
	query := url.Values{"X-Amz-Algorithm": {"AWS4-HMAC-SHA256"}, "X-Amz-Date": {signed.made.UTC().Format("20060102T150405Z")},
		"X-Amz-Expires": {"604800"}, "X-Amz-SignedHeaders": {"host"}, "X-Amz-Signature": {signed.signature}}
	address := fmt.Sprintf("%s/documents/%d/%s?%s", s.opts.Store, d.ID, url.PathEscape(name), query.Encode())
	return resttest.JSON(http.StatusOK, map[string]any{"id": d.ID, "locator": address}), nil
}

// answerStore answers PUT of a locator. The store is not the API: it knows no session, and has no limit of calls.
func (s *Server) answerStore(ctx context.Context, c *Call, q *request) *resttest.Answer {
	c.Endpoint, c.Op = EndpointStore, "upload"
	c.Leaked = q.header.Get("X-Session-Key") != "" || q.header.Get("Authorization") != ""
	if q.cut != nil {
		return resttest.Cut()
	}
	return s.run(ctx, c, &job{store: true, enter: func(*Call) *Refusal { return nil }, work: func(c *Call) (*resttest.Answer, *Refusal) { return s.upload(c, q) }})
}

// upload takes the bytes of a document.
func (s *Server) upload(c *Call, q *request) (*resttest.Answer, *Refusal) {
	var id int64
	if _, err := fmt.Sscanf(q.path, "/documents/%d/", &id); err != nil || s.locators[id] == nil {
		return nil, &Refusal{http.StatusNotFound, 0, "NoSuchKey"}
	}
	l := s.locators[id]
	c.ID = id
	switch {
	case q.method != http.MethodPut:
		return nil, &Refusal{http.StatusMethodNotAllowed, 0, "MethodNotAllowed"}
	case q.length < 0:
		return nil, &Refusal{http.StatusLengthRequired, 0, "MissingContentLength"}
	case q.query.Get("X-Amz-Signature") != l.signature, q.header.Get("Content-Type") != "application/octet-stream":
		return nil, &Refusal{http.StatusForbidden, 0, "SignatureDoesNotMatch"}
	case s.clock.Now().Sub(l.made) >= locatorLife, c.Fault == LocatorExpired:
		return nil, &Refusal{http.StatusForbidden, 0, "AccessDenied: Request has expired"}
	}
	at := slices.IndexFunc(s.state.Documents, func(d *Document) bool { return d.ID == id })
	if at < 0 {
		return nil, &Refusal{http.StatusNotFound, 0, "NoSuchKey"}
	}
	sum := sha256.Sum256(q.body)
	d := s.state.Documents[at]
	d.Uploads, d.Size, d.SHA256, d.Media = d.Uploads+1, len(q.body), hex.EncodeToString(sum[:]), media(q.body)
	c.Writes = append(c.Writes, Write{Products, d.Product, "upload"})
	return resttest.NewAnswer(http.StatusOK, "application/xml", nil), nil
}

// media tells what bytes are by their beginning.
func media(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	}
	return http.DetectContentType(b)
}

// storeRefused is how the store refuses: in XML.
func (s *Server) storeRefused(c *Call, r *Refusal) *resttest.Answer {
	c.Refused = r.Text
	code, _, _ := strings.Cut(r.Text, ":")
	return resttest.NewAnswer(r.Status, "application/xml", []byte("<Error><Code>"+code+"</Code></Error>"))
}

// Documents gives the documents of a product that have their bytes, by id.
func (s *Server) Documents(product int64) (out []Document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.state.Documents {
		if d.Product == product && d.Uploads > 0 {
			out = append(out, *d)
		}
	}
	return out
}
