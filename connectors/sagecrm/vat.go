package sagecrm

import "strings"

// vatKey is what two ways of writing one VAT number have in common: upper case, without signs, with its country's letters,
// and a Belgian one with ten digits. Empty for what is too short to be one.
func vatKey(text, country string) string {
	key := strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(text))
	if len(key) < 4 {
		return ""
	}
	if !countryName.MatchString(key[:2]) {
		key = country + key
	}
	if number, ok := strings.CutPrefix(key, "BE"); ok && len(number) < 10 {
		key = "BE" + strings.Repeat("0", 10-len(number)) + number
	}
	return key
}

// splitVAT gives the letters of the country and the rest, for a CRM that keeps them apart.
func splitVAT(text string) (prefix, number string) {
	text = strings.TrimSpace(text)
	if len(text) > 2 && countryName.MatchString(strings.ToUpper(text[:2])) {
		return strings.ToUpper(text[:2]), strings.TrimSpace(text[2:])
	}
	return "", text
}

// vatDigits are the digits of a key that stand in every way of writing it.
func vatDigits(key string) string { return strings.TrimLeft(key[min(2, len(key)):], "0") }
