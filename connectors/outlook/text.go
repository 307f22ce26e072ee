package outlook

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/shopspring/decimal"

	"syncbox/connectors/record"
)

// maxSubject is the longest subject or title, in UTF-16 units.
const maxSubject = 255

// cut gives the first units of a text that Outlook takes as a subject.
func cut(s string) string {
	units := 0
	for i, r := range s {
		if units += utf16.RuneLen(r); units > maxSubject {
			return strings.TrimSpace(s[:i])
		}
	}
	return s
}

// whole gives a subject as X3 has it: full is what was cut to it, empty if nothing was.
func whole(subject, full string) record.Value {
	if full != "" && cut(full) == strings.TrimSpace(subject) {
		return record.TextOf(full)
	}
	return record.TextOf(subject)
}

// token is how people write the code of a company.
var token = regexp.MustCompile(`#([A-Za-z0-9_.-]{1,15})#`)

// companyIn gives the first code in some texts, empty if there is none.
func companyIn(texts ...string) string {
	for _, text := range texts {
		if found := token.FindStringSubmatch(text); found != nil {
			return strings.ToUpper(found[1])
		}
	}
	return ""
}

// setCompany replaces the code that a text names.
func setCompany(text, code string) string {
	found := token.FindStringIndex(text)
	if found == nil {
		return text
	}
	with := ""
	if code != "" {
		with = "#" + code + "#"
	}
	return strings.TrimSpace(text[:found[0]] + with + text[found[1]:])
}

// marker stands before and after what X3 tells in a body, and people do not.
const marker = "--- Sage X3 ---"

// layout is how the body of an item is put together.
type layout struct {
	companyOnFirstLine bool   // of its own, as in tasks; else at the end of the first line
	minutes            string // the words before the time that was spent; empty where there is no such line
}

var (
	eventLayout = layout{}
	taskLayout  = layout{companyOnFirstLine: true, minutes: "Temps passé"}
	callLayout  = layout{companyOnFirstLine: true, minutes: "Durée de l'appel"}
)

// parts are what a body consists of.
type parts struct {
	text    string // what the person wrote
	company string // the code at our place
	told    string // the lines between the markers
	minutes int    // -1 without a line of them
}

// spent is a line of the time that was spent, for either kind of task, whatever blanks a client makes of ours.
var spent = regexp.MustCompile(`^(?:Temps passé|Durée de l['’]appel)[\s\x{a0}\x{202f}]*:[\s\x{a0}\x{202f}]*([0-9]{1,5})[:hH]([0-9]{2})$`)

// write puts a body together.
func (l layout) write(p parts) string {
	lines := strings.Split(p.text, "\n")
	if p.company != "" {
		code := "#" + p.company + "#"
		switch {
		case p.text == "":
			lines = []string{code}
		case l.companyOnFirstLine:
			lines = append([]string{code}, lines...)
		default:
			lines[0] += " " + code
		}
	}
	if p.told != "" {
		lines = append(lines, marker, p.told, marker)
	}
	if l.minutes != "" && p.minutes >= 0 {
		lines = append(lines, fmt.Sprintf("%s : %d:%02d", l.minutes, p.minutes/60, p.minutes%60))
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// read takes a body apart.
func (l layout) read(body string) parts {
	p := parts{minutes: -1}
	var kept, told []string
	inside := false
	lines := strings.Split(strings.TrimRight(plainLines(body), "\n \t\u00a0"), "\n")
	closed := strings.Count(body, marker) >= 2
	for _, line := range lines {
		switch {
		case closed && strings.TrimSpace(line) == marker:
			inside = !inside
		case inside:
			told = append(told, line)
		default:
			kept = append(kept, line)
		}
	}
	p.told = strings.Join(told, "\n")
	if n := len(kept); l.minutes != "" && n > 0 {
		if found := spent.FindStringSubmatch(strings.TrimSpace(kept[n-1])); found != nil {
			p.minutes = minutesOf(found[1], found[2])
			kept = kept[:n-1]
		}
	}
	p.company, kept = l.company(kept)
	p.text = record.TextOf(strings.Join(kept, "\n")).Text
	return p
}

func minutesOf(hours, minutes string) int {
	h, errH := strconv.Atoi(hours)
	m, errM := strconv.Atoi(minutes)
	if errH != nil || errM != nil || m > 59 {
		return -1
	}
	return h*60 + m
}

// company takes the code off its place among the lines.
func (l layout) company(lines []string) (string, []string) {
	for i, line := range lines {
		line = strings.TrimRight(line, " \t\u00a0")
		if line == "" {
			continue
		}
		all := token.FindAllStringSubmatchIndex(line, -1)
		if len(all) == 0 {
			return "", lines
		}
		last := all[len(all)-1]
		if last[1] != len(line) || l.companyOnFirstLine && last[0] != 0 {
			return "", lines
		}
		rest := append([]string{}, lines...)
		rest[i] = strings.TrimRight(line[:last[0]], " \t\u00a0")
		if rest[i] == "" {
			rest = append(rest[:i], rest[i+1:]...)
		}
		return strings.ToUpper(line[last[2]:last[3]]), rest
	}
	return "", lines
}

// plainLines gives a text with line feeds alone.
func plainLines(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
}

// What makes lines in HTML, and what is left out.
var (
	htmlUnseen = regexp.MustCompile(`(?is)<(style|script|head)\b.*?</(style|script|head)>|<!--.*?-->`)
	htmlBreak  = regexp.MustCompile(`(?i)<br\s*/?>|</(p|div|li|tr|h[1-6])>`)
	htmlTag    = regexp.MustCompile(`(?s)<[^>]*>`)
)

// text gives a body as text, for an answer that is HTML although text was asked for.
func (b *itemBody) text() string {
	if b == nil {
		return ""
	}
	if !strings.EqualFold(b.ContentType, "html") {
		return plainLines(b.Content)
	}
	s := strings.NewReplacer("\r", " ", "\n", " ").Replace(htmlUnseen.ReplaceAllString(b.Content, ""))
	s = htmlBreak.ReplaceAllString(s, "\n")
	return html.UnescapeString(htmlTag.ReplaceAllString(s, ""))
}

// itemBody is Graph's type of bodies.
type itemBody struct {
	ContentType string `json:"contentType"`
	Content     string `json:"content"`
}

// wholeNumber gives the minutes of a value, -1 for none.
func wholeNumber(v record.Value) int {
	if v.Empty() {
		return -1
	}
	return int(v.Decimal().Round(0).IntPart())
}

func minutesValue(n int) record.Value {
	if n < 0 {
		return record.Value{}
	}
	return record.NumberOf(decimal.NewFromInt(int64(n)))
}
