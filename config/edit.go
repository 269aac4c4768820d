package config

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/plugins-hcl/plugins/plugin"
)

// NewPlugin is a plugin block to be written into a configuration that is there.
type NewPlugin struct {
	Name    plugin.Name
	Source  string // ${version}, ${os}, ${arch} and ${name} stand for what they do; "": no attribute
	Version string // a constraint; "": no attribute
}

// AddPlugin is the configuration src with one more plugin block: in the order of the
// alphabet, where the blocks that are there have it, else after the last. The block is
// laid out as [Format] would; every other byte stays. What a text means is not looked
// at, only its syntax: see [Parse].
func AddPlugin(src []byte, filename string, p NewPlugin) ([]byte, error) {
	e, err := newEditor(src, filename)
	if err != nil {
		return nil, err
	}
	return e.add(p), nil
}

// RemovePlugin is the configuration src without the blocks of a plugin and the lines of
// comment right above them. A plugin that has none is a [*NotDeclaredError].
func RemovePlugin(src []byte, filename string, name plugin.Name) ([]byte, error) {
	for removed := false; ; removed = true {
		e, err := newEditor(src, filename)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(e.plugins, func(b *hclsyntax.Block) bool { return b.Labels[0] == string(name) })
		switch {
		case i >= 0:
			src = e.remove(e.plugins[i])
		case !removed:
			return nil, &NotDeclaredError{Plugin: name, Path: filename}
		default:
			return src, nil
		}
	}
}

// SetVersion is the configuration src with another version constraint of a plugin. Only
// the version's text changes; where there is none, a line is added to the plugin's
// block.
func SetVersion(src []byte, filename string, name plugin.Name, version string) ([]byte, error) {
	e, err := newEditor(src, filename)
	if err != nil {
		return nil, err
	}
	for _, b := range e.plugins {
		if b.Labels[0] == string(name) {
			return e.setVersion(b, quote(version))
		}
	}
	return nil, &NotDeclaredError{Plugin: name, Path: filename}
}

// NotDeclaredError says that a configuration has no block of a plugin.
type NotDeclaredError struct {
	Plugin plugin.Name
	Path   string
	Near   string // a declared plugin that may be meant; "" for none
}

func (e *NotDeclaredError) Error() string {
	text := fmt.Sprintf("no plugin %q is declared in %s", e.Plugin, e.Path)
	if e.Near != "" {
		text += fmt.Sprintf("; did you mean %q?", e.Near)
	}
	return text
}

// NotEditableError says that a text cannot be changed without a person.
type NotEditableError struct {
	Pos plugin.Pos
	Why string
}

func (e *NotEditableError) Error() string { return e.Pos.String() + ": " + e.Why }

// Editable says whether a configuration of that name can be changed: nil, or a
// [*NotEditableError].
func Editable(filename string) error {
	if isJSON(filename) {
		return &NotEditableError{Pos: plugin.Pos{File: filename}, Why: "it is JSON, which is changed by hand only"}
	}
	return nil
}

// editor changes a configuration line by line.
type editor struct {
	src     []byte
	tokens  hclsyntax.Tokens
	lines   []line
	plugins []*hclsyntax.Block // in the order written
}

func newEditor(src []byte, filename string) (*editor, error) {
	if err := Editable(filename); err != nil {
		return nil, err
	}
	file, diags := parseSyntax(src, filename)
	if diags.HasErrors() {
		if file == nil {
			file = &hcl.File{Bytes: src}
		}
		return nil, newDiagnosticsError(diags, map[string]*hcl.File{filename: file})
	}
	e := &editor{src: src}
	e.tokens, _ = hclsyntax.LexConfig(src, filename, hcl.InitialPos)
	e.lines = linesOf(src, e.tokens)
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if b.Type == "plugin" && len(b.Labels) == 1 {
			e.plugins = append(e.plugins, b)
		}
	}
	return e, nil
}

func (e *editor) add(p NewPlugin) []byte {
	block := p.text()
	switch after, before := e.neighbor(p.Name); {
	case after != nil:
		first, last := e.extent(after)
		return e.below(last, block, !e.packed(first, last))
	case before != nil:
		first, _ := e.extent(before)
		return e.above(first, block)
	}
	for i := len(e.lines) - 1; i >= 0; i-- {
		if e.lines[i].kind != blank {
			return e.below(i, block, true)
		}
	}
	return e.insert(e.lines[0].start, block, e.newline(0))
}

// neighbor is the block that a new one comes after, or, where it is the first in the
// alphabet, before.
func (e *editor) neighbor(name plugin.Name) (after, before *hclsyntax.Block) {
	if len(e.plugins) == 0 {
		return nil, nil
	}
	byName := func(a, b *hclsyntax.Block) int { return strings.Compare(a.Labels[0], b.Labels[0]) }
	if !slices.IsSortedFunc(e.plugins, byName) {
		return e.plugins[len(e.plugins)-1], nil
	}
	for _, b := range slices.Backward(e.plugins) {
		if b.Labels[0] <= string(name) {
			return b, nil
		}
	}
	return nil, e.plugins[0]
}

// packed reports whether blocks stand there without an empty line between them.
func (e *editor) packed(first, last int) bool {
	if last+1 < len(e.lines) && e.lines[last+1].kind != blank {
		return true
	}
	return first > 0 && slices.ContainsFunc(e.plugins, func(b *hclsyntax.Block) bool {
		_, end := e.extent(b)
		return end == first-1
	})
}

