package bootstate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"strconv"
	"strings"

	"syncbox/ota/internal/twocopy"
)

// BlockSize is the length of a copy in bytes: one sector.
const BlockSize = twocopy.BlockSize

// ErrBlock is wrapped by the error for a block that is not a valid copy; one never written is such.
var ErrBlock = errors.New("not a boot state")

// Words of a block for None, and for Any among the sums of the device trees.
const (
	noSlot = "-"
	anySum = "-"
)

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
		{"d", s.trees()},
	}
}

// trees gives the sums of both device trees in one word pair, because the selector can write ten
// variables at most.
func (s State) trees() string {
	if s.A.DTB == Any && s.B.DTB == Any {
		return ""
	}
	return s.A.DTB.word() + " " + s.B.DTB.word()
}

func (s Sum) word() string {
	if s == Any {
		return anySum
	}
	return string(s)
}

func sumOfWord(word string) Sum {
	if word == anySum {
		return Any
	}
	return Sum(word)
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
		A: Sums{Kernel: Sum(v["ka"]), Initrd: Sum(v["ia"])},
		B: Sums{Kernel: Sum(v["kb"]), Initrd: Sum(v["ib"])},
	}
	if trees := strings.Fields(v["d"]); len(trees) == 2 {
		s.A.DTB, s.B.DTB = sumOfWord(trees[0]), sumOfWord(trees[1])
	} else if len(trees) != 0 {
		return State{}, fmt.Errorf("%w: bad sums of device trees %q", ErrBlock, v["d"])
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
