// Command requirements lists what the customer asked for and what covers it.
//
// The ids and their meaning stand in docs/requirements.tsv, with the documents that answer them.
// A test names the ids it covers in its doc comment, a scenario in a comment of its own:
//
//	// Requirement: ACO-57, ACO-58        (*_test.go)
//	# Requirement: ACO-57                 (*.txtar)
//
// An id with a test is tested, one with a document is documented, it may be both; the rest is open.
// An id that the list does not know, or a comment that belongs to no test, is an error: exit code 1.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", ".", "`folder` of the module")
	flag.Parse()
	err := report(os.Stdout, os.DirFS(*root))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
