package salesmanagementtest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// No key, no token, no locator and no value stands in the log, the journal or a refusal.
//
// Requirement: LAB-4, LAB-9
func TestNothingSecret(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	token := r.token
	r.send("POST", "accounts", account)
	r.send("POST", "products", product)
	said := r.send("POST", "accounts", strings.Replace(account, "}", `,"phone":"Lefèvre \u0000`+strings.Repeat("x", 60)+`"}`, 1)).body
	said += r.send("POST", "login", `{"username":"PUBLIC","password":"PRIVATE2"}`).body
	said += r.where("accounts", "name = 'Lefèvre' x").body
	address := r.locator()
	_, signature, _ := strings.Cut(address, "X-Amz-Signature=")
	signature, _, _ = strings.Cut(signature, "&")
	said += r.put(address+"0", http.Header{"X-Session-Key": {token}}, strings.NewReader(png)).body
	where := map[string]string{"log": log.String(), "journal": fmt.Sprint(r.Journal(salesmanagementtest.JournalQuery{})), "refusals": said}
	for name, text := range where {
		for _, secret := range []string{"PRIVATE", token, signature, "Lefèvre", "Lampe"} {
			if secret == "" || strings.Contains(text, secret) {
				t.Errorf("%s has %q: %s", name, secret, text)
			}
		}
	}
	if strings.Count(log.String(), "\n") != len(r.Journal(salesmanagementtest.JournalQuery{})) {
		t.Errorf("log: %s", &log)
	}
}
