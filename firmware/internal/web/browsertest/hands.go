package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// ask evaluates a script in the page.
func ask[T any](p *Page, script string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// quote makes a text one of a script.
func quote(text string) string {
	b, _ := json.Marshal(text) // a text always can be
	return string(b)
}

// until waits for a script to give true.
func (p *Page) until(what, script string) error {
	return p.wait(patience, what, func() (bool, error) { return chromedp.Run(p.ctx, chromedp.Evaluate[bool](script)) })
}

// wait asks again and again until something is so. While one page goes and the next one comes there is none to ask, so that
// errors count only in the end.
func (p *Page) wait(within time.Duration, what string, is func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		so, err := is()
		if err == nil && so {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			text, _ := p.Text()
			return fmt.Errorf("wait for %s: %w; seen is:\n%s", what, errors.Join(ctx.Err(), err), text)
		}
	}
}

// Text gives what can be seen of the page.
func (p *Page) Text() (string, error) { return ask[string](p, `document.body.innerText`) }

// Ask gives what a script makes of the page, such as what an attribute is.
func (p *Page) Ask(script string) (string, error) { return ask[string](p, "String("+script+")") }

// plain makes every blank of a text an ordinary one: in French there are others before a colon.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// seen is a script that gives whether a text can be seen.
func seen(text string) string {
	return `document.body.innerText.replace(/\s+/g, " ").includes(` + quote(plain(text)) + `)`
}

// See waits until each of the texts can be seen.
func (p *Page) See(texts ...string) error { return p.SeeWithin(patience, texts...) }

// SeeWithin is See for what takes the box long.
func (p *Page) SeeWithin(within time.Duration, texts ...string) error {
	for _, text := range texts {
		if err := p.wait(within, quote(text), func() (bool, error) { return chromedp.Run(p.ctx, chromedp.Evaluate[bool](seen(text))) }); err != nil {
			return err
		}
	}
	return nil
}

// NotSee waits until none of the texts can be seen.
func (p *Page) NotSee(texts ...string) error {
	for _, text := range texts {
		if err := p.until("the end of "+quote(text), "!"+seen(text)); err != nil {
			return err
		}
	}
	return nil
}

// find is a script that gives the one element that can be seen of those that a selector names, with a text if there is
// any; else it throws.
const find = `(selector, text) => {
  const all = [...document.querySelectorAll(selector)].filter(e => e.checkVisibility({visibilityProperty: true}) &&
    (text === "" || e.innerText.replace(/\s+/g, " ").trim() === text));
  if (all.length !== 1) throw new Error(all.length + " of " + selector + " " + text + " can be seen");
  return all[0];
}`

// place brings an element into sight and gives the middle of it, if nothing lies above it.
const place = `(e) => {
  e.scrollIntoView({block: "center", behavior: "instant"});
  const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2, top = document.elementFromPoint(x, y);
  if (!e.contains(top) && !(e.labels && [...e.labels].includes(top))) throw new Error("covered by " + (top && top.outerHTML));
  return [x, y];
}`

// point finds out where to click. The element may still have to come, and to come to rest.
func (p *Page) point(selector, text string) (at []float64, err error) {
	script := fmt.Sprintf("(%s)((%s)(%s, %s))", place, find, quote(selector), quote(plain(text)))
	err = p.wait(patience, selector+" "+text, func() (bool, error) {
		last := at
		at, err = chromedp.Run(p.ctx, chromedp.Evaluate[[]float64](script))
		return slices.Equal(at, last), err
	})
	return at, err
}

// click clicks on an element and counts that.
func (p *Page) click(selector, text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		at, err := p.point(selector, text)
		if err != nil {
			return err
		}
		p.Clicks++
		if _, err := chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1])(ctx, t); err != nil {
			return err
		}
		_, err = chromedp.MouseClickXY(at[0], at[1])(ctx, t)
		return err
	})
}

// Click clicks on the one element that can be seen of those that a selector (of CSS) names and, where it is not empty,
// that text is all of.
func (p *Page) Click(selector, text string) error {
	if err := chromedp.Do(p.ctx, p.click(selector, text)); err != nil {
		return fmt.Errorf("click on %s %q: %w", selector, text, err)
	}
	return nil
}

// Follow is Click on something that leads to another page, whose status it gives once that page is there.
func (p *Page) Follow(selector, text string) (status int, err error) {
	return p.arrive(fmt.Sprintf("follow %s %q", selector, text), p.click(selector, text))
}

// Fill types into a field, by its name, in place of what stands there, and counts that.
func (p *Page) Fill(name, text string) error {
	field := fmt.Sprintf(`[name=%s]`, quote(name))
	script := fmt.Sprintf(`(e => { e.focus(); e.select(); return document.activeElement === e; })((%s)(%s, ""))`, find, quote(field))
	if err := p.until("field "+name, script); err != nil {
		return err
	}
	p.Fields++
	if text == "" {
		return chromedp.Do(p.ctx, chromedp.KeyEvent("\b"))
	}
	return chromedp.Do(p.ctx, call(input.InsertText, input.InsertTextParams{Text: text}))
}

// Choose chooses one of the values of a field, by its name, and counts that.
func (p *Page) Choose(name, value string) error {
	script := fmt.Sprintf(`(e => { e.focus(); e.value = %s; if (e.value !== %[1]s) return false;
  e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); return true; })((%s)(%s, ""))`,
		quote(value), find, quote(fmt.Sprintf(`select[name=%s]`, quote(name))))
	if err := p.until(fmt.Sprintf("%s of field %s", value, name), script); err != nil {
		return err
	}
	p.Fields++
	return nil
}

// Press presses a key, such as kb.Tab of chromedp, or types a text where the focus is.
func (p *Page) Press(keys string) error { return chromedp.Do(p.ctx, chromedp.KeyEvent(keys)) }

// At tells where the page is now, without scheme and host.
func (p *Page) At() (string, error) {
	return ask[string](p, `location.pathname + location.search + location.hash`)
}
