package support_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"slices"
	"testing"

	"syncbox/firmware/internal/support"
)

// TestDialer: brokers are tried in the order that is drawn, until one answers.
func TestDialer(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	live := server.Listener.Addr().String()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := gone.Addr().String()
	gone.Close()
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	trusting := func() (*tls.Config, error) { return &tls.Config{RootCAs: pool}, nil }
	rows := []struct {
		name    string
		brokers []string
		drawn   []int64
		config  func() (*tls.Config, error)
		want    bool
	}{
		{"one", []string{live}, []int64{0}, trusting, true},
		{"the second", []string{dead, live}, []int64{0, 0}, trusting, true},
		{"drawn first", []string{dead, live}, []int64{1}, trusting, true},
		{"drawn last", []string{live, dead}, []int64{1, 0}, trusting, true},
		{"nobody answers", []string{dead, dead}, []int64{1, 0}, trusting, false},
		{"none", nil, nil, trusting, false},
		{"a stranger", []string{live}, []int64{0}, func() (*tls.Config, error) { return &tls.Config{}, nil }, false},
		{"no certificate", []string{live}, nil, func() (*tls.Config, error) { return nil, errors.New("no certificate") }, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			drawn := slices.Clone(row.drawn)
			was := slices.Clone(row.brokers)
			d := support.NewDialer(func() []string { return row.brokers }, row.config, func(n int64) int64 {
				x := drawn[0]
				if drawn = drawn[1:]; x >= n {
					t.Errorf("drawn %d of %d", x, n)
				}
				return x
			})
			conn, err := d.Open(t.Context())
			if (err == nil) != row.want || len(drawn) > 0 || !slices.Equal(row.brokers, was) {
				t.Errorf("got %v, %d not drawn, brokers %v", err, len(drawn), row.brokers)
			}
			if err == nil {
				conn.Close()
			}
		})
	}
}
