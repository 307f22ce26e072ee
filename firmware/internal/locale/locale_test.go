package locale_test

import (
	"testing"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/firmware/internal/locale"
)

func printer(t *testing.T, tag string) *locale.Printer {
	t.Helper()
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	p, err := locale.New(tag, zone)
	if err != nil {
		t.Fatal(err)
	}
	return p.Of(pairs.Names("acomba-centrixone"))
}

func TestLanguageMatching(t *testing.T) {
	const french, english = "ARRÊTÉ", "STOPPED"
	for tag, want := range map[string]string{
		"fr-CA": french, "fr": french, "fr-FR": french, "fr-CA-u-nu-latn": french,
		"en": english, "en-CA": english, "en-US": english, "en-GB-u-hc-h23": english,
		"": french, "de": french, "no such tag": french, "zz": french,
	} {
		if got := printer(t, tag).Text("service.stopped", nil); got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	tests := []struct {
		tag  string
		n    int
		want string
	}{
		{"fr-CA", 0, "0 élément en attente"},
		{"fr-CA", 1, "1 élément en attente"},
		{"fr-CA", 2, "2 éléments en attente"},
		{"fr-CA", 12345, "12\u00a0345 éléments en attente"},
		{"fr-CA", 1234567, "1\u00a0234\u00a0567 éléments en attente"},
		{"fr", 12345, "12\u00a0345 éléments en attente"},
		{"en", 0, "0 items waiting"},
		{"en", 1, "1 item waiting"},
		{"en", 12345, "12,345 items waiting"},
		{"en-GB", 12345, "12,345 items waiting"},
	}
	for _, test := range tests {
		if got := printer(t, test.tag).Count("count.waiting", test.n); got != test.want {
			t.Errorf("%s %d: got %q, want %q", test.tag, test.n, got, test.want)
		}
	}
}

func TestText(t *testing.T) {
	tests := []struct {
		name, key string
		args      map[string]string
		want      string
	}{
		{"nothing to fill", "way.success", nil, "Completed successfully"},
		{"no such key", "way.sideways", nil, "way.sideways"},
		{"numbers that count", "event.cycle-complete", map[string]string{"created": "12345", "updated": "0"},
			"Completed successfully. Created: 12,345. Changed: 0."},
		{"a number that names stays as it is", "code.card-half-written", map[string]string{"card": "12345"}, "The writing of a card was interrupted (card 12345)."},
		{"words for field and side", "event.conflict-settled", map[string]string{"field": "Phone1", "erp": "5145550000", "crm": "", "won": "erp"},
			"Phone changed on both sides. Acomba: “5145550000”. CRM: “–”. Value kept: Acomba."},
		{"unknown field", "code.value-too-long", map[string]string{"field": "Custom7"}, "The value is too long for the field Custom7."},
		{"field of what is born with a record", "code.value-too-long", map[string]string{"field": "contact.email"}, "The value is too long for the field E-mail."},
		{"nothing known for a gap", "code.value-too-long", nil, "The value is too long for the field …."},
		{"cause with its own gaps", "event.waits-refused", map[string]string{"cause": "value-too-long", "field": "Name"},
			"Value refused. The value is too long for the field Name."},
		{"unknown cause", "event.waits-refused", map[string]string{"cause": "odd"}, "Value refused. code.odd"},
		{"braces in a value are no gap", "code.crm-list-renamed", map[string]string{"list": "{found}", "found": "{list}"},
			"The protected list {found} was renamed {list} in the CRM."},
	}
	p := printer(t, "en")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := p.Text(test.key, test.args); got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestDecimals(t *testing.T) {
	args := map[string]string{"customer": "1234", "erp": "Acomba", "city": "Amos", "seconds": "1234.5"}
	for tag, want := range map[string]string{
		"fr-CA": "Acomba -> CRM\u202f: client 1234, ville Amos, arrivée après 1\u00a0234,5 s.",
		"en":    "Acomba -> CRM: customer 1234, city Amos, arrived after 1,234.5 s.",
	} {
		if got := printer(t, tag).Text("demo.erp-edit", args); got != want {
			t.Errorf("%s: got %q, want %q", tag, got, want)
		}
	}
}

func TestTimeIsTheSitesOwn(t *testing.T) {
	p := printer(t, "en")
	tests := []struct {
		at   time.Time
		want string
	}{
		{time.Time{}, "–"},
		{time.Date(2026, 1, 15, 3, 4, 5, 0, time.UTC), "2026-01-14 22:04:05"},
		{time.Date(2026, 7, 15, 3, 4, 5, 0, time.UTC), "2026-07-14 23:04:05"},
	}
	for _, test := range tests {
		if got := p.Time(test.at); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}
