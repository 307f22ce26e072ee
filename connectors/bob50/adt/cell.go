package adt

import (
	"bytes"
	"encoding/binary"
	"math"
)

// moneyPlaces are the decimals of MONEY.
const moneyPlaces = 4

// nullDouble is how Advantage writes an empty DOUBLE.
const nullDouble = 0x8000000000000020

func bad(b []byte) Value { return Value{Kind: Bad, bytes: b} }

func readRaw(b []byte) Value { return Value{Kind: Opaque, bytes: b} }

// readLogical: a blank is NULL, though public readers take it for true.
func readLogical(b []byte) Value {
	switch b[0] {
	case 'T', 't', 'Y', 'y', '1':
		return Value{Kind: Truth, n: 1}
	case 'F', 'f', 'N', 'n', '0':
		return Value{Kind: Truth}
	case ' ', 0:
		return Value{}
	}
	return bad(b)
}

// readNumeric: digits in ASCII, right-aligned.
func readNumeric(b []byte) Value {
	digits := bytes.TrimLeft(trim(b), " ")
	if len(digits) == 0 {
		return Value{}
	}
	if !numeral(digits) {
		return bad(b)
	}
	return Value{Kind: Decimal, bytes: digits}
}

// numeral says whether b is a decimal number without exponent.
func numeral(b []byte) bool {
	if b[0] == '-' || b[0] == '+' {
		b = b[1:]
	}
	digits, points := 0, 0
	for _, c := range b {
		switch {
		case c == '.':
			points++
		case c >= '0' && c <= '9':
			digits++
		default:
			return false
		}
	}
	return digits > 0 && points <= 1
}

func readDate(b []byte) Value {
	day := int64(int32(binary.LittleEndian.Uint32(b)))
	switch {
	case day == 0:
		return Value{}
	case day < firstDay || day > lastDay:
		return bad(b)
	}
	return Value{Kind: Day, n: day}
}

func readTime(b []byte) Value {
	ms := binary.LittleEndian.Uint32(b)
	switch {
	case ms == math.MaxUint32:
		return Value{}
	case ms >= dayMillis:
		return bad(b)
	}
	return Value{Kind: Clock, n: int64(ms)}
}

func readTimestamp(b []byte) Value {
	day, ms := int64(int32(binary.LittleEndian.Uint32(b))), binary.LittleEndian.Uint32(b[4:])
	switch {
	case day == 0 && (ms == math.MaxUint32 || ms == 0):
		return Value{}
	case day < firstDay || day > lastDay || ms >= dayMillis:
		return bad(b)
	}
	return Value{Kind: DayAndTime, n: day*dayMillis + int64(ms)}
}

// readText: all zero is NULL, all blank is an empty text.
func readText(r *Row, b []byte) Value {
	text := trim(b)
	if len(text) == 0 {
		if b[0] == 0 && len(bytes.TrimLeft(b, "\x00")) == 0 {
			return Value{}
		}
		return Value{Kind: String}
	}
	if plain(text) {
		return Value{Kind: String, bytes: text}
	}
	start := len(r.text)
	r.text = r.table.page.append(r.text, text)
	return r.decoded(start)
}

// readWide: UTF-16LE, blank-padded as the narrow ones.
func readWide(r *Row, b []byte) Value {
	if len(bytes.TrimLeft(b, "\x00")) == 0 {
		return Value{}
	}
	start := len(r.text)
	r.text = wide(r.text, b)
	v := r.decoded(start)
	v.bytes = trim(v.bytes)
	return v
}

func readDouble(b []byte) Value {
	bits := binary.LittleEndian.Uint64(b)
	switch f := math.Float64frombits(bits); {
	case bits == nullDouble:
		return Value{}
	case math.IsNaN(f) || math.IsInf(f, 0):
		return bad(b)
	}
	return Value{Kind: Float, n: int64(bits)}
}

func readInteger(b []byte) Value {
	return whole(int64(int32(binary.LittleEndian.Uint32(b))), math.MinInt32)
}

func readShort(b []byte) Value {
	return whole(int64(int16(binary.LittleEndian.Uint16(b))), math.MinInt16)
}

func readLong(b []byte) Value {
	return whole(int64(binary.LittleEndian.Uint64(b)), math.MinInt64)
}

func readAutoInc(b []byte) Value {
	return Value{Kind: Int, n: int64(binary.LittleEndian.Uint32(b))}
}

// whole: the least number of its width is NULL.
func whole(n, null int64) Value {
	if n == null {
		return Value{}
	}
	return Value{Kind: Int, n: n}
}

func readMoney(b []byte) Value {
	n := int64(binary.LittleEndian.Uint64(b))
	if n == math.MinInt64 {
		return Value{}
	}
	return Value{Kind: Decimal, n: n}
}

func readMemo(b []byte) Value {
	block, length := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	if block == 0 {
		return Value{}
	}
	return Value{Kind: Reference, n: int64(block)<<32 | int64(length)}
}
