package order

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"syncbox/ota/bundle"
)

// Version of the payload that this package reads and writes.
const Version = 1

// Order is the payload of an envelope. Fields that it doesn't know are ignored.
type Order struct {
	V         int             `json:"v"`
	ID        string          `json:"id"` // ULID, see NewID
	To        string          `json:"to"` // "box:NAME" or "grp:NAME"
	Op        Op              `json:"op"`
	Args      json.RawMessage `json:"args,omitempty"`
	Issued    int64           `json:"iat"` // this and the next two: Unix seconds
	NotBefore int64           `json:"nbf"`
	Expires   int64           `json:"exp"`
	Seq       int64           `json:"seq"` // issue time in milliseconds; grows from order to order of a role
	Prev      string          `json:"prev,omitempty"`
	Role      Role            `json:"role"`

	// Target is in Args of Desired, Downgrade and Rollout, Wave in those of Rollout; nil for any other.
	Target *Target `json:"-"`
	Wave   *Wave   `json:"-"`
}

// Target is what a box shall run.
type Target struct {
	Name    string         `json:"target"` // name of the payload that is the whole image: "1.4.0/arm64/full"
	Version bundle.Version `json:"version"`
	SHA256  bundle.Digest  `json:"sha256"` // of the slot image
	Bytes   int64          `json:"bytes"`  // of the slot image
	When    string         `json:"when,omitempty"`
	// Spread is over how many seconds boxes spread the beginning of their downloads: 0 to MaxSpread.
	Spread int `json:"spread_s,omitempty"`
}

// NewTarget gives the target of a release for a board, whose slot image is to. Now is outside of the allowed hours as well; spread is
// cut to whole seconds.
func NewTarget(v bundle.Version, board string, to bundle.Image, now bool, spread time.Duration) *Target {
	t := &Target{Name: bundle.FullName(v, board), Version: v, SHA256: to.SHA256, Bytes: to.Bytes, Spread: int(spread / time.Second)}
	if now {
		t.When = Now
	}
	return t
}

// Now as Target.When: outside of the allowed hours as well.
const Now = "now"

// MaxSpread is the most that Target.Spread may be: a week.
const MaxSpread = 7 * 86400

// Board gives the board that the target is for.
func (t Target) Board() string {
	board := strings.TrimSuffix(strings.TrimPrefix(t.Name, t.Version.String()+"/"), "/full")
	if board == "" || strings.Contains(board, "/") || t.Name != bundle.FullName(t.Version, board) {
		return ""
	}
	return board
}

func (t Target) check() error {
	switch {
	case t.Board() == "":
		return fmt.Errorf("target %q of version %s", t.Name, t.Version)
	case t.SHA256 == bundle.Digest{}:
		return errors.New("no SHA-256")
	case t.Bytes < 1 || t.Bytes > bundle.MaxImage:
		return fmt.Errorf("image of %d bytes", t.Bytes)
	case t.When != "" && t.When != Now:
		return fmt.Errorf("when %q", t.When)
	case t.Spread < 0 || t.Spread > MaxSpread:
		return fmt.Errorf("spread over %d s", t.Spread)
	}
	return nil
}

// targetArgs reads Args into Target and Wave, where the op has them.
func (o *Order) targetArgs() error {
	switch o.Op {
	case Desired, Downgrade:
		return readArgs(o, &o.Target, Target.check)
	case Rollout:
		if !strings.HasPrefix(o.To, "grp:") {
			return fmt.Errorf("to %q, want a group", o.To)
		}
		return errors.Join(readArgs(o, &o.Target, Target.check), readArgs(o, &o.Wave, Wave.check))
	}
	return nil
}

// readArgs reads Args into a part of them.
func readArgs[T any](o *Order, into **T, check func(T) error) error {
	part := new(T)
	if err := json.Unmarshal(o.Args, part); err != nil {
		return err
	}
	if err := check(*part); err != nil {
		return err
	}
	*into = part
	return nil
}

// parse reads a payload whose signature was good.
func parse(payload []byte) (Order, error) {
	var o Order
	if err := json.Unmarshal(payload, &o); err != nil {
		return Order{}, err
	}
	return o, o.check()
}

// check says what is wrong with the fields that every order has.
func (o *Order) check() error {
	kind, name, _ := strings.Cut(o.To, ":")
	switch {
	case o.V != Version:
		return fmt.Errorf("payload version %d, want %d", o.V, Version)
	case !validID(o.ID):
		return fmt.Errorf("id %q", o.ID)
	case kind != "box" && kind != "grp" || name == "":
		return fmt.Errorf("to %q", o.To)
	case o.Op == "":
		return errors.New("no op")
	case o.Issued < 1 || o.NotBefore < 1 || o.Expires < o.Issued || o.Expires > maxUnix:
		return fmt.Errorf("times %d, %d, %d", o.Issued, o.NotBefore, o.Expires)
	case o.Seq < 1, o.Seq/1000 > o.Issued+maxSeqAhead:
		return fmt.Errorf("seq %d of an order that was issued at %d", o.Seq, o.Issued)
	}
	return nil
}

// maxSeqAhead is how many seconds Seq may be ahead of Issued. A number of the far future would have every later order
// of the role refused for ever, by whoever had its key for a moment.
const maxSeqAhead = 24 * 60 * 60

// maxUnix is the end of the year 9999.
const maxUnix = 253402300799
