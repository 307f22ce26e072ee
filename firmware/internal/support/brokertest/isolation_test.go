package brokertest_test

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/support/brokertest"
)

// outcome is what a broker does with an attempt.
type outcome string

const (
	refused   outcome = "refused"       // the broker says so
	deaf      outcome = "granted-deaf"  // subscription granted, nothing of it is ever heard
	hears     outcome = "hears"         // hears what is not meant for it
	dropped   outcome = "acked-dropped" // publication acknowledged, and heard by nobody
	forged    outcome = "arrives"       // is heard by others
	closed    outcome = "disconnected"  // the broker closes the connection of who tried
	bothStay  outcome = "both-stay"     // nobody notices
	thrownOut outcome = "other-thrown"  // the other one loses its connection
	stolen    outcome = "other-robbed"  // and what was meant for it is heard by who took its place
	letIn     outcome = "let-in"        // connected
)

// trial is one attempt: a box that is well behaved, one that is not, and support between them.
type trial struct {
	site
	victim, intruder string // names in the certificates
}

// attempts are the table of docs/brokers-en.md and docs/brokers-fr.md, in order.
var attempts = []struct {
	name            string
	try             func(*testing.T, trial) outcome
	mosquitto, nats outcome
}{
	{"hear another box's commands", listens("sb/v1/{victim}/cmd"), deaf, refused},
	{"hear all commands", listens("sb/v1/+/cmd"), deaf, refused},
	{"hear everything", listens("#"), deaf, refused},
	{"hear what the broker keeps", listens("$MQTT/#"), deaf, refused},
	{"publish another box's command", forges("sb/v1/{victim}/cmd"), dropped, dropped},
	{"publish another box's wish", forges("sb/v1/{victim}/desired"), dropped, dropped},
	{"publish another box's status", forges("sb/v1/{victim}/status"), dropped, dropped},
	{"publish another box's ack", forges("sb/v1/{victim}/ack/7"), dropped, dropped},
	{"publish another box's event", forges("sb/v1/{victim}/evt/sync"), dropped, dropped},
	{"publish under another box's user name", pretends, dropped, dropped},
	{"publish to the fleet", forges("sb/v1/fleet/eu-1"), dropped, dropped},
	{"leave a will for another box", wills, dropped, dropped},
	{"connect without certificate", enters(func(tr trial) (*tls.Config, error) { return tr.ca.Stranger(), nil }), refused, refused},
	{"connect with a stranger's certificate", enters(foreign), refused, refused},
	{"connect with an outdated certificate", enters(outdated), refused, refused},
	{"connect under another box's client id", impersonates, bothStay, thrownOut},
	{"connect twice with one certificate", twice, thrownOut, thrownOut},
	{"publish 70 kB", publishesTooMuch, closed, closed},
}

// TestMosquittoIsolation tries everything that one box may try against another one.
func TestMosquittoIsolation(t *testing.T) {
	s := mosquitto(t)
	for i, a := range attempts {
		t.Run(a.name, func(t *testing.T) {
			tr := trial{s.site, fmt.Sprintf("box-%02da", i), fmt.Sprintf("box-%02db", i)}
			if got := a.try(t, tr); got != a.mosquitto {
				t.Errorf("got %s, want %s", got, a.mosquitto)
			}
		})
	}
}

const program = "fleet-backend-1"

func (tr trial) topic(pattern string) string {
	return strings.ReplaceAll(pattern, "{victim}", tr.victim)
}

// own are the topics that only the box itself says.
func own(topic string) bool {
	return strings.Contains(topic, "/status") || strings.Contains(topic, "/ack/") || strings.Contains(topic, "/evt/")
}

// listens: the intruder subscribes, then something is said that is not for it.
func listens(pattern string) func(*testing.T, trial) outcome {
	return func(t *testing.T, tr trial) outcome {
		back, victim, intruder := tr.join(t, program), tr.join(t, tr.victim), tr.join(t, tr.intruder)
		if !victim.listen(t, tr.topic("sb/v1/{victim}/cmd")) || !intruder.listen(t, "sb/v1/"+tr.intruder+"/cmd") {
			t.Fatal("a box may not hear its own commands")
		}
		granted := intruder.listen(t, tr.topic(pattern))
		back.say(t, tr.topic("sb/v1/{victim}/cmd"), "for the victim")
		if before := victim.until(t, "for the victim"); len(before) > 0 {
			t.Errorf("the victim heard %q before", before)
		}
		back.say(t, "sb/v1/"+tr.intruder+"/cmd", "for the intruder")
		switch before := intruder.until(t, "for the intruder"); {
		case len(before) > 0:
			return hears
		case granted:
			return deaf
		}
		return refused
	}
}

// forges: the intruder says something in another one's name. Then who may say it says something there, so that all who
// listen have heard it once they hear that.
func forges(pattern string) func(*testing.T, trial) outcome {
	return func(t *testing.T, tr trial) outcome {
		return tr.forge(t, tr.topic(pattern), tr.join(t, tr.intruder))
	}
}

