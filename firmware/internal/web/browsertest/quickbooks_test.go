package browsertest_test

import (
	"context"
	"errors"
	"time"

	"syncbox/connectors/pairs"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/local"
	"syncbox/sync/engine"
)

const quickPath = "/setup/jobs/quickbooks/"

// intuit is where somebody signs in, with a connection that is as a test says.
type intuit struct{ is quickbooks.Connection }

func (intuit) Begin(context.Context, string) (string, error) {
	return "https://appcenter.example/connect?state=abc", nil
}
func (intuit) Collect(context.Context, string) (bool, error)                       { return false, nil }
func (intuit) Finish(context.Context, string, string) error                        { return nil }
func (intuit) Disconnect(context.Context, string) error                            { return nil }
func (i intuit) Connection(context.Context, string) (quickbooks.Connection, error) { return i.is, nil }

// connected is a company that somebody has signed in to.
var connected = quickbooks.Connection{State: quickbooks.Connected, Realm: "9130350000000001", Since: time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)}

// of gives a connection that something is the matter with.
func of(state, code string) quickbooks.Connection {
	c := connected
	c.State, c.Code = state, code
	return c
}

// blankFor makes a box that nobody has set up, and which can be connected.
func blankFor(is quickbooks.Connection) func(*box) {
	return func(b *box) {
		b.blank, b.err, b.ready = true, local.ErrNoBox, &config.Error{Code: config.CodeIncomplete, Err: errors.New("x")}
		b.signIns = intuit{is}
	}
}

// quick makes the box one for QuickBooks and comes to one of its pages.
func quick(then ...func(*visitor)) func(*visitor) {
	return func(v *visitor) {
		v.follows(200, "main button", v.says("page.setup.pair-quickbooks-centrixone"))
		v.p = v.p.Of(pairs.Names("quickbooks-centrixone"))
		must(v.t, v.Fill("relay", "https://relay.example"))
		v.follows(200, "main button", v.says("page.setup.keep"))
		for _, do := range then {
			do(v)
		}
	}
}

// signs asks for the address at which somebody signs in.
func signs(v *visitor) { v.follows(200, "main button", v.says("page.setup.connect")) }

// quickStatus is a job with QuickBooks of which a direction has come to a halt.
func quickStatus(code string, is quickbooks.Connection) local.JobStatus {
	j := resting(engine.Running)
	j.Job, j.Pair, j.Names = "quickbooks", "quickbooks-centrixone", pairs.Names("quickbooks-centrixone")
	j.Status.Ways[0] = engine.Way{Outcome: engine.Halted, Code: code}
	j.QuickBooks = &app.QuickBooks{Connection: is, Reads: quickbooks.Reads{Made: 2900, Allowance: 2900}}
	return j
}

// quickViews are the choice of the products, and what only a job with QuickBooks has.
var quickViews = []view{
	{name: "quickbooks-pair", box: blankFor(quickbooks.Connection{}), open: true, path: "/setup/pair",
		sees: []string{"page.setup.pair-intro", "page.setup.about-acomba-centrixone", "page.setup.about-quickbooks-centrixone"}},
	{name: "quickbooks-relay", box: blankFor(quickbooks.Connection{}), open: true, path: "/setup/pair", do: func(v *visitor) {
		v.follows(200, "main button", v.says("page.setup.pair-quickbooks-centrixone"))
		v.p = v.p.Of(pairs.Names("quickbooks-centrixone"))
	}, sees: []string{"page.setup.relay", "page.setup.quickbooks-no-orders", "connection.never"}},
	{name: "quickbooks-connect", box: blankFor(quickbooks.Connection{State: quickbooks.Never}), open: true, path: "/setup/pair", do: quick(signs, func(v *visitor) {
		must(v.t, v.Click("summary", v.says("page.setup.paste-instead")))
	}), sees: []string{"page.setup.sign-in", "page.setup.sign-in-back", "page.setup.collect", "page.setup.paste-hint"}},
	{name: "quickbooks-connected", box: blankFor(of(quickbooks.Connected, quickbooks.CodeEndsHard)), open: true, path: "/setup/pair", do: quick(),
		sees: []string{"page.setup.disconnect", "code.qbo-ends-hard", "do.qbo-ends-hard", "page.setup.continue"}},
	{name: "quickbooks-reconnect", box: blankFor(of(quickbooks.Reconnect, quickbooks.CodeReconnect)), open: true, path: "/setup/pair", do: quick(signs),
		sees: []string{"code.qbo-reconnect", "do.qbo-reconnect", "page.setup.sign-in"}},
	{name: "quickbooks-rules", box: blankFor(connected), open: true, path: "/setup/pair", do: quick(func(v *visitor) { must(v.t, v.Go(quickPath+"rules")) }),
		sees: []string{"page.setup.quickbooks-from", "page.setup.quickbooks-language", "page.setup.quickbooks-no-orders", "page.setup.quiet-hours"}},
	{name: "quickbooks-status", box: func(b *box) {
		b.status = []local.JobStatus{quickStatus(quickbooks.CodeReconnect, of(quickbooks.Reconnect, quickbooks.CodeReconnect))}
		b.lights = []health.Light{health.WaitsForPerson}
	}, path: "/", do: func(v *visitor) { v.p = v.p.Of(pairs.Names("quickbooks-centrixone")) },
		sees: []string{"code.qbo-reconnect", "do.qbo-reconnect", "page.status.reads", "light.waits-for-person"}},
	{name: "quickbooks-allowance", box: func(b *box) {
		b.status = []local.JobStatus{quickStatus(quickbooks.CodeAllowanceUsed, connected)}
		b.lights = []health.Light{health.WaitsForPerson}
	}, open: true, path: "/", do: func(v *visitor) { v.p = v.p.Of(pairs.Names("quickbooks-centrixone")) },
		sees: []string{"code.qbo-allowance-used", "do.qbo-allowance-used", "page.status.reads"}},
}
