package config

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
)

// keys lists the keys that a struct is read from, with the tables they are in.
func keys(t reflect.Type, table string) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Map {
		return keys(t.Elem(), table+"*.")
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var all []string
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("toml")
		if below := keys(f.Type, table+name+"."); below != nil {
			all = append(all, below...)
			continue
		}
		all = append(all, table+name)
	}
	return all
}

// shown lists the keys that a file shows.
func shown(v any, table string, star bool) []string {
	var all []string
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if star {
				name = "*"
			}
			all = append(all, shown(inner, table+"."+name, (slices.Contains(owners, name) && table == "" || name == "custom") && isTable(inner))...)
		}
	case []any:
		for _, inner := range v {
			if !isTable(inner) {
				return []string{table[1:]}
			}
			all = append(all, shown(inner, table, false)...)
		}
		if len(v) == 0 {
			return []string{table[1:]}
		}
	default:
		return []string{table[1:]}
	}
	return all
}

func isTable(v any) bool { _, ok := v.(map[string]any); return ok }

// The commented samples of the pairs show every key there is, and each once.
func TestTheSamplesShowEveryKey(t *testing.T) {
	for path, target := range map[string]any{"syncbox.toml": file{}, "secrets.toml": secrets{}} {
		var got []string
		for _, pair := range []string{"", "quickbooks.", "sagex3.", "bob50.", "sage50."} {
			name := strings.Replace(pair+path, ".syncbox", "", 1)
			text, err := os.ReadFile("../../../testdata/config/" + name)
			if err != nil {
				t.Fatal(err)
			}
			var all map[string]any
			if err := toml.Unmarshal(text, &all); err != nil {
				t.Fatal(err)
			}
			got = append(got, shown(all, "", false)...)
		}
		want := keys(reflect.TypeOf(target), "")
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, slices.Compact(got)); diff != "" {
			t.Errorf("%s (-keys +sample):\n%s", path, diff)
		}
	}
}

