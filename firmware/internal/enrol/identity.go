package enrol

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"net/url"
	"sync"
	"time"
)

// Config is what an identity needs of its box.
type Config struct {
	Folder string // such as /data/identity; a full reset leaves it
	Box    string // the box's name, and so the certificate's
	// Settings gives what is set now.
	Settings func() Settings
	Made     time.Time // when the program was made: no time before it is right
	Clock    func() (now time.Time, trusted bool)
	// Changed is called when another certificate is to be shown: the connection is to be made anew. It must not wait.
	Changed func()
	// Chance gives an even number in [0, n), each box others.
	Chance func(n int64) int64
	Log    *slog.Logger
}

// Settings are those of the site.
type Settings struct {
	On     bool     // there is support at all; without it nothing is missing
	Server *url.URL // https address of the EST server; nil = certificates are brought by people
}

// Identity is the key of the box and its certificates. It may be used by several goroutines.
type Identity struct {
	c    Config
	key  *ecdsa.PrivateKey
	busy chan struct{} // holds one while the server is asked
	look chan struct{} // something is to be done at once

	// writing is held while the files are changed; it is taken before mu, which is not held then: the light asks how it stands and
	// must not wait for a card that hangs.
	writing sync.Mutex
	folder  folder

	mu     sync.Mutex          // protects what follows
	wallet *wallet             // never changed: another one takes its place
	claim  *claim              // nil = none waits
	pinned []*x509.Certificate // authorities before there is a certificate
	handed int                 // how often in a row that was, without connecting
	shown  *credential         // the one that was last handed out
	spare  bool                // the one on trial was refused: the proved one is shown
	lost   bool                // the last one on trial was given up
	later  time.Time           // when the one on trial is shown again; monotonic
	last   error               // of the server
	rest   time.Time           // no question to the server before it; monotonic
	// failures is how many questions in a row brought nothing.
	failures int
	putOff   int // how often in a row the server put the box off for a time that it named
}

// Open reads the identity, and makes the key of a box that has none. It asks nobody.
func Open(c Config) (*Identity, error) {
	f, err := openFolder(c.Folder)
	if err != nil {
		return nil, errorf(Storage, "open identity: %w", err)
	}
	return open(c, f)
}

func open(c Config, f folder) (*Identity, error) {
	i := &Identity{c: c, folder: f, busy: make(chan struct{}, 1), look: make(chan struct{}, 1)}
	var err error
	if i.key, err = f.key(c.Log); err != nil {
		return nil, err
	}
	if i.wallet, err = openWallet(f, &i.key.PublicKey, c.Box, c.Log); err != nil {
		return nil, err
	}
	if i.claim, err = readClaim(f); err != nil {
		c.Log.Error("claim is lost", "code", Storage, "err", err)
	}
	return i, i.readPinned()
}

// readPinned reads the authorities that a person brought.
func (i *Identity) readPinned() error {
	brought, err := i.folder.read(rootsFile)
	if err != nil {
		return errorf(Storage, "read %s: %w", rootsFile, err)
	}
	if brought == nil {
		return nil
	}
	all, err := parsePEM(brought)
	if err != nil {
		i.c.Log.Error("authority can't be read", "code", Unfit, "err", err)
		return nil
	}
	i.pinned, _ = roots(all)
	return nil
}

// current gives the certificate to show: the one on trial, unless it was refused and the proved one is good. nil = none.
// The caller holds mu.
func (i *Identity) current() *credential {
	now, trusted := i.c.Clock()
	w := i.wallet
	if good(w.trial, now, trusted) && (!i.spare || !good(w.proved, now, trusted)) {
		return w.trial
	}
	if good(w.proved, now, trusted) {
		return w.proved
	}
	return nil
}

// Credentials gives the certificate to show and the authorities to believe. Without a good one, the error has the code
// Missing or Expired.
func (i *Identity) Credentials(context.Context) (tls.Certificate, *x509.CertPool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	c := i.current()
	if c == nil {
		return tls.Certificate{}, nil, i.none()
	}
	c = i.turn(c)
	return c.tls(i.key), pool(c.roots), nil
}

// patience is how often one of two certificates is handed out in a row without connecting, before it is the other one's turn: a
// broker may hang up without a word on what it does not take.
const patience = 5

