package sitetest_test

import (
	"testing"

	"syncbox/firmware/internal/sitetest"
)

func TestParseSample(t *testing.T) {
	for line, want := range map[string]sitetest.Sample{
		"bareinit: total_kib=220804 available_kib=203600 err=<nil>\r\n": {Total: 220804, Available: 203600},
		`time=x level=INFO msg=status codes=[] usage.up=9.1s usage.rss_kib=20788 usage.anon_kib=9000 usage.peak_kib=32460 usage.total_kib=220804 usage.available_kib=153000`: {Total: 220804, Available: 153000, RSS: 20788, Anon: 9000, Peak: 32460},
		"msg=status codes=[]": {},
	} {
		if got := sitetest.ParseSample(line); got != want {
			t.Errorf("%s: got %+v, want %+v", line, got, want)
		}
	}
	if got := (sitetest.Sample{Total: 220804, Available: 153000}).Used(); got != 67804 {
		t.Errorf("used: got %v", got)
	}
}
