package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDeclares(t *testing.T) {
	got, err := declares("x_test.go", `package x
func TestMain(m *testing.M) {}
func TestIt(t *testing.T) {}
func Test(t *testing.T) {}
func Test1(t *testing.T) {}
func Testimony() {}
func FuzzIt(f *testing.F) {}
func BenchmarkIt(b *testing.B) {}
func (s suite) TestOther(t *testing.T) {}
func helpTest(t *testing.T) {}
`)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"TestIt", "Test", "Test1", "FuzzIt"}, got); d != "" {
		t.Errorf("tests (-want +got):\n%s", d)
	}
}

func TestNeverRan(t *testing.T) {
	r := newResults()
	if err := r.add(strings.NewReader(good), new(strings.Builder)); err != nil {
		t.Fatal(err)
	}
	got := r.neverRan([]test{{"p", "TestC"}, {"q", "TestA"}, {"p", "TestA"}, {"p", "TestB"}})
	if want := []string{"p TestC", "q TestA"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTestsOfThisPackage(t *testing.T) {
	all, err := tests(".")
	if err != nil {
		t.Fatal(err)
	}
	if this := (test{"syncbox/firmware/internal/tally", "TestTestsOfThisPackage"}); !slices.Contains(all, this) {
		t.Errorf("%v has not %v", all, this)
	}
}