// below inserts a block under a line, apart from it by an empty line or not.
func (e *editor) below(line int, block string, apart bool) []byte {
	nl := e.newline(line)
	if l := e.lines[line]; l.newline == 0 {
		// The last line of a file that does not end with one; nor does it then.
		gap := nl
		if apart {
			gap += nl
		}
		return splice(e.src, l.end, l.end, gap+strings.TrimSuffix(withNewline(block, nl), nl))
	}
	if apart {
		return e.insert(e.lines[line].end, "\n"+block, nl)
	}
	return e.insert(e.lines[line].end, block, nl)
}

// above inserts a block over a line.
func (e *editor) above(line int, block string) []byte {
	if line == 0 || e.lines[line-1].kind == blank {
		block += "\n"
	}
	return e.insert(e.lines[line].start, block, e.newline(line))
}

func (e *editor) insert(at int, text, nl string) []byte {
	return splice(e.src, at, at, withNewline(text, nl))
}

// remove takes a block out, and with it one of two empty lines that would meet.
func (e *editor) remove(b *hclsyntax.Block) []byte {
	first, last := e.extent(b)
	from, to := e.lines[first].start, e.lines[last].end
	above := first > 0 && e.lines[first-1].kind == blank
	below := last+1 < len(e.lines) && e.lines[last+1].kind == blank
	switch {
	case e.lines[last].newline == 0:
		// The file does not end with a newline, and shall not.
		if above {
			first--
		}
		if from = e.lines[first].start; first > 0 {
			from -= e.lines[first-1].newline
		}
	case last+1 == len(e.lines) && above:
		from = e.lines[first-1].start
	case above && below:
		// The one that is just a line's end: spaces are somebody's.
		if own := e.ending(last); !e.holdsOnly(first-1, own) && e.holdsOnly(last+1, own) {
			to = e.lines[last+1].end
		} else {
			from = e.lines[first-1].start
		}
	case first == 0 && below && e.codeAfter(last):
		to = e.lines[last+1].end
	}
	return splice(e.src, from, to, "")
}

// setVersion writes a version, which is quoted already.
func (e *editor) setVersion(b *hclsyntax.Block, version string) ([]byte, error) {
	if attr, ok := b.Body.Attributes["version"]; ok {
		rng := attr.Expr.Range()
		literal, ok := attr.Expr.(*hclsyntax.TemplateExpr)
		if !ok || !literal.IsStringLiteral() || e.src[rng.Start.Byte] != '"' {
			return nil, &NotEditableError{
				Pos: position(attr.SrcRange),
				Why: fmt.Sprintf("the version of plugin %q is an expression, which is changed by hand only", b.Labels[0]),
			}
		}
		return splice(e.src, rng.Start.Byte, rng.End.Byte, version), nil
	}
	from, to := b.TypeRange.Start.Byte, b.CloseBraceRange.End.Byte
	was := e.src[from:to]
	is := e.withVersion(b, version)[from:]
	is = is[:len(is)-(len(e.src)-to)]
	if bytes.Equal(Format(was), append(bytes.Clone(was), '\n')) {
		is = bytes.TrimSuffix(Format(is), []byte("\n"))
	}
	return splice(e.src, from, to, string(is)), nil
}

// withVersion adds a line to a block.
func (e *editor) withVersion(b *hclsyntax.Block, version string) []byte {
	text := "version = " + version
	open, end := b.OpenBraceRange, b.CloseBraceRange
	nl := e.newline(e.lineOf(open.Start.Byte))
	if open.Start.Line == end.Start.Line {
		inside := "  " + text
		if has := bytes.TrimSpace(e.src[open.End.Byte:end.Start.Byte]); len(has) > 0 {
			inside = "  " + string(has) + nl + inside
		}
		return splice(e.src, open.End.Byte, end.Start.Byte, nl+inside+nl)
	}
	at, indent := e.lineEnd(open.End.Byte), "  "
	if attr, ok := b.Body.Attributes["source"]; ok {
		at = e.lineEnd(attr.SrcRange.End.Byte)
		l := e.src[e.lines[e.lineOf(attr.SrcRange.Start.Byte)].start:]
		indent = string(l[:len(l)-len(bytes.TrimLeft(l, " \t"))])
	}
	return splice(e.src, at, at, indent+text+nl)
}

// text is the block, as Format lays it out.
func (p NewPlugin) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plugin %s {\n", quote(string(p.Name)))
	if p.Source != "" {
		fmt.Fprintf(&b, "source = %s\n", quoteTemplate(p.Source))
	}
	if p.Version != "" {
		fmt.Fprintf(&b, "version = %s\n", quote(p.Version))
	}
	b.WriteString("}\n")
	return string(Format([]byte(b.String())))
}

func quote(s string) string { return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes()) }

// quoteTemplate is quote, except that what a source may refer to is referred to.
func quoteTemplate(s string) string {
	var pairs []string
	for _, name := range []string{"name", "version", "os", "arch"} {
		pairs = append(pairs, "$${"+name+"}", "${"+name+"}")
	}
	return strings.NewReplacer(pairs...).Replace(quote(s))
}

func splice(src []byte, from, to int, text string) []byte {
	return slices.Concat(src[:from], []byte(text), src[to:])
}

func withNewline(text, nl string) string { return strings.ReplaceAll(text, "\n", nl) }
