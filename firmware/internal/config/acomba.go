package config

import (
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (f *fileJob) acomba(j *Job, _ *Box, _ secrets) error {
	a := Acomba{Company: f.Acomba.Company, WriteBack: f.Acomba.WriteBack, HandoffFolder: f.Acomba.HandoffFolder, Layout: f.Acomba.Layout,
		Mobile: f.Acomba.Mobile, DocumentOwner: f.Acomba.DocumentOwner, Documents: f.Acomba.Documents,
		Superseded: f.Acomba.Superseded, Currency: f.Acomba.Currency}
	if a.Company != "" && !fs.ValidPath(a.Company) {
		return keyError("acomba.company", a.Company, `want a path below the share with "/", without ".."`)
	}
	if a.HandoffFolder != "" && !fs.ValidPath(a.HandoffFolder) {
		return keyError("acomba.handoff_folder", a.HandoffFolder, `want a path below the share with "/", without ".."`)
	}
	if err := a.words(); err != nil {
		return err
	}
	if err := a.writing(j.TwoWay); err != nil {
		return err
	}
	if ms := f.Acomba.QuietMS; ms != nil {
		if *ms < 1 || *ms > 60000 {
			return keyError("acomba.quiet_ms", strconv.Itoa(*ms), "want 1 to 60000")
		}
		a.QuietTime = time.Duration(*ms) * time.Millisecond
	}
	var err error
	if a.WriteWindows, err = windows("acomba.write_windows", f.Acomba.WriteWindows); err != nil {
		return err
	}
	j.Acomba = a
	if a.Company == "" {
		return unsetKey("acomba.company", "the company's folder below the share is needed")
	}
	return nil
}

// writing fills in and checks how edits of the CRM reach Acomba.
func (a *Acomba) writing(twoWay bool) error {
	switch a.WriteBack {
	case "":
		a.WriteBack = "off"
		if twoWay {
			a.WriteBack = "handoff"
		}
	case "off", "handoff", "direct":
	default:
		return keyError("acomba.write_back", a.WriteBack, `want "off", "handoff" or "direct"`)
	}
	if !twoWay && a.WriteBack != "off" {
		return keyError("acomba.write_back", a.WriteBack, `a one-way job writes nothing back: want "off"`)
	}
	if twoWay && a.WriteBack == "off" {
		return keyError("acomba.write_back", a.WriteBack, `a two-way job needs a way back: want "handoff" or "direct"`)
	}
	return nil
}

var (
	currency  = regexp.MustCompile(`^[A-Z]{3}$`)
	documents = []string{"quotes", "orders", "open_orders", "invoices", "contracts"}
)

// words checks the keys that take one of a few words.
func (a *Acomba) words() error {
	if _, err := regexp.Compile(a.Mobile); err != nil {
		return keyError("acomba.mobile", a.Mobile, "is no regular expression")
	}
	if _, err := choice("acomba.document_owner", a.DocumentOwner, "customer", "invoiced_to"); err != nil {
		return err
	}
	if _, err := choice("acomba.superseded", a.Superseded, "zero", "keep"); err != nil {
		return err
	}
	if a.Currency != "" && !currency.MatchString(a.Currency) {
		return keyError("acomba.currency", a.Currency, `want a code of ISO 4217 such as "CAD"`)
	}
	for _, kind := range a.Documents {
		if !slices.Contains(documents, kind) {
			return keyError("acomba.documents", kind, "want some of "+strings.Join(documents, ", "))
		}
	}
	return nil
}
