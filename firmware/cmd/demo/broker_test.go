package main

import (
	"crypto/tls"
	"log/slog"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"syncbox/firmware/internal/authority"
)

// TestMay: a box has its own topics, support those of all, and nobody what he has no part in.
func TestMay(t *testing.T) {
	tests := []struct {
		who, topic  string
		hear, write bool
	}{
		{"box-1", "sb/v1/box-1/status", false, true},
		{"box-1", "sb/v1/box-1/ack/01J", false, true},
		{"box-1", "sb/v1/box-1/evt/sync", false, true},
		{"box-1", "sb/v1/box-1/cmd", true, false},
		{"box-1", "sb/v1/box-1/desired", true, false},
		{"box-1", "sb/v1/fleet/eu-1", true, false},
		{"box-1", "sb/v1/box-2/status", false, false},
		{"box-1", "sb/v1/box-2/cmd", false, false},
		{"box-1", "sb/v1/+/cmd", false, false},
		{"box-1", "#", false, false},
		{personName, "sb/v1/+/status", true, false},
		{personName, "sb/v1/+/ack/+", true, false},
		{personName, "sb/v1/box-1/cmd", false, true},
		{personName, "sb/v1/box-1/status/more", false, false},
	}
	for _, tt := range tests {
		if hear, write := may(tt.who, tt.topic, false), may(tt.who, tt.topic, true); hear != tt.hear || write != tt.write {
			t.Errorf("%s at %s: hears %v, writes %v", tt.who, tt.topic, hear, write)
		}
	}
}

// TestWhoConnects: the demo's broker lets in nobody without a certificate, and nobody under another name than his own.
func TestWhoConnects(t *testing.T) {
	o, err := openOffice(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer o.close()
	own, err := o.pair(authority.Request{Kind: authority.Backend, Name: checkName})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		id    string
		shows []tls.Certificate
		in    bool
	}{
		"his own name":   {checkName, []tls.Certificate{own}, true},
		"another's name": {personName, []tls.Certificate{own}, false},
		"no certificate": {checkName, nil, false},
	} {
		options := paho.NewClientOptions().AddBroker("ssl://" + o.address).SetClientID(tt.id).SetAutoReconnect(false).SetConnectRetry(false)
		client := paho.NewClient(options.SetTLSConfig(&tls.Config{RootCAs: o.trust, Certificates: tt.shows}))
		token := client.Connect()
		if !token.WaitTimeout(time.Minute) {
			t.Fatalf("%s: no answer", name)
		}
		if in := token.Error() == nil; in != tt.in {
			t.Errorf("%s: let in %v, %v", name, in, token.Error())
		}
		client.Disconnect(0)
	}
}
