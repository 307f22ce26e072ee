package mutants_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"syncbox/sync/sim/mutants"
)

// product stands for the simulator with the engine in it.
const product = `package main

import "fmt"

const three = 3

type sum struct{ n int }

func (s *sum) add(more ...int) {
	for _, n := range more {
		s.n += n
	}
}

func (sum) zero() int { return 0 }

func twice(n int) (m int) {
	m = 2 * n
	return m
}

func first(n, _ int) int { return n }

func same[T any](v T) T { return v }

func init() { one = 1 }

func init() { two = 2 }

var one, two int

func main() {
	var s sum
	s.add(one, two, three, twice(4), first(5, 6), same(7), s.zero())
	fmt.Print(s.n)
}
`

// TestTogether: a mutant of the program that has many in it does what it does in a program of its own; what changes more than the
// insides of functions gets one of its own.
func TestTogether(t *testing.T) {
	root, dir := t.TempDir(), t.TempDir()
	const file = "sync/sim/cmd/sim/main.go"
	if err := os.MkdirAll(filepath.Join(root, "sync/sim/cmd/sim"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"go.mod": "module syncbox\n\ngo 1.26\n", file: product} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mutant := func(name string, texts ...string) mutants.Mutant {
		m := mutants.Mutant{Name: name}
		for i := 0; i < len(texts); i += 2 {
			m.Edits = append(m.Edits, mutants.Edit{File: file, Old: texts[i], New: texts[i+1]})
		}
		return m
	}
	cases := []struct {
		mutants.Mutant
		fits bool
		want string
	}{
		{mutant("method", "s.n += n", "s.n -= n"), true, "-26"},
		{mutant("method-again", "s.n += n", "s.n += n + 1"), true, "33"},
		{mutant("result-with-a-name", "m = 2 * n", "m = 20 * n"), true, "98"},
		{mutant("two-functions", "s.n += n", "s.n += 2 * n", "m = 2 * n", "m = 3 * n"), true, "60"},
		{mutant("constant", "three = 3", "three = 4"), false, ""},
		{mutant("import", `import "fmt"`, "import (\n\t\"fmt\"\n\t\"math\"\n)", "2 * n", "n + int(math.Abs(1))"), false, ""},
		{mutant("parameter-without-name", "return n }", "return n + 1 }"), false, ""},
		{mutant("receiver-without-name", "return 0", "return 1"), false, ""},
		{mutant("type-parameter", "return v }", "var none T; return none }"), false, ""},
		{mutant("beginning", "one = 1 }", "one = 2 }"), false, ""},
		{mutant("more", "func main() {", "func more() {}\n\nfunc main() {\n\tmore()"), false, ""},
	}
	var all []mutants.Mutant
	for _, tt := range cases {
		all = append(all, tt.Mutant)
	}
	together, err := mutants.Join(root, all)
	if err != nil {
		t.Fatal(err)
	}
	joined, err := together.Build(t.Context(), root, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range cases {
		t.Run(tt.Name, func(t *testing.T) {
			if got := together.Has(tt.Name); got != tt.fits {
				t.Fatalf("is one of them: %v, want %v", got, tt.fits)
			}
			if !tt.fits {
				return
			}
			program, err := mutants.Program(joined, dir, tt.Name)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := exec.Command(program).Output(); err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
	if got, err := exec.Command(joined).Output(); err != nil || string(got) != "26" {
		t.Errorf("none of them: got %s, %v", got, err)
	}
}
