package share_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"syncbox/connectors/share"
)

func windows() share.Config {
	return share.Config{Kind: share.CIFS, Server: "srv-erp", Share: "Acomba$", User: "syncbox", Password: "pässwort,"}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*share.Config)
		want   string // in the error; empty = valid
	}{
		{"least", func(*share.Config) {}, ""},
		{"all", func(c *share.Config) {
			c.Folder, c.Domain, c.Port, c.Vers, c.Seal = "Acomba/F1000", "LABGRP", 14450, "3.0", true
			c.EchoInterval, c.Snapshot = 600*time.Second, time.Unix(1, 0)
		}, ""},
		{"IPv4", func(c *share.Config) { c.Server = "192.0.2.7" }, ""},
		{"IPv6", func(c *share.Config) { c.Server = "2001:db8::7" }, ""},
		{"directory", func(c *share.Config) { *c = share.Config{Kind: share.Directory, Path: "/erp"} }, ""},
		{"directory without path", func(c *share.Config) { *c = share.Config{Kind: share.Directory} }, "path"},
		{"no kind", func(c *share.Config) { c.Kind = "" }, "kind"},
		{"no server", func(c *share.Config) { c.Server = "" }, "server"},
		{"server with slashes", func(c *share.Config) { c.Server = `\\srv` }, "server"},
		{"server with an option", func(c *share.Config) { c.Server = "srv,guest" }, "server"},
		{"no share", func(c *share.Config) { c.Share = "" }, "share"},
		{"share with folder", func(c *share.Config) { c.Share = `erp\F1000` }, "share"},
		{"share with line break", func(c *share.Config) { c.Share = "erp\n" }, "control"},
		{"no user", func(c *share.Config) { c.User = "" }, "user"},
		{"no password", func(c *share.Config) { c.Password = "" }, "password"},
		{"password with zero byte", func(c *share.Config) { c.Password = "a\x00b" }, "password"},
		{"folder upwards", func(c *share.Config) { c.Folder = "../x" }, "folder"},
		{"folder from the root", func(c *share.Config) { c.Folder = "/x" }, "folder"},
		{"port", func(c *share.Config) { c.Port = 65536 }, "port"},
		{"SMB 1", func(c *share.Config) { c.Vers = "1.0" }, "vers"},
		{"echo too short", func(c *share.Config) { c.EchoInterval = time.Millisecond }, "echo"},
		{"echo too long", func(c *share.Config) { c.EchoInterval = 601 * time.Second }, "echo"},
		{"echo in half seconds", func(c *share.Config) { c.EchoInterval = 1500 * time.Millisecond }, "echo"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := windows()
			test.change(&c)
			err := c.Validate()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error with %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "pässwort") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
}

func TestName(t *testing.T) {
	tests := []struct {
		config share.Config
		want   string
	}{
		{windows(), `\\srv-erp\Acomba$`},
		{share.Config{Kind: share.CIFS, Server: "s", Share: "d", Folder: "a/b"}, `\\s\d\a\b`},
		{share.Config{Kind: share.Directory, Path: "/erp", Folder: "a"}, "/erp/a"},
	}
	for _, test := range tests {
		if got := test.config.Name(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

func TestPasswordIsNeverPrinted(t *testing.T) {
	c := windows()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "password", c.Password)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "password", c.Password)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	printed := fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c.Password, c.Password) + string(asJSON) + log.String()
	if strings.Contains(printed, "pässwort") || strings.Contains(printed, `p\u00e4sswort`) {
		t.Errorf("the password shows in %s", printed)
	}
	if !strings.Contains(printed, "srv-erp") {
		t.Error("nothing was printed at all")
	}
}
