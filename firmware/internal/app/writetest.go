package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"syncbox/connectors/acomba"
)

// writeTest is the file that remembers a technician's write test, under way or confirmed.
type writeTest struct {
	Pending   *acomba.WriteTest         `json:"pending,omitempty"`
	Confirmed *acomba.WriteConfirmation `json:"confirmed,omitempty"`
}

func writeTestPath(dir string) string { return filepath.Join(dir, "write-test.json") }

func loadWriteTest(dir string) (writeTest, error) {
	var t writeTest
	b, err := os.ReadFile(writeTestPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return t, fmt.Errorf("read write test: %w", err)
	}
	if err := json.Unmarshal(b, &t); err != nil {
		return t, fmt.Errorf("read write test: %w", err)
	}
	return t, nil
}

func (t writeTest) save(dir string) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if err := renameio.WriteFile(writeTestPath(dir), b, 0o600); err != nil {
		return fmt.Errorf("keep write test: %w", err)
	}
	return nil
}

// ErrNoWriteTest means that the job writes no cards, so that there is nothing to confirm, or that no test
// is under way.
var ErrNoWriteTest = errors.New("there is no write test to do")

// StartWriteTest writes a harmless mark into a test customer's card, for a technician to see in Acomba and
// to answer. It gives what the technician is to look for and to type.
func (j *Job) StartWriteTest(ctx context.Context, number string) (acomba.WriteTest, error) {
	var test acomba.WriteTest
	err := j.withWriter(ctx, func(w *acomba.Writer) error {
		var err error
		test, err = w.StartWriteTest(ctx, number, func(t acomba.WriteTest) error { return writeTest{Pending: &t}.save(j.dir) })
		return err
	})
	return test, err
}

// CheckWriteTest reads the technician's answer, puts the field back, and keeps the confirmation. The job
// then starts again with it.
func (j *Job) CheckWriteTest(ctx context.Context, seen acomba.Seen) error {
	t, err := loadWriteTest(j.dir)
	if err != nil {
		return err
	}
	if t.Pending == nil {
		return ErrNoWriteTest
	}
	err = j.withWriter(ctx, func(w *acomba.Writer) error {
		confirmed, err := w.CheckWriteTest(ctx, *t.Pending, seen)
		if err != nil {
			return err
		}
		return writeTest{Confirmed: &confirmed}.save(j.dir)
	})
	if err == nil {
		j.restart()
	}
	return err
}

// withWriter runs fn while the engine holds nothing in its hands.
func (j *Job) withWriter(ctx context.Context, fn func(*acomba.Writer) error) error {
	e, _, err := j.Engine()
	if err != nil {
		return err
	}
	w := j.writer()
	if w == nil {
		return ErrNoWriteTest
	}
	ctx, cancel := context.WithTimeout(ctx, doFor)
	defer cancel()
	return e.Between(ctx, func() error { return fn(w) })
}
