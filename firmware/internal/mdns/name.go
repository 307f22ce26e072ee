package mdns

import "strings"

// NameOf gives the name of a box by the number of its network card, in hex with or without colons: syncbox- and the
// last four digits. Without a number it is syncbox-0000.
func NameOf(mac string) string {
	digits := strings.ToLower(strings.ReplaceAll(mac, ":", ""))
	if len(digits) < 4 {
		digits = "0000"
	}
	return "syncbox-" + digits[len(digits)-4:]
}
