package app_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
)

// dossierAccounts are those of a large dossier of Sage 50, with two contacts each, and half as many products, all of which have a picture.
const dossierAccounts = 10_000

// BenchmarkSage50FirstSync has the box bring a dossier of Sage 50 across for the first time, a large one and one of a fifth of its size,
// over loopback HTTP and faster than any plan allows. calls/floor is how many calls it takes, against one for each record and one for each
// picture that was sent; at_13_per_s_minutes is what the larger plan of 13 calls a second makes of it. A look reads so many new pictures
// and no more, so that a large dossier's follow in the next blocks: pictures tells how many of all were sent.
func BenchmarkSage50FirstSync(b *testing.B) {
	for _, share := range []int{5, 1} {
		accounts := dossierAccounts / share
		b.Run(fmt.Sprintf("accounts=%d", accounts), func(b *testing.B) {
			for b.Loop() {
				firstSyncSage50(b, accounts)
			}
		})
	}
}

func firstSyncSage50(b *testing.B, accounts int) {
	dir, products := b.TempDir(), accounts/2
	sage, err := sage50test.Create(filepath.Join(dir, "share"), sage50test.Options{Clients: accounts, Prospects: -1, ContactsEach: 2, Articles: products})
	must(b, err)
	for i, code := range sage.Codes(dupont, sage50test.Articles) {
		picture := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 16<<10)...)
		binary.LittleEndian.PutUint32(picture[16:], uint32(i))
		must(b, sage.SetImage(dupont, code, ".png", picture))
	}
	must(b, sage.ExportAll(dupont))
	crm, at, err := salesmanagementtest.Listen(b.Context(), salesmanagementtest.Options{Seed: 1, Rate: -1, JournalLimit: 1 << 20})
	must(b, err)
	job := strings.Replace(fmt.Sprintf(sage50Job, "dupont", "", sage.Root(), dupont, "", at, ""), `interval = "1s"`, `interval = "1h"`, 1)
	job = strings.Replace(job, "rate = 1000.0", "rate = 10000.0", 1)
	path := filepath.Join(dir, "syncbox.toml")
	must(b, os.WriteFile(path, []byte(fmt.Sprintf(sage50Box, filepath.Join(dir, "data"))+job), 0o600))
	must(b, os.WriteFile(filepath.Join(dir, "secrets.toml"), []byte("[job.dupont]\npublic_key = \"PUBLIC\"\nprivate_key = \"PRIVATE\"\n"), 0o600))
	alone := boxAlone(b, path)
	if a, c, p := len(crm.Records(salesmanagementtest.Accounts)), len(crm.Records(salesmanagementtest.Contacts)), len(crm.Records(salesmanagementtest.Products)); a != accounts ||
		c != 2*accounts || p != products {
		b.Fatalf("%d accounts, %d contacts and %d products", a, c, p)
	}
	records, n := 3*accounts+products, crm.Counters()
	alone.report(b, records)
	calls := float64(n.Calls - n.Uploads)
	b.ReportMetric(calls/float64(records+n.Uploads), "calls/floor")
	b.ReportMetric(calls/13/60, "at_13_per_s_minutes")
	b.ReportMetric(float64(n.Uploads)/float64(products), "pictures")
}
