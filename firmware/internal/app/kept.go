package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/durable"
)

// kept is a small file of a job's folder, for the box alone. Two of the same path are equal, so that whoever writes it
// waits for whoever else does.
type kept struct{ path string }

// Load gives what was saved last; nil if nothing was.
func (k kept) Load() ([]byte, error) {
	b, err := os.ReadFile(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// Save is durable when it returns nil. The job may never have run, so that it has no folder yet.
func (k kept) Save(b []byte) error {
	if err := os.MkdirAll(filepath.Dir(k.path), 0o700); err != nil {
		return err
	}
	return durable.WriteFile(k.path, b, 0o600)
}

// bound is the file of a connection's tokens. They are bound to where they came from: whoever names another relay gets none
// of them sent there, and has to connect again.
type bound struct {
	file kept
	to   string
}

type boundFile struct {
	To     string          `json:"to"`
	Tokens json.RawMessage `json:"tokens"`
}

// Load gives the tokens; nil if there are none, or if they came from elsewhere.
func (b bound) Load() ([]byte, error) {
	text, err := b.file.Load()
	if err != nil || text == nil {
		return nil, err
	}
	var f boundFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, errors.New("what was kept can't be read") // the text of the error could show a token
	}
	if f.To != b.to {
		return nil, nil
	}
	return f.Tokens, nil
}

// Save keeps the tokens.
func (b bound) Save(tokens []byte) error {
	text, err := json.Marshal(boundFile{b.to, tokens})
	if err != nil {
		return errors.New("what is to be kept is no JSON")
	}
	return b.file.Save(text)
}

// The files of a job with QuickBooks.
const (
	tokensFile = "quickbooks.json"
	readsFile  = "quickbooks-reads.json"
)

// tokensOf gives where the tokens of a job are kept.
func tokensOf(dir string, c quickbooks.Config) quickbooks.Tokens {
	return bound{kept{filepath.Join(dir, tokensFile)}, fmt.Sprintf("%s %s %s %s", c.RelayURL, c.ClientID, c.AuthURL, c.BaseURL)}
}

func jobDir(box config.Box, job string) string { return filepath.Join(box.Data, job) }
