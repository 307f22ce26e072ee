package kernel

import (
	"debug/elf"
	"fmt"
	"strings"
)

// modinfo is what a module says about the others that it wants.
type modinfo struct {
	depends           []string
	softPre, softPost []string // to be loaded before, after
}

// readModinfo reads the .modinfo section of a .ko file: NUL-ended "key=value" strings, as the macros
// of the kernel's include/linux/module.h lay them.
func readModinfo(path string) (modinfo, error) {
	var info modinfo
	f, err := elf.Open(path)
	if err != nil {
		return info, fmt.Errorf("read module %s: %w", path, err)
	}
	defer f.Close()
	s := f.Section(".modinfo")
	if s == nil {
		return info, fmt.Errorf("read module %s: no .modinfo section", path)
	}
	b, err := s.Data()
	if err != nil {
		return info, fmt.Errorf("read module %s: %w", path, err)
	}
	for _, kv := range strings.Split(string(b), "\x00") {
		switch key, value, _ := strings.Cut(kv, "="); key {
		case "depends":
			info.depends = append(info.depends, split(value)...)
		case "softdep":
			info.addSoft(value)
		}
	}
	return info, nil
}

// addSoft reads "pre: a b post: c"; words before any mark are wanted before (cifs has such).
func (i *modinfo) addSoft(value string) {
	to := &i.softPre
	for _, w := range split(value) {
		switch w {
		case "pre:":
			to = &i.softPre
		case "post:":
			to = &i.softPost
		default:
			*to = append(*to, w)
		}
	}
}

func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
