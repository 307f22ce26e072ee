package debian

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// debianKeyring signs Debian's archive; used where an entry of the machine names no key.
const debianKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// debianSources gives a deb822 text with those entries of the machine's own package sources that
// are Debian's for codename, restricted to binary packages of main and told for suite.
//
// An entry is Debian's when it serves the suite itself, its -updates or its -security, has the
// component main, and is signed by Debian's keyring or names none. Formats: sources.list(5).
func debianSources(aptDir, codename, suite string) (string, error) {
	entries, err := readEntries(aptDir)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, e := range entries {
		if suites := e.debianSuites(codename, suite); len(suites) > 0 {
			e.write(&out, suites)
		}
	}
	if out.Len() == 0 {
		return "", fmt.Errorf("no Debian entry for %s in %s", codename, aptDir)
	}
	return out.String(), nil
}

// entry is one paragraph of a .sources file or one line of a .list file.
type entry map[string]string

func readEntries(aptDir string) ([]entry, error) {
	paths := []string{filepath.Join(aptDir, "sources.list")}
	for _, pattern := range []string{"*.list", "*.sources"} {
		m, err := filepath.Glob(filepath.Join(aptDir, "sources.list.d", pattern))
		if err != nil {
			return nil, err
		}
		paths = append(paths, m...)
	}
	var all []entry
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(p, ".sources") {
			all = append(all, parseDeb822(string(b))...)
		} else {
			all = append(all, parseList(string(b))...)
		}
	}
	return all, nil
}

// parseDeb822 reads paragraphs of "Name: value" with continuation lines.
func parseDeb822(text string) []entry {
	var all []entry
	e, last := entry{}, ""
	for line := range strings.Lines(text + "\n\n") {
		line = strings.TrimRight(line, " \t\r\n")
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "":
			if len(e) > 0 {
				all = append(all, e)
			}
			e, last = entry{}, ""
		case line[0] == ' ' || line[0] == '\t':
			e[last] += "\n" + line
		default:
			name, value, _ := strings.Cut(line, ":")
			last = strings.ToLower(name)
			e[last] = strings.TrimSpace(value)
		}
	}
	return all
}

// parseList reads lines of "deb [option=value …] uri suite component …".
func parseList(text string) []entry {
	var all []entry
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		e := entry{}
		if before, rest, ok := strings.Cut(line, "["); ok {
			options, after, _ := strings.Cut(rest, "]")
			for _, o := range strings.Fields(options) {
				name, value, _ := strings.Cut(o, "=")
				e[strings.ToLower(name)] = value
			}
			line = before + after
		}
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		e["types"], e["uris"], e["suites"], e["components"] = f[0], f[1], f[2], strings.Join(f[3:], " ")
		all = append(all, e)
	}
	return all
}

// debianSuites gives the suites of e that are Debian's, with codename told as suite.
func (e entry) debianSuites(codename, suite string) []string {
	if !has(e["types"], "deb") || !has(e["components"], "main") || e["enabled"] == "no" {
		return nil
	}
	key := e["signed-by"]
	if strings.HasPrefix(key, "/") && !strings.Contains(key, "debian-archive") {
		return nil
	}
	var out []string
	for _, s := range strings.Fields(e["suites"]) {
		switch s {
		case codename, codename + "-updates", codename + "-security":
			out = append(out, suite+strings.TrimPrefix(s, codename))
		}
	}
	return out
}

func has(list, word string) bool {
	for _, f := range strings.Fields(list) {
		if f == word {
			return true
		}
	}
	return false
}

func (e entry) write(out *strings.Builder, suites []string) {
	fmt.Fprintf(out, "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n", e["uris"], strings.Join(suites, " "))
	switch {
	case e["trusted"] != "":
		fmt.Fprintf(out, "Trusted: %s\n", e["trusted"])
	case e["signed-by"] != "":
		fmt.Fprintf(out, "Signed-By: %s\n", e["signed-by"])
	default:
		fmt.Fprintf(out, "Signed-By: %s\n", debianKeyring)
	}
	out.WriteByte('\n')
}

// osCodename reads VERSION_CODENAME of an os-release(5) file.
func osCodename(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "VERSION_CODENAME="); ok {
			return strings.Trim(v, `"'`), nil
		}
	}
	return "", fmt.Errorf("read %s: no VERSION_CODENAME", path)
}
