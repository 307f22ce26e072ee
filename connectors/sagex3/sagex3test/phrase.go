package sagex3test

import "fmt"

// phrase is a text of the product in French and English. Those of the web services themselves are English only.
type phrase struct{ fr, en string }

func (p phrase) in(lang string) string {
	if lang == "FRA" {
		return p.fr
	}
	return p.en
}

func plain(format string, args ...any) *phrase {
	t := fmt.Sprintf(format, args...)
	return &phrase{t, t}
}

func say(fr, en string, args ...any) *phrase {
	return &phrase{fmt.Sprintf(fr, args...), fmt.Sprintf(en, args...)}
}

// Refusal is what a person gets who does what the product does not let him do.
type Refusal struct{ Text string }

// Error tells the product's text, in English.
func (r *Refusal) Error() string { return "Sage X3 refuses: " + r.Text }

func refusal(p *phrase) error {
	if p == nil {
		return nil
	}
	return &Refusal{p.en}
}

// The kinds of a message.
const (
	information = 1
	warning     = 2
	failure     = 3
)

type message struct {
	kind int
	text phrase
}
