package share

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var address = netip.MustParseAddr("192.0.2.7")

func TestMountOptions(t *testing.T) {
	base := Config{Kind: CIFS, Server: "srv", Share: "erp", User: "box", Password: "pw"}
	tests := []struct {
		name   string
		use    purpose
		change func(*Config)
		want   string
	}{
		{"read", forReading, func(*Config) {},
			`ip=192.0.2.7,unc=\\srv\erp,vers=3.1.1,sec=ntlmssp,user=box,pass=pw,soft,cache=none,actimeo=0,closetimeo=0,` +
				`nolease,nohandlecache,echo_interval=10,nosharesock,rsize=1048576,iocharset=utf8,` +
				`noperm,uid=0,gid=0,file_mode=0400,dir_mode=0500,ro,nobrl,sign`},
		{"drops write without locks", forDrops, func(*Config) {},
			`ip=192.0.2.7,unc=\\srv\erp,vers=3.1.1,sec=ntlmssp,user=box,pass=pw,soft,cache=none,actimeo=0,closetimeo=0,` +
				`nolease,nohandlecache,echo_interval=10,nosharesock,rsize=1048576,iocharset=utf8,` +
				`noperm,uid=0,gid=0,file_mode=0600,dir_mode=0700,rw,nobrl,sign`},
		{"cards write with locks", forCards, func(*Config) {},
			`ip=192.0.2.7,unc=\\srv\erp,vers=3.1.1,sec=ntlmssp,user=box,pass=pw,soft,cache=none,actimeo=0,closetimeo=0,` +
				`nolease,nohandlecache,echo_interval=10,nosharesock,rsize=1048576,iocharset=utf8,` +
				`noperm,uid=0,gid=0,file_mode=0600,dir_mode=0700,rw,sign`},
		{"every setting", forReading, func(c *Config) {
			c.Domain, c.Port, c.Vers, c.Seal, c.EchoInterval = "LAB", 14450, "3.0", true, 5*time.Second
			c.Snapshot = time.Date(2026, 11, 20, 5, 0, 0, 0, time.FixedZone("EST", -5*3600))
		},
			`ip=192.0.2.7,unc=\\srv\erp,vers=3.0,sec=ntlmssp,user=box,domain=LAB,pass=pw,port=14450,soft,cache=none,actimeo=0,` +
				`closetimeo=0,nolease,nohandlecache,echo_interval=5,nosharesock,rsize=1048576,iocharset=utf8,` +
				`noperm,uid=0,gid=0,file_mode=0400,dir_mode=0500,ro,nobrl,seal,snapshot=134396424000000000`},
		{"commas", forCards, func(c *Config) { c.Password, c.User = ",a,,b,", "x,y" },
			`ip=192.0.2.7,unc=\\srv\erp,vers=3.1.1,sec=ntlmssp,user=x,,y,pass=,,a,,,,b,,,soft,cache=none,actimeo=0,closetimeo=0,` +
				`nolease,nohandlecache,echo_interval=10,nosharesock,rsize=1048576,iocharset=utf8,` +
				`noperm,uid=0,gid=0,file_mode=0600,dir_mode=0700,rw,sign`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := base
			test.change(&c)
			got, err := joinOptions(mountOptions(c, address, test.use))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(test.want, ","), strings.Split(got, ",")); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}

// parseOptions splits as the kernel's client does: at commas, but a doubled comma is a comma of the
// value (smb3_fs_context_parse_monolithic in fs/smb/client/fs_context.c of the kernel).
func parseOptions(s string) []option {
	var opts []option
	var item strings.Builder
	flush := func() {
		key, value, _ := strings.Cut(item.String(), "=")
		opts = append(opts, option{key, value})
		item.Reset()
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != ',':
			item.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == ',':
			item.WriteByte(',')
			i++
		default:
			flush()
		}
	}
	flush()
	return opts
}

func TestOptionsSurviveTheKernelsParser(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-c,="' é\\]{1,12}`)
		c := Config{
			Kind: CIFS, Server: "srv", Share: text.Draw(t, "share"),
			User: text.Draw(t, "user"), Domain: text.Draw(t, "domain"), Password: Secret(text.Draw(t, "password")),
		}
		want := mountOptions(c, address, forReading)
		joined, err := joinOptions(want)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, parseOptions(joined), cmp.AllowUnexported(option{})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestOptionsTooLong(t *testing.T) {
	c := Config{Kind: CIFS, Server: "srv", Share: "erp", User: "box", Password: Secret(strings.Repeat(",", 2000))}
	_, err := joinOptions(mountOptions(c, address, forReading))
	if err == nil || strings.Contains(err.Error(), ",,") {
		t.Errorf("4 KiB of options: %v; want an error without the password", err)
	}
}

func TestRedactedOptions(t *testing.T) {
	c := Config{Kind: CIFS, Server: "srv", Share: "erp", User: "the-user", Domain: "the-domain", Password: "the,password"}
	got := redactOptions(mountOptions(c, address, forReading))
	for _, secret := range []string{"the", "password", "domain="} {
		if secret != "domain=" && strings.Contains(got, secret) {
			t.Errorf("%q shows in %s", secret, got)
		}
	}
	if !strings.Contains(got, "pass=[redacted],soft") || !strings.Contains(got, "vers=3.1.1") {
		t.Errorf("got %s, want everything but the account", got)
	}
}
