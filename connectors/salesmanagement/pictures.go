package salesmanagement

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// mostPicture is the largest picture that is sent, in bytes (M14).
const mostPicture = 5 << 20

// pictures are the SHA-256 of what was last sent for each product, which the API does not tell. They are kept in marks, and where
// the tenant has a custom field for it, in the product itself.
type pictures struct{ known map[string]string }

// of gives the hash of a product's picture, empty if none was sent.
func (p *pictures) of(r row) string {
	if sum := r.text(fieldPictureSum); sum != "" {
		return sum
	}
	return p.known[r.id("id")]
}

// parts is the number of marks that the hashes are spread over, so that a new picture rewrites few of them.
const parts = 64

func pictureMark(part int) string { return "salesmanagement/pictures/" + strconv.Itoa(part) }

func partOf(id string) int {
	n, _ := strconv.ParseInt(id, 10, 64)
	return int(n % parts)
}

// load adds what the marks say. What was sent since they were written is newer.
func (p *pictures) load(o connectors.Observation) {
	for part := range parts {
		for id, sum := range marked(o, part) {
			if p.known[id] == "" {
				p.known[id] = sum
			}
		}
	}
}

func marked(o connectors.Observation, part int) map[string]string {
	var sums map[string]string
	if raw := o.Mark(pictureMark(part)); raw == nil || json.Unmarshal(raw, &sums) != nil {
		return nil
	}
	return sums
}

// save marks what the marks do not say yet.
func (p *pictures) save(o connectors.Observation) error {
	spread := map[int]map[string]string{}
	for id, sum := range p.known {
		part := partOf(id)
		if spread[part] == nil {
			spread[part] = map[string]string{}
		}
		spread[part][id] = sum
	}
	for part, sums := range spread {
		raw, err := json.Marshal(sums)
		if err != nil {
			return fmt.Errorf("note pictures: %w", err)
		}
		if !bytes.Equal(raw, o.Mark(pictureMark(part))) {
			o.SetMark(pictureMark(part), raw)
		}
	}
	return nil
}

// picture sends a product's picture if it is another one than the last (S50-23). A picture that is gone from the ERP stays here: the
// API has no way to take one back.
func (t *Tenant) picture(ctx context.Context, id string, now row, v record.Value) error {
	sum := v.Text
	if t.cfg.Pictures == nil || sum == "" || sum == t.pictures.of(now) {
		return nil
	}
	raw, err := t.cfg.Pictures.Picture(ctx, sum)
	if err != nil {
		return fmt.Errorf("read a picture: %w", err)
	}
	kind := kindOfPicture(raw)
	if own := sha256.Sum256(raw); kind == "" || len(raw) > mostPicture || hex.EncodeToString(own[:]) != sum {
		return connectors.Errorf(connectors.Rejected, CodePicture, "a picture of %d bytes is not what can be sent", len(raw))
	}
	r, err := t.write(ctx, http.MethodPost, payload{"name": sum[:16] + kind, "isCarrousel": true, "folderId": "-1"}, "products", id, "documents")
	if err != nil {
		return err
	}
	if err := t.upload(ctx, r.text("locator"), raw); err != nil {
		return err
	}
	t.pictures.known[id] = sum
	if t.shape.lacks("products", fieldPictureSum) || len(t.shape.columns["products"]) == 0 {
		return nil
	}
	_, err = t.write(ctx, http.MethodPut, payload{fieldPictureSum: sum}, "products", id)
	return err
}

// kindOfPicture gives the ending of a picture's name by its first bytes; empty for what is no picture.
func kindOfPicture(raw []byte) string {
	switch http.DetectContentType(raw) {
	case "image/jpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	}
	return ""
}

// upload sends the bytes to the address that the API has just given. That is a secret, and on another server, which gets no session.
func (t *Tenant) upload(ctx context.Context, locator string, raw []byte) error {
	u, err := url.Parse(locator)
	if err != nil || u.Host == "" || !t.mayStore(u) {
		return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "the address for a picture is none")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, u.String(), bytes.NewReader(raw))
	if err != nil {
		return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "the address for a picture is none")
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	a, err := t.store.Do(r)
	if err != nil { // its text holds the address
		return connectors.Errorf(connectors.Unavailable, CodeUnreachable, "upload a picture: %w", plainCause(ctx))
	}
	defer a.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(a.Body, 1<<16))
	switch {
	case strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && a.StatusCode <= 299: // a page of maintenance
		return connectors.Errorf(connectors.Unavailable, CodeBadAnswer, "upload a picture: status %d with a page", a.StatusCode)
	case a.StatusCode >= 200 && a.StatusCode <= 299: // a store of this kind says nothing else
		return nil
	case a.StatusCode >= 500 || a.StatusCode == http.StatusTooManyRequests || a.StatusCode == http.StatusForbidden: // an address that has ended
		return connectors.Errorf(connectors.Unavailable, CodeServerError, "upload a picture: status %d", a.StatusCode)
	}
	return connectors.Errorf(connectors.Rejected, CodePicture, "upload a picture: status %d", a.StatusCode)
}

// mayStore says whether an address keeps what is sent a secret, as that of the API does.
func (t *Tenant) mayStore(u *url.URL) bool {
	local := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	return u.Scheme == "https" || u.Scheme == "http" && (local || t.cfg.PlainHTTP)
}

var errLost = errors.New("no answer")

func plainCause(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return errLost
}
