package rest_test

import (
	"strings"
	"testing"

	"syncbox/connectors/rest"
)

// TestCheckAddress: no log-on crosses a network in clear unless a site says so, and no message shows what stands in an address.
func TestCheckAddress(t *testing.T) {
	for _, test := range []struct {
		address string
		plain   bool
		want    string // of the message; empty: usable
	}{
		{"https://x3.example.test:8124", false, ""},
		{"http://127.0.0.1:8124", false, ""},
		{"http://localhost", false, ""},
		{"http://[::1]:80", false, ""},
		{"http://x3.example.test", true, ""},
		{"http://x3.example.test", false, `scheme "http"`},
		{"ftp://x3.example.test", true, `scheme "ftp"`},
		{"https://user:geheim@x3.example.test", false, "not of the form"},
		{"https://x3.example.test?key=geheim", false, "not of the form"},
		{"https://x3.example.test#geheim", false, "not of the form"},
		{"x3.example.test", false, "not of the form"},
		{"https://%zz/geheim", false, "not of the form"},
		{"", false, "not of the form"},
	} {
		err := rest.CheckAddress("server", test.address, test.plain)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) || strings.Contains(got, "geheim") {
			t.Errorf("%s: %q, want %q", test.address, got, test.want)
		}
	}
}
