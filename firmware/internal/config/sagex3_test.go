package config_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/connectors/outlook"
	"syncbox/connectors/pairs"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/firmware/internal/config"
)

// x3 is the shortest configuration of two users of one folder of X3. DIR is its data folder.
const x3 = `[box]
data = "DIR"
[sagex3.main]
url = "https://x3.example.org:8124"
pool = "SYNCBOX"
user = "syncbox"
[outlook.main]
tenant = "contoso.example"
application = "0b5e7c11"
[[job]]
name = "marie"
pair = "sagex3-outlook"
[job.sagex3]
server = "main"
login = "MDUP"
representative = "R1"
[job.outlook]
tenant = "main"
mailbox = "marie@contoso.example"
[[job]]
name = "luc"
pair = "sagex3-outlook"
[job.sagex3]
server = "main"
login = "LPET"
representative = "R2"
[job.outlook]
tenant = "main"
mailbox = "luc@contoso.example"
`

const x3Secrets = "[sagex3.main]\npassword = \"hunter2\"\n[outlook.main]\nsecret = \"correct-horse\"\n"

// x3Site writes a configuration of X3 with something else in it, values and what stands instead by turns, and gives its path.
func x3Site(t *testing.T, instead ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "syncbox.toml")
	put(t, path, strings.NewReplacer(append(instead, "DIR", "/data/jobs")...).Replace(x3))
	put(t, filepath.Join(filepath.Dir(path), "secrets.toml"), x3Secrets)
	return path
}

// Jobs name the server and the tenant that they share; the secrets are those of these.
func TestX3UsersShare(t *testing.T) {
	c, err := config.Load(x3Site(t, "user = \"syncbox\"", "user = \"syncbox\"\nzone = \"Europe/Paris\"\ncall_fields = [\"chrono=CLLNUM\", \"minutes=CLLHOU+CLLMNT\"]\nmenus = [\"contact.title.1=Mme\"]",
		"login = \"LPET\"", "login = \"LPET\"\nconflict = \"newest\""))
	must(t, err)
	marie, luc := c.Jobs[0], c.Jobs[1]
	if marie.SageX3.Name != "main" || luc.SageX3.Name != "main" || marie.SageX3.Server.Password != "hunter2" || luc.Outlook.Tenant.Secret != "correct-horse" {
		t.Errorf("the secrets did not reach the jobs of %q and %q", marie.SageX3.Name, luc.SageX3.Name)
	}
	if d := cmp.Diff(sagex3.UserConfig{Login: "LPET", Representative: "R2"}, luc.SageX3.User); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff(outlook.MailboxConfig{Address: "marie@contoso.example"}, marie.Outlook.Box); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	server := marie.SageX3.Server
	if server.Zone.String() != "Europe/Paris" || marie.Outlook.Tenant.Zone.String() != "America/Toronto" {
		t.Errorf("zones %s and %s, want what was said, and the box's", server.Zone, marie.Outlook.Tenant.Zone)
	}
	if server.Fields[record.Call]["minutes"] != "CLLHOU,CLLMNT" || server.Menus[record.Contact]["title"]["1"] != "Mme" {
		t.Errorf("codes %v, menus %v", server.Fields, server.Menus)
	}
	if marie.SageX3.NewestWins || !luc.SageX3.NewestWins || marie.SageX3.DeleteWithin != 90*24*time.Hour || !marie.TwoWay {
		t.Errorf("X3 wins unless somebody says otherwise, and 90 days: %v %v %v %v", marie.SageX3.NewestWins, luc.SageX3.NewestWins, marie.SageX3.DeleteWithin, marie.TwoWay)
	}
}

// Nothing is synchronised that nobody allowed; one way, X3 is not written whatever is allowed.
//
// Requirement: X3-3
func TestX3Rights(t *testing.T) {
	both := "tasks_to_outlook = [\"create\", \"update\"]\ntasks_to_x3 = [\"update\"]\ncontacts_to_x3 = [\"create\"]\n"
	tasks := pairs.Rights{Create: true, Update: true}
	for _, tt := range []struct {
		name, direction, rights string
		want                    pairs.Matrix
	}{
		{"nothing said", "", "", pairs.Matrix{}},
		{"some", "", both, pairs.Matrix{record.Task: {ToCRM: tasks, ToERP: pairs.Rights{Update: true}}, record.Contact: {ToERP: pairs.Rights{Create: true}}}},
		{"one way", "one-way", both, pairs.Matrix{record.Task: {ToCRM: tasks}}},
		{"all of the appointments", "two-way", `appointments_to_outlook = ["create", "update", "delete"]`, pairs.Matrix{record.Appointment: {ToCRM: pairs.All}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := config.Load(x3Site(t, "name = \"marie\"", "name = \"marie\"\ndirection = \""+tt.direction+"\"", "mailbox = \"marie@contoso.example\"", "mailbox = \"marie@contoso.example\"\n[job.rights]\n"+tt.rights))
			must(t, err)
			if d := cmp.Diff(tt.want, c.Jobs[0].Rights); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if err := c.Jobs[0].Rights.Validate(); err != nil || len(c.Jobs[1].Rights) > 0 {
				t.Errorf("the other job's: %v, %v", c.Jobs[1].Rights, err)
			}
		})
	}
}

// A mailbox is bound to one user and a user to one mailbox, also for whoever sets them later; the refusal names the value.
//
// Requirement: X3-6
func TestX3BindsOnce(t *testing.T) {
	for key, value := range map[string]string{"job.luc.outlook.mailbox": "MARIE@contoso.example", "job.luc.sagex3.login": "mdup"} {
		w := config.NewWriter(x3Site(t), nil)
		_, err := w.Set(config.Change{Key: key, Value: value})
		refused, _ := errors.AsType[config.Refused](err)
		if len(refused) != 1 || refused[0].Key != key || refused[0].Why != config.WrongWhole {
			t.Errorf("%s: got %v, want it refused", key, err)
		}
	}
}

