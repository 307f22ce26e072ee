package page

import "strings"

// Link is an entry of the menu.
type Link struct {
	Path string
	Key  string // of its text
	Open bool   // it is for whoever has logged on
	Here bool   // the page that is shown lies there
}

// menu lists what there is, in its order. Who has not logged on sees it as well, and is asked for the code.
var menu = []Link{
	{Path: "/", Key: "page.nav.status"},
	{Path: "/waiting", Key: "page.nav.waiting"},
	{Path: "/preview", Key: "page.nav.preview"},
	{Path: "/journal", Key: "page.nav.journal"},
	{Path: "/setup", Key: "page.nav.setup"},
	{Path: "/help", Key: "page.nav.help"},
}

// Nav gives the menu of a page, of what this box has.
func (v View) Nav() []Link {
	var all []Link
	for _, l := range menu {
		l.Here = v.URL.Path == l.Path || l.Path != "/" && strings.HasPrefix(v.URL.Path, l.Path+"/")
		if (!l.Open || v.Open) && v.has(l.Path) {
			all = append(all, l)
		}
	}
	return all
}
