package vat_test

import (
	"testing"

	"syncbox/connectors/vat"
)

// Requirement: BOB-5
func TestKey(t *testing.T) {
	for text, want := range map[string]string{
		"BE 0403.170.701": "BE0403170701", "be403170701": "BE0403170701", "403-170/701": "BE0403170701",
		"LU10000356": "LU10000356", "FR 12 345678901": "FR12345678901", "": "", "12-": "", "B1234": "BE00000B1234", "É123": "",
	} {
		if got := vat.Key(text, "BE"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	for text, want := range map[string][2]string{
		" be 0403.170.701 ": {"BE", "0403.170.701"}, "0403170701": {"", "0403170701"}, "": {"", ""}, "BE": {"", "BE"}, "é1": {"", "é1"},
	} {
		prefix, number := vat.Split(text)
		if got := [2]string{prefix, number}; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := vat.Digits("BE0403170701"); got != "403170701" {
		t.Errorf("digits: %q", got)
	}
}
