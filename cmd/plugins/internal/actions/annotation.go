package actions

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Level is how bad it is what an annotation tells.
type Level int

// The levels, the worst first.
const (
	Error Level = iota
	Warning
)

func (l Level) String() string {
	if l == Error {
		return "error"
	}
	return "warning"
}

// Annotation is something that GitHub shows beside the line of a file, or, without a
// file, at the run.
type Annotation struct {
	Level              Level
	File               string // from the root of the repository, with slashes; "" where it is about none
	Line, Column       int    // from 1; 0 where it is not known
	EndLine, EndColumn int
	Title, Message     string
}

// GitHub shows ten annotations of a step and the first 4096 characters of each.
const (
	most    = 10
	longest = 4000
)

// Print writes annotations as the runner reads them, the errors first, and no more than
// it shows: the last then says how many more there are.
func Print(w io.Writer, all []Annotation) error {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Annotation) int { return cmp.Compare(a.Level, b.Level) })
	if hidden := len(all) - (most - 1); hidden > 1 {
		rest := all[most-1]
		all = append(all[:most-1], Annotation{
			Level: rest.Level, Title: rest.Title, Message: fmt.Sprintf("And %d more: see the log.", hidden),
		})
	}
	var b strings.Builder
	for _, a := range all {
		b.WriteString(a.String() + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the runner's command.
func (a Annotation) String() string {
	var properties []string
	add := func(name, value string) { properties = append(properties, name+"="+property(value)) }
	number := func(name string, n int) {
		if n > 0 {
			add(name, fmt.Sprint(n))
		}
	}
	if a.File != "" {
		add("file", a.File)
		number("line", a.Line)
		number("col", a.Column)
		number("endLine", a.EndLine)
		number("endColumn", a.EndColumn)
	}
	if a.Title != "" {
		add("title", cut(a.Title, 200))
	}
	text := "::" + a.Level.String()
	if len(properties) > 0 {
		text += " " + strings.Join(properties, ",")
	}
	return text + "::" + data(cut(a.Message, longest))
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
