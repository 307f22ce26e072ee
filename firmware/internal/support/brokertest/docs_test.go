package brokertest_test

import (
	"bufio"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/support/reconnect"
	"syncbox/firmware/internal/support/storm"
)

var update = flag.Bool("update", false, "write the tables of attempts in docs/ anew")

// guide is the document in one language, and the words of its table.
type guide struct {
	file string
	try  func(name string) string
	ends map[outcome]string
}

var guides = []guide{
	{"../../../../docs/brokers-en.md", func(name string) string { return name }, map[outcome]string{
		refused: "refused", deaf: "granted, hears nothing", dropped: "acknowledged and dropped", closed: "connection closed",
		bothStay: "both stay, each under its own name", thrownOut: "the other one is thrown out",
	}},
	{"../../../../docs/brokers-fr.md", func(name string) string { return french[name] }, map[outcome]string{
		refused: "refusé", deaf: "accordé, n'entend rien", dropped: "confirmé, puis jeté", closed: "connexion fermée",
		bothStay: "les deux restent, chacune sous son nom", thrownOut: "l'autre est mise dehors",
	}},
}

var french = map[string]string{
	"hear another box's commands":           "entendre les ordres d'une autre boîte",
	"hear all commands":                     "entendre tous les ordres",
	"hear everything":                       "tout entendre",
	"hear what the broker keeps":            "entendre ce que le courtier garde",
	"publish another box's command":         "donner un ordre à une autre boîte",
	"publish another box's wish":            "donner une consigne à une autre boîte",
	"publish another box's status":          "dire l'état d'une autre boîte",
	"publish another box's ack":             "répondre à la place d'une autre boîte",
	"publish another box's event":           "raconter un événement d'une autre boîte",
	"publish to the fleet":                  "parler à tout le parc",
	"leave a will for another box":          "laisser un testament au nom d'une autre boîte",
	"connect without certificate":           "se connecter sans certificat",
	"connect with a stranger's certificate": "se connecter avec le certificat d'une autre autorité",
	"connect with an outdated certificate":  "se connecter avec un certificat échu",
	"connect under another box's client id": "se connecter sous l'identifiant d'une autre boîte",
	"publish under another box's user name": "publier sous le nom d'utilisateur d'une autre boîte",
	"connect twice with one certificate":    "se connecter deux fois avec un certificat",
	"publish 70 kB":                         "publier 70 ko",
}

// between gives what stands in a document between a marker, with the rest of its line, and the next end.
func between(t *testing.T, file, marker, end string) (before, body, after string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), marker)
	line, rest, _ := strings.Cut(rest, "\n")
	body, after, ends := strings.Cut(rest, end)
	if !found || !ends {
		t.Fatalf("%s has nothing between %q and %q", file, marker, end)
	}
	return head + marker + line + "\n", body, end + after
}

// rows gives the cells of a table, without its heading.
func rows(body string) (all [][]string) {
	_, body, _ = strings.Cut(body, "| --- |")
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| ---") {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			all = append(all, cells)
		}
	}
	return all
}

// TestDocsTellWhatIsTested holds the table of attempts against that of the tests.
func TestDocsTellWhatIsTested(t *testing.T) {
	for _, g := range guides {
		before, body, after := between(t, g.file, "<!-- isolation", "<!-- ")
		var want [][]string
		for _, a := range attempts {
			cells := []string{g.try(a.name), g.ends[a.mosquitto], g.ends[a.nats]}
			if cells[0] == "" || cells[1] == "" || cells[2] == "" {
				t.Errorf("%s: no words for %q (%s, %s)", g.file, a.name, a.mosquitto, a.nats)
			}
			want = append(want, cells)
		}
		if *update {
			write(t, g.file, before, body, want, after)
			continue
		}
		if diff := cmp.Diff(want, rows(body)); diff != "" {
			t.Errorf("%s: go test -update writes it anew (-want +got):\n%s", g.file, diff)
		}
	}
}

