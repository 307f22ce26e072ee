package authority

// ValidName is the rule for names of certificates.
func ValidName(name string) bool { return validName.MatchString(name) }
