// Package board knows the hardware: which board this is, on which pins its light and its button are, its watchdog,
// its serial line. A machine without any of them, a laptop, is a normal case: it has a model, and nothing on it.
//
// The order of use:
//
//	model, err := board.Detect(os.DirFS("/"))
//	model, err = model.With(own)                // what the configuration says otherwise
//	light, err := model.OpenLight()             // nil where there is none
//	button, err := model.OpenButton()           // nil where there is none
//	dog, err := model.OpenWatchdog(time.Minute) // nil where there is none
//
// Errors are *Error: the codes tell what is broken, and everything else goes on without it.
package board

import (
	"errors"
	"fmt"
)

// The codes of this package's errors.
const (
	LightBroken    = "light-broken"    // the lines of the light can't be had
	ButtonBroken   = "button-broken"   // the line of the button can't be had
	WatchdogBroken = "watchdog-broken" // a board that has a watchdog doesn't give it
	SerialBroken   = "serial-broken"   // a serial line can't be opened
	BoardUnread    = "board-unread"    // the device tree is there and can't be read
)

// Codes gives every code of this package.
func Codes() []string {
	return []string{LightBroken, ButtonBroken, WatchdogBroken, SerialBroken, BoardUnread}
}

// Error is a piece of hardware that does not work, with the stable code that lights, pages and support look up.
type Error struct {
	Code string
	Err  error
}

// Error tells the code and the cause.
func (e *Error) Error() string { return e.Code + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func errorf(code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// Code gives the code of an error of this package, "" of any other.
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
