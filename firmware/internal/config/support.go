package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
)

// Support says where support is found. The zero value is a box that has no support from afar.
type Support struct {
	// Brokers are host:port of the brokers of the channel to support, any of which will do; none = no channel.
	Brokers []string
	// EST is where the box has its certificate made and renewed (RFC 7030); nil = nowhere.
	EST *url.URL
	// HomeAssistant says that the box makes itself known at the broker to Home Assistant.
	HomeAssistant bool
}

type fileSupport struct {
	Broker []string `toml:"broker"`
	EST    string   `toml:"est"`
	// HomeAssistant is off by default.
	HomeAssistant bool `toml:"home_assistant"`
}

// mostBrokers is how many brokers are tried; brokerPort is that of MQTT over TLS.
const (
	mostBrokers = 4
	brokerPort  = "8883"
)

func (f *fileSupport) convert() (Support, error) {
	s := Support{HomeAssistant: f.HomeAssistant}
	if len(f.Broker) > mostBrokers {
		return Support{}, keyError("support.broker", "", fmt.Sprintf("want at most %d", mostBrokers))
	}
	for _, text := range f.Broker {
		host, ok := BrokerAddress(text)
		if !ok {
			return Support{}, keyError("support.broker", "", `want addresses such as "mqtts://support.example.org", without a name or a password`)
		}
		if !slices.Contains(s.Brokers, host) {
			s.Brokers = append(s.Brokers, host)
		}
	}
	if f.EST == "" {
		return s, nil
	}
	est, err := url.Parse(f.EST)
	if err != nil || est.Scheme != "https" || est.Hostname() == "" || est.User != nil || est.RawQuery != "" || est.Fragment != "" {
		return Support{}, keyError("support.est", "", `want an address such as "https://est.example.org/", without a name, a password or a question mark`)
	}
	s.EST = est
	return s, nil
}

// BrokerAddress reads an address such as "mqtts://support.example.org" into host:port, by default port 8883, and says whether it is
// one. There is no form without TLS.
func BrokerAddress(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "mqtts" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Path != "" && u.Path != "/" {
		return "", false
	}
	port := u.Port()
	if port == "" {
		port = brokerPort
	}
	return net.JoinHostPort(u.Hostname(), port), true
}

// table writes where support is found as it stands in a file; nothing where there is none.
func (s Support) table() string {
	text := ""
	if len(s.Brokers) > 0 {
		var all []string
		for _, b := range s.Brokers {
			all = append(all, "mqtts://"+b)
		}
		text += "broker = " + literal(all) + "\n"
	}
	if s.EST != nil {
		text += "est = " + literal(s.EST.String()) + "\n"
	}
	if text == "" {
		return ""
	}
	return "\n[support]\n" + text
}
