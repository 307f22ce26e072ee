package sealed_test

import (
	"errors"
	"testing"

	"syncbox/ota/internal/sealed"
)

var errBad = errors.New("bad shopping list")

var form = sealed.Form{What: "shopping list", Magic: "shopping-1\n", Bad: errBad}

type list struct {
	Milk int `json:"milk"`
}

// The form that is on the cards of boxes: it must not change.
func TestForm(t *testing.T) {
	const whole = "shopping-1\n" +
		"\x3c\xf2\xbb\xa2" // first bytes of the checksum
	b, err := form.Marshal(list{Milk: 2})
	if err != nil || len(b) != len("shopping-1\n")+32+len(`{"milk":2}`) || string(b[:len(whole)]) != whole || string(b[len(b)-10:]) != `{"milk":2}` {
		t.Errorf("got %q, %v", b, err)
	}
}

func TestUnmarshal(t *testing.T) {
	seal := func(v any) string {
		b, err := form.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	good := seal(list{Milk: 2})
	for name, tt := range map[string]struct {
		text string
		ok   bool
	}{
		"good":                            {good, true},
		"of a later system":               {seal(map[string]any{"milk": 2, "eggs": 12}), true},
		"nothing":                         {"", false},
		"the beginning alone":             {good[:len("shopping-1\n")], false},
		"half a checksum":                 {good[:len("shopping-1\n")+16], false},
		"of another form":                 {"shopping-2\n" + good[len("shopping-1\n"):], false},
		"one byte less":                   {good[:len(good)-1], false},
		"one byte more":                   {good + " ", false},
		"another number":                  {good[:len(good)-2] + "3}", false},
		"something else with its own sum": {seal([]int{1}), false},
	} {
		var got list
		err := form.Unmarshal([]byte(tt.text), &got)
		if tt.ok && (err != nil || got.Milk != 2) || !tt.ok && !errors.Is(err, errBad) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
	if _, err := form.Marshal(func() {}); err == nil {
		t.Error("a function was encoded")
	}
}
