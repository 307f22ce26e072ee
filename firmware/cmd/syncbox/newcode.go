package main

import (
	"fmt"
	"path/filepath"

	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/web"
)

// newCode gives a box that is an ordinary process a set-up code, which opens its page, and prints it: it is kept as a hash
// alone. The appliance has its own, on its label.
func newCode(c *call) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	code := setupcode.New()
	if err := setupcode.Write(filepath.Join(conf.Box.Data, web.CodeFile), code); err != nil {
		return err
	}
	fmt.Fprintln(c.out, code)
	return nil
}
