package sage50fr

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	utf16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// maxLine bounds one line of an export, in bytes.
const maxLine = 1 << 20

var (
	errNotUTF8  = errors.New("not UTF-8")
	errLongLine = fmt.Errorf("a line of more than %d bytes", maxLine)
)

// marks are the bytes that a text in Unicode may begin with.
var marks = []struct {
	bytes string
	text  func() transform.Transformer
}{
	{"\xef\xbb\xbf", func() transform.Transformer { return nil }},
	{"\xff\xfe", func() transform.Transformer { return utf16.UTF16(utf16.LittleEndian, utf16.IgnoreBOM).NewDecoder() }},
	{"\xfe\xff", func() transform.Transformer { return utf16.UTF16(utf16.BigEndian, utf16.IgnoreBOM).NewDecoder() }},
}

// decoded gives the text of an export in UTF-8. It reads the whole of it once where the encoding is not told by a mark.
func decoded(r io.ReadSeeker, encoding string) (io.Reader, error) {
	head := make([]byte, 3)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	for _, m := range marks {
		if !bytes.HasPrefix(head[:n], []byte(m.bytes)) {
			continue
		}
		if _, err := r.Seek(int64(len(m.bytes)), io.SeekStart); err != nil {
			return nil, err
		}
		if t := m.text(); t != nil {
			return transform.NewReader(r, t), nil
		}
		return r, nil
	}
	if encoding == Auto || encoding == UTF8 {
		valid, err := validUTF8(r)
		if err != nil {
			return nil, err
		}
		if !valid && encoding == UTF8 {
			return nil, errNotUTF8
		}
		if encoding = CP1252; valid {
			encoding = UTF8
		}
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	switch encoding {
	case CP1252:
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	case CP850:
		return charmap.CodePage850.NewDecoder().Reader(r), nil
	}
	return r, nil
}

// validUTF8 reads all. A letter that is cut at the very end is a cut file, not another encoding.
func validUTF8(r io.ReadSeeker) (bool, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	buf, kept := make([]byte, 64<<10), 0
	for {
		n, err := r.Read(buf[kept:])
		b := buf[:kept+n]
		for len(b) > 0 {
			letter, size := utf8.DecodeRune(b)
			if letter == utf8.RuneError && size == 1 {
				if utf8.FullRune(b) {
					return false, nil
				}
				break
			}
			b = b[size:]
		}
		kept = copy(buf, b)
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// lines are those of a text, one after the other.
type lines struct {
	r      *bufio.Reader
	number int  // of the latest line, from 1
	ended  bool // the latest line ended with a line feed
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// next gives a line without its end; io.EOF after the last one. One that is too long is an error, its rest is skipped.
func (l *lines) next() (string, error) {
	var line []byte
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			long = true
		} else {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if err != nil && len(line) == 0 && !long {
			return "", io.EOF
		}
		l.number++
		l.ended = err == nil
		if long {
			return "", errLongLine
		}
		return strings.TrimRight(string(line), "\r\n"), nil
	}
}

// plain is a heading as it is compared: letters and digits only, without accents and case.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || r == 'º' || r == 'ª' {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// blanked is a text of one line: what would end a cell or a line is a blank.
func blanked(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
}