// others are values that differ from those of the samples, key by key.
var others = map[string]any{
	"box.name": "syncbox-7Q2K", "box.data": "/elsewhere", "box.socket": "/run/box.sock", "box.secrets": "two-companies.secrets.toml",
	"box.language": "en", "box.zone": "America/Vancouver",

	"network.interface": "eth1", "network.hostname": "acomba-box", "network.address": "192.0.2.7/24",
	"network.fixed": true, "network.gateway": "192.0.2.1", "network.dns": []string{"192.0.2.2"}, "network.ntp": []string{"time.example"},

	"updates.automatic": false, "updates.servers": []string{"https://updates.example/"}, "updates.hours": []string{"22:00-04:00"}, "updates.not_before": "2026-12-24",

	"job.name": "south", "job.pair": nil, "job.direction": "two-way", "job.interval": "1h",
	"job.allowed": []string{"06:00-20:00"}, "job.backup": []string{"23:00-01:00"},
	"job.confirm": "always", "job.recreate": "auto", "job.inactive_at_first": "skip", "job.external_id_prefix": "north.",

	"support.broker": []string{"mqtts://support.example.org"}, "support.est": "https://est.example.org/",
	"support.home_assistant": true, "metrics.port": 9464, "page.port": 8080, "page.https": true,

	"job.share.kind": "directory", "job.share.path": "/srv", "job.share.server": "other", "job.share.share": "Other",
	"job.share.folder": "Acomba", "job.share.user": "other", "job.share.domain": "OFFICE", "job.share.port": 1445, "job.share.seal": true, "job.share.vers": "3.0",

	"job.acomba.company": "F2000", "job.acomba.write_back": "direct", "job.acomba.write_windows": []string{"20:00-06:00"},
	"job.acomba.handoff_folder": "Other", "job.acomba.layout": "/data/other.toml", "job.acomba.quiet_ms": 40,
	"job.acomba.mobile": "(?i)gsm", "job.acomba.document_owner": "invoiced_to", "job.acomba.documents": []string{"orders"},
	"job.acomba.superseded": "keep", "job.acomba.currency": "USD",

	"job.quickbooks.relay": "https://other.example", "job.quickbooks.client_id": "AB2", "job.quickbooks.redirect": "https://other.example/back",
	"job.quickbooks.environment": "sandbox", "job.quickbooks.api_url": "https://api.example", "job.quickbooks.sign_in_url": "https://sign-in.example",
	"job.quickbooks.plain_http": true, "job.quickbooks.start": "2026-01-31", "job.quickbooks.language": "en", "job.quickbooks.customer_language": "en", "job.quickbooks.superseded": "keep",
	"job.quickbooks.monthly_reads": 5000, "job.quickbooks.cycle_day": 15, "job.quickbooks.max_idle": "4h", "job.quickbooks.rate": 2.0,
	"job.quickbooks.per_minute": 100, "job.quickbooks.timeout": "10s",

	"job.centrixone.url": "https://other.example", "job.centrixone.plain_http": true, "job.centrixone.language": "EN", "job.centrixone.list": "Acomba Nord",
	"job.centrixone.primary_contact": "flag", "job.centrixone.rate": 2.0, "job.centrixone.batch": 30,
	"job.centrixone.timeout": "10s", "job.centrixone.max_server_late": "2s", "job.centrixone.index_lag": "3s",

	"sagex3.*.url": "https://other.example", "sagex3.*.plain_http": true, "sagex3.*.pool": "OTHER", "sagex3.*.user": "other", "sagex3.*.user_code": "OTHER",
	"sagex3.*.language": "ENG", "sagex3.*.profile": "v6", "sagex3.*.payload": "json", "sagex3.*.changes": "queue",
	"sagex3.*.read": "rest", "sagex3.*.folder": "SEED", "sagex3.*.representations": []string{"task=YTSK+YTSKBOX"},
	"sagex3.*.publications": []string{"contact=YCOR"}, "sagex3.*.contact_fields": []string{"chrono=YNUM"}, "sagex3.*.task_fields": []string{"chrono=YNUM"},
	"sagex3.*.call_fields": []string{"chrono=YNUM"}, "sagex3.*.appointment_fields": []string{"chrono=YNUM"}, "sagex3.*.references": []string{"task=YREF"},
	"sagex3.*.menus": []string{"contact.title.1=Mme"}, "sagex3.*.queue": "YSYD", "sagex3.*.queue_fields": []string{"line=LIN"}, "sagex3.*.zone": "Europe/Paris",
	"sagex3.*.delete_within_days": 30, "sagex3.*.rate": 2.0, "sagex3.*.list_size": 100, "sagex3.*.timeout": "10s", "sagex3.*.max_server_late": "3s",
	"sagex3.*.overlap": "48h", "sagex3.*.complete": "12h",

	"outlook.*.tenant": "other.example", "outlook.*.application": "other", "outlook.*.graph_url": "https://graph.example", "outlook.*.login_url": "https://login.example",
	"outlook.*.scope": "https://graph.example/.default", "outlook.*.plain_http": true, "outlook.*.extension_name": "com.example.x3", "outlook.*.zone": "Europe/Paris",
	"outlook.*.past_days": 30, "outlook.*.future_days": 100, "outlook.*.recurrence_days": 30, "outlook.*.per_minute": 100, "outlook.*.page_size": 50,
	"outlook.*.timeout": "10s", "outlook.*.max_server_late": "3s", "outlook.*.index_lag": "2s",

	"job.sagex3.server": "other", "job.sagex3.login": "OTHER", "job.sagex3.representative": "R2", "job.sagex3.conflict": "newest",
	"job.outlook.tenant": "other", "job.outlook.mailbox": "luc@contoso.example", "job.outlook.contact_folder": "X3", "job.outlook.task_list": "X3",
	"job.rights.contacts_to_outlook": []string{"create"}, "job.rights.contacts_to_x3": []string{"create"},
	"job.rights.tasks_to_outlook": []string{"create"}, "job.rights.tasks_to_x3": []string{"create"},
	"job.rights.calls_to_outlook": []string{"update"}, "job.rights.calls_to_x3": []string{"create"},
	"job.rights.appointments_to_outlook": []string{"delete"}, "job.rights.appointments_to_x3": []string{"delete"},

	"job.bob50.dossier": "DATA/OTHER", "job.bob50.backups": "OTHER", "job.bob50.backup_max_age": "12h", "job.bob50.max_copy_mb": 100,
	"job.bob50.codepage": 850, "job.bob50.zone": "Europe/Paris", "job.bob50.country": "LU", "job.bob50.contacts_table": "AC_PERS",
	"job.bob50.link": "LINK/OTHER", "job.bob50.link_format": "fixed", "job.bob50.link_partial": true,
	"job.bob50.link_trigger_file": "BOBLINK.TXT", "job.bob50.cid_letter": "K", "job.bob50.link_confirm_days": 3, "job.bob50.start": "on_backup",
	"job.bob50.new_to_crm": "never",

	"job.sage50.dossier": "OTHER", "job.sage50.encoding": "utf-8", "job.sage50.import_encoding": "utf-8", "job.sage50.columns": []string{"clients.phone=Tel"},
	"job.sage50.prospect_types": []string{"P"}, "job.sage50.representatives": []string{"R1=Zoé Dupré"}, "job.sage50.send_ssm_clients": true, "job.sage50.settle": "1s", "job.sage50.settle_pieces": "1s",
	"job.sage50.reread": "1m", "job.sage50.deleted_after": "2h", "job.sage50.max_file_mb": 10, "job.sage50.export_expected": "48h",
	"job.sage50.import_remind": "1h", "job.sage50.quote_remind": "5m", "job.sage50.confirm_days": 3,

	"job.salesmanagement.url": "https://other.example", "job.salesmanagement.plain_http": true, "job.salesmanagement.rate": 13.0,
	"job.salesmanagement.dossier": "NORD", "job.salesmanagement.dossier_field": "Z_dossier", "job.salesmanagement.dossier_values": []string{"Nord"},
	"job.salesmanagement.admin_user": "1", "job.salesmanagement.branch": 2,
	"job.salesmanagement.client_statuses": []string{"Customer"}, "job.salesmanagement.prospect_statuses": []string{"Lead"},
	"job.salesmanagement.representatives": "erp", "job.salesmanagement.zone": "Europe/Brussels", "job.salesmanagement.page_size": 100,
	"job.salesmanagement.timeout": "10s", "job.salesmanagement.max_server_late": "3s", "job.salesmanagement.overlap": "1m",

	"job.sagecrm.url": "https://other.example", "job.sagecrm.plain_http": true, "job.sagecrm.install": "sage", "job.sagecrm.user": "other",
	"job.sagecrm.interface": "rest", "job.sagecrm.soap_profile": "plain", "job.sagecrm.changes": "dates", "job.sagecrm.date_element": "since",
	"job.sagecrm.vat_field": "comp_tva", "job.sagecrm.vat_prefix_field": "comp_vatprefix", "job.sagecrm.bob_sync_field": "comp_bob",
	"job.sagecrm.bob_id_field": "comp_bobid", "job.sagecrm.person_id_field": "pers_bobid", "job.sagecrm.language_field": "comp_language",
	"job.sagecrm.languages": []string{"F=F"}, "job.sagecrm.customer_type": "client",
	"job.sagecrm.dropdown": "strings", "job.sagecrm.multi_value": "list", "job.sagecrm.flags": "true", "job.sagecrm.nested": "both",
	"job.sagecrm.child_list": "repeated", "job.sagecrm.child_edits": "parent", "job.sagecrm.rest_version": "2024R2", "job.sagecrm.rest_start": "zero",
	"job.sagecrm.rest_date": "at", "job.sagecrm.rest_update": "patch", "job.sagecrm.zone": "Europe/Paris", "job.sagecrm.rate": 2.0,
	"job.sagecrm.max_request_chars": 9000, "job.sagecrm.page_size": 50, "job.sagecrm.timeout": "10s", "job.sagecrm.max_server_late": "3s",

	"job.custom.*.erp": "custom.OTHER", "job.custom.*.crm": "comp_other", "job.custom.*.kind": "number", "job.custom.*.sync": true,
	"job.custom.*.direction": "both", "job.custom.*.trim": true, "job.custom.*.case": "upper", "job.custom.*.long": "cut", "job.custom.*.empty": "clear",
	"job.custom.*.values": []string{"A=Agriculture"}, "job.custom.*.only": []string{"city empty"},

	"job.limits.to_crm_min": 51, "job.limits.to_crm_percent": 21, "job.limits.to_erp_min": 26, "job.limits.to_erp_percent": 6,
	"job.limits.tries": 4, "job.limits.failure_min": 11, "job.limits.failure_percent": 22,
	"job.limits.sweep_often": "2h", "job.limits.sweep_rarely": "48h",
}

