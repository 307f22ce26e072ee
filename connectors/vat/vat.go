// Package vat compares VAT numbers however people write them: the key by which Sage BOB 50 and Sage CRM recognise a customer.
package vat

import "strings"

// Key is what all ways of writing one VAT number have in common: upper case, without signs, with its country's letters, and a
// Belgian one with ten digits. country stands for letters that are missing. Empty for what is too short to be one.
func Key(text, country string) string {
	key := strings.Map(func(r rune) rune {
		if letter(r) || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(text))
	if len(key) < 4 {
		return ""
	}
	if !named(key) {
		key = country + key
	}
	if number, ok := strings.CutPrefix(key, "BE"); ok && len(number) < 10 {
		key = "BE" + strings.Repeat("0", 10-len(number)) + number
	}
	return key
}

// Split gives the letters of the country and the rest, for a product that keeps them apart.
func Split(text string) (prefix, number string) {
	text = strings.TrimSpace(text)
	if len(text) > 2 && named(strings.ToUpper(text[:2])) {
		return strings.ToUpper(text[:2]), strings.TrimSpace(text[2:])
	}
	return "", text
}

// Digits are the digits of a key that stand in every way of writing it.
func Digits(key string) string { return strings.TrimLeft(key[min(2, len(key)):], "0") }

func letter(r rune) bool { return r >= 'A' && r <= 'Z' }

// named says whether a text of two bytes or more begins with a country's letters.
func named(text string) bool { return letter(rune(text[0])) && letter(rune(text[1])) }
