package vm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// frame wraps what a UDP datagram holds for the cable.
func frame(from, to uint16, content []byte) []byte {
	b := make([]byte, etherHeader+20+udpHeader)
	b[12], b[13] = 0x08, 0x00
	packet := b[etherHeader:]
	packet[0], packet[9] = 0x45, 17
	binary.BigEndian.PutUint16(packet[20:], from)
	binary.BigEndian.PutUint16(packet[22:], to)
	packet[26], packet[27] = 0xbe, 0xef // check sum
	return append(b, content...)
}

// granted is what a server says that gives an address for a day.
func granted(t *testing.T) []byte {
	t.Helper()
	m, err := dhcpv4.New(dhcpv4.WithMessageType(dhcpv4.MessageTypeAck), dhcpv4.WithYourIP(net.IPv4(10, 0, 2, 15)),
		dhcpv4.WithRouter(net.IPv4(10, 0, 2, 2)), dhcpv4.WithLeaseTime(86400))
	if err != nil {
		t.Fatal(err)
	}
	return m.ToBytes()
}

// TestWireLets holds frames against what the cable is told to let through.
func TestWireLets(t *testing.T) {
	other, lease, question := frame(445, 1024, granted(t)), frame(67, 68, granted(t)), frame(68, 67, granted(t))
	short, broken := frame(67, 68, []byte("short")), frame(67, 68, append(granted(t)[:dhcpHeader], 51, 200))
	const asItIs = -1
	m := &Machine{wire: &wire{}}
	checkLets(t, "anything", m.wire, other, asItIs)
	checkLets(t, "a lease", m.wire, lease, asItIs)
	must(t, m.SetLeases(true, 20*time.Second))
	checkLets(t, "a lease made short", m.wire, lease, 20*time.Second)
	for name, frame := range map[string][]byte{"another datagram": other, "no message": short, "a message that breaks off": broken, "nothing": nil} {
		checkLets(t, name, m.wire, frame, asItIs)
	}
	must(t, m.SetLeases(false, 0))
	checkLets(t, "no lease", m.wire, lease, 0)
	checkLets(t, "a question to nobody", m.wire, question, 0)
	checkLets(t, "anything else", m.wire, other, asItIs)
	must(t, m.SetLeases(true, 0))
	checkLets(t, "a lease again", m.wire, lease, asItIs)
	must(t, m.SetServed(false))
	checkLets(t, "nobody there", m.wire, other, 0)
	must(t, m.SetServed(true))
	checkLets(t, "somebody there", m.wire, other, asItIs)
	if err := (&Machine{}).SetServed(true); !errors.Is(err, errNoWire) {
		t.Errorf("without a wire: got %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// checkLets holds a copy of a frame against what becomes of it: how long a lease lasts then, below 0 where it is not
// changed, 0 where it does not pass.
func checkLets(t *testing.T, name string, w *wire, frame []byte, lasts time.Duration) {
	t.Helper()
	got := bytes.Clone(frame)
	if passed := w.lets(got); passed != (lasts != 0) {
		t.Errorf("%s: passes: %t", name, passed)
	}
	if lasts <= 0 {
		if !bytes.Equal(got, frame) {
			t.Errorf("%s: it was changed", name)
		}
		return
	}
	m, err := dhcpv4.FromBytes(got[etherHeader+20+udpHeader:])
	must(t, err)
	if sum := dhcp(got)[6:8]; m.IPAddressLeaseTime(0) != lasts || sum[0] != 0 || sum[1] != 0 {
		t.Errorf("%s: lasts %s, check sum %x", name, m.IPAddressLeaseTime(0), sum)
	}
}

// TestWireCarries sends frames from both ends.
func TestWireCarries(t *testing.T) {
	w, err := newWire()
	must(t, err)
	ends := w.theirs
	w.theirs = [2]*os.File{}
	w.run()
	for i, from := range ends {
		to := ends[1-i]
		for _, size := range []int{0, 60, 1514, 65536} {
			want := bytes.Repeat([]byte{byte(size), 7}, size/2)
			_, err := from.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(want))), want...))
			must(t, err)
			got := make([]byte, 4+len(want))
			_, err = io.ReadFull(to, got)
			must(t, err)
			if int(binary.BigEndian.Uint32(got)) != len(want) || !bytes.Equal(got[4:], want) {
				t.Errorf("a frame of %d bytes came as another one", len(want))
			}
		}
	}
	w.close() // while both ends are still there
	if _, err := ends[0].Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("a cable that is gone: got %v", err)
	}
	for _, f := range ends {
		f.Close()
	}
}
