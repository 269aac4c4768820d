package ui

import (
	"strings"
)

// row is what is told of one plugin: a line, and what does not fit in it below.
type row struct {
	mark    string
	paint   func(Palette, string) string // of the mark
	name    string
	version string
	lead    string // the word to read first of what follows; "" for none
	note    string
	below   []detail
}

// detail is a line below that of a plugin.
type detail struct {
	text  string
	paint func(Palette, string) string // nil: as it is
}

// maxColumn is how wide a column is made for the sake of one long cell.
const maxColumn = 28

// rows lays them out: in columns, the notes that would not fit in the width below the
// line. A width of 0 has room for anything.
func rows(all []row, width int, c Palette) string {
	names, versions := 0, 0
	for _, r := range all {
		names, versions = max(names, min(columns(r.name), maxColumn)), max(versions, min(columns(r.version), maxColumn))
	}
	var b strings.Builder
	for _, r := range all {
		r.write(&b, names, versions, width, c)
	}
	return b.String()
}

func (r row) write(b *strings.Builder, names, versions, width int, c Palette) {
	line := pad(r.name, names)
	if r.version != "" || r.lead+r.note != "" {
		line += "  " + pad(r.version, versions)
	}
	note := r.lead + r.note
	fits := width <= 0 || columns("  + "+line+"  "+note) <= width
	b.WriteString("  " + r.paint(c, r.mark) + " ")
	switch {
	case note == "":
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	case fits:
		b.WriteString(line + "  " + c.Bold(r.lead) + r.note + "\n")
	default:
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		below(b, detail{text: note}, width, c)
	}
	for _, d := range r.below {
		below(b, d, width, c)
	}
}

// below writes a detail, in as many lines as it needs.
func below(b *strings.Builder, d detail, width int, c Palette) {
	lines := []string{d.text}
	if indent := columns(indentation); width > indent {
		lead := d.text[:len(d.text)-len(strings.TrimLeft(d.text, " "))]
		lines = Wrap(d.text, width-indent-len(lead))
		for i := range lines {
			lines[i] = lead + lines[i]
		}
	}
	for _, line := range lines {
		if d.paint != nil {
			line = d.paint(c, line)
		}
		b.WriteString(indentation + line + "\n")
	}
}

const indentation = "      "

func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-columns(s)))
}
