package console

import (
	"context"
	"errors"
	"slices"
	"strings"

	"syncbox/connectors"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/look"
	"syncbox/sync/engine"
)

// command is one thing that can be typed. Both names work in both languages. Its words are under console.help-<en>.
type command struct {
	fr, en string
	args   [2]string // what may stand behind it, in French and English
	code   bool      // the set-up code is needed
	run    func(s *session, ctx context.Context, rest string)
}

// commands are all there are, in the order of the list.
func commands() []command {
	return slices.Concat(ofJobs(), ofPreview(), answers(), ofTheBox())
}

func ofJobs() []command {
	return []command{
		{"aide", "help", [2]string{"[CODE]", "[CODE]"}, false, (*session).help},
		{"etat", "status", [2]string{}, false, (*session).status},
		{"journal", "journal", [2]string{"[N] [TÂCHE|boite]", "[N] [JOB|box]"}, false, (*session).journal},
		{"versions", "versions", [2]string{}, false, (*session).versions},
		{"langue", "lang", [2]string{"fr|en", "fr|en"}, false, (*session).language},
		{"accents", "accents", [2]string{"oui|non", "yes|no"}, false, (*session).accents},
		{"connexion", "login", [2]string{}, false, (*session).login},
		{"attente", "waiting", [2]string{"[TÂCHE]", "[JOB]"}, true, (*session).waiting},
		{"synchro", "sync", [2]string{"[TÂCHE]", "[JOB]"}, true, asks(engine.Force)},
		{"arreter", "stop", [2]string{"[TÂCHE]", "[JOB]"}, true, asks(engine.Stop)},
		{"demarrer", "start", [2]string{"[TÂCHE]", "[JOB]"}, true, asks(engine.Start)},
	}
}

func ofTheBox() []command {
	return []command{
		{"reseau", "network", [2]string{}, true, (*session).network},
		{"reseau", "network", [2]string{"dhcp", "dhcp"}, true, (*session).network},
		{"reseau", "network", [2]string{"fixe ADRESSE/N PASSERELLE DNS...", "static ADDRESS/N GATEWAY DNS..."}, true, (*session).network},
		{"reseau", "network", [2]string{"secours ADRESSE/N PASSERELLE DNS...", "fallback ADDRESS/N GATEWAY DNS..."}, true, (*session).network},
		{"essai-partage", "test-share", [2]string{"[TÂCHE]", "[JOB]"}, true, (*session).testShare},
		{"essai-crm", "test-crm", [2]string{"[TÂCHE]", "[JOB]"}, true, (*session).testCRM},
		{"essai-voyant", "test-light", [2]string{}, true, (*session).testLights},
		{"essai-bouton", "test-button", [2]string{}, true, (*session).testButton},
		{"connecter", "connect", [2]string{"TÂCHE", "JOB"}, true, (*session).connect},
		{"deconnecter", "disconnect", [2]string{"TÂCHE", "JOB"}, true, (*session).disconnect},
		{"reglages", "settings", [2]string{}, true, (*session).settings},
		{"regler", "set", [2]string{"NOM [VALEUR]", "NAME [VALUE]"}, true, (*session).set},
		{"secret", "secret", [2]string{"NOM", "NAME"}, true, (*session).secret},
		{"code", "code", [2]string{}, true, (*session).changeCode},
		{"mise-a-jour", "update", [2]string{"verifier|maintenant", "check|now"}, true, (*session).update},
		{"certificat", "certificate", [2]string{"[reclamer NUMÉRO]", "[claim NUMBER]"}, true, (*session).certificate},
		{"reinitialiser", "reset", [2]string{"reseau|complet", "network|full"}, true, (*session).reset},
		{"redemarrer", "reboot", [2]string{}, true, (*session).reboot},
		{"eteindre", "poweroff", [2]string{}, true, (*session).powerOff},
		{"quitter", "logout", [2]string{}, false, (*session).logout},
	}
}

// others are further names of commands.
var others = map[string]string{"?": "help", "exit": "logout", "quit": "logout", "leds": "test-light", "essai-voyants": "test-light", "test-lights": "test-light"}

// find gives the command of a line and what stands behind its name.
func (s *session) find(text string) (cmd command, rest string, found bool) {
	name, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	name = strings.ToLower(unaccented(name))
	if other := others[name]; other != "" {
		name = other
	}
	for _, c := range commands() {
		if name == c.fr || name == c.en {
			return c, strings.TrimSpace(rest), true
		}
	}
	return command{}, "", false
}

