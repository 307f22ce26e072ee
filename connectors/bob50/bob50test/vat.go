package bob50test

import (
	"regexp"
	"strconv"
	"strings"
)

// vatForms are the numbers of some countries behind their prefix; others need two to twelve letters and digits.
var vatForms = map[string]*regexp.Regexp{
	"BE": regexp.MustCompile(`^[01]?\d{9}$`), "LU": regexp.MustCompile(`^\d{8}$`), "FR": regexp.MustCompile(`^[0-9A-Z]{2}\d{9}$`),
	"NL": regexp.MustCompile(`^\d{9}B\d{2}$`), "DE": regexp.MustCompile(`^\d{9}$`),
}

var otherVAT = regexp.MustCompile(`^[0-9A-Z]{2,12}$`)

// bareVAT is a VAT number without blanks, dots, dashes and slashes, with its country, Belgium if it names none.
func bareVAT(ref, number string) string {
	bare := strings.ToUpper(strings.NewReplacer(" ", "", ".", "", "-", "", "/", "").Replace(ref + number))
	if bare != "" && bare[0] >= '0' && bare[0] <= '9' {
		bare = "BE" + bare
	}
	if number, belgian := strings.CutPrefix(bare, "BE"); belgian && len(number) == 9 {
		return "BE0" + number // as they were before 2008
	}
	return bare
}

// validVAT says whether there can be such a number.
func validVAT(bare string) bool {
	if len(bare) < 4 {
		return false
	}
	country, number := bare[:2], bare[2:]
	form := vatForms[country]
	if form == nil {
		return otherVAT.MatchString(number) && country[0] >= 'A' && country[1] >= 'A'
	}
	if !form.MatchString(number) {
		return false
	}
	switch country {
	case "BE":
		return 97-digitsOf(number[:8])%97 == digitsOf(number[8:])
	case "LU":
		return digitsOf(number[:6])%89 == digitsOf(number[6:])
	}
	return true
}

func digitsOf(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}
