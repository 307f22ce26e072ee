package browsertest

import (
	"fmt"
	"strings"

	"github.com/chromedp/chromedp/kb"
)

// controls is a script that lists what the keyboard must reach, in order: of radio buttons with one name, one.
const controls = `(() => {
  const groups = new Set();
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex="-1"])')].filter(e => {
    if (e.disabled || !e.checkVisibility({visibilityProperty: true})) return false;
    if (e.type !== "radio") return true;
    const group = document.querySelector('input[type=radio][name="' + CSS.escape(e.name) + '"]:checked') || e;
    if (group !== e || groups.has(e.name)) return false;
    groups.add(e.name);
    return true;
  });
})()`

// focused tells of what has the focus: where it stands among the controls, what it is, and what is wrong with it.
const focused = `(() => {
  const e = document.activeElement;
  if (!e || e === document.body) return {At: -1};
  const s = getComputedStyle(e), r = e.getBoundingClientRect(), wrong = [];
  if (!e.matches(":focus-visible") || (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) && s.boxShadow === "none") wrong.push("its focus can't be seen");
  if (r.width < 1 || r.height < 1 || r.bottom <= 0 || r.right <= 0 || r.top >= innerHeight || r.left >= innerWidth) wrong.push("it is out of sight");
  return {At: ` + controls + `.indexOf(e), What: e.outerHTML.slice(0, 200), Wrong: wrong};
})()`

// focus is what focused tells.
type focus struct {
	At    int
	What  string
	Wrong []string
}

// partsOfDate is at how many further places of its own the Tab key stops in a field for a date: month, year and calendar.
const partsOfDate = 3

// tab goes on to where the Tab key leads.
func (p *Page) tab() (focus, error) {
	if err := p.Press(kb.Tab); err != nil {
		return focus{}, err
	}
	return ask[focus](p, focused)
}

// Walk goes through the page by the Tab key and gives what is wrong: controls that are not reached, or out of their order,
// and a focus that can't be seen.
func (p *Page) Walk() (wrong []string, err error) {
	all, err := ask[[]string](p, `(document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute("tabindex"),
  `+controls+`.map(e => e.outerHTML.slice(0, 200)))`)
	if err != nil {
		return nil, err
	}
	for i, want := range all {
		got, err := p.tab()
		for parts := 0; err == nil && got.At == i-1 && strings.Contains(got.What, `type="date"`) && parts < partsOfDate; parts++ {
			got, err = p.tab()
		}
		if err != nil {
			return nil, err
		}
		if got.At != i {
			return append(wrong, fmt.Sprintf("Tab number %d: got %q, want %s", i+1, got.What, want)), nil
		}
		for _, w := range got.Wrong {
			wrong = append(wrong, got.What+": "+w)
		}
	}
	return wrong, nil
}
