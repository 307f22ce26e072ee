package console_test

import (
	"errors"

	"syncbox/firmware/internal/enrol"
)

// fakeIdentity has no certificate, and gets one when it is claimed.
type fakeIdentity struct{ serial, code string }

func (i *fakeIdentity) Status() enrol.Status {
	s := enrol.Status{Box: "syncbox-7q2k", Fingerprint: "1a2b 3c4d 5e6f 7081", Problem: enrol.Unreachable}
	if i.serial != "" {
		s.Serial, s.Until, s.Trial, s.Claim, s.Problem = "4d2", noon.AddDate(1, 0, 0), true, true, ""
	}
	return s
}

func (i *fakeIdentity) Claim(serial, code string) error {
	if serial != "C0FFEE7Q2K" || code != "7Q2KM-0XTV9" {
		return &enrol.Error{Code: enrol.Refused, Err: errors.New("another label")}
	}
	i.serial, i.code = serial, code
	return nil
}
