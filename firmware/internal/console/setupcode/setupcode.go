// Package setupcode is the code that opens a box for set-up: unique for each box, printed on its label, kept as a
// salted hash, and guessed at no faster than a person types. One code is asked for by every door of the box, so that
// guesses at one door count at the others.
package setupcode

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// letters are those of Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O and U, so that what is
// read from a label by a person, or said on the phone, stays what it was.
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// length is how many letters a new code has: 50 bits.
const length = 10

// New makes a code by chance, such as "7Q2KM-0XTV9".
func New() string {
	var b strings.Builder
	for i := range length {
		if i == length/2 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(letters))))
		if err != nil {
			panic(err) // crypto/rand never fails
		}
		b.WriteByte(letters[n.Int64()])
	}
	return b.String()
}

// clean brings what somebody typed into the form that is hashed: capitals, no blanks and hyphens, and the digits that
// look like I, L and O.
func clean(code string) string {
	code = strings.ToUpper(code)
	return strings.NewReplacer(" ", "", "-", "", "I", "1", "L", "1", "O", "0").Replace(code)
}

// Label gives what somebody typed as a label shows it, "7q2km oxtv9" as "7Q2KM-0XTV9". What is no code that New makes comes back
// as it is, without blanks around it.
func Label(code string) string {
	c := clean(code)
	if len(c) != length || strings.Trim(c, letters) != "" {
		return strings.TrimSpace(code)
	}
	return c[:length/2] + "-" + c[length/2:]
}

// The least of a code that somebody chooses.
const shortest = 8

// ErrShort means that a chosen code is too easy to guess.
var ErrShort = errors.New("a code needs at least 8 letters and digits")

// The cost of one guess, as OWASP's Password Storage Cheat Sheet has it for Argon2id where memory is dear.
const (
	passes  = 2
	memory  = 19 * 1024 // KiB
	threads = 1
	saltLen = 16
	hashLen = 32
)

// Hash gives the salted hash of a code in the form of the PHC string format
// (https://github.com/P-H-C/phc-string-format): $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func Hash(code string) string {
	salt := make([]byte, saltLen)
	if _, err := rand.Read(salt); err != nil {
		panic(err) // crypto/rand never fails
	}
	h := argon2.IDKey([]byte(clean(code)), salt, passes, memory, threads, hashLen)
	text := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads, text(salt), text(h))
}

var errHash = errors.New("no hash of a set-up code")

// fits tells whether a code is the one of a hash.
func fits(code, hash string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return false, errHash
	}
	var m, t uint32
	var p uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil || m > 64*1024 || t < 1 || t > 16 || p < 1 {
		return false, errHash
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, errHash
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) < 16 {
		return false, errHash
	}
	got := argon2.IDKey([]byte(clean(code)), salt, t, m, p, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}
