package enrol_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"testing"
	"time"

	"syncbox/firmware/internal/authority"
	"syncbox/firmware/internal/enrol"
)

// broker gives the settings of a server on loopback whose certificate the authority signs now. It lets in who has one of the
// authority by the right time.
func (r *rig) broker() *tls.Config {
	r.t.Helper()
	out, err := r.ca.Issue(authority.Request{Kind: authority.Server, Name: "broker", Hosts: []string{"127.0.0.1"}, Replace: true})
	must(r.t, err)
	own, err := tls.X509KeyPair(out.Certificate, out.Key)
	must(r.t, err)
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM(r.ca.Certificate())
	return &tls.Config{Certificates: []tls.Certificate{own}, ClientCAs: trust, ClientAuth: tls.RequireAndVerifyClientCert, Time: r.time}
}

// shakes has box and broker open a connection, and gives what either has against it.
func shakes(t *testing.T, broker, box *tls.Config) (ofBroker, ofBox error) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", broker)
	must(t, err)
	defer listener.Close()
	served := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			err = errors.Join(conn.(*tls.Conn).Handshake(), conn.Close())
		}
		served <- err
	}()
	conn, ofBox := (&tls.Dialer{NetDialer: &net.Dialer{Timeout: time.Minute}, Config: box}).DialContext(t.Context(), "tcp", listener.Addr().String())
	if ofBox == nil {
		conn.Read(make([]byte, 1)) // until the broker has looked
		conn.Close()
	}
	return <-served, ofBox
}

// TestConnectsAtWrongClock: a clock that is wrong by years keeps no box from its broker where it is not believed, and has it believe no
// broker that was outdated already when the box got its certificate. What it costs: a broker whose certificate is newer than the
// box's waits until the box has the time, or shows one that is after that. By a clock that time servers have set wrong, the box
// connects to nobody, and says why.
func TestConnectsAtWrongClock(t *testing.T) {
	year1970, year2100 := time.Unix(0, 0), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	const made = 2000 * day // when the box got its certificate
	for name, row := range map[string]struct {
		shows  time.Time
		blind  bool
		broker time.Duration // when it got its own
		code   enrol.Code    // the box has none to show
		want   bool          // otherwise the broker is outdated, or not good yet
	}{
		"right":                             {start.Add(made + 2*day), false, made + day, "", true},
		"1970, not believed":                {year1970, true, made - day, "", true},
		"2100, not believed":                {year2100, true, made - day, "", true},
		"1970, and a newer broker":          {year1970, true, made + day, "", false},
		"2100, and a newer broker":          {year2100, true, made + day, "", true},
		"1970 by time servers":              {year1970, false, made - day, "", false},
		"2100 by time servers":              {year2100, false, made - day, enrol.Expired, false},
		"1970, and a broker of years ago":   {year1970, true, 0, "", false},
		"2100, and a broker of years ago":   {year2100, true, 0, "", false},
		"right, and a broker of years ago":  {start.Add(made + 2*day), false, 0, "", false},
		"a bit late, and a newer broker":    {start.Add(made + 2*day), true, made + day, "", true},
		"the box's last day, not believed":  {start.Add(made + 364*day), true, made - day, "", true},
		"the same, by time servers":         {start.Add(made + 364*day), false, made + day, "", true},
		"a day after that, not believed":    {start.Add(made + 366*day), true, made + day, "", true},
		"a day after that, by time servers": {start.Add(made + 366*day), false, made + day, enrol.Expired, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.pass(row.broker)
			broker := r.broker()
			r.now = start.Add(made)
			must(t, r.Install(r.issue(), r.ca.Certificate()))
			r.connects()
			r.pass(2 * day)
			r.clock, r.blind = row.shows, row.blind
			settings, err := r.TLS()
			r.want(row.code, err)
			if err != nil {
				return
			}
			ofBroker, ofBox := shakes(t, broker, settings)
			invalid, _ := errors.AsType[x509.CertificateInvalidError](ofBox)
			if row.want && (ofBox != nil || ofBroker != nil) || !row.want && invalid.Reason != x509.Expired {
				t.Errorf("the box has %v against it, the broker %v", ofBox, ofBroker)
			}
		})
	}
}
