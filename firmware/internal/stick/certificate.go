package stick

import (
	"bytes"
	"errors"
	"io/fs"

	"syncbox/firmware/internal/enrol"
)

// certificateReportName is the file that says what came of a certificate.
const certificateReportName = "syncbox-certificate-report.txt"

// Identity takes certificates, and asks for them. A *enrol.Identity is one.
type Identity interface {
	Exchange(stick enrol.Folder) (installed, asked bool, err error)
}

var _ Identity = (*enrol.Identity)(nil)

// errands is a stick that carries requests and certificates.
type errands struct {
	root  fs.FS
	out   Reports
	wrote bool
}

// ReadFile reads a file, however the stick spells it; no more of it than enrol takes.
func (e *errands) ReadFile(name string) ([]byte, error) {
	return readSome(e.root, name, enrol.MaxFile+1)
}

// WriteFile writes a file that is not there as it is to be: a stick that stays in is not written to at every start.
func (e *errands) WriteFile(name string, text []byte) error {
	if there, err := e.ReadFile(name); err == nil && bytes.Equal(there, text) {
		return nil
	}
	e.wrote = true
	return e.out.WriteFile(name, text)
}

// certificate exchanges request and certificate with a stick, and writes down what came of it.
func (p *Part) certificate(root fs.FS, s *Setup, out Reports) (Outcome, error) {
	if p.Identity == nil {
		return Nothing, nil
	}
	e := &errands{root: root, out: out}
	installed, asked, err := p.Identity.Exchange(e)
	code := enrol.CodeOf(err)
	if code == enrol.Unfit {
		err = nil // the report says so
	}
	outcome, key := Nothing, ""
	switch {
	case code == enrol.Unfit:
		outcome, key = Refused, "stick.certificate-not-taken"
	case installed:
		outcome, key = Applied, "stick.certificate-taken"
	case asked && e.wrote:
		outcome, key = Applied, "stick.certificate-asked"
	case asked:
		outcome = Known
	}
	if key == "" {
		return outcome, err
	}
	p.Log.Info("certificate on a stick", "outcome", outcome, "code", code, "asked", asked)
	return outcome, errors.Join(err, s.write(root, out, certificateReportName, func(r *report) {
		r.say(key)
		if outcome == Refused {
			r.item(r.text("code." + string(code)))
			r.item(r.text("do." + string(code)))
		}
		if asked {
			r.say("stick.certificate-request", "file", enrol.RequestFile)
		}
	}))
}
