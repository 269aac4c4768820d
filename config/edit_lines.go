package config

import (
	"bytes"
	"sort"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// lineKind is what stands in a line.
type lineKind int

const (
	blank lineKind = iota
	commented
	code // or the rest of what began on a line with code
)

// line is one of a text.
type line struct {
	start, end int // in bytes; its newline is in it
	newline    int // the length of that: 0 in a last line that has none
	kind       lineKind
}

var byteOrderMark = []byte("\ufeff")

// linesOf takes a text apart: at least one line, empty where there is no more.
func linesOf(src []byte, tokens hclsyntax.Tokens) []line {
	var lines []line
	start := 0
	if bytes.HasPrefix(src, byteOrderMark) {
		start = len(byteOrderMark)
	}
	for start < len(src) || lines == nil {
		l := line{start: start, end: len(src)}
		if i := bytes.IndexByte(src[start:], '\n'); i >= 0 {
			l.end, l.newline = start+i+1, 1
			if i > 0 && src[start+i-1] == '\r' {
				l.newline = 2
			}
		}
		lines = append(lines, l)
		start = l.end
	}
	for _, t := range tokens {
		mark(lines, t)
	}
	return lines
}

// mark says what kind the lines of a token are.
func mark(lines []line, t hclsyntax.Token) {
	if t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenEOF || t.Range.End.Byte == t.Range.Start.Byte {
		return
	}
	first, last := lineAt(lines, t.Range.Start.Byte), lineAt(lines, t.Range.End.Byte-1)
	kind := code
	if t.Type == hclsyntax.TokenComment && lines[first].kind != code {
		kind = commented
	}
	for i := first; i <= last; i++ {
		lines[i].kind = max(lines[i].kind, kind)
	}
}

func lineAt(lines []line, offset int) int {
	return max(0, sort.Search(len(lines), func(i int) bool { return lines[i].start > offset })-1)
}

func (e *editor) lineOf(offset int) int { return lineAt(e.lines, offset) }

// extent is the first and the last line of a block: the lines of comment right above it,
// and what follows it on its last line, are its own.
func (e *editor) extent(b *hclsyntax.Block) (first, last int) {
	first = e.lineOf(b.TypeRange.Start.Byte)
	for first > 0 && e.lines[first-1].kind == commented {
		first--
	}
	return first, e.lineOf(e.lineEnd(b.CloseBraceRange.End.Byte) - 1)
}

// lineEnd is where the line ends that goes on at offset; a comment that begins there may
// end on another.
func (e *editor) lineEnd(offset int) int {
	for _, t := range e.tokens {
		ends := t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenComment && bytes.HasSuffix(t.Bytes, []byte("\n"))
		if t.Range.Start.Byte >= offset && ends {
			return t.Range.End.Byte
		}
	}
	return len(e.src)
}

// ending is how a line ends.
func (e *editor) ending(i int) string {
	l := e.lines[i]
	return string(e.src[l.end-l.newline : l.end])
}

// newline is how lines end there: as this one does, else as the first that ends at all.
func (e *editor) newline(i int) string {
	if e.lines[i].newline > 0 {
		return e.ending(i)
	}
	if e.lines[0].newline > 0 {
		return e.ending(0)
	}
	return "\n"
}

func (e *editor) holdsOnly(i int, text string) bool {
	return string(e.src[e.lines[i].start:e.lines[i].end]) == text
}

// codeAfter reports whether anything but empty lines follows.
func (e *editor) codeAfter(i int) bool {
	for _, l := range e.lines[i+1:] {
		if l.kind != blank {
			return true
		}
	}
	return false
}
