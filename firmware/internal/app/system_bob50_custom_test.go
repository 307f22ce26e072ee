package app_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/sagecrm/sagecrmtest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/web/custom"
	"syncbox/firmware/internal/web/page"
	"syncbox/firmware/internal/web/session"
)

// customFields are columns that the site has added to both products.
var customFields = []sagecrmtest.Field{{Name: "comp_sector", Caption: "Secteur"}, {Name: "comp_score", Kind: sagecrmtest.Decimal}}

// boxOf is the box as a page asks it.
type boxOf struct{ *app.App }

func (b boxOf) Status(context.Context) ([]local.JobStatus, error) { return local.Statuses(b.App), nil }

// door is open for everybody.
type door struct{}

func (door) Check(string) error { return nil }

// choose ticks fields on the page of the custom fields, and begins the box anew with what that kept.
func (r *bobRig) choose(names ...string) {
	r.t.Helper()
	path := filepath.Join(r.dir, "syncbox.toml")
	site := &page.Site{Face: func() page.Face { return page.Face{Name: "syncbox-test", Language: "fr-CA", Zone: time.UTC} },
		Sessions: session.New(door{}, time.Now), Log: slog.New(slog.NewTextHandler(r.log, nil))}
	m := page.NewMux(site)
	(&custom.Pages{Site: site, Box: boxOf{r.app}, Settings: config.NewWriter(path, nil), Draft: func() (config.Config, error) { return config.LoadDraft(path) }}).Routes(m)
	h := m.Handler()
	cookie, err := site.Sessions.Open("", false)
	must(r.t, err)
	ask := func(req *http.Request) *httptest.ResponseRecorder {
		req.Host = "syncbox-test"
		req.AddCookie(cookie)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return w
	}
	shown := ask(httptest.NewRequest(http.MethodGet, "/custom", nil)).Body.String()
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(shown)
	if token == nil {
		r.t.Fatalf("no form on the page:\n%s", shown)
	}
	req := httptest.NewRequest(http.MethodPost, "/custom", strings.NewReader(url.Values{"token": {token[1]}, "job": {"bob"}, "sel": names}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := ask(req); w.Code != http.StatusSeeOther {
		r.t.Fatalf("%v: %d\n%s", names, w.Code, w.Body)
	}
	r.end()
	r.conf, err = config.Load(path)
	must(r.t, err)
	r.start()
}

// told says whether people are told this code of the job, while it goes on.
func (r *bobRig) told(code string) bool {
	for _, n := range r.job().Notices() {
		if n.Code == code {
			return true
		}
	}
	return false
}

// newCustomBob is a rig whose first synchronisation is done, and on whose page two fields were chosen since.
func newCustomBob(t *testing.T) *bobRig {
	t.Helper()
	r := newSyncedBob(t, bobSet{columns: customFields})
	r.edit("C000001", bob50test.Fields{"C_SECTOR": "Pain", "C_SCORE": int64(7)})
	r.backup()
	r.synced()
	if c := r.companyOf("C000001"); c.Values["comp_sector"] != "" {
		t.Fatalf("a field that nobody chose: %v", c.Values)
	}
	r.choose("custom-c_sector", "custom-c_score")
	if c := r.companyOf("C000001"); c.Values["comp_sector"] != "" {
		t.Errorf("it was written before anybody ticked the plan: %v", c.Values)
	}
	r.synced()
	r.until("what was chosen reaches the CRM", func() bool {
		v := r.companyOf("C000001").Values
		return v["comp_sector"] == "Pain" && v["comp_score"] == "7"
	})
	return r
}

// A custom field that is chosen on the page is in the CRM after the next run that was ticked; one that is taken away is left alone.
//
// Requirement: BOB-15, BOB-16, BOB-19
func TestBobCustomChosen(t *testing.T) {
	t.Parallel()
	r := newCustomBob(t)
	r.choose("custom-c_score")
	r.edit("C000001", bob50test.Fields{"C_SECTOR": "Lait", "C_SCORE": int64(8)})
	r.backup()
	r.synced()
	r.until("the one that is left reaches the CRM", func() bool { return r.companyOf("C000001").Values["comp_score"] == "8" })
	if sector := r.companyOf("C000001").Values["comp_sector"]; sector != "Pain" {
		t.Errorf("the other one became %q", sector)
	}
}

// A custom field that vanished from either product is told by its code; nothing is emptied for it, and the others go on. When it is
// back, so does it, with what changed meanwhile.
//
// Requirement: BOB-15, BOB-16
func TestBobCustomVanished(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, code string
		gone, back func(*bobRig)
	}{
		{"from BOB", "bob-custom-vanished", func(r *bobRig) { must(r.t, r.bob.DropColumn("C_SECTOR")) }, nil},
		{"from the CRM", "crm-custom-vanished", func(r *bobRig) { r.crm.DropColumn(sagecrmtest.Company, "comp_sector") },
			func(r *bobRig) { r.crm.AddColumn(sagecrmtest.Company, customFields[0]) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newCustomBob(t)
			tt.gone(r)
			r.edit("C000001", bob50test.Fields{"C_SCORE": int64(9), "CLOCALITY": "Dinant"})
			if tt.back != nil {
				r.edit("C000001", bob50test.Fields{"C_SECTOR": "Lait"})
			}
			r.backup()
			r.synced()
			r.until("the others go on", func() bool {
				return r.companyOf("C000001").Values["comp_score"] == "9" && r.city("C000001") == "Dinant"
			})
			if !r.told(tt.code) {
				t.Errorf("told: %+v, want %s", r.job().Notices(), tt.code)
			}
			if st, err := r.job().Status(); err != nil || st.Ways[0].Code != "" {
				t.Errorf("the way to the CRM says %q, %v", st.Ways[0].Code, err)
			}
			if tt.back == nil {
				if sector := r.companyOf("C000001").Values["comp_sector"]; sector != "Pain" {
					t.Errorf("the CRM's value became %q", sector)
				}
				return
			}
			tt.back(r)
			r.backup()
			r.synced()
			r.until("it goes on as well", func() bool { return r.companyOf("C000001").Values["comp_sector"] == "Lait" })
			if r.told(tt.code) {
				t.Errorf("still told: %+v", r.job().Notices())
			}
		})
	}
}
