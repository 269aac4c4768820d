package ui

import "github.com/fatih/color"

// Palette colors words, or leaves them as they are.
type Palette struct{ on bool }

// NewPalette colors if on.
func NewPalette(on bool) Palette { return Palette{on: on} }

// On reports whether it colors.
func (p Palette) On() bool { return p.on }

func (p Palette) paint(s string, attrs ...color.Attribute) string {
	c := color.New(attrs...)
	// Whether to color is decided by the caller, not by what color guesses.
	if p.on {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(s)
}

// Green is for what is added.
func (p Palette) Green(s string) string { return p.paint(s, color.FgGreen) }

// Yellow is for what changes, and for warnings.
func (p Palette) Yellow(s string) string { return p.paint(s, color.FgYellow) }

// Red is for what is removed, and for errors.
func (p Palette) Red(s string) string { return p.paint(s, color.FgRed) }

// Cyan is for what is mended.
func (p Palette) Cyan(s string) string { return p.paint(s, color.FgCyan) }

// Bold is for what to read first.
func (p Palette) Bold(s string) string { return p.paint(s, color.Bold) }

// Faint is for what to read last.
func (p Palette) Faint(s string) string { return p.paint(s, color.Faint) }