// french tells whether the screen's language is French.
func (s *session) french() bool { return s.p.Text("console.tongue", nil) == "fr" }

// pick gives the word of the screen's language.
func (s *session) pick(fr, en string) string {
	if s.french() {
		return fr
	}
	return en
}

// typed shows how a command is typed.
func (s *session) typed(c command) string {
	return strings.TrimSpace(s.pick(c.fr, c.en) + " " + s.pick(c.args[0], c.args[1]))
}

// topic names the words about a command, which may have several lines in the list.
func (c command) topic() string {
	if way, _, _ := strings.Cut(c.args[1], " "); c.en == "network" && way != "" {
		return c.en + "-" + way
	}
	return c.en
}

// help lists the commands, or says what a health code means.
func (s *session) help(_ context.Context, code string) {
	if code != "" {
		s.explain(strings.ToLower(code))
		return
	}
	for _, c := range commands() {
		if c.code && !s.open {
			continue
		}
		key := "console.help-" + c.topic()
		if !s.p.Has(key) { // it does the same as the program's own command
			key = "help." + c.en
		}
		s.entry(s.typed(c), s.p.Text(key, nil))
	}
	if !s.open {
		s.say("console.help-more")
	}
}

// explain says what a health code means, how the light looks then, and what to do.
func (s *session) explain(code string) {
	c, known := health.Lookup(code)
	if !known {
		s.say("console.help-no-code")
		return
	}
	light := s.p.Text("light."+c.Light.String(), nil) + " (" + look.Rhythm(s.p, c.Light) + ")"
	for _, text := range []string{s.p.Text("code."+code, nil), s.p.Text("do."+code, nil), light, s.p.Text("light-do."+c.Light.String(), nil)} {
		for _, row := range wrap(text, columns-len("  ")) {
			s.out.line("  " + row)
		}
	}
}

// wide is how wide the first column of a list is.
const wide = 26

// entry prints a line of a list of two columns, or as many as its text needs.
func (s *session) entry(name, text string) {
	if len([]rune(name)) > wide {
		s.out.line("  " + name)
		name = ""
	}
	for _, row := range wrap(text, columns-wide-len("  ")-len(" ")) {
		s.out.line("  " + pad(name) + " " + row)
		name = ""
	}
}

// wrap parts a text between words into lines of a width. A longer word has a line of its own.
func wrap(text string, width int) []string {
	rows := []string{""}
	for _, word := range strings.Split(text, " ") {
		last := &rows[len(rows)-1]
		switch {
		case *last == "":
			*last = word
		case len([]rune(*last))+1+len([]rune(word)) > width:
			rows = append(rows, word)
		default:
			*last += " " + word
		}
	}
	return rows
}

func pad(name string) string { return name + strings.Repeat(" ", max(0, wide-len([]rune(name)))) }

// trouble prints an error: in words where its code has some, and its own text.
func (s *session) trouble(err error) {
	code, args := "", map[string]string(nil)
	if e, ok := errors.AsType[*connectors.Error](err); ok {
		code, args = e.Code, e.Args
	} else if e, ok := errors.AsType[*config.Error](err); ok {
		code = e.Code
	}
	switch {
	case errors.Is(err, local.ErrNoBox):
		s.say("console.no-box")
	case errors.Is(err, engine.ErrNoSuch):
		s.say("console.no-such")
	case errors.Is(err, engine.ErrChanged):
		s.say("console.changed")
	case errors.Is(err, engine.ErrResync):
		s.say("console.resync-runs")
	case errors.Is(err, context.Canceled):
		s.say("console.cancelled")
	case errors.Is(err, context.DeadlineExceeded):
		s.say("console.timed-out")
	case s.p.Has("code." + code):
		s.out.line(s.p.Text("code."+code, args))
		s.out.line(s.p.Cause(code, args))
		if name := config.About(err); s.form(name) != "" {
			s.entry(name, s.form(name))
		}
		s.out.line("  (" + err.Error() + ")")
	default:
		s.say("console.failed")
		s.out.line("  (" + err.Error() + ")")
	}
}

// usage shows how a command is typed.
func (s *session) usage(en string) {
	for _, c := range commands() {
		if c.en == en {
			s.say("console.usage", "line", s.typed(c))
		}
	}
}
