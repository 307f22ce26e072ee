package debian

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ownKeyring = "Signed-By: " + debianKeyring + "\n"

func TestDebianSources(t *testing.T) {
	tests := []struct {
		name  string
		file  string
		text  string
		suite string
		want  string // or the error
	}{
		{
			"deb822 with comments and others", "sources.list.d/debian.sources",
			"# Debian\nTypes: deb deb-src\n# old\nURIs: mirror://one/debian\nSuites: lab lab-updates lab-backports\nComponents: main contrib\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n\n" +
				"Types: deb\nURIs: mirror://one/sec\nSuites: lab-security\nComponents: main\n\n" +
				"Types: deb\nURIs: mirror://other\nSuites: lab\nComponents: main\nSigned-By: /etc/apt/keyrings/other.gpg\n\n" +
				"Types: deb\nURIs: mirror://off\nSuites: lab\nComponents: main\nEnabled: no\n\n" +
				"Types: deb-src\nURIs: mirror://src\nSuites: lab\nComponents: main\n\n" +
				"Types: deb\nURIs: mirror://part\nSuites: lab\nComponents: contrib\n",
			"lab",
			"Types: deb\nURIs: mirror://one/debian\nSuites: lab lab-updates\nComponents: main\n" + ownKeyring + "\n" +
				"Types: deb\nURIs: mirror://one/sec\nSuites: lab-security\nComponents: main\n" + ownKeyring + "\n",
		}, {
			"key in the file", "sources.list.d/x.sources",
			"Types: deb\nURIs: mirror://one\nSuites: lab\nComponents: main\nSigned-By:\n -----BEGIN\n .\n abc\n", "lab",
			"Types: deb\nURIs: mirror://one\nSuites: lab\nComponents: main\nSigned-By: \n -----BEGIN\n .\n abc\n\n",
		}, {
			"classic", "sources.list",
			"# deb mirror://no lab main\ndeb mirror://one lab main contrib # words\ndeb-src mirror://one lab main\n" +
				"deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] mirror://two lab-security main\ndeb mirror://three other main\n", "lab",
			"Types: deb\nURIs: mirror://one\nSuites: lab\nComponents: main\n" + ownKeyring + "\n" +
				"Types: deb\nURIs: mirror://two\nSuites: lab-security\nComponents: main\n" + ownKeyring + "\n",
		}, {
			"another suite", "sources.list.d/x.list", "deb mirror://one lab main\ndeb mirror://one lab-updates main\n", "next",
			"Types: deb\nURIs: mirror://one\nSuites: next\nComponents: main\n" + ownKeyring + "\n" +
				"Types: deb\nURIs: mirror://one\nSuites: next-updates\nComponents: main\n" + ownKeyring + "\n",
		},
		{"none", "sources.list", "deb mirror://one other main\n", "lab", "no Debian entry for lab in DIR"},
		{"not a source file", "sources.list.d/x.list.disabled", "deb mirror://one lab main\n", "lab", "no Debian entry for lab in DIR"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, tt.file)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := debianSources(dir, "lab", tt.suite)
			if err != nil {
				got = strings.ReplaceAll(err.Error(), dir, "DIR")
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("sources (-want +got):\n%s", d)
			}
		})
	}
}

func TestCodename(t *testing.T) {
	path := filepath.Join(t.TempDir(), "os-release")
	if err := os.WriteFile(path, []byte("ID=debian\nVERSION_CODENAME=\"lab\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := osCodename(path); got != "lab" || err != nil {
		t.Errorf("got %q, %v, want lab", got, err)
	}
	if err := os.WriteFile(path, []byte("ID=other\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err := osCodename(path); err == nil {
		t.Errorf("got %q, want an error", got)
	}
}