// Values of servers and tenants are listed and set as those of jobs are; another address is taken with its password alone; a
// server that there is not is not made by a slip.
func TestX3Settings(t *testing.T) {
	path := x3Site(t)
	w := config.NewWriter(path, nil)
	all, err := w.Settings()
	must(t, err)
	listed := map[string]config.Setting{}
	for _, s := range all {
		listed[s.Key] = s
	}
	if s := listed["sagex3.main.pool"]; s.Value != "SYNCBOX" || !s.Set {
		t.Errorf("the pool: %+v", s)
	}
	if s := listed["outlook.main.secret"]; s.Value != "" || !s.Set || !s.Secret {
		t.Errorf("the secret: %+v", s)
	}
	for _, foreign := range []string{"job.marie.centrixone.url", "job.marie.crm_key", "job.marie.share.server"} {
		if _, there := listed[foreign]; there {
			t.Errorf("%s is listed", foreign)
		}
	}
	for _, tt := range []struct {
		change []config.Change
		why    config.Why
	}{
		{set("job.luc.outlook.contact_folder", "X3", "sagex3.main.user_code", "SYNC", "outlook.main.past_days", int64(30)), ""},
		{set("job.luc.rights.calls_to_outlook", []string{"create"}), ""},
		{set("outlook.main.secret", "other"), ""},
		{set("sagex3.main.url", "https://elsewhere.example"), config.NeedsSecret},
		{set("sagex3.main.url", "https://elsewhere.example", "sagex3.main.password", "other"), ""},
		{set("sagex3.lyon.pool", "SYNCBOX"), config.NotSettable},
		{set("sagex3.main.rate", int64(1)), config.NotSettable},
	} {
		_, err := w.Set(tt.change...)
		if refused, _ := errors.AsType[config.Refused](err); (err == nil) != (tt.why == "") || err != nil && refused[0].Why != tt.why {
			t.Errorf("%v: got %v, want %q", tt.change, err, tt.why)
		}
	}
	c, err := config.Load(path)
	must(t, err)
	if x := c.Jobs[1]; x.Outlook.Box.ContactFolder != "X3" || x.SageX3.Server.UserCode != "SYNC" || x.Outlook.Tenant.PastDays != 30 || x.Outlook.Tenant.Secret != "other" ||
		x.SageX3.Server.Password != "other" || !x.Rights[record.Call].ToCRM.Create {
		t.Errorf("what was set is not there: %+v", x)
	}
}

// The commented sample shows the defaults: what it says and what is taken without it must be the same.
func TestTheX3SampleShowsTheDefaults(t *testing.T) {
	sample, err := load(t, "sagex3.toml")
	must(t, err)
	job := sample.Jobs[0]
	for name, shown := range map[string]any{
		"server": job.SageX3.Server, "tenant": job.Outlook.Tenant, "rights": len(job.Rights), "newest": job.SageX3.NewestWins, "two-way": job.TwoWay, "days": job.SageX3.DeleteWithin,
	} {
		var want any
		switch s := job.SageX3.Server; name {
		case "server":
			want = sagex3.Config{BaseURL: s.BaseURL, Pool: s.Pool, User: s.User, Password: s.Password, UserCode: s.UserCode, Language: "FRA", Profile: sagex3.V7, Payload: "xml",
				Changes: sagex3.Scan, Read: sagex3.BySOAP, Queue: "SYD",
				Representations: map[record.Entity]string{record.Contact: "COR", record.Task: "TSK", record.Call: "CLL", record.Appointment: "BAP"},
				Publications:    map[record.Entity]string{record.Contact: "COR", record.Task: "TSK", record.Call: "CLL", record.Appointment: "BAP"},
				Fields:          s.Fields, Zone: s.Zone, Rate: 10, ListSize: 5000, Timeout: time.Minute, ServerLate: 2 * time.Minute, Overlap: 24 * time.Hour, Complete: 24 * time.Hour}
		case "tenant":
			o := job.Outlook.Tenant
			want = outlook.Config{Tenant: o.Tenant, ApplicationID: o.ApplicationID, Secret: o.Secret, GraphURL: "https://graph.microsoft.com",
				LoginURL: "https://login.microsoftonline.com", Scope: "https://graph.microsoft.com/.default", ExtensionName: "com.syncbox.x3", Zone: o.Zone, PastDays: 90, FutureDays: 365,
				RecurrenceDays: 60, PerMinute: 900, PageSize: 100, Timeout: time.Minute, ServerLate: 2 * time.Minute, IndexLag: time.Minute}
		default:
			want = map[string]any{"rights": 0, "newest": false, "two-way": true, "days": 90 * 24 * time.Hour}[name]
		}
		zones := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
		if d := cmp.Diff(want, shown, zones, cmp.Comparer(func(a, b func() time.Time) bool { return (a == nil) == (b == nil) })); d != "" {
			t.Errorf("%s (-defaults +sample):\n%s", name, d)
		}
	}
}

// The password of X3 and the secret of the application are shown nowhere.
func TestX3SecretsAreNeverPrinted(t *testing.T) {
	c, err := config.Load(x3Site(t))
	must(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		text := fmt.Sprintf(verb, c) + fmt.Sprintf(verb, c.Jobs[0]) + fmt.Sprintf(verb, c.Jobs[0].SageX3) + fmt.Sprintf(verb, c.Jobs[0].Outlook)
		if strings.Contains(text, "hunter2") || strings.Contains(text, "correct-horse") {
			t.Errorf("%s prints one: %s", verb, text)
		}
	}
}
