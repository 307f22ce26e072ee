package otatest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Where the copies of the boot state stand, in bytes.
const (
	StateAt1 = 0x800 * SectorSize
	StateAt2 = 0x1000 * SectorSize
)

// Layout is where the slots stand, in bytes, and how they are read.
type Layout struct {
	A, B, SlotSize int64
	// Parts finds kernel and initrd of the slot that begins at a place; false if they are not both there. nil finds those
	// of a System.
	Parts func(c *Content, at, size int64) (kernel, initrd []byte, ok bool)
	// Known, where set, keeps the sums of slots that were read once. Slots then begin at multiples of 256 KiB.
	Known *sync.Map
}

// Slot gives where slot "a" or "b" begins.
func (l Layout) Slot(name string) int64 {
	if name == "b" {
		return l.B
	}
	return l.A
}

// Decision is what the boot loader does at one power-on.
type Decision struct {
	Slot   string // "a" or "b"; "" where nothing can be started
	Try    string // as the kernel's command line has them
	Failed string
	// Refused are the slots that were looked at before.
	Refused []string
	// Writes is the new boot state, where one is written. It may be lost by the next cut.
	Writes []Op
	// State is what it went by, its own write included.
	State map[string]string
}

// CommandLine is what the kernel is told.
func (d Decision) CommandLine() string {
	return fmt.Sprintf("sb.slot=%s sb.try=%s sb.failed=%s", d.Slot, d.Try, d.Failed)
}

func (d Decision) String() string {
	return fmt.Sprintf("%s refused=%v state=%v", d.CommandLine(), d.Refused, d.State)
}

// variables are those that the boot loader keeps.
var variables = []string{"seq", "good", "try", "tries", "failed", "ka", "ia", "kb", "ib", "d"}

// Select chooses what starts from a disk. The disk stays as it is; the caller adds Writes to it.
func Select(c *Content, l Layout) Decision {
	state, writeAt := newestState(c)
	var d Decision
	slot := state["good"]
	if state["try"] != "-" {
		if number(state["tries"]) > 0 {
			state["tries"] = strconv.FormatUint(number(state["tries"])-1, 16)
			slot = state["try"]
		} else {
			state["failed"], state["try"] = state["try"], "-"
		}
		state["seq"] = strconv.FormatUint(number(state["seq"])+1, 16)
		d.Writes = []Op{{Kind: Write, File: Selector, At: writeAt, Data: EncodeState(state)}}
	}
	d.State, d.Try, d.Failed = state, state["try"], state["failed"]
	for _, s := range []string{slot, other(slot)} {
		if startable(c, l, s, state["k"+s], state["i"+s]) {
			d.Slot = s
			return d
		}
		d.Refused = append(d.Refused, s)
	}
	return d
}

// newestState gives the valid copy that counts, or what stands for one; and where the next one is written.
func newestState(c *Content) (map[string]string, int64) {
	first, second := decodeState(c.Bytes(StateAt1, SectorSize)), decodeState(c.Bytes(StateAt2, SectorSize))
	s1, s2 := number(first["seq"]), number(second["seq"])
	state, writeAt := map[string]string{}, int64(StateAt1)
	switch {
	case s1 > s2:
		state, writeAt = first, StateAt2
	case s2 > 0:
		state = second
	}
	if state["good"] != "b" {
		state["good"] = "a" // one of the two, whatever the state says
	}
	for key, without := range map[string]string{"try": "-", "failed": "-"} {
		if state[key] == "" {
			state[key] = without
		}
	}
	return state, writeAt
}

// NewestState gives what the valid copy that counts says; empty where none is valid.
func NewestState(c *Content) map[string]string {
	first, second := decodeState(c.Bytes(StateAt1, SectorSize)), decodeState(c.Bytes(StateAt2, SectorSize))
	if number(first["seq"]) > number(second["seq"]) {
		return first
	}
	return second
}

// decodeState reads a copy: nothing if it is not valid.
func decodeState(b []byte) map[string]string {
	s := map[string]string{}
	if binary.LittleEndian.Uint32(b) != crc32.ChecksumIEEE(b[4:]) {
		return s
	}
	for _, pair := range strings.Split(string(b[4:]), "\x00") {
		if pair == "" {
			break
		}
		if key, value, ok := strings.Cut(pair, "="); ok && slices.Contains(variables, key) {
			s[key] = value
		}
	}
	return s
}

// EncodeState gives a copy of the boot state with the variables that the boot loader knows. Empty ones are left out.
func EncodeState(s map[string]string) []byte {
	b := make([]byte, SectorSize)
	n := 4
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if s[key] != "" && slices.Contains(variables, key) {
			n += copy(b[n:], key+"="+s[key]) + 1
		}
	}
	binary.LittleEndian.PutUint32(b, crc32.ChecksumIEEE(b[4:]))
	return b
}

// startable says whether both parts of a slot are there and sum up to what the state says. No sum in the state
// accepts anything.
func startable(c *Content, l Layout, slot, kernelSum, initrdSum string) bool {
	if kernelSum == "x" || initrdSum == "x" {
		return false // which no sum is, so that nothing needs to be summed up
	}
	sums := l.sums(c, slot)
	return sums != noSystem && (kernelSum == "" || sums[0] == kernelSum) && (initrdSum == "" || sums[1] == initrdSum)
}

var noSystem [2]string

// sums gives those of kernel and initrd of a slot.
func (l Layout) sums(c *Content, slot string) [2]string {
	parts, at := l.Parts, l.Slot(slot)
	if parts == nil {
		parts = Parts
	}
	read := func() any {
		kernel, initrd, ok := parts(c, at, l.SlotSize)
		if !ok {
			return noSystem
		}
		return [2]string{SlotSum(kernel), SlotSum(initrd)}
	}
	if l.Known == nil {
		return read().([2]string)
	}
	key := c.part(at, l.SlotSize)
	sums, ok := l.Known.Load(key)
	if !ok {
		sums = read()
		l.Known.Store(key, sums)
	}
	return sums.([2]string)
}

func number(hex string) uint64 {
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		return 0
	}
	return n
}

func other(slot string) string {
	if slot == "b" {
		return "a"
	}
	return "b"
}
