package layout

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/shopspring/decimal"
)

const maxBCD = 9 // 17 digits and a sign: what an int64 surely holds

// order gives the byte order of the field.
func (f *field) order() binary.ByteOrder {
	if f.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// integer reads the raw integer of a u8…i64 or cp field. It cannot fail.
func (f *field) integer(b []byte) int64 {
	switch f.prim {
	case primU8:
		return int64(b[0])
	case primI8:
		return int64(int8(b[0]))
	case primU16:
		return int64(f.order().Uint16(b))
	case primI16:
		return int64(int16(f.order().Uint16(b)))
	case primU32:
		return int64(f.order().Uint32(b))
	case primI32:
		return int64(int32(f.order().Uint32(b)))
	default:
		return int64(f.order().Uint64(b))
	}
}

// whole reads the integer of an integer or packed decimal field, before scaling.
func (f *field) whole(b []byte) (int64, error) {
	if f.prim != primBCD {
		return f.integer(b), nil
	}
	return unpack(b)
}

// unpack reads packed decimal: two digits a byte, the last half byte the sign (C and F plus, D minus).
func unpack(b []byte) (int64, error) {
	var v int64
	for i, c := range b {
		high, low := int64(c>>4), int64(c&15)
		if high > 9 || i < len(b)-1 && low > 9 {
			return 0, errors.New("bad packed decimal digit")
		}
		if v = v*10 + high; i < len(b)-1 {
			v = v*10 + low
		}
	}
	switch b[len(b)-1] & 15 {
	case 0xC, 0xF:
		return v, nil
	case 0xD:
		return -v, nil
	}
	return 0, errors.New("bad packed decimal sign")
}

// pack writes packed decimal and reports whether the digits fit.
func pack(b []byte, v int64) bool {
	sign := byte(0xC)
	if v < 0 {
		sign, v = 0xD, -v
	}
	for i := len(b) - 1; i >= 0; i-- {
		low := sign
		if i < len(b)-1 {
			low = byte(v % 10)
			v /= 10
		}
		b[i] = byte(v%10)<<4 | low
		v /= 10
	}
	return v == 0
}

// decimal reads any number, scaled. A float with a scale is rounded half-even to it, from its
// shortest decimal form, so that 2.675 at two places is 2.68 as it was typed.
func (f *field) decimal(b []byte) (decimal.Decimal, error) {
	if f.prim != primF32 && f.prim != primF64 {
		v, err := f.whole(b)
		return decimal.New(v, f.scale), err
	}
	v, err := f.float(b)
	if err != nil {
		return decimal.Decimal{}, err
	}
	d := decimal.NewFromFloat(v)
	if f.prim == primF32 {
		d = decimal.NewFromFloat32(float32(v))
	}
	if !f.scaled {
		return d, nil
	}
	return decimal.New(d.Shift(-f.scale).RoundBank(0).IntPart(), f.scale), nil
}

// float reads a float that is a number and small enough to be scaled into 18 digits.
func (f *field) float(b []byte) (float64, error) {
	var v float64
	if f.prim == primF32 {
		v = float64(math.Float32frombits(f.order().Uint32(b)))
	} else {
		v = math.Float64frombits(f.order().Uint64(b))
	}
	if math.IsNaN(v) || math.Abs(v)*math.Pow10(-int(f.scale)) >= 1e18 {
		return 0, fmt.Errorf("bad number %g", v)
	}
	return v, nil
}

var integerRange = map[primitive][2]int64{
	primU8: {0, math.MaxUint8}, primI8: {math.MinInt8, math.MaxInt8},
	primU16: {0, math.MaxUint16}, primI16: {math.MinInt16, math.MaxInt16},
	primU32: {0, math.MaxUint32}, primI32: {math.MinInt32, math.MaxInt32},
	primI64: {math.MinInt64, math.MaxInt64},
}

// putWhole writes an unscaled integer; it refuses what the bytes cannot hold.
func (f *field) putWhole(b []byte, v int64) *ValueError {
	if f.prim == primBCD {
		if !pack(b, v) {
			return &ValueError{Err: ErrOutOfRange}
		}
		return nil
	}
	if r := integerRange[f.prim]; v < r[0] || v > r[1] {
		return &ValueError{Err: ErrOutOfRange}
	}
	f.putBits(b, v)
	return nil
}

// putBits writes the low bits of v, as many as the field has, in its byte order.
func (f *field) putBits(b []byte, v int64) {
	switch f.size {
	case 1:
		b[0] = byte(v)
	case 2:
		f.order().PutUint16(b, uint16(v))
	case 4:
		f.order().PutUint32(b, uint32(v))
	default:
		f.order().PutUint64(b, uint64(v))
	}
}

// putDecimal writes a number; more decimals than the scale are refused, never rounded away.
func (f *field) putDecimal(b []byte, d decimal.Decimal) *ValueError {
	isFloat := f.prim == primF32 || f.prim == primF64
	if e := d.Exponent(); e < -400 || e > 400 { // no float is that small; 1e-99999999 would cost a minute
		return &ValueError{Err: ErrOutOfRange}
	}
	units := d.Shift(-f.scale)
	if (!isFloat || f.scaled) && !units.IsInteger() {
		return &ValueError{Err: ErrOutOfRange, Detail: "more decimals than the field holds"}
	}
	if isFloat {
		return f.putFloat(b, d)
	}
	if !units.BigInt().IsInt64() {
		return &ValueError{Err: ErrOutOfRange}
	}
	return f.putWhole(b, units.IntPart())
}

// putFloat writes a float and reads it back: a value that comes back otherwise does not fit.
func (f *field) putFloat(b []byte, d decimal.Decimal) *ValueError {
	v, _ := d.Float64()
	if f.prim == primF32 {
		f.order().PutUint32(b, math.Float32bits(float32(v)))
	} else {
		f.order().PutUint64(b, math.Float64bits(v))
	}
	if back, err := f.decimal(b); err != nil || !back.Equal(d) {
		return &ValueError{Err: ErrOutOfRange}
	}
	return nil
}