// turn gives the certificate to hand out. The caller holds mu.
func (i *Identity) turn(c *credential) *credential {
	if i.shown != c {
		i.handed = 0
	}
	if i.handed++; i.handed > patience && i.wallet.trial != nil && i.wallet.proved != nil {
		i.spare, i.handed = c == i.wallet.trial, 1
		c = i.current()
	}
	i.shown = c
	return c
}

// none says why there is no certificate to show. The caller holds mu.
func (i *Identity) none() error {
	if i.wallet.proved != nil || i.wallet.trial != nil {
		return errorf(Expired, "the certificate of %s is outdated", i.c.Box)
	}
	return errorf(Missing, "%s has no certificate", i.c.Box)
}

// TLS gives the settings for a connection to support, with the certificate to show.
func (i *Identity) TLS() (*tls.Config, error) {
	cert, authorities, err := i.Credentials(context.Background())
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: authorities, Time: i.Time, MinVersion: tls.VersionTLS12}, nil
}

// Time gives the instant as of which other people's certificates are looked at: now, or, where the clock is not trusted, the
// nearest one at which the program was made and the box's own certificate is good.
func (i *Identity) Time() time.Time {
	now, trusted := i.c.Clock()
	if trusted {
		return now
	}
	if now.Before(i.c.Made) {
		now = i.c.Made
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if c := i.current(); c != nil {
		return within(c.leaf, now)
	}
	return now
}

// Connected tells that the certificate that was last handed out has connected: if it was on trial, it counts from now on.
func (i *Identity) Connected() {
	i.writing.Lock()
	defer i.writing.Unlock()
	i.mu.Lock()
	i.handed = 0
	w, shown, spare := *i.wallet, i.shown, i.spare
	i.mu.Unlock()
	var err error
	switch {
	case shown == nil:
	case shown == w.trial:
		err = w.prove()
		i.settled(&w)
		i.c.Log.Info("new certificate has connected", "until", shown.leaf.NotAfter)
	case shown == w.proved && spare && w.trial != nil:
		var lost bool
		lost, err = w.strike()
		i.struck(&w, lost)
	}
	if err != nil {
		i.c.Log.Error("certificates", "code", CodeOf(err), "err", err)
	}
}

// settled takes up certificates of which none was refused.
func (i *Identity) settled(w *wallet) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.wallet, i.spare, i.lost = w, false, false
}

// struck takes up that the one on trial was refused once more, or given up.
func (i *Identity) struck(w *wallet, lost bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.wallet, i.lost = w, lost; lost {
		i.rest = time.Now().Add(mostWait)
		i.c.Log.Error("new certificate is refused, the old one is not", "code", Rejected)
	}
	i.later = time.Now().Add(pause << w.Strikes)
	i.nudge()
}

// pause is how long a new certificate rests that was refused once, half of it.
const pause = 30 * time.Minute

// Refused tells that the certificate that was last handed out was refused. If there are two, the other one is shown next.
func (i *Identity) Refused() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.wallet.trial != nil && i.wallet.proved != nil && i.shown != nil {
		i.spare = i.shown == i.wallet.trial
	}
}

// Request gives the request for a certificate: PKCS #10, PEM, with the name of the box, or what stands in the certificate that
// it has (RFC 7030 4.2.2). The same request has the same bytes each time.
func (i *Identity) Request() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: i.request()})
}

func (i *Identity) request() []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	like := &x509.CertificateRequest{Subject: pkix.Name{CommonName: i.c.Box}}
	if c := i.current(); c != nil {
		like = &x509.CertificateRequest{RawSubject: c.leaf.RawSubject, DNSNames: c.leaf.DNSNames, EmailAddresses: c.leaf.EmailAddresses,
			IPAddresses: c.leaf.IPAddresses, URIs: c.leaf.URIs}
	}
	der, err := x509.CreateCertificateRequest(nil, like, i.key) // nil: signed as RFC 6979 says
	if err != nil {                                             // names that only some authorities write
		der, err = x509.CreateCertificateRequest(nil, &x509.CertificateRequest{Subject: pkix.Name{CommonName: i.c.Box}}, i.key)
	}
	if err != nil {
		panic(err) // a P-256 key can sign the name of a box
	}
	return der
}

// Fingerprint names the box's key for people, such as "1a2b 3c4d 5e6f 7081".
func (i *Identity) Fingerprint() string { return Fingerprint(&i.key.PublicKey) }

func (i *Identity) nudge() {
	select {
	case i.look <- struct{}{}:
	default:
	}
}
