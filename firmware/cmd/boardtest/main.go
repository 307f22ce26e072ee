// Command boardtest tries out a board with the box on it: it drives the service console over a serial port, asks the person
// who stands there what he sees, and ends with one line for each check.
//
//	go run ./firmware/cmd/boardtest -port /dev/ttyUSB0 [-lang en]
//
// A 3.3 V serial adapter is on pins 6 (ground), 8 and 10 of the header; see image/README.md. The set-up code of the label
// is asked for and shown nowhere. Nothing is erased, and no setting is changed.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"syncbox/board"
	"syncbox/firmware/internal/locale"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "boardtest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("boardtest", flag.ContinueOnError)
	port := flags.String("port", "", "device `file` of the serial adapter")
	language := flags.String("lang", "fr-CA", "fr-CA or en")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *port == "" {
		return fmt.Errorf("-port is needed, such as /dev/ttyUSB0")
	}
	line, err := board.OpenSerial(*port, board.Baud)
	if err != nil {
		return err
	}
	defer line.Close()
	p, err := locale.New(*language, nil)
	if err != nil {
		return err
	}
	t := newTest(line, p, &atKeyboard{in: bufio.NewReader(os.Stdin), out: os.Stdout})
	return report(os.Stdout, t.all(ctx))
}

// atKeyboard is a person at a terminal.
type atKeyboard struct {
	in  *bufio.Reader
	out io.Writer
}

// Tell shows a text.
func (k *atKeyboard) Tell(_, text string) { fmt.Fprintln(k.out, text) }

// Ask shows a question and gives what is typed.
func (k *atKeyboard) Ask(_, text string) (string, error) {
	fmt.Fprint(k.out, text, " ")
	answer, err := k.in.ReadString('\n')
	return strings.TrimSpace(answer), err
}

// report prints one line for each check and one with their number. It is an error when one failed.
func report(out io.Writer, all []result) error {
	n := map[outcome]int{}
	for _, r := range all {
		n[r.outcome]++
		fmt.Fprintln(out, strings.TrimSpace(fmt.Sprintf("board-test %s %s %s", r.name, r.outcome, r.detail)))
	}
	fmt.Fprintf(out, "board-test checks=%d ok=%d failed=%d skipped=%d\n", len(all), n[passed], n[failed], n[skipped])
	if n[failed] > 0 || n[passed] == 0 {
		return fmt.Errorf("%d of %d checks failed", n[failed], len(all))
	}
	return nil
}
