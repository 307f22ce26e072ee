package setup_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/bob50"
	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/pairs"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/sagecrm/sagecrmtest"
	"syncbox/connectors/share"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/locale"
	"syncbox/sync/engine"
)

const (
	bobPath = "/setup/jobs/bob/"
	sageKey = "word-of-sage"
)

// bobSite is a customer's site with BOB 50 and Sage CRM.
type bobSite struct {
	*site
	bob  *bob50test.Site
	sage *sagecrmtest.Server
	at   string // address of Sage CRM
}

// newBobSite makes a box as it is delivered, which somebody makes one for BOB 50. Before that, it is made ready.
func newBobSite(t *testing.T, at bob50test.Switches, crm sagecrmtest.Switches, ready ...func(*site)) (*bobSite, *browser) {
	t.Helper()
	s := &bobSite{site: newSite(t)}
	s.server = sharetest.New(t, sharetest.Options{Users: map[string]string{sharetest.UserBox: secret}})
	var err error
	s.bob, err = bob50test.Create(s.server.Dir(sharetest.ShareERP), bob50test.Options{Start: time.Now().UTC().Add(-3 * time.Hour), Switches: at})
	must(t, err)
	s.sage, s.at, err = sagecrmtest.Listen(t.Context(), sagecrmtest.Options{Password: sageKey, Switches: crm})
	must(t, err)
	s.at = strings.TrimSuffix(s.at, "/")
	s.conf.SignIns = &online{}
	copies := t.TempDir()
	s.conf.TryBob50 = func(ctx context.Context, j config.Job) (bob50.Trial, error) {
		j.Share = share.Config{Kind: share.Directory, Path: s.server.Dir(j.Share.Share)}
		return app.TryBob50(ctx, j, copies, s.logger())
	}
	s.conf.TrySageCRM = func(ctx context.Context, j config.Job) (sagecrm.Proposal, error) {
		j.SageCRM.Site.Rate = 500
		return app.TrySageCRM(ctx, j, s.logger())
	}
	for _, do := range ready {
		do(s.site)
	}
	b := s.logOn()
	b.at("/setup/pair", 200)
	b.submitPair(string(config.Bob50SageCRM))
	b.at(bobPath+"server", 200)
	return s, b
}

// backup has BOB make one, a minute after what went before.
func (s *bobSite) backup(q bob50test.Quality) {
	s.t.Helper()
	s.bob.Advance(time.Minute)
	_, err := s.bob.Backup(q)
	must(s.t, err)
}

// shared goes the way to the share.
func (s *bobSite) shared(b *browser) {
	s.t.Helper()
	b.submit(bobPath+"server", "server", "127.0.0.1", "user", sharetest.UserBox, "password", secret, "port", s.port())
	b.at(bobPath+"way", 200)
	if b.form(bobPath+"dossier") == nil {
		b.submit(bobPath+"way", "share", sharetest.ShareERP)
	}
}

// joined gives Sage CRM's address and account, and its columns.
func (s *bobSite) joined(b *browser) {
	s.t.Helper()
	b.submit(bobPath+"sagecrm", "url", s.at, "user", "syncbox", "password", sageKey)
	b.at(bobPath+"columns", 200)
	b.submit(bobPath+"columns", "vat_field", "comp_vatnumber", "bob_sync_field", "comp_bobsync")
	b.at(bobPath+"rules", 200)
}

// said gives what people read of a key, up to its first gap.
func (s *bobSite) said(key string) string {
	s.t.Helper()
	p, err := locale.New("fr-CA", time.UTC)
	must(s.t, err)
	text, _, _ := strings.Cut(p.Of(pairs.Names("bob50-sagecrm")).Text(key, nil), "…")
	return text
}

// keepsTheirSecrets is keepsSecrets with the password of Sage CRM.
func (s *bobSite) keepsTheirSecrets(b *browser) {
	s.t.Helper()
	s.keepsSecrets(b)
	if all := b.seen.String() + strings.Join(b.sent, "\n") + s.log.String() + strings.Join(s.events, "\n"); strings.Contains(all, sageKey) {
		s.t.Error("the password of Sage CRM is shown")
	}
}

