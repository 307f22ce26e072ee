package layout

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Dates are civil: midnight UTC, the zero time.Time for none. Raw 0 (or a blank text) is none.

// delphiEpoch is day 0 of a Delphi TDateTime, which counts days in a float64.
var delphiEpoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// setDate fills in what the key enc says. It returns why it is wrong, or "".
func (f *field) setDate(enc string) string {
	if day, ok := strings.CutPrefix(enc, "days_since:"); ok {
		base, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return "days_since wants a date such as 1899-12-30"
		}
		f.enc, f.base, f.size = dateDaysSince, base, 4
		return ""
	}
	switch enc {
	case "ymd32":
		f.enc, f.size = dateYMD32, 4
	case "delphi_f64":
		f.enc, f.base, f.size = dateDelphi, delphiEpoch, 8
	case "dos16":
		f.enc, f.size = dateDOS16, 2
	case "str_yyyymmdd":
		f.enc, f.size = dateText, 8
	default:
		return "unknown date encoding"
	}
	return ""
}

// date reads a date; the error is "bad date <raw>".
func (f *field) date(b []byte) (time.Time, error) {
	switch f.enc {
	case dateYMD32:
		return ymd(int64(f.order().Uint32(b)))
	case dateDaysSince:
		days := int64(int32(f.order().Uint32(b)))
		return f.after(days, days)
	case dateDelphi:
		v := math.Float64frombits(f.order().Uint64(b))
		if !(v >= 0 && v < 1e7) {
			return time.Time{}, fmt.Errorf("bad date %v", v)
		}
		return f.after(int64(v), v)
	case dateDOS16:
		return dos(int64(f.order().Uint16(b)))
	default:
		return ymdText(b)
	}
}

// ymd reads 20250131.
func ymd(v int64) (time.Time, error) {
	if v == 0 {
		return time.Time{}, nil
	}
	return civil(v/10000, v/100%100, v%100, v)
}

// dos reads the date half of an MS-DOS time stamp: 7 bits of years since 1980, 4 of month, 5 of day.
func dos(v int64) (time.Time, error) {
	if v == 0 {
		return time.Time{}, nil
	}
	return civil(1980+v>>9, v>>5&15, v&31, v)
}

func ymdText(b []byte) (time.Time, error) {
	if len(bytes.Trim(b, " 0\x00")) == 0 {
		return time.Time{}, nil
	}
	v, err := strconv.ParseUint(string(b), 10, 32)
	if err != nil { // the bytes may be anything, a name even: they stay out of the message
		return time.Time{}, errors.New("bad date: not eight digits")
	}
	return ymd(int64(v))
}

// after counts days from the field's day 0.
func (f *field) after(days int64, raw any) (time.Time, error) {
	if days == 0 {
		return time.Time{}, nil
	}
	day := f.base.AddDate(0, 0, int(days))
	if day.Year() < 1 || day.Year() > 9999 {
		return time.Time{}, fmt.Errorf("bad date %v", raw)
	}
	return day, nil
}

func civil(year, month, day, raw int64) (time.Time, error) {
	t := time.Date(int(year), time.Month(month), int(day), 0, 0, 0, 0, time.UTC)
	if year < 1 || year > 9999 || int64(t.Month()) != month { // a bad day, up to 99, moves the month too
		return time.Time{}, fmt.Errorf("bad date %d", raw)
	}
	return t, nil
}

// putDate writes the civil date of t; the zero time is none. It refuses a date the encoding lacks.
func (f *field) putDate(b []byte, t time.Time) *ValueError {
	if t.IsZero() {
		f.putNoDate(b)
		return nil
	}
	year, month, day := t.Date()
	number := year*10000 + int(month)*100 + day
	days := (time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() - f.base.Unix()) / 86400
	if !f.holdsDate(year, days) {
		return &ValueError{Err: ErrOutOfRange, Detail: "date not in the field's encoding"}
	}
	switch f.enc {
	case dateYMD32:
		f.order().PutUint32(b, uint32(number))
	case dateDaysSince:
		f.order().PutUint32(b, uint32(int32(days)))
	case dateDelphi:
		f.order().PutUint64(b, math.Float64bits(float64(days)))
	case dateDOS16:
		f.order().PutUint16(b, uint16((year-1980)<<9|int(month)<<5|day))
	default:
		copy(b, fmt.Sprintf("%08d", number))
	}
	return nil
}

// holdsDate reports whether the encoding has that day; day 0 is taken by "none".
func (f *field) holdsDate(year int, days int64) bool {
	switch {
	case year < 1 || year > 9999:
		return false
	case f.enc == dateDaysSince:
		return days != 0
	case f.enc == dateDelphi:
		return days > 0
	case f.enc == dateDOS16:
		return year >= 1980 && year <= 1980+127
	}
	return true
}

func (f *field) putNoDate(b []byte) {
	clear(b)
	if f.enc == dateText {
		copy(b, "00000000")
	}
}
