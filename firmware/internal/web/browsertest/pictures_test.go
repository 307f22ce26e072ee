package browsertest_test

import (
	"slices"
	"testing"

	"syncbox/firmware/internal/web/browsertest"
)

// inTheGuides are the views of which the guides have a picture: `make screens` puts those there.
var inTheGuides = []string{"status-first", "setup-server", "waiting"}

// TestBrowserPictures takes the pictures of the guides, in the light and on a desk, in both languages.
func TestBrowserPictures(t *testing.T) {
	for _, name := range inTheGuides {
		i := slices.IndexFunc(views, func(w view) bool { return w.name == name })
		if i < 0 {
			t.Fatalf("no view has the name %s", name)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, language := range []string{"fr-CA", "en"} {
				v := views[i].serve(t).visit(browsertest.Reader{Language: language, Size: browsertest.Desktop}, views[i].first())
				views[i].shows(v)
				must(t, v.Picture("guide-"+name))
			}
		})
	}
}
