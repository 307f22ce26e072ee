package web_test

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"syncbox/connectors/pairs"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
)

// Every health code has its page in both languages, with the words of every other door, the picture of its light and what to do.
func TestHelpOfEveryCode(t *testing.T) {
	v := open(t, &box{})
	for _, tag := range []string{"fr-CA", "en"} {
		p, err := locale.New(tag, nil)
		must(t, err)
		p = p.Of(pairs.Names("acomba-centrixone"))
		index := html.UnescapeString(v.get("/help?lang=" + tag).text)
		for _, c := range health.All() {
			a := v.get("/help/" + c.Code)
			text := html.UnescapeString(a.text)
			if a.status != http.StatusOK {
				t.Errorf("%s: %d", c.Code, a.status)
			}
			has(t, tag+" "+c.Code, text, p.Text("code."+c.Code, nil), p.Text("do."+c.Code, nil), p.Text("light."+c.Light.String(), nil), `<svg class="light"`)
			has(t, tag, index, `href="/help/`+c.Code+`"`, p.Text("code."+c.Code, nil))
		}
	}
	for _, path := range []string{"/help/no-such-code", "/help/%3Cscript%3E"} {
		if a := v.get(path); a.status != http.StatusNotFound || strings.Contains(a.text, "<script>") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

// The card has every light with its rhythm drawn, so that it can be told on paper.
func TestCard(t *testing.T) {
	v := open(t, &box{})
	text := html.UnescapeString(v.get("/help/card?lang=en").text)
	p, err := locale.New("en", nil)
	must(t, err)
	p = p.Of(pairs.Names("acomba-centrixone"))
	for _, l := range health.Lights() {
		has(t, "card", text, p.Text("light."+l.String(), nil), p.Text("light-do."+l.String(), nil))
	}
	if got := strings.Count(text, `<svg class="strip"`); got != len(health.Lights()) {
		t.Errorf("strips: %d", got)
	}
	has(t, "a rhythm: 3 short of 0.3 s in 3.5 s", text, `<rect x="0.0000" width="8.5714"`, `<rect x="17.1429" width="8.5714"`, `<rect x="34.2857" width="8.5714"`)
}
