package mutants

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Together is one simulator that contains many mutants: a function that mutants change is there once more for each of them, and as it
// is called asks which one this is. What a build costs, all of them cost once.
type Together struct {
	in    map[string]bool // the mutants that it contains
	files map[string]*shared
}

// shared is a file of the product with the functions of several mutants in it.
type shared struct {
	text     string
	fset     *token.FileSet
	ast      *ast.File
	funcs    map[string]*ast.FuncDecl
	asks     map[int]string // what comes in at an offset of the text: the beginning of a function's body
	variants []string
}

// chosen is the variable by which a mutated function asks. It comes of the name of the folder that the program is started from.
const chosen = "mutantOfThisProgram"

// Join puts the mutants together that fit: which change only the insides of functions, all of whose parameters have names.
func Join(root string, all []Mutant) (*Together, error) {
	t := &Together{in: map[string]bool{}, files: map[string]*shared{}}
	for _, m := range all {
		if err := t.add(root, m); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Has says whether a mutant is one of them.
func (t *Together) Has(name string) bool { return t.in[name] }

// add takes a mutant in if every change of it fits.
func (t *Together) add(root string, m Mutant) error {
	changed, err := m.Apply(root)
	if err != nil {
		return err
	}
	apply := make([]func(), 0, len(changed))
	for _, file := range slices.Sorted(maps.Keys(changed)) {
		s, err := t.file(root, file)
		if err != nil {
			return err
		}
		add, fits := s.join(m.Name, changed[file])
		if !fits {
			return nil
		}
		apply = append(apply, add)
	}
	for _, add := range apply {
		add()
	}
	t.in[m.Name] = true
	return nil
}

// file reads a file of the product the first time it is asked for.
func (t *Together) file(root, name string) (*shared, error) {
	if s := t.files[name]; s != nil {
		return s, nil
	}
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	s := &shared{text: string(b), fset: token.NewFileSet(), asks: map[int]string{}}
	if s.ast, err = parser.ParseFile(s.fset, name, b, parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	s.funcs, _ = functions(s.fset, s.ast, s.text)
	t.files[name] = s
	return s, nil
}

// functions gives those of a file by what stands before their bodies, and the text without those.
func functions(fset *token.FileSet, f *ast.File, text string) (map[string]*ast.FuncDecl, string) {
	found, rest, at := map[string]*ast.FuncDecl{}, "", 0
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && fn.Name.Name != "init" && fn.Name.Name != "_" { // of those there may be several
			from, to := fset.Position(fn.Body.Pos()).Offset, fset.Position(fn.Body.End()).Offset
			head := text[fset.Position(fn.Pos()).Offset:from]
			found[head] = fn
			rest, at = rest+text[at:from], to
		}
	}
	return found, rest + text[at:]
}

// join gives what takes a mutant's text of the file in; fits is false if that changes more than bodies of functions that can be called again.
func (s *shared) join(mutant, text string) (add func(), fits bool) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "mutant.go", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	funcs, outside := functions(fset, f, text)
	if _, was := functions(s.fset, s.ast, s.text); outside != was {
		return nil, false
	}
	asks, variants := map[int]string{}, []string{}
	for head, fn := range funcs {
		body := text[fset.Position(fn.Body.Pos()).Offset:fset.Position(fn.Body.End()).Offset]
		was := s.funcs[head].Body
		at := s.fset.Position(was.Pos()).Offset
		if body == s.text[at:s.fset.Position(was.End()).Offset] {
			continue
		}
		name := fmt.Sprintf("%s_%s", fn.Name.Name, strings.ReplaceAll(mutant, "-", "_"))
		call, ok := callOf(fn, name)
		if !ok {
			return nil, false
		}
		asks[at+1] = fmt.Sprintf(" if %s == %q { %s };", chosen, mutant, call)
		called := fset.Position(fn.Name.Pos()).Offset - fset.Position(fn.Pos()).Offset
		variants = append(variants, head[:called]+name+head[called+len(fn.Name.Name):]+body)
	}
	return func() {
		for at, ask := range asks {
			s.asks[at] += ask
		}
		s.variants = append(s.variants, variants...)
	}, true
}

// callOf is the call by which a function hands all it was given on to another of the same parameters.
func callOf(fn *ast.FuncDecl, name string) (string, bool) {
	if fn.Type.TypeParams != nil {
		return "", false
	}
	var args []string
	for _, p := range fn.Type.Params.List {
		for _, n := range p.Names {
			args = append(args, n.Name)
		}
		if _, variadic := p.Type.(*ast.Ellipsis); variadic && len(p.Names) > 0 {
			args[len(args)-1] += "..."
		}
		if len(p.Names) == 0 {
			return "", false
		}
	}
	if fn.Recv != nil {
		of := fn.Recv.List[0].Names
		if len(of) == 0 || of[0].Name == "_" {
			return "", false
		}
		name = of[0].Name + "." + name
	}
	call := name + "(" + strings.Join(args, ", ") + ")"
	if fn.Type.Results == nil {
		return call + "; return", !slices.Contains(args, "_")
	}
	return "return " + call, !slices.Contains(args, "_")
}

// Text gives every changed file by its path from root, and for each of their packages one more file, with the variable.
func (t *Together) Text() (map[string]string, error) {
	all := map[string]string{}
	for name, s := range t.files {
		if len(s.asks) == 0 {
			continue
		}
		text, err := s.joined()
		if err != nil {
			return nil, fmt.Errorf("%s with its mutants: %w", name, err)
		}
		all[name] = text
		all[path.Dir(name)+"/mutant_of_this_program.go"] = "package " + s.ast.Name.Name + "\n\nimport (\n\t\"os\"\n\t\"path/filepath\"\n)\n\nvar " +
			chosen + " = filepath.Base(filepath.Dir(os.Args[0]))\n"
	}
	return all, nil
}

// joined is the file with all that came in.
func (s *shared) joined() (string, error) {
	var b bytes.Buffer
	at := 0
	for _, next := range slices.Sorted(maps.Keys(s.asks)) {
		b.WriteString(s.text[at:next] + s.asks[next])
		at = next
	}
	b.WriteString(s.text[at:] + "\n" + strings.Join(s.variants, "\n\n") + "\n")
	text, err := format.Source(b.Bytes())
	return string(text), err
}

// Build builds them under dir, and gives the program's path; Program makes one mutant of it.
func (t *Together) Build(ctx context.Context, root, dir string) (string, error) {
	changed, err := t.Text()
	if err != nil {
		return "", err
	}
	return build(ctx, root, filepath.Join(dir, "together"), "together", changed)
}

// Program gives the path under dir by which the program that has them all is the mutant of that name.
func Program(together, dir, name string) (string, error) {
	of := filepath.Join(dir, name)
	if err := os.Mkdir(of, 0o700); err != nil {
		return "", err
	}
	program := filepath.Join(of, "sim")
	return program, os.Symlink(together, program)
}
