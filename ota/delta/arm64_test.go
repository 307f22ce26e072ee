package delta

import "testing"

// TestInstruction has words as an assembler gives them, at address 0x10000.
func TestInstruction(t *testing.T) {
	const pc = 0x10000
	for name, tt := range map[string]struct {
		before, word, after uint32
		class               class
		target              uint32
	}{
		"bl +16":               {0, 0x94000004, 0, call, pc + 16},
		"bl -4":                {0, 0x97ffffff, 0, call, pc - 4},
		"b +8":                 {0, 0x14000002, 0, call, pc + 8},
		"b.ne -8":              {0, 0x54ffffc1, 0, branch, pc - 8},
		"cbz x1, +32":          {0, 0xb4000101, 0, branch, pc + 32},
		"tbnz w2, 3, -4":       {0, 0x371fffe2, 0, test, pc - 4},
		"ldr x0, +8":           {0, 0x58000040, 0, near, pc + 8},
		"adrp x0, +0x5000":     {0, 0xb0000020, 0, page, 0x15000},
		"adrp with its add":    {0, 0xb0000020, 0x91048c00, page, 0x15123},
		"add to an adrp":       {0xb0000020, 0x91048c00, 0, offset, 0x14123},
		"ldr at an adrp":       {0xb0000020, 0xf9409001, 0, access, 0x14120},
		"ldr of a vector":      {0xb0000020, 0x3dc04801, 0, access, 0x14120},
		"ldrb at an adrp":      {0xb0000020, 0x39448c01, 0, access, 0x14123},
		"add to another":       {0xb0000021, 0x91048c00, 0, none, 0},
		"add of its own":       {0, 0x91048c00, 0, none, 0},
		"nop":                  {0, 0xd503201f, 0, none, 0},
		"ret":                  {0, 0xd65f03c0, 0, none, 0},
		"adr of the same page": {0, 0x10000000, 0, none, 0},
	} {
		c, target := instruction(func(k int) (uint32, bool) {
			switch k {
			case -1:
				return tt.before, tt.before != 0
			case 0:
				return tt.word, true
			case 1:
				return tt.after, tt.after != 0
			}
			return 0, false
		}, pc)
		if c != tt.class || target != tt.target {
			t.Errorf("%s: got class %d to %#x, want %d to %#x", name, c, target, tt.class, tt.target)
		}
		if c != none && retarget(c, tt.word, pc, target) != tt.word {
			t.Errorf("%s: aimed at the same, it is %#x, was %#x", name, retarget(c, tt.word, pc, target), tt.word)
		}
	}
}
