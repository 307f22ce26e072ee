package child_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"

	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/survey/child"
)

// A request that makes no sense is refused, and its text, which may hold a password, is in no message.
func TestRefusals(t *testing.T) {
	for name, in := range map[string]string{
		"nothing":       "",
		"no line":       `{"Sweep":{}}`,
		"no JSON":       `{"Password":"S3cret"` + "\n",
		"wrong type":    `{"Sweep":{},"Password":["S3cret"]}` + "\n",
		"asks nothing":  `{"Password":"S3cret"}` + "\n",
		"without end":   strings.Repeat("S3cret", 100_000),
		"no own layout": `{"Steps":{"Server":"S","Layout":"/no/such/file"},"Password":"S3cret"}` + "\n",
	} {
		var out bytes.Buffer
		err := child.Run(t.Context(), strings.NewReader(in), &out)
		if err == nil || strings.Contains(err.Error(), "S3cret") {
			t.Errorf("%s: got %v", name, err)
		}
		if out.Len() != 0 {
			t.Errorf("%s: told %s", name, &out)
		}
	}
}

// Work is told line by line, and done at the end.
func TestTells(t *testing.T) {
	in, request := io.Pipe()
	defer request.Close()
	go io.WriteString(request, `{"Sweep":{"Addresses":["127.0.0.200","127.0.0.201"],"Port":1}}`+"\n")
	var out bytes.Buffer
	if err := child.Run(t.Context(), in, &out); err != nil {
		t.Fatal(err)
	}
	var lines []survey.Line
	for d := json.NewDecoder(&out); d.More(); {
		var l survey.Line
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	if len(lines) != 3 || lines[1].Progress.Done != 2 || lines[1].Progress.Of != 2 || !lines[2].Done || lines[0].Done {
		t.Errorf("got %+v", lines)
	}
}

// It ends where nobody listens any more, and says nothing then: the box is gone.
func TestEndsWithItsInput(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	in, request := io.Pipe()
	text, err := json.Marshal(survey.Request{Steps: &survey.StepsRequest{Target: survey.Target{Server: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}}})
	if err != nil {
		t.Fatal(err)
	}
	go request.Write(append(text, '\n'))
	ended := make(chan error)
	var out bytes.Buffer
	go func() { ended <- child.Run(context.Background(), in, &out) }()
	for range 2 { // the port is tried, and then the server asked, which is silent
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	request.Close()
	if err := <-ended; err == nil {
		t.Error("it went on")
	}
	if !strings.Contains(out.String(), `"Stage":"port"`) || strings.Contains(out.String(), `"Done":true`) {
		t.Errorf("told %s", &out)
	}
}
