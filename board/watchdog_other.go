//go:build !linux

package board

import "errors"

// openDog gives an error: only Linux has this interface.
func openDog(string) (dogFile, error) { return nil, errors.ErrUnsupported }