// forge lets an intruder that is connected say something on a topic that is not its own.
func (tr trial) forge(t *testing.T, topic string, intruder *client) outcome {
	t.Helper()
	back, victim := tr.join(t, program), tr.join(t, tr.victim)
	speaker, listener := back, victim
	if own(topic) {
		speaker, listener = victim, back
	}
	if !listener.listen(t, topic) {
		t.Fatalf("%s must be heard by whom it is for", topic)
	}
	acked := intruder.finished(intruder.Publish(topic, 1, true, "forged"))
	speaker.say(t, topic, "true")
	switch before := listener.until(t, "true"); {
	case slices.Contains(before, "forged"):
		return forged
	case acked != nil || !intruder.IsConnectionOpen():
		return closed
	}
	return dropped
}

// pretends: a valid certificate, and the name of another box as that of the user.
func pretends(t *testing.T, tr trial) outcome {
	for _, name := range []string{tr.victim, "CN=" + tr.victim} {
		intruder := tr.join(t, tr.intruder, func(o *mqtt.ClientOptions) { o.SetUsername(name) })
		if got := tr.forge(t, tr.topic("sb/v1/{victim}/status"), intruder); got != dropped {
			return got
		}
	}
	return dropped
}

// wills: the intruder's will speaks in the victim's name when its line is cut.
func wills(t *testing.T, tr trial) outcome {
	status := tr.topic("sb/v1/{victim}/status")
	back, victim := tr.join(t, program), tr.join(t, tr.victim)
	if !back.listen(t, "sb/v1/+/status") {
		t.Fatal("support hears no status")
	}
	line := &cut{}
	tr.join(t, tr.intruder, line.option, func(o *mqtt.ClientOptions) { o.SetWill(status, "forged", 1, true) })
	line.now()
	// A box of its own shows that wills work at all, and that this one's turn has passed.
	honest := &cut{}
	tr.join(t, tr.intruder, honest.option, func(o *mqtt.ClientOptions) { o.SetWill("sb/v1/"+tr.intruder+"/status", "lost", 1, true) })
	honest.now()
	heard := back.until(t, "lost")
	victim.say(t, status, "true")
	if slices.Contains(append(heard, back.until(t, "true")...), "forged") {
		return forged
	}
	return dropped
}

// enters: somebody connects who should not.
func enters(with func(trial) (*tls.Config, error)) func(*testing.T, trial) outcome {
	return func(t *testing.T, tr trial) outcome {
		tls, err := with(tr)
		if err != nil {
			t.Fatal(err)
		}
		c, err := connect(tr.addr, tr.intruder, tls)
		if err == nil {
			c.Disconnect(0)
			return letIn
		}
		return refused
	}
}

// foreign is a certificate of another authority with the name of a box.
func foreign(tr trial) (*tls.Config, error) {
	other, err := brokertest.NewCA()
	if err != nil {
		return nil, err
	}
	c, err := other.Client(tr.victim)
	if err == nil {
		c.RootCAs = tr.ca.Stranger().RootCAs
	}
	return c, err
}

func outdated(tr trial) (*tls.Config, error) {
	return tr.ca.ClientUntil(tr.intruder, time.Now().Add(-time.Hour))
}

// impersonates: a valid certificate, and the client id of another box.
func impersonates(t *testing.T, tr trial) outcome {
	back, victim := tr.join(t, program), tr.join(t, tr.victim)
	victim.listen(t, tr.topic("sb/v1/{victim}/cmd"))
	intruder := tr.join(t, tr.intruder, id(tr.victim))
	intruder.listen(t, "sb/v1/"+tr.intruder+"/cmd")
	back.say(t, tr.topic("sb/v1/{victim}/cmd"), "for the victim")
	back.say(t, "sb/v1/"+tr.intruder+"/cmd", "for the intruder")
	heard := intruder.until(t, "for the intruder")
	select {
	case <-victim.lost:
		if len(heard) > 0 {
			return stolen
		}
		return thrownOut
	case <-victim.heard:
	case <-time.After(patience):
		t.Fatal("the victim neither hears its command nor loses its connection")
	}
	if len(heard) > 0 {
		return hears
	}
	return bothStay
}

// twice: two programs with the same certificate, each under a name of its own.
func twice(t *testing.T, tr trial) outcome {
	first := tr.join(t, tr.victim)
	second := tr.join(t, tr.victim)
	second.listen(t, tr.topic("sb/v1/{victim}/cmd"))
	select {
	case <-first.lost:
		return thrownOut
	case <-time.After(patience):
		return bothStay
	}
}

// publishesTooMuch: one box tries to fill the server.
func publishesTooMuch(t *testing.T, tr trial) outcome {
	c := tr.join(t, tr.intruder)
	c.Publish("sb/v1/"+tr.intruder+"/status", 1, true, strings.Repeat("x", 70_000))
	token := c.Subscribe("sb/v1/"+tr.intruder+"/cmd", 1, nil).(*mqtt.SubscribeToken)
	if err := c.finished(token); err != nil || len(token.Result()) == 0 {
		return closed
	}
	return dropped
}
