package vm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// wire is a network cable through this process, between the card and the emulator's router, which is all that there is on
// the network. It takes frames from both ends as they come.
type wire struct {
	ends    [2]*os.File // ours: the card's, the router's
	theirs  [2]*os.File // the emulator's
	running sync.WaitGroup

	mu     sync.Mutex // protects what follows
	cut    bool       // nobody is at the other end
	silent bool       // nobody answers DHCP
	lasts  time.Duration
}

// newWire makes a wire that the emulator has to be given the ends of. It carries nothing before run.
func newWire() (*wire, error) {
	w := &wire{}
	for i, name := range []string{"card", "router"} {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			w.close()
			return nil, fmt.Errorf("make a cable: %w", err)
		}
		_ = unix.SetNonblock(pair[0], true) // so that close ends who reads; it fails for no socket
		w.ends[i], w.theirs[i] = os.NewFile(uintptr(pair[0]), name), os.NewFile(uintptr(pair[1]), name)
	}
	return w, nil
}

// run carries frames until the emulator is gone.
func (w *wire) run() {
	card, router := w.ends[0], w.ends[1]
	w.running.Go(func() { w.carry(card, router) })
	w.running.Go(func() { w.carry(router, card) })
	w.closeTheirs()
}

func (w *wire) closeTheirs() {
	for i, f := range w.theirs {
		if f != nil {
			f.Close()
		}
		w.theirs[i] = nil
	}
}

// close ends the wire.
func (w *wire) close() {
	w.closeTheirs()
	for _, f := range w.ends {
		if f != nil {
			f.Close()
		}
	}
	w.running.Wait()
}

// carry hands frames on, in the emulator's form for a stream: the length in four bytes, then the frame.
func (w *wire) carry(from, to *os.File) {
	for {
		var head [4]byte
		if _, err := io.ReadFull(from, head[:]); err != nil {
			return
		}
		packet := append(head[:], make([]byte, binary.BigEndian.Uint32(head[:]))...)
		if _, err := io.ReadFull(from, packet[len(head):]); err != nil {
			return
		}
		if !w.lets(packet[len(head):]) {
			continue
		}
		if _, err := to.Write(packet); err != nil {
			return
		}
	}
}

// lets tells whether a frame may pass, and changes what it says of leases.
func (w *wire) lets(frame []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	message := dhcp(frame)
	if w.cut || message != nil && w.silent {
		return false
	}
	if w.lasts > 0 {
		shorten(message, w.lasts)
	}
	return true
}

// Where things stand in a frame: RFC 894, RFC 791, RFC 768, RFC 2131.
const (
	etherHeader = 14
	udpHeader   = 8
	dhcpHeader  = 240 // up to the options
	dhcpServer  = 67
	leaseTime   = 51 // option: RFC 2132, 9.2
)

// dhcp gives the UDP datagram of a frame that is to or from a DHCP server; nil where it is not.
func dhcp(frame []byte) []byte {
	if len(frame) < etherHeader+20 || binary.BigEndian.Uint16(frame[12:]) != 0x0800 || frame[etherHeader]>>4 != 4 {
		return nil
	}
	packet := frame[etherHeader:]
	header := int(packet[0]&15) * 4
	if packet[9] != unix.IPPROTO_UDP || len(packet) < header+udpHeader+dhcpHeader {
		return nil
	}
	datagram := packet[header:]
	if binary.BigEndian.Uint16(datagram) != dhcpServer && binary.BigEndian.Uint16(datagram[2:]) != dhcpServer {
		return nil
	}
	return datagram
}

// shorten has every lease in a datagram last so long.
func shorten(datagram []byte, lasts time.Duration) {
	if len(datagram) < udpHeader+dhcpHeader {
		return
	}
	options := datagram[udpHeader+dhcpHeader:]
	for len(options) > 1 && options[0] != 255 {
		if options[0] == 0 {
			options = options[1:]
			continue
		}
		value := options[2:]
		if len(value) < int(options[1]) {
			return
		}
		if options[0] == leaseTime && options[1] == 4 {
			binary.BigEndian.PutUint32(value, uint32(lasts/time.Second))
			copy(datagram[6:8], []byte{0, 0}) // no check sum
		}
		options = value[options[1]:]
	}
}

// errNoWire: Config.Wire was not set.
var errNoWire = errors.New("the machine's cable does not pass through here")

// SetServed has somebody at the other end of the cable or not: the cable stays in, and nobody answers, DHCP neither.
// Config.Wire must be set.
func (m *Machine) SetServed(served bool) error {
	return m.change(func(w *wire) { w.cut = !served })
}

// SetLeases has DHCP give leases of so many seconds, as long as it likes for less than a second; or has nobody answer
// it, while everything else goes on. Config.Wire must be set.
func (m *Machine) SetLeases(answered bool, last time.Duration) error {
	return m.change(func(w *wire) { w.silent, w.lasts = !answered, last })
}

func (m *Machine) change(do func(*wire)) error {
	if m.wire == nil {
		return errNoWire
	}
	m.wire.mu.Lock()
	defer m.wire.mu.Unlock()
	do(m.wire)
	return nil
}