// A new box is made one for BOB 50 and Sage CRM. The company is found on the share, its newest backup is read and told in words, the
// columns of Sage CRM are read and checked, and the rules say who wins; then the first run waits for a person. Nothing that somebody
// has given has to be given twice, and no secret is shown.
//
// Requirement: BOB-1, BOB-2, BOB-3, BOB-9, BOB-24
func TestSetUpOfBob50(t *testing.T) {
	s, b := newBobSite(t, bob50test.Switches{}, nil)
	s.backup(bob50test.Good)
	s.shared(b)
	b.shows("what was found", "DATA/DEMO", "1 compagnie trouvée")
	b.submit(bobPath + "dossier")
	b.at(bobPath+"backup", 200)
	b.shows("the backup", "tables Advantage (.ADT), que la boîte lit", "assez récente, et faite après la dernière modification", "BACKUP/2", "Clients à synchroniser", "12",
		"Tiers qui ne seront pas synchronisés", "Ce tiers n'a pas de numéro de TVA")
	if j := s.draft(); j.Bob50.Site.Dossier != "DATA/DEMO" || j.Bob50.Site.Backups != "BACKUP" || j.Share.Share != sharetest.ShareERP || j.Share.Folder != "" {
		t.Errorf("kept: %+v %v", j.Bob50.Site, j.Share)
	}
	b.follow(bobPath + "sagecrm")
	s.joined(b)
	b.shows("the rules", "l'emporte; ce qui a perdu reste au journal", "Europe/Brussels")
	b.submit(bobPath+"rules", "link", `\LINK\DEMO`, "direction", "two-way", "backup_max_age", "48h", "country", "lu", "new_to_crm", "never")
	b.at(bobPath+"first", 200)
	c, err := config.Load(s.path())
	must(t, err)
	j := c.Jobs[0]
	if x := j.Bob50; x.Site.Link != "LINK/DEMO" || x.Site.MaxAge != 48*time.Hour || x.Site.Country != "LU" || !x.NoneNew || x.OnBackup || !j.TwoWay {
		t.Errorf("the rules: %+v, both ways %v", x, j.TwoWay)
	}
	if x := j.SageCRM.Site; x.VATField != "comp_vatnumber" || x.BobSyncField != "comp_bobsync" || x.Password != sageKey || x.Interface != "soap" || x.Country != "LU" {
		t.Errorf("the CRM: %+v", x)
	}
	if j.Engine.Confirm != engine.ConfirmAlways || c.Box.Zone.String() != "Europe/Brussels" {
		t.Errorf("confirmed %q, zone %s", j.Engine.Confirm, c.Box.Zone)
	}
	if wrong, err := s.bob.Trespasses(); err != nil || len(wrong) > 0 {
		t.Errorf("set-up wrote to the server: %v, %v", wrong, err)
	}
	if n := s.sage.Created(sagecrmtest.Company); len(n) > 0 {
		t.Errorf("set-up wrote to the CRM: %v", n)
	}
	b.open(bobPath + "rules")
	b.submit(bobPath+"rules", "start", "on_backup")
	b.at("/setup", 200)
	b.shows("overview", "DATA/DEMO", "BACKUP", s.at, "comp_vatnumber, comp_bobsync", "Bidirectionnelle\u202f: BOB 50 <-> Sage CRM")
	s.keepsTheirSecrets(b)
}

// What is the matter with the company or its backup is told in words, and that BOB's newer generation can't be read is told plainly.
//
// Requirement: BOB-2, BOB-25
func TestBackupsOfBob50(t *testing.T) {
	for _, tt := range []struct {
		name    string
		at      bob50test.Switches
		quality bob50test.Quality
		dossier string
		want    []string
	}{
		{"none", bob50test.Switches{}, "", "DATA/DEMO", []string{"bob-backup-missing"}},
		{"too old", bob50test.Switches{}, bob50test.TooOld, "DATA/DEMO", []string{"bob-backup-old"}},
		{"stale", bob50test.Switches{BackupForm: bob50test.BackupZip}, bob50test.Cut, "DATA/DEMO", []string{"bob-backup-incomplete"}},
		{"another form", bob50test.Switches{BackupForm: bob50test.BackupOther}, bob50test.Good, "DATA/DEMO", []string{"bob-backup-form"}},
		{"MySQL", bob50test.Switches{Generation: bob50test.GenerationMySQL}, "", "DATA/DEMO", []string{"bob-generation-unsupported", "MySQL, une génération plus récente"}},
		{"Paradox", bob50test.Switches{Generation: bob50test.GenerationParadox}, "", "DATA/DEMO", []string{"bob-generation-unsupported", "Paradox, une génération plus ancienne"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, b := newBobSite(t, tt.at, nil)
			if tt.quality != "" {
				s.backup(tt.quality)
			}
			s.shared(b)
			b.submit(bobPath+"dossier", "dossier", tt.dossier)
			b.at(bobPath+"backup", 200)
			for _, want := range tt.want {
				if strings.HasPrefix(want, "bob-") {
					if !strings.Contains(s.log.String(), want) {
						t.Errorf("the log does not say %s:\n%s", want, s.log.String())
					}
					want = s.said("do." + want)
				}
				b.shows(tt.name, want)
			}
			if b.form(bobPath+"backup") == nil || b.has("peut servir") {
				t.Errorf("it seems to be fine:\n%s", b.words())
			}
			b.follow(bobPath + "sagecrm") // all the same
		})
	}
}

// The folders are typed as people do, and refused where they can't be, or where the company would be one of its own backups.
func TestFoldersOfBob50(t *testing.T) {
	s, b := newBobSite(t, bob50test.Switches{}, nil)
	s.backup(bob50test.Good)
	s.shared(b)
	was := s.text()
	for _, tt := range []struct{ name, field, dossier, backups string }{
		{"another company", "dossier", "DATA/OTHER", "BACKUP"},
		{"upwards", "backups", "DATA/DEMO", "../BACKUP"},
		{"nowhere", "backups", "DATA/DEMO", ""},
		{"its own backup", "dossier", "DATA/DEMO", `data\`},
	} {
		b.submit(bobPath+"dossier", "dossier", tt.dossier, "backups", tt.backups)
		if b.status != 422 || !strings.Contains(b.text, `id="`+tt.field+`-error"`) {
			t.Errorf("%s: %d\n%s", tt.name, b.status, b.words())
		}
	}
	if s.text() != was {
		t.Error("what was refused is kept")
	}
	b.submit(bobPath+"dossier", "backups", `\BACKUP\`)
	b.at(bobPath+"backup", 200)
	b.shows("as people type it", "peut servir")
}
