package main

import (
	"os"

	"syncbox/firmware/internal/survey/child"
)

// surveyChild is the other process of package survey, not for people: a request comes in and results go out.
func surveyChild(c *call) error { return child.Run(c.ctx, os.Stdin, c.out) }
