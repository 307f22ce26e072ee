package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/storytest"
)

// TestMetrics: a box tells its numbers at the port that is set, of its job by number alone, and until it ends.
func TestMetrics(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	conf := cliFolder(t, "en")
	f, err := os.OpenFile(conf, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(f, "[metrics]\nport = %d\n", port); err != nil {
		t.Fatal(err)
	}
	f.Close()
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() { code, _, _ := cli(ctx, "run", "-config", conf); ended <- code }()
	page := ""
	err = storytest.Until(t.Context(), "the cause of the job at the port", time.Minute, func() bool {
		res, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/metrics", port))
		if err != nil {
			return false
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		page = string(b)
		return err == nil && strings.Contains(page, `syncbox_state{state="degraded"} 1`)
	})
	if err != nil {
		t.Errorf("%v, last was\n%s", err, page)
	}
	for _, want := range []string{"syncbox_uptime_seconds ", "syncbox_memory_resident_bytes ", `syncbox_condition{code="`, `syncbox_job_up{job="1"} `} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	for _, secret := range []string{"north", "NOWHERE", "10234", "PLANTED7KEY", "syncbox.toml"} {
		if strings.Contains(page, secret) {
			t.Errorf("%s stands in\n%s", secret, page)
		}
	}
	end()
	if code := <-ended; code != exitOK {
		t.Errorf("ended with %d", code)
	}
	if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
		conn.Close()
		t.Error("still answers")
	}
}
