package plugin

import (
	"strings"
	"time"
)

// Command is a program of the user's own that the configuration names. It is run
// without a shell.
type Command struct {
	Args      []string // the program and its arguments; never empty
	Sensitive []bool   // which of them come from the environment, and are not shown; nil: none
	Dir       string   // the folder it runs in
	Timeout   time.Duration
}

// Shown is the command as it may be shown; nil where there is none.
func (c Command) Shown() []string {
	if c.Args == nil {
		return nil
	}
	shown := make([]string, len(c.Args))
	for i, arg := range c.Args {
		shown[i] = Redact(arg)
		if c.isSensitive(i) {
			shown[i] = Sensitive
		}
	}
	return shown
}

// Hide takes the sensitive arguments out of a text that may repeat them.
func (c Command) Hide(text string) string {
	for i, arg := range c.Args {
		if c.isSensitive(i) && arg != "" {
			text = strings.ReplaceAll(text, arg, Sensitive)
		}
	}
	return Redact(text)
}

func (c Command) isSensitive(i int) bool { return i < len(c.Sensitive) && c.Sensitive[i] }
