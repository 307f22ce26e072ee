package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"syncbox/firmware/internal/enrol/esttest"
	"syncbox/firmware/internal/sitetest"
	"syncbox/image/vm"
	"syncbox/ota/order"
	"syncbox/ota/release"
)

// enrolStory: a box that support can't reach comes to its certificate. A technician brings a stick with the addresses and the
// authority, and claims the box at its console by what stands on its label; the server signs for the key that the box has made, and the
// broker lets it in, though nobody tells the box the time. A renewed certificate outlives a power cut before it was ever shown, and it is
// the same box after a full reset, and asks nobody anew.
func enrolStory(t *testing.T, ctx context.Context, f factory) {
	h := newHelpdesk(t, ctx, f.maker.open(t, ctx, first))
	h.publish("desired", true, h.wish("1.0.0"))
	est := newRegistry(t, h)
	s := newSite(t, ctx, f, sitetest.Options{Customers: 12, Name: farBox})
	est.Register(farBox, s.Code)
	stick := est.stick(ctx, h.address())
	s.powerOn(vm.Config{USB: true})
	s.hears("box starts")
	s.plugIn(stick)
	s.hears("stick applied", "network.ntp support.broker support.est", "asked=true", "stick may be pulled")
	s.pullOut(stick)
	asked := est.asked(stick)

	s.logsOn(s.Code)
	s.says("certificat reclamer "+farBox, "tiquette")
	s.says(s.Code, "certificat dit ce qu'il en est", "new certificate has connected")
	session := h.there(0)
	h.until("the version that runs", func() bool { return h.acked("succeeded") >= 1 })

	// It leaves at once, to come again with the new one; before that, the plug is pulled.
	renew := h.sign(order.Renew, ``, h.keys(release.Ops)[:1])
	h.publish("cmd", false, renew)
	s.hears("op=renew phase=succeeded")
	s.powerOff()
	if p := s.papers(); p.first == "" || p.second == "" || !strings.Contains(p.state, "trial") {
		t.Errorf("after a renewal, the box says %s of its certificates", p.state)
	}

	s.powerOn(vm.Config{})
	s.hears("box starts", "Tapez aide.", "new certificate has connected")
	session = h.there(session)
	h.until("the renewal told", func() bool { return h.last("/ack/"+idOf(t, renew)).Phase == "succeeded" })
	s.logsOn(s.Code)
	s.says("reinitialiser complet", "tapez le nom")
	s.starts++
	s.kept.erased = true
	s.says(farBox, "code=device-reset-full", "code=box-erased", "code=config-incomplete")
	h.there(session)
	h.until("what the box lacks", func() bool { return slices.Contains(h.last("/status").Codes, "config-incomplete") })
	h.does(order.Identify, ``, "succeeded")
	s.powerOff()
	est.knows(s.papers(), asked)
	if got, want := est.heard(), "cacerts simpleenroll:200 cacerts simplereenroll:200"; got != want {
		t.Errorf("the server was asked %q, want %q", got, want)
	}
	if toml := s.files()["syncbox.toml"]; !strings.Contains(toml, "mqtts://") || !strings.Contains(toml, "https://") || strings.Contains(toml, "company") {
		t.Errorf("the settings after a full reset are %s", toml)
	}
	h.silent(s.kept, 8)
}

// registry is the server that signs for boxes, for the broker's authority.
type registry struct {
	*esttest.Server
	t *testing.T
}

func newRegistry(t *testing.T, h *helpdesk) registry {
	t.Helper()
	s, err := esttest.Start(esttest.Settings{Chance: rand.Reader, Authority: h.ca.Authority()})
	no(t, err)
	t.Cleanup(s.Close)
	return registry{s, t}
}

// stick makes one that tells a box where support is, and whom to believe.
func (r registry) stick(ctx context.Context, broker string) *usbStick {
	r.t.Helper()
	address, err := url.Parse(r.URL)
	no(r.t, err)
	const silent = "192.0.2.123" // of documentation, RFC 5737
	set := fmt.Sprintf("[network]\nntp = [%q]\n[support]\nbroker = [%q]\nest = %q\n", silent, broker, "https://"+net.JoinHostPort(sitetest.Server, address.Port()))
	return newStickOf(r.t, ctx, "support", map[string][]byte{"syncbox.toml": []byte(set),
		"ca.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Root().Raw})})
}

// asked gives the key of the request that the box left on the stick, for whoever has no server.
func (r registry) asked(stick *usbStick) (key string) {
	r.t.Helper()
	text, err := exec.Command("mcopy", "-i", stick.path, "::box.csr", "-").Output()
	no(r.t, err)
	block, _ := pem.Decode(text)
	if block == nil {
		r.t.Fatalf("the request on the stick is %q", text)
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	no(r.t, err)
	if request.Subject.CommonName != farBox || request.CheckSignature() != nil {
		r.t.Errorf("the request on the stick is for %s", request.Subject)
	}
	return esttest.KeyHash(request.RawSubjectPublicKeyInfo)
}

// heard tells what the server was asked, and what it said.
func (r registry) heard() string {
	var all []string
	for _, e := range r.Journal() {
		if e.Operation != "cacerts" {
			e.Operation += fmt.Sprint(":", e.Status)
		}
		all = append(all, e.Operation)
	}
	return strings.Join(all, " ")
}

// papers are what a box has of its identity.
type papers struct{ key, first, second, state, claim string }

// papers reads them from the card of a box that is off.
func (b *device) papers() papers {
	b.t.Helper()
	all := b.files()
	return papers{all["identity/box.key"], all["identity/a.crt"], all["identity/b.crt"], all["identity/state.json"], all["identity/claim.json"]}
}

// knows makes sure that a box has the key that it asked with first, and the certificate that it was given last, and nothing beside.
func (r registry) knows(p papers, asked string) {
	r.t.Helper()
	private, _ := pem.Decode([]byte(p.key))
	certificate, _ := pem.Decode([]byte(p.first + p.second))
	if private == nil || certificate == nil || p.first != "" && p.second != "" || p.claim != "" || strings.Contains(p.state, "trial") {
		r.t.Fatalf("the box has a key: %t, certificates of %d and %d bytes, a claim: %t, and says %s of them", private != nil, len(p.first), len(p.second),
			p.claim != "", p.state)
	}
	key, err := x509.ParsePKCS8PrivateKey(private.Bytes)
	no(r.t, err)
	mine, err := x509.ParseCertificate(certificate.Bytes)
	no(r.t, err)
	if own, ok := key.(*ecdsa.PrivateKey); !ok || !own.PublicKey.Equal(mine.PublicKey) || esttest.KeyHash(mine.RawSubjectPublicKeyInfo) != asked {
		r.t.Error("the box has another key than the one that it asked with")
	}
	if !mine.Equal(r.Last(farBox)) {
		r.t.Errorf("the box has the certificate %x of %s", mine.SerialNumber, mine.Subject)
	}
}
