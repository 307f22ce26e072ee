package updates

import (
	"slices"
	"strings"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/health"
	"syncbox/ota/update"
	"syncbox/sync/engine"
)

// Names of the checks. Those of jobs have the job's name behind them, parted by a colon.
const (
	checkData     = "data"     // the data partition can be written
	checkHardware = "hardware" // light, button and watchdog work
	checkSettings = "settings" // the settings can be read
	checkParts    = "parts"    // no part of the program has crashed or hangs
	checkJob      = "job"      // a pass of the job ended without a fault of ours
	checkRead     = "read"     // what the ERP holds can be read
	checkShare    = "share"    // the ERP's share can be reached
	checkCRM      = "crm"      // the CRM can be reached
	checkSupport  = "support"  // support can be reached, and hears the box
)

// PartCrashed is the health code of a part of the program that crashed since the start.
const PartCrashed = "part-crashed"

// of says which codes of the machine are failures of which check.
var of = map[string][]string{
	checkData:     {"data-missing", string(update.RecordLost), "support-record"},
	checkHardware: {"light-broken", "button-broken", "watchdog-broken"},
	checkSettings: {config.CodeInvalid, config.CodeSecretsInvalid, config.CodeSecretsOpen},
	checkParts:    {PartCrashed, "part-hangs"},
}

// away are codes that say that support does not hear the box.
var away = []string{"support-unreachable", "support-refused"}

// reading are codes that say that what the ERP holds makes no sense to this program.
var reading = []string{"layout-unknown", "layout-probe-failed", "encoding-unknown", "card-unreadable"}

// health tells the updater how the box is.
func (p *Part) health() update.Health {
	jobs, started := p.c.Jobs()
	return Health(p.c.Codes(), jobs, started, p.c.Link(), p.c.Support())
}

// Health makes checks of what holds of a box: codes of the machine, its jobs, which started says were begun, and support. A
// side that is away does not make a job's pass fail; it is a check of its own, which depends on the network.
func Health(codes []string, jobs []Job, started, link bool, s Support) update.Health {
	h := update.Health{Link: link}
	for _, name := range []string{checkData, checkHardware, checkSettings, checkParts} {
		c := update.Check{Name: name, Kind: update.Local, Result: update.Passed}
		if i := slices.IndexFunc(codes, func(code string) bool { return slices.Contains(of[name], code) }); i >= 0 {
			c.Result, c.Words = update.Failed, codes[i]
		}
		h.Checks = append(h.Checks, c)
	}
	if !started {
		h.Checks = append(h.Checks, update.Check{Name: checkJob, Kind: update.Local})
	}
	for _, j := range jobs {
		h.Checks = append(h.Checks, checksOf(j)...)
	}
	if s.Set {
		h.Checks = append(h.Checks, supportCheck(codes, s.Heard))
	}
	return h
}

// supportCheck tells whether support hears the box. Who was heard once, and then not for long, is not.
func supportCheck(codes []string, heard bool) update.Check {
	c := update.Check{Name: checkSupport, Kind: update.Network}
	if heard {
		c.Result = update.Passed
	}
	if i := slices.IndexFunc(codes, func(code string) bool { return slices.Contains(away, code) }); i >= 0 {
		fails(&c, codes[i])
	}
	return c
}

// checksOf gives the checks of a job. One that a person stopped, or that may not run at this hour, has none.
func checksOf(j Job) []update.Check {
	s := j.Status
	down := j.Err != "" && !j.Starting
	if s.Service == engine.Stopped || !j.Open && s.LastEnd.IsZero() && !down {
		return nil
	}
	local := func(name string) update.Check { return update.Check{Name: name + ":" + j.Job, Kind: update.Local} }
	network := func(name string) update.Check { return update.Check{Name: name + ":" + j.Job, Kind: update.Network} }
	pass, read, share, crm := local(checkJob), local(checkRead), network(checkShare), network(checkCRM)
	if !s.LastEnd.IsZero() || down {
		for _, c := range []*update.Check{&pass, &read, &share, &crm} {
			c.Result = update.Passed
		}
	}
	for _, code := range codesOf(j) {
		switch c, known := health.Lookup(code); {
		case !known, c.Side == health.Box && c.Severity >= health.Person:
			fails(&pass, code)
		case slices.Contains(reading, code):
			fails(&read, code)
		case c.Light == health.ShareUnreachable:
			fails(&share, code)
		case c.Light == health.NoCloud, c.Light == health.CRMRefuses, c.Light == health.Untrusted:
			fails(&crm, code)
		}
	}
	masks(&share, &crm, s)
	return []update.Check{pass, read, share, crm}
}

// masks takes back that a side was reached where a pass ended at the other one, and no direction got through both.
func masks(share, crm *update.Check, s engine.Status) {
	through := slices.ContainsFunc(s.Ways[:], func(w engine.Way) bool { return w.Outcome == engine.Success })
	switch {
	case through:
	case share.Result == update.Failed && crm.Result == update.Passed:
		crm.Result = update.Unknown
	case crm.Result == update.Failed && share.Result == update.Passed:
		share.Result = update.Unknown
	}
}

func fails(c *update.Check, code string) { c.Result, c.Words = update.Failed, code }

// codesOf gives why the directions of a job are not well. That a person stopped something, or must answer, is no fault.
func codesOf(j Job) []string {
	var all []string
	for _, w := range j.Status.Ways {
		if w.Code != "" {
			all = append(all, w.Code)
		}
	}
	if j.Err != "" && !j.Starting && len(all) == 0 {
		all = append(all, health.Internal)
	}
	return all
}

// topic gives the name of a check without its job, and the job.
func topic(name string) (check, job string) {
	check, job, _ = strings.Cut(name, ":")
	return check, job
}