func write(t *testing.T, file, before, body string, table [][]string, after string) {
	t.Helper()
	head, _, _ := strings.Cut(body, "| --- | --- | --- |\n")
	text := before + head + "| --- | --- | --- |\n"
	for _, cells := range table {
		text += "| " + strings.Join(cells, " | ") + " |\n"
	}
	if err := os.WriteFile(file, []byte(text+"\n"+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestDocsNameTheFiles: each file of the recipes says where it belongs, and both documents say the same; the version of
// the NATS server is the pinned one.
func TestDocsNameTheFiles(t *testing.T) {
	pinned, err := os.ReadFile("natsserver/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`nats-server/v2 v(\S+)`).FindStringSubmatch(string(pinned))
	place := regexp.MustCompile(`^# (/[^\s:,]+)`)
	for _, g := range guides {
		text, err := os.ReadFile(g.file)
		if err != nil {
			t.Fatal(err)
		}
		if version == nil || !strings.Contains(string(text), "NATS server "+version[1]) && !strings.Contains(string(text), "NATS "+version[1]) {
			t.Errorf("%s does not name the pinned NATS server %q", g.file, version)
		}
		files := 0
		err = filepath.WalkDir(recipes, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			first := bufio.NewScanner(f)
			first.Scan()
			m := place.FindStringSubmatch(first.Text())
			if m == nil {
				return fmt.Errorf("%s does not say where it belongs: %q", path, first.Text())
			}
			name, err := filepath.Rel(recipes, path)
			if want := fmt.Sprintf("| `%s` | `%s` |", name, m[1]); !strings.Contains(string(text), want) {
				t.Errorf("%s has no row %s", g.file, want)
			}
			files++
			return err
		})
		if err != nil || files < 5 {
			t.Errorf("%d files of recipes: %v", files, err)
		}
	}
}

// TestDocsCertificates runs the lines that make the certificates: the broker's is good for its names, support's for a
// client of that name.
func TestDocsCertificates(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	for _, g := range guides {
		t.Run(filepath.Base(g.file), func(t *testing.T) {
			_, body, _ := between(t, g.file, "<!-- certificates", "\n```\n")
			_, lines, _ := strings.Cut(body, "```sh\n")
			dir := t.TempDir()
			shell := exec.Command("bash", "-e", "-c", lines)
			shell.Dir = dir
			if out, err := shell.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			roots := x509.NewCertPool()
			roots.AddCert(certificate(t, filepath.Join(dir, "ca.crt")))
			for _, name := range []string{"mqtt.example.com", "10.0.0.1"} {
				if _, err := certificate(t, filepath.Join(dir, "srv.crt")).Verify(x509.VerifyOptions{Roots: roots, DNSName: name}); err != nil {
					t.Error(err)
				}
			}
			client := certificate(t, filepath.Join(dir, program+".crt"))
			if _, err := client.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
				t.Error(err)
			}
			if client.Subject.CommonName != program {
				t.Errorf("support's certificate is for %q", client.Subject.CommonName)
			}
		})
	}
}

func certificate(t *testing.T, file string) *x509.Certificate {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatalf("%s holds no certificate", file)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDocsSpread lets a fleet of each number of boxes, with the spread that the documents give it, lose its broker.
func TestDocsSpread(t *testing.T) {
	_, body, _ := between(t, guides[0].file, "<!-- spread", "<!-- ")
	table := rows(strings.ReplaceAll(body, ",", ""))
	_, body, _ = between(t, guides[1].file, "<!-- spread", "<!-- ")
	if diff := cmp.Diff(table, rows(strings.ReplaceAll(body, "\u00a0", ""))); diff != "" || len(table) < 4 {
		t.Errorf("%d rows in English, in French (-en +fr):\n%s", len(table), diff)
	}
	for _, cells := range table {
		boxes, err := strconv.Atoi(cells[0])
		if err != nil {
			t.Fatal(err)
		}
		spread, err := time.ParseDuration(cells[1] + "s")
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range storm.Outages {
			r := storm.Run(boxes, o, func(box int) storm.Waits {
				return reconnect.New(spread, rand.New(rand.NewPCG(1, uint64(box))).Int64N)
			}, time.Hour)
			if r.Offline > 0 || max(r.Peak, r.PeakDown) > 1000 || r.Attempts > 2 || r.AllBack > 7*time.Minute {
				t.Errorf("%d boxes with %v, outage of %v: %+v", boxes, spread, o.Lasts, r)
			}
		}
	}
}
