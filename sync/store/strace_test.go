package store

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// call is one system call that changes files, or makes a change durable.
type call struct {
	name  string
	fd    int
	path  string // of a file that is opened or named
	path2 string // its new name
	flags string
	data  []byte
	at    int64 // of a write at a place, -1 where the file stands; a new size
	got   int
}

// traced are the calls that count; those of the second half would be news, and are not accepted.
const traced = "openat,open,close,pwrite64,write,ftruncate,ftruncate64,fdatasync,fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat" +
	",creat,pwritev,pwritev2,writev,truncate,fallocate,copy_file_range,sendfile,splice,msync,sync_file_range,symlinkat,mkdirat"

// traceOf runs this test program once more, as the child of a name, and gives the system calls by which it
// changed files. strace is the honest witness: it sees what reaches the kernel, and nothing of the product has to
// be arranged for it.
func traceOf(t *testing.T, child string, args ...string) []call {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("strace is not installed")
		}
		t.Skip("strace is not installed")
	}
	trace := filepath.Join(t.TempDir(), "trace")
	cmd := exec.CommandContext(t.Context(), "strace", append([]string{"-f", "-qq", "-xx", "-s", "100000000", "-e", "signal=none",
		"-e", "trace=" + traced, "-o", trace, os.Args[0], "-test.run=^$"}, args...)...)
	cmd.Env = append(os.Environ(), childVar+"="+child)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("traced run: %v\n%s", err, out)
	}
	f, err := os.Open(trace)
	must(t, err)
	defer f.Close()
	calls, err := parse(bufio.NewScanner(f))
	must(t, err)
	return calls
}

var (
	lineForm = regexp.MustCompile(`^(\d+) +(?:<\.\.\. )?(\w+)(?: resumed>)?`)
	hexText  = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?`)
)

// parse reads what strace wrote. A call that was interrupted by another thread's stands on two lines.
func parse(lines *bufio.Scanner) ([]call, error) {
	lines.Buffer(nil, 64<<20)
	begun := map[string]string{}
	var calls []call
	for lines.Scan() {
		line := lines.Text()
		if strings.HasSuffix(line, " <detached ...>") {
			continue // a thread that ended with the process
		}
		m := lineForm.FindStringSubmatch(line)
		if m == nil {
			return nil, fmt.Errorf("trace: %.80q", line)
		}
		id := m[1] + m[2]
		if rest, ok := strings.CutSuffix(line, " <unfinished ...>"); ok {
			begun[id] = rest
			continue
		}
		if _, rest, ok := strings.Cut(line, " resumed>"); ok {
			line = begun[id] + rest
		}
		c, ok, err := parseCall(m[2], line)
		if err != nil {
			return nil, fmt.Errorf("trace: %.80q: %w", line, err)
		}
		if ok {
			calls = append(calls, c)
		}
	}
	return calls, lines.Err()
}

// parseCall reads one call; false if it did not succeed.
func parseCall(name, line string) (call, bool, error) {
	end := strings.LastIndex(line, ") ")
	_, result, _ := strings.Cut(line[max(end, 0):], "= ")
	result, _, _ = strings.Cut(result, " ")
	got, err := strconv.Atoi(result)
	if err != nil || end < 0 {
		return call{}, false, fmt.Errorf("result %q", result)
	}
	if got < 0 {
		return call{}, false, nil
	}
	args := line[strings.IndexByte(line, '(')+1 : end]
	var texts []string
	for _, m := range hexText.FindAllStringSubmatch(args, -1) {
		b, err := hex.DecodeString(strings.ReplaceAll(m[1], `\x`, ""))
		if err != nil || m[2] != "" {
			return call{}, false, fmt.Errorf("text is not whole: %v", err)
		}
		texts = append(texts, string(b))
	}
	plain := strings.Split(hexText.ReplaceAllString(args, "_"), ", ")
	number := func(i int) int64 {
		n, convErr := strconv.ParseInt(plain[i], 10, 64)
		if convErr != nil && err == nil {
			err = convErr
		}
		return n
	}
	c := call{name: strings.TrimSuffix(name, "64"), got: got, at: -1}
	switch c.name {
	case "open", "openat":
		c.name, c.path, c.flags, c.fd = "openat", texts[0], args, got
	case "rename", "link":
		c.path, c.path2 = texts[0], texts[1]
	case "renameat", "renameat2", "linkat":
		c.name = strings.TrimSuffix(strings.TrimSuffix(c.name, "2"), "at")
		c.path, c.path2 = texts[0], texts[1]
	case "unlink", "unlinkat":
		c.name, c.path = "unlink", texts[0]
	case "pwrite":
		c.fd, c.data, c.at = int(number(0)), []byte(texts[0]), number(3)
	case "write":
		c.fd, c.data = int(number(0)), []byte(texts[0])
	case "ftruncate":
		c.fd, c.at = int(number(0)), number(1)
	case "close", "fsync", "fdatasync":
		c.fd = int(number(0))
	default:
		return c, false, fmt.Errorf("unknown call %s", name)
	}
	if len(c.data) > 0 && got != len(c.data) {
		return c, false, fmt.Errorf("%d of %d bytes written", got, len(c.data))
	}
	return c, true, err
}
