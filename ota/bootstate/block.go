package bootstate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"strconv"
	"strings"
)

// BlockSize is the length of a copy in bytes: one sector.
const BlockSize = 512

// ErrBlock is wrapped by the error for a block that is not a valid copy; one never written is such.
var ErrBlock = errors.New("not a boot state")

// noSlot spells None in a block.
const noSlot = "-"

var sumForm = regexp.MustCompile(`^(|x|0|[1-9a-f][0-9a-f]{0,7})$`)

// Encode gives the block. A state that Decode would not accept is an error.
func (s State) Encode() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("encode boot state: %w", err)
	}
	b := make([]byte, BlockSize)
	n := 4
	for _, kv := range s.pairs() {
		if kv[1] != "" { // U-Boot drops empty variables too
			n += copy(b[n:], kv[0]+"="+kv[1]) + 1
		}
	}
	binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return b, nil
}

// pairs gives the variables in the order in which the selector lists them.
func (s State) pairs() [][2]string {
	return [][2]string{
		{"seq", strconv.FormatUint(uint64(s.Seq), 16)},
		{"good", s.Good.text()}, {"try", s.Try.text()}, {"tries", strconv.FormatInt(int64(s.Tries), 16)},
		{"failed", s.Failed.text()},
		{"ka", string(s.A.Kernel)}, {"ia", string(s.A.Initrd)}, {"kb", string(s.B.Kernel)}, {"ib", string(s.B.Initrd)},
		{"da", string(s.A.DTB)}, {"db", string(s.B.DTB)},
	}
}

func (s Slot) text() string {
	if s == None {
		return noSlot
	}
	return string(s)
}

// Decode reads a block. Keys that it does not know are passed over, a missing one counts as empty.
func Decode(block []byte) (State, error) {
	if len(block) != BlockSize {
		return State{}, fmt.Errorf("%w: %d bytes", ErrBlock, len(block))
	}
	if crc32.ChecksumIEEE(block[4:]) != binary.LittleEndian.Uint32(block) {
		return State{}, fmt.Errorf("%w: checksum differs", ErrBlock)
	}
	body, _, _ := strings.Cut(string(block[4:]), "\x00\x00")
	v := map[string]string{}
	for kv := range strings.SplitSeq(body, "\x00") {
		if key, value, ok := strings.Cut(kv, "="); ok {
			v[key] = value
		}
	}
	return parse(v)
}

func parse(v map[string]string) (State, error) {
	s := State{
		Good: slot(v["good"]), Try: slot(v["try"]), Failed: slot(v["failed"]),
		A: Sums{Sum(v["ka"]), Sum(v["ia"]), Sum(v["da"])},
		B: Sums{Sum(v["kb"]), Sum(v["ib"]), Sum(v["db"])},
	}
	for key, to := range map[string]func(uint64){
		"seq":   func(n uint64) { s.Seq = uint32(n) },
		"tries": func(n uint64) { s.Tries = int(n) },
	} {
		if v[key] == "" {
			continue
		}
		n, err := strconv.ParseUint(v[key], 16, 31)
		if err != nil {
			return State{}, fmt.Errorf("%w: bad %s %q", ErrBlock, key, v[key])
		}
		to(n)
	}
	if err := s.check(); err != nil {
		return State{}, fmt.Errorf("%w: %w", ErrBlock, err)
	}
	return s, nil
}

func slot(text string) Slot {
	if text == noSlot {
		return None
	}
	return Slot(text)
}

// maxSeq keeps the selector's comparison, which is signed, on the safe side.
const maxSeq = 1<<31 - 1

// check says what is wrong with s on a disk.
func (s State) check() error {
	for _, sum := range []Sum{s.A.Kernel, s.A.Initrd, s.A.DTB, s.B.Kernel, s.B.Initrd, s.B.DTB} {
		if !sumForm.MatchString(string(sum)) {
			return fmt.Errorf("bad sum %q", sum)
		}
	}
	switch {
	case s.Seq < 1 || s.Seq > maxSeq:
		return fmt.Errorf("bad seq %d", s.Seq)
	case s.Good != A && s.Good != B:
		return fmt.Errorf("bad good slot %q", s.Good)
	case s.Try != None && s.Try != s.Inactive():
		return fmt.Errorf("bad slot on trial %q while %q is good", s.Try, s.Good)
	case s.Failed != None && s.Failed != A && s.Failed != B:
		return fmt.Errorf("bad failed slot %q", s.Failed)
	case s.Tries < 0 || s.Tries > MaxTries:
		return fmt.Errorf("bad tries %d", s.Tries)
	}
	return nil
}