// A key that is read and then forgotten would be worse than an unknown one.
func TestEveryKeyCounts(t *testing.T) {
	seen := map[string]Config{}
	for _, key := range keys(reflect.TypeOf(file{}), "") {
		value, listed := others[key]
		if !listed {
			t.Errorf("%s: no other value to try", key)
		}
		if value == nil {
			continue // there is only one
		}
		c := loadWith(t, key, value)
		if reflect.DeepEqual(c, loadWith(t, key, nil)) {
			t.Errorf("%s = %v changes nothing", key, value)
		}
		for other, as := range seen {
			if reflect.DeepEqual(c, as) {
				t.Errorf("%s and %s do the same", key, other)
			}
		}
		seen[key] = c
	}
}

// ofX3 says whether a key is one of Sage X3 and Outlook.
func ofX3(key string) bool {
	_, key, _ = strings.Cut("."+key, ".")
	key = strings.TrimPrefix(key, "job.")
	return strings.HasPrefix(key, "sagex3.") || strings.HasPrefix(key, "outlook.") || strings.HasPrefix(key, "rights.")
}

// sampleOf gives the sample that shows a key, and the secrets of its job.
func sampleOf(t *testing.T, key string) (all map[string]any, secrets string) {
	t.Helper()
	name, secrets := "syncbox.toml", "share_password = \"a\"\n"
	if strings.HasPrefix(key, "job.quickbooks.") {
		name, secrets = "quickbooks.toml", ""
	}
	if ofX3(key) {
		name, secrets = "sagex3.toml", ""
	}
	if strings.HasPrefix(key, "job.bob50.") || strings.HasPrefix(key, "job.sagecrm.") {
		name = "bob50.toml"
	}
	if strings.HasPrefix(key, "job.sage50.") || strings.HasPrefix(key, "job.salesmanagement.") {
		name = "sage50.toml"
	}
	text, err := os.ReadFile("../../../testdata/config/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := toml.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all, secrets
}

// x3Secrets2 are the secrets of the sample of Sage X3 with a second server and tenant.
const x3Secrets2 = `[sagex3.main]
password = "a"
[sagex3.other]
password = "b"
[outlook.main]
secret = "a"
[outlook.other]
secret = "b"
`

// prepareX3 adds a second server and tenant, for a job to name, and what goes with another value of a key.
func prepareX3(all map[string]any, key string) {
	servers, tenants := all["sagex3"].(map[string]any), all["outlook"].(map[string]any)
	server, tenant := servers["main"].(map[string]any), tenants["main"].(map[string]any)
	servers["other"], tenants["other"] = maps.Clone(server), maps.Clone(tenant)
	servers["other"].(map[string]any)["pool"], tenants["other"].(map[string]any)["tenant"] = "SECOND", "second.example"
	if key == "sagex3.*.read" {
		server["folder"] = "SEED"
	}
	if key == "sagex3.*.changes" {
		server["queue_fields"] = []string{"line=A", "user=B", "object=C", "key=D", "action=E", "status=F"}
	}
}

// loadWith loads the sample with another value for one key; nil is none.
func loadWith(t *testing.T, key string, value any) Config {
	t.Helper()
	all, secret := sampleOf(t, key)
	job := all["job"].([]any)[0].(map[string]any)
	if key == "job.quickbooks.client_id" || key == "job.quickbooks.redirect" {
		direct := job["quickbooks"].(map[string]any)
		direct["relay"], direct["client_id"], direct["redirect"] = "", "AB1", "https://site.example/back"
		secret += "client_secret = \"e\"\n"
	}
	if ofX3(key) {
		prepareX3(all, key)
	}
	if key == "job.sagecrm.languages" {
		job["sagecrm"].(map[string]any)["language_field"] = "comp_lang"
	}
	if value == nil {
		key = ""
	}
	if key == "job.acomba.write_back" || key == "job.direction" {
		job["direction"] = "two-way"
		delete(job["acomba"].(map[string]any), "write_back")
	}
	if key == "job.share.kind" {
		job["share"].(map[string]any)["path"] = "/srv"
	}
	if key == "network.fixed" || key == "network.gateway" || key == "network.dns" {
		all["network"].(map[string]any)["address"] = "192.0.2.8/24"
	}
	table := all
	for part, rest, more := strings.Cut(key, "."); value != nil; part, rest, more = strings.Cut(rest, ".") {
		if !more {
			table[part] = value
			break
		}
		if part == "job" {
			table = job
			continue
		}
		if part == "*" {
			part = "main"
		}
		table = table[part].(map[string]any)
	}
	changed, err := toml.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	secret += "crm_account = \"b\"\ncrm_key = "
	for name, text := range map[string]string{
		"syncbox.toml":               string(changed),
		"secrets.toml":               "[job." + job["name"].(string) + "]\n" + secret + `"c"`,
		"quickbooks.secrets.toml":    "[job." + job["name"].(string) + "]\n" + secret + `"c"`,
		"sagex3.secrets.toml":        x3Secrets2,
		"bob50.secrets.toml":         "[job." + job["name"].(string) + "]\nshare_password = \"a\"\ncrm_password = \"c\"\n",
		"sage50.secrets.toml":        "[job." + job["name"].(string) + "]\nshare_password = \"a\"\npublic_key = \"b\"\nprivate_key = \"c\"\n",
		"two-companies.secrets.toml": "[job." + job["name"].(string) + "]\n" + secret + `"d"`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(filepath.Join(dir, "syncbox.toml"))
	if err != nil {
		t.Fatalf("%s = %v: %v", key, value, err)
	}
	return c
}
