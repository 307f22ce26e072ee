package survey_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/firmware/internal/storytest"
	"syncbox/firmware/internal/survey"
)

// The password is on no command line and in no environment while a child is at work, nor in the log.
func TestTheSecretStaysOnThePipe(t *testing.T) {
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	asked := make(chan net.Conn)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			asked <- c
		}
	}()
	var log bytes.Buffer
	h := &survey.Helper{Memory: room, Log: slog.New(slog.NewTextHandler(&log, nil))}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := h.Steps(ctx, survey.StepsRequest{Target: survey.Target{Server: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port,
			User: "u", Password: secret}}, nil)
		ended <- err
	}()
	(<-asked).Close() // the port is tried
	conn := <-asked   // the server is asked, and is silent
	defer conn.Close()
	ids := children(t)
	if len(ids) != 1 {
		t.Fatalf("%d children are at work", len(ids))
	}
	for _, name := range []string{"cmdline", "environ"} {
		text := must(os.ReadFile(fmt.Sprintf("/proc/%d/%s", ids[0], name)))(t)
		if bytes.Contains(text, []byte(secret)) || bytes.Contains(text, []byte("PATH=")) {
			t.Errorf("%s holds what it must not, in %d bytes", name, len(text))
		}
	}
	// Process 1 begins before /proc is there, and can't be told its own name later.
	if line := must(os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", ids[0])))(t); !bytes.HasPrefix(line, []byte("/proc/self/exe\x00")) {
		t.Errorf("the child is %q", line)
	}
	limits := string(must(os.ReadFile(fmt.Sprintf("/proc/%d/limits", ids[0])))(t))
	if !raced && !strings.Contains(limits, "Max data size             201326592            201326592") {
		t.Errorf("the child is not bound:\n%s", limits)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left := children(t); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
	if strings.Contains(log.String(), secret) {
		t.Errorf("the log says %s", log.String())
	}
}

// children gives the processes that this one has started and not yet fetched.
func children(t testing.TB) (ids []int) {
	t.Helper()
	lists := must(filepath.Glob("/proc/self/task/*/children"))(t)
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread may have ended
		for _, id := range strings.Fields(string(text)) {
			n := must(strconv.Atoi(id))(t)
			if line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", n)); bytes.HasSuffix(line, []byte("\x00survey\x00")) {
				ids = append(ids, n)
			}
		}
	}
	return ids
}

// script is a program that stands for a child which is not what it should be.
func script(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "child")
	check(t, os.WriteFile(name, []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	return name
}

// Whatever a child does, the box hears of it and goes on.
func TestChildrenGoWrong(t *testing.T) {
	tests := []struct {
		name, program string
		time          time.Duration
		want          string
	}{
		{"there is none", "/no/such/program", time.Minute, survey.CodeNotStarted},
		{"ends at once", script(t, "exit 3"), time.Minute, survey.CodeDied},
		{"killed", script(t, "kill -9 $$"), time.Minute, survey.CodeDied},
		{"ends without the last word", script(t, `echo '{"Progress":{"Done":1,"Of":2}}'`), time.Minute, survey.CodeDied},
		{"rubbish", script(t, "echo hello; cat"), time.Minute, survey.CodeGarbled},
		{"half a line", script(t, `printf '{"Progress":'`), time.Minute, survey.CodeGarbled},
		{"a line without end", script(t, "cat /dev/zero"), time.Minute, survey.CodeGarbled},
		{"lines without end", script(t, `while echo '{"Progress":{"Done":1,"Of":2}}'; do :; done`), time.Minute, survey.CodeGarbled},
		{"a last word, then no end", script(t, `echo '{"Done":true}'; sleep 1000`), time.Minute, ""},
		{"does nothing", script(t, "sleep 1000"), 300 * time.Millisecond, survey.CodeSlow},
		{"leaves another process behind", script(t, "sleep 1000 & exit 0"), 300 * time.Millisecond, survey.CodeSlow},
		{"screams", script(t, "head -c 10000000 /dev/zero >&2; exit 1"), time.Minute, survey.CodeDied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			h := &survey.Helper{Program: tt.program, Time: tt.time, Log: slog.New(slog.NewTextHandler(&log, nil))}
			_, err := h.Sweep(t.Context(), survey.SweepRequest{}, nil)
			if tt.want == "" && err == nil {
				return
			}
			if connectors.CodeOf(err) != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if log.Len() > 2000 {
				t.Errorf("the log has %d bytes of it", log.Len())
			}
			h.Program = script(t, `echo '{"Done":true}'`)
			if _, err := h.Sweep(t.Context(), survey.SweepRequest{}, nil); err != nil {
				t.Errorf("the next one fails: %v", err)
			}
		})
	}
	if left := children(t); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
}

// What a child has started ends with it.
func TestTheWholeGroupEnds(t *testing.T) {
	left := 0
	h := &survey.Helper{Program: script(t, `sleep 1000 >/dev/null & echo '{"Progress":{"Done":'$!'}}'; echo '{"Done":true}'`)}
	_, err := h.Sweep(t.Context(), survey.SweepRequest{}, func(p survey.Progress) { left = p.Done })
	check(t, err)
	check(t, storytest.Until(t.Context(), "the other one has ended", time.Minute, func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", left))
		return err != nil || strings.Contains(string(stat), ") Z ")
	}))
}

// named is this program by another name.
func named(t testing.TB, name string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), name)
	check(t, os.Symlink(must(os.Executable())(t), link))
	return link
}

// A child that asks for memory without end is refused it, and only it ends.
func TestMemoryIsBound(t *testing.T) {
	for name, program := range map[string]string{
		"a Go program": named(t, "greedy"),
		"any other":    script(t, `exec awk 'BEGIN { s = "xxxxxxxxxxxxxxxx"; while (1) s = s s }'`),
	} {
		_, err := (&survey.Helper{Program: program}).Sweep(t.Context(), survey.SweepRequest{}, nil)
		if connectors.CodeOf(err) != survey.CodeDied {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var used syscall.Rusage
	check(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &used))
	if used.Maxrss > 256<<10 { // KiB
		t.Errorf("a child had %d KiB", used.Maxrss)
	}
}

// How the runtime ends a child is in the log, and nothing else that it said.
func TestLastWords(t *testing.T) {
	for _, tt := range []struct {
		program string
		memory  int64
		want    string
	}{
		{named(t, "clumsy"), room, `words="panic: runtime error: index out of range`},
		{named(t, "greedy"), 0, `words="(fatal error|runtime)`},
		{script(t, "echo the password is "+secret+" >&2; exit 1"), 0, `status="exit status 1" words=""`},
	} {
		var log bytes.Buffer
		h := &survey.Helper{Program: tt.program, Memory: tt.memory, Log: slog.New(slog.NewTextHandler(&log, nil))}
		if _, err := h.Sweep(t.Context(), survey.SweepRequest{}, nil); connectors.CodeOf(err) != survey.CodeDied {
			t.Errorf("got %v", err)
		}
		if !regexp.MustCompile(tt.want).MatchString(log.String()) || strings.Contains(log.String(), secret) {
			t.Errorf("got %s, want %s", log.String(), tt.want)
		}
	}
}
