package survey_test

import (
	"context"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/share/sharetest"
	"syncbox/connectors/share/survey"
	"syncbox/connectors/share/survey/smb"
)

// watched is a server that notes each log-on.
var watched = sharetest.Options{Global: []string{"log level = 1 auth_audit:3"}}

// site is a server with a few folders: any that holds COMPANY.VER counts as a company.
func site(t testing.TB, o sharetest.Options) *sharetest.Samba {
	t.Helper()
	server := sharetest.New(t, o)
	erp := server.Dir(sharetest.ShareERP)
	for _, dir := range []string{"F1000.dta/Nord", "F1000.dta/Été", "Photos"} {
		if err := os.MkdirAll(filepath.Join(erp, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"F1000.dta/Nord/COMPANY.VER", "F1000.dta/Été/COMPANY.VER", "README.txt"} {
		if err := os.WriteFile(filepath.Join(erp, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return server
}

func companies(_ context.Context, files fs.FS, folder string) (all []survey.Company, err error) {
	err = fs.WalkDir(files, folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "COMPANY.VER" {
			all = append(all, survey.Company{Folder: filepath.Dir(name)})
		}
		return err
	})
	return all, err
}

func target(server *sharetest.Samba) survey.Target {
	return survey.Target{Server: "127.0.0.1", Port: server.Port, User: sharetest.UserBox, Password: "Pass-w0rd",
		Share: sharetest.ShareERP, Folder: "F1000.dta"}
}

// walk goes the whole way and gives the results.
func walk(t testing.TB, to survey.Target) (all []survey.Result, whole bool) {
	t.Helper()
	w := &survey.Way{Target: to, LogOn: smb.LogOn, Companies: companies, Told: func(r survey.Result) { all = append(all, r) }}
	whole = w.Go(t.Context(), survey.StageCompanies)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	return all, whole
}

// told gives results as stages, each with its code if it has one.
func told(all []survey.Result) (words []string) {
	for _, r := range all {
		word := string(r.Stage)
		if r.Code != "" {
			word += " " + r.Code
		}
		words = append(words, word)
	}
	return words
}

// The whole way to the companies of a folder.
//
// Requirement: ACO-4, ACO-72
func TestWay(t *testing.T) {
	server := site(t, sharetest.Options{})
	got, whole := walk(t, target(server))
	if !whole || len(got) != len(survey.Stages()) {
		t.Fatalf("came to %v", told(got))
	}
	for i, r := range got {
		if r.Stage != survey.Stages()[i] || !r.OK || r.Code != "" {
			t.Errorf("got %+v", r)
		}
	}
	if got[0].Addresses[0].String() != "127.0.0.1" || got[2].Server.Name != "ERPSRV" {
		t.Errorf("got %v and %+v", got[0].Addresses, got[2].Server)
	}
	if diff := cmp.Diff([]survey.Share{{Name: "enc"}, {Name: "erp"}}, got[4].Shares); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Nord", "Été"}, got[6].Folders); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]survey.Company{{Folder: "F1000.dta/Nord"}, {Folder: "F1000.dta/Été"}}, got[7].Companies); diff != "" {
		t.Error(diff)
	}

	sealed := target(server)
	sealed.Share, sealed.Folder = sharetest.ShareEnc, ""
	got, _ = walk(t, sealed)
	if last := got[len(got)-1]; last.Code != survey.CodeCompanyNone || last.Args["folder"] != "enc" {
		t.Errorf("on a share that must be encrypted: came to %v", told(got))
	}
}

// Where the way ends, and what it says.
func TestWayEnds(t *testing.T) {
	server := site(t, watched)
	silent := serve(t, func(c net.Conn) { c.Read(make([]byte, 1)); <-t.Context().Done() })
	other := serve(t, says([]byte("220 ready\r\n")))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := at(t, l.Addr().String())
	l.Close()
	const ready = "name port negotiate"
	tests := []struct {
		name   string
		change func(*survey.Target)
		want   string
		args   map[string]string // of the last result, some of them
	}{
		{"no such name", func(t *survey.Target) { t.Server = "no-such-host.invalid" }, "name server-name-unknown", map[string]string{"server": "no-such-host.invalid"}},
		{"nobody listens", func(t *survey.Target) { t.Port = int(closed.Port()) }, "name port server-port-closed", nil},
		{"something else listens", func(t *survey.Target) { t.Port = int(other.Port()) }, "name port negotiate server-not-smb", nil},
		{"it is silent", func(t *survey.Target) { t.Port = int(silent.Port()) }, "name port negotiate server-no-answer", nil},
		{"no user yet", func(t *survey.Target) { t.User, t.Password = "", "" }, ready, nil},
		{"wrong password", func(t *survey.Target) { t.Password = "wrong" }, ready + " log-on share-auth", map[string]string{"share": `\\127.0.0.1\erp`}},
		{"unknown user", func(t *survey.Target) { t.User = "nobody-here" }, ready + " log-on share-auth", nil},
		{"no share yet", func(t *survey.Target) { t.Share, t.Folder = "", "" }, ready + " log-on shares", nil},
		{"no such share", func(t *survey.Target) { t.Share = "nope" }, ready + " log-on shares share share-gone", map[string]string{"share": `\\127.0.0.1\nope`}},
		{"no such folder", func(t *survey.Target) { t.Folder = "F2000.dta/Nord" }, ready + " log-on shares share folder company-folder-missing", map[string]string{"folder": "erp/F2000.dta/Nord"}},
		{"a file", func(t *survey.Target) { t.Folder = "README.txt" }, ready + " log-on shares share folder company-folder-missing", nil},
		{"another case", func(t *survey.Target) { t.Share, t.Folder = "ERP", "f1000.DTA" }, ready + " log-on shares share folder companies", nil},
		{"no company", func(t *survey.Target) { t.Folder = "Photos" }, ready + " log-on shares share folder companies company-none", map[string]string{"folder": "erp/Photos"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			to := target(server)
			tt.change(&to)
			got, whole := walk(t, to)
			if words := strings.Join(told(got), " "); words != tt.want {
				t.Fatalf("came to %q, want %q", words, tt.want)
			}
			last := got[len(got)-1]
			if whole != (last.Stage == survey.StageCompanies && last.OK) {
				t.Errorf("the whole way: %v", whole)
			}
			for k, v := range tt.args {
				if last.Args[k] != v {
					t.Errorf("%s: got %q, want %q", k, last.Args[k], v)
				}
			}
		})
	}
	// Servers lock accounts: each refused log-on above was tried once.
	if n := strings.Count(server.Log(), "NT_STATUS_WRONG_PASSWORD"); n != 1 {
		t.Errorf("a wrong password was tried %d times", n)
	}
}

// Accounts that may not do all.
func TestWayWithoutRights(t *testing.T) {
	t.Run("not this share", func(t *testing.T) {
		server := site(t, sharetest.Options{ERP: []string{"valid users = nobody"}, Users: map[string]string{sharetest.UserBox: "Pass-w0rd"}})
		got, _ := walk(t, target(server))
		if words := strings.Join(told(got), " "); !strings.HasSuffix(words, "share share-denied") {
			t.Errorf("came to %q", words)
		}
	})
	t.Run("not this folder", func(t *testing.T) {
		server := site(t, sharetest.Options{ERP: []string{"force user = nobody"}})
		if err := os.Chmod(filepath.Join(server.Dir(sharetest.ShareERP), "F1000.dta"), 0o700); err != nil {
			t.Fatal(err)
		}
		got, _ := walk(t, target(server))
		if words := strings.Join(told(got), " "); !strings.HasSuffix(words, "folder share-denied") {
			t.Errorf("came to %q", words)
		}
	})
	t.Run("an old server", func(t *testing.T) {
		server := site(t, sharetest.Options{Global: []string{"server min protocol = SMB2_02", "server max protocol = SMB2_10"}})
		got, _ := walk(t, target(server))
		if words := strings.Join(told(got), " "); words != "name port negotiate share-dialect" || got[2].Server.Dialect != "2.1" {
			t.Errorf("came to %q", words)
		}
	})
	t.Run("SMB 3.0", func(t *testing.T) {
		server := site(t, sharetest.Options{Global: []string{"server max protocol = SMB3_00"}})
		if got, whole := walk(t, target(server)); !whole || got[2].Server.Vers() != "3.0" {
			t.Errorf("came to %v", told(got))
		}
	})
}

func TestSplit(t *testing.T) {
	for user, want := range map[string]survey.Target{
		`EXEMPLE\svc`:       {User: "svc", Domain: "EXEMPLE"},
		"svc":               {User: "svc"},
		"svc@exemple.local": {User: "svc@exemple.local"},
		`.\svc`:             {User: "svc", Domain: "."},
	} {
		got := survey.Target{User: user}
		got.Split()
		if got != want {
			t.Errorf("%s: got %+v", user, got)
		}
	}
	typed := survey.Target{User: `OLD\svc`, Domain: "NEW"}
	if typed.Split(); typed != (survey.Target{User: "svc", Domain: "NEW"}) {
		t.Errorf("got %+v", typed)
	}
}

func TestValidate(t *testing.T) {
	ok := survey.Target{Server: "SERVEUR"}
	if err := ok.Validate(); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string]survey.Target{
		"alone":    {Server: "S", User: `EXEMPLE\svc`},
		"server":   {Server: "no host"},
		"share":    {Server: "S", Share: `a\b`},
		"folder":   {Server: "S", Folder: "../x"},
		"port":     {Server: "S", Port: 70000},
		"user":     {Server: "S", User: "a\nb"},
		"password": {Server: "S", Password: "a\x00b"},
	} {
		err := bad.Validate()
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
		if name == "password" && strings.Contains(err.Error(), "a\x00") {
			t.Errorf("the password stands in %v", err)
		}
	}
}
