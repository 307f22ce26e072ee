package browsertest

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// Judge gives all that is wrong with the page as it is now, each in a line: what axe-core finds, requests to others,
// complaints of the browser, what is wider than the screen, what the keyboard does not reach. It needs a page with scripts.
func (p *Page) Judge() ([]string, error) {
	var wrong []string
	for _, url := range p.Foreign() {
		wrong = append(wrong, "asks "+url)
	}
	wrong = append(wrong, p.Complaints()...)
	for _, judge := range []func() ([]string, error){p.TooWide, p.Walk, p.Axe} {
		found, err := judge()
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, found...)
	}
	return wrong, nil
}

// TooWide gives what reaches beyond the right edge of the screen, where the page has to be moved sideways for it.
func (p *Page) TooWide() ([]string, error) {
	return ask[[]string](p, fmt.Sprintf(`(wide => {
  if (document.documentElement.scrollWidth <= wide) return [];
  return ["page is " + document.documentElement.scrollWidth + " wide, the screen " + wide,
    ...[...document.querySelectorAll("main *, header *")].filter(e => e.getBoundingClientRect().right > wide + 1).slice(0, 5).map(e => "too wide: " + e.outerHTML.slice(0, 120))];
})(%d)`, p.reader.Size.Width))
}

// CutOff gives the choices of lists to choose from that are wider than the list is, beside its arrow: their ends can't be read.
func (p *Page) CutOff() ([]string, error) {
	return ask[[]string](p, `[...document.querySelectorAll("select")].filter(s => s.clientWidth > 0).flatMap(s => {
  const style = getComputedStyle(s), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = s.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 24;
  return [...s.options].filter(o => pen.measureText(o.text).width > room).map(o => "cut off: " + o.text);
})`)
}

// Picture writes the whole page as it looks now to build/screens/NAME-LANGUAGE-SIZE.png.
func (p *Page) Picture(name string) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return fmt.Errorf("picture of %s: %w", name, err)
	}
	dir := filepath.Join(root, "build", "screens")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%s-%s.png", name, p.reader.Language, p.reader.Size.Name)), picture, 0o644)
}
