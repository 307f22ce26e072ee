package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/storytest"
)

// colleagues is the story of some users of Sage X3, each with a mailbox and a job of the box.
type colleagues struct {
	storytest.Mailboxes
	dir   string
	lists map[string]string // of tasks, by mailbox
	end   context.CancelFunc
}

var _ story = (*colleagues)(nil)

// people are the users: user U1 is the representative R1 with the mailbox u1@contoso.example.
var people = []string{"marie", "luc", "paul", "anne"}

func userOf(n int) string    { return fmt.Sprintf("U%d", n+1) }
func repOf(n int) string     { return fmt.Sprintf("R%d", n+1) }
func addressOf(n int) string { return fmt.Sprintf("u%d@contoso.example", n+1) }

// site is what they have before the box comes.
var site = sagex3test.Seed{Seed: 1, Users: len(people), Customers: 20, Correspondents: 40, Tasks: 60, Calls: 40, Appointments: 40}

const folderSettings = `zone = "Europe/Paris"

[sagex3.main]
url = %q
pool = "SYNCBOX"
user = "syncbox"
user_code = "SYNC"
rate = 100.0
%s
[outlook.main]
tenant = "7a1c2e04-1111-4222-8333-444455556666"
application = "0b5e7c11-aaaa-4bbb-8ccc-ddddeeeeffff"
graph_url = %[3]q
login_url = %[3]q
per_minute = 6000
`

// A user whom nobody gives rights is not synchronised.
const userSettings = `
[[job]]
name = %q
pair = "sagex3-outlook"
interval = "1s"

[job.sagex3]
server = "main"
login = %q
representative = %q

[job.outlook]
tenant = "main"
mailbox = %q

[job.rights]
contacts_to_outlook = ["create", "update", "delete"]
contacts_to_x3 = ["create", "update", "delete"]
tasks_to_outlook = ["create", "update", "delete"]
tasks_to_x3 = ["create", "update", "delete"]
calls_to_outlook = ["create", "update", "delete"]
calls_to_x3 = ["create", "update", "delete"]
appointments_to_outlook = ["create", "update", "delete"]
appointments_to_x3 = ["create", "update", "delete"]
`

const folderSecrets = "[sagex3.main]\npassword = \"SECRET\"\n[outlook.main]\nsecret = \"SECRET\"\n"

func (c *colleagues) open(dir string, _ options) (settings, secrets string, err error) {
	var ctx context.Context
	ctx, c.end = context.WithCancel(context.Background())
	c.dir, c.Of, c.lists = dir, map[string]string{}, map[string]string{}
	if c.Zone, err = time.LoadLocation("Europe/Paris"); err != nil {
		return "", "", err
	}
	x3, at, err := sagex3test.Listen(ctx, sagex3test.Options{Zone: c.Zone})
	if err != nil {
		return "", "", err
	}
	x3.Fill(site)
	var boxes []outlooktest.Mailbox
	for n := range people {
		boxes = append(boxes, outlooktest.Mailbox{Address: addressOf(n)})
	}
	outlook, err := outlooktest.Listen(ctx, outlooktest.Options{Mailboxes: boxes})
	if err != nil {
		return "", "", err
	}
	c.X3, c.Outlook = x3, outlook.Server
	codes, err := storytest.FieldCodes(x3)
	if err != nil {
		return "", "", err
	}
	settings = fmt.Sprintf(folderSettings, at, storytest.FieldLines(codes), outlook.URL)
	for n, name := range people {
		c.Of[repOf(n)] = addressOf(n)
		if c.lists[addressOf(n)], err = outlook.Person(addressOf(n)).CreateList("Sage X3"); err != nil {
			return "", "", err
		}
		settings += fmt.Sprintf(userSettings, name, userOf(n), repOf(n), addressOf(n))
	}
	return settings, folderSecrets, nil
}

func (c *colleagues) signIn(context.Context, *app.SignIns) error { return nil }

func (c *colleagues) close() error {
	if c.end != nil {
		c.end()
	}
	return nil
}

func (c *colleagues) whole() error {
	if wrong := c.Missing(); len(wrong) > 0 {
		return fmt.Errorf("%d records are not as they should be: %s", len(wrong), storytest.Some(wrong))
	}
	return c.NoDoubles()
}

// play has the four work on both sides, waits for everything to arrive, and counts what the mailboxes have of X3 and what X3 lists
// as anomalies.
func (c *colleagues) play(ctx context.Context, _ *stage) (string, error) {
	d := &day{colleagues: c, want: map[string]func() bool{}}
	for _, deed := range []func() error{d.atScreens, d.together, d.inOutlook, d.newInOutlook, d.series, d.strangers} {
		if err := deed(); err != nil {
			return "", err
		}
	}
	var late []string
	err := storytest.Until(ctx, "the day's work", editWithin, func() bool {
		late = late[:0]
		for what, arrived := range d.want {
			if !arrived() {
				late = append(late, what)
			}
		}
		if len(late) == 0 {
			late = c.Missing()
		}
		return len(late) == 0
	})
	if err != nil {
		slices.Sort(late)
		return "", errors.Join(err, fmt.Errorf("not there: %s", strings.Join(late, "; ")))
	}
	if err := errors.Join(c.whole(), d.kept()); err != nil {
		return "", err
	}
	n := c.Counts()
	return fmt.Sprintf("contacts=%d tasks=%d calls=%d appointments=%d anomalies=%d", n[sagex3test.Correspondents], n[sagex3test.Tasks], n[sagex3test.Calls],
		n[sagex3test.Appointments], len(c.X3.Anomalies())), nil
}
