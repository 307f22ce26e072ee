package quickbooks_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/quickbooks"
)

// The shapes in which the vendor refuses, and what is none of them.
func TestDecodeFault(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       *quickbooks.Fault
	}{
		{"JSON", `{"Fault":{"Error":[{"Message":"m","Detail":"d","code":"5010","element":"Customer.DisplayName"}],"type":"ValidationFault"},"time":".."}`,
			&quickbooks.Fault{Type: "ValidationFault", Code: "5010", Element: "Customer.DisplayName"}},
		{"lower case", `{"warnings":null,"fault":{"error":[{"message":"m","detail":null,"code":"3200","element":null}],"type":"AUTHENTICATION"},"time":1633520295688}`,
			&quickbooks.Fault{Type: "AUTHENTICATION", Code: "3200"}},
		{"code as a number", `{"Fault":{"Error":[{"code":610}],"type":"ValidationFault"}}`, &quickbooks.Fault{Type: "ValidationFault", Code: "610"}},
		{"leading zeros", `{"Fault":{"Error":[{"code":"003001"}],"type":"SERVICE"}}`, &quickbooks.Fault{Type: "SERVICE", Code: "3001"}},
		{"no code in the first", `{"Fault":{"Error":[{"Message":"m"},{"code":"2050"}]}}`, &quickbooks.Fault{Code: "2050"}},
		{"error is no array", `{"Fault":{"Error":{"code":"2050"},"type":"ValidationFault"}}`, &quickbooks.Fault{Type: "ValidationFault"}},
		{"words where codes belong", `{"Fault":{"Error":[{"code":"Jean Tremblay","element":"Tremblay"}],"type":"Jean Tremblay!"}}`, &quickbooks.Fault{}},
		{"XML", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001" element=""><Message>m</Message></Error></Fault></IntuitResponse>`,
			&quickbooks.Fault{Type: "SERVICE", Code: "3001"}},
		{"XML of another encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><Fault type="AuthenticationFault"><Error code="100"><Message>` + "\xe9" + `</Message></Error></Fault>`,
			&quickbooks.Fault{Type: "AuthenticationFault", Code: "100"}},
		{"cut XML", `<IntuitResponse><Fault type="SystemFault"><Error code="10000"><Mess`, &quickbooks.Fault{Type: "SystemFault", Code: "10000"}},
		{"sign-in", `{"error_description":"Incorrect or invalid refresh token","error":"invalid_grant"}`, &quickbooks.Fault{Code: "invalid_grant"}},
		{"success", `{"Customer":{"Id":"1"},"time":".."}`, nil},
		{"success that names a fault", `{"fault":null,"Customer":{}}`, nil},
		{"page", `<!DOCTYPE html><html><body>Error<br></body></html>`, nil},
		{"text", `upstream connect error`, nil},
		{"cut JSON", `{"Fault":{"Error":[{"code":"5010"`, nil},
		{"nothing", ``, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, quickbooks.DecodeFault([]byte(tc.body))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// captured gives the folder of captured answers, beside the repository or beside the folder of its worktrees.
func captured(t *testing.T) string {
	t.Helper()
	for _, folder := range []string{"../../../shared/data/qbo", "../../../../shared/data/qbo"} {
		if _, err := os.Stat(folder); err == nil {
			return folder
		}
	}
	t.Skip("shared/data/qbo, the captured answers, is not beside this repository")
	return ""
}

// The refusals that were really seen.
func TestDecodeCaptures(t *testing.T) {
	folder := captured(t)
	for _, tc := range []struct{ file, kind, code string }{
		{"generic_error.xml", "SystemFault", "10000"},
		{"query_validation_error.xml", "ValidationFault", "4001"},
		{"throttle_exceeded_error.xml", "SERVICE", "3001"},
		{"too_many_requests_error.xml", "SERVICE", "3001"},
		{"customer_duplicate_error.xml", "ValidationFault", "6240"},
		{"fault_duplicate_6240.json", "ValidationFault", "6240"},
		{"transcribed/auth_401_lowercase.json", "AUTHENTICATION", "3200"},
		{"transcribed/oauth_invalid_grant_bare.json", "", "invalid_grant"},
		{"transcribed/oauth_invalid_grant_expired.json", "", "invalid_grant"},
		{"transcribed/oauth_invalid_grant_incorrect.json", "", "invalid_grant"},
		{"transcribed/query_4002_poisoned_page.json", "ValidationFault", "4002"},
		{"transcribed/stale_object_5010.json", "ValidationFault", "5010"},
	} {
		body, err := os.ReadFile(filepath.Join(folder, tc.file))
		if err != nil {
			t.Fatal(err)
		}
		if f := quickbooks.DecodeFault(body); f == nil || f.Type != tc.kind || f.Code != tc.code {
			t.Errorf("%s: got %v, want %s %s", tc.file, f, tc.kind, tc.code)
		}
	}
	for _, file := range []string{"vendor.json", "companyinfo.json", "cdc_empty.json", "batch_success_and_fault.json", "customers.xml"} {
		body, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		if f := quickbooks.DecodeFault(body); f != nil {
			t.Errorf("%s: got %v, want no fault", file, f)
		}
	}
}

// Nothing that a server can send makes the decoder fail or tell words.
func FuzzDecodeFault(f *testing.F) {
	for _, seed := range []string{`{"Fault":{"Error":[{"code":"5010"}],"type":"ValidationFault"}}`, `<Fault type="SERVICE"><Error code="3001"/></Fault>`, `{"error":"invalid_grant"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got := quickbooks.DecodeFault(body)
		if got == nil {
			return
		}
		for _, part := range []string{got.Type, got.Code, got.Element} {
			if len(part) > 60 {
				t.Errorf("a part of %d bytes", len(part))
			}
			for _, c := range []byte(part) {
				if c <= ' ' || c > '~' {
					t.Errorf("a part holds byte %#x", c)
				}
			}
		}
	})
}
