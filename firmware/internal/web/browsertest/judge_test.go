package browsertest_test

import (
	"net/http"
	"strings"
	"testing"
)

// bad has everything wrong with it that can be found.
const bad = `<!DOCTYPE html><html lang="en"><head><title>Bad</title><meta name="viewport" content="width=device-width">
<style>p { width: 2000px } b:focus { outline: none }</style></head><body><main><h1>Bad</h1>
<p style="color: #eee; background: #fff">Pale</p><img src="http://198.51.100.7/pixel.png"><input name="x">
<a href="/" tabindex="3">second</a> <b tabindex="2">first</b> <script>nothing.at.all</script></main></body></html>`

// What is wrong with a page is found: a judge that finds nothing would let every page pass.
func TestBrowserFinds(t *testing.T) {
	t.Parallel()
	s := at(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			_, _ = w.Write([]byte(bad))
		case "/blind":
			_, _ = w.Write([]byte(`<!DOCTYPE html><html lang="en"><title>Blind</title><style>:focus { outline: none }</style><main><h1>Blind</h1><a href="/">away</a></main>`))
		default:
			http.NotFound(w, r)
		}
	}))
	v := s.visit(readers[2], "/")
	got, err := v.Judge()
	must(t, err)
	for _, want := range []string{"asks http://198.51.100.7/pixel.png", "script: ", "the screen 360", "too wide: <p", "Tab number 2", "color-contrast (serious)", "label (critical)", "image-alt (critical)"} {
		if !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%q is not in\n%s", want, strings.Join(got, "\n"))
		}
	}
	must(t, v.Go("/blind"))
	if got, err = v.Walk(); err != nil || len(got) != 1 || !strings.Contains(got[0], "focus can't be seen") {
		t.Errorf("a focus that can't be seen: got %q, %v", got, err)
	}
	if status, err := v.Follow("a", "away"); err != nil || status != http.StatusOK {
		t.Errorf("followed to %d, %v", status, err)
	}
	if err := v.Go("/nowhere"); err != nil {
		t.Errorf("a page that is not there: %v", err)
	}
	if got := v.Complaints(); len(got) != 0 {
		t.Errorf("a page that is not there: %q", got)
	}
}
