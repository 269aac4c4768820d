package lock

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/plugins-hcl/plugins/plugin"
)

// ParseError says that a lock file is not one, and where.
type ParseError struct {
	Pos    plugin.Pos
	Reason string
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("%s: the lock file cannot be read: %s", e.Pos, e.Reason)
}

// Parse reads what [Format] wrote. The error is a [*ParseError], or a [*ConflictError]
// where a merge left its markers.
func Parse(src []byte, filename string) (*File, error) {
	if line := conflictMarker(src); line > 0 {
		return nil, &ConflictError{Pos: plugin.Pos{File: filename, Line: line, Column: 1}}
	}
	if err := checkTokens(src, filename); err != nil {
		return nil, err
	}
	parsed, diags := hclsyntax.ParseConfig(src, filename, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diagnosed(diags, filename)
	}
	p := parser{filename: filename}
	f := p.file(parsed.Body.(*hclsyntax.Body))
	if p.err != nil {
		return nil, p.err
	}
	f.Sort()
	return f, nil
}

// maxNesting is how deep brackets nest in what Format writes: the blocks of a
// plugin and of its package, and a list.
const maxNesting = 3

// checkTokens refuses what Format never writes before the parser sees it: that one
// calls itself for every bracket and operator, and a stack that overflows ends the
// program.
func checkTokens(src []byte, filename string) error {
	tokens, _ := hclsyntax.LexConfig(src, filename, hcl.InitialPos)
	var closers []hclsyntax.TokenType // of the brackets that are open
	for _, t := range tokens {
		ok := true
		switch t.Type {
		case hclsyntax.TokenOBrace:
			closers = append(closers, hclsyntax.TokenCBrace)
			ok = len(closers) <= maxNesting
		case hclsyntax.TokenOBrack:
			closers = append(closers, hclsyntax.TokenCBrack)
			ok = len(closers) <= maxNesting
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack:
			// A closer too many would let as many brackets more be opened.
			n := len(closers) - 1
			if ok = n >= 0 && closers[n] == t.Type; ok {
				closers = closers[:n]
			}
		case hclsyntax.TokenNumberLit:
			// The only number is the format's version; reading one takes time by the
			// square of its length.
			ok = len(t.Bytes) < 10
		case hclsyntax.TokenIdent, hclsyntax.TokenEqual, hclsyntax.TokenComma,
			hclsyntax.TokenOQuote, hclsyntax.TokenQuotedLit, hclsyntax.TokenCQuote,
			hclsyntax.TokenNewline, hclsyntax.TokenComment, hclsyntax.TokenEOF:
		default:
			ok = false
		}
		if !ok {
			return &ParseError{
				Pos:    plugin.Pos{File: filename, Line: t.Range.Start.Line, Column: t.Range.Start.Column},
				Reason: fmt.Sprintf("it holds %.40q, which plugins lock never writes there", t.Bytes),
			}
		}
	}
	return nil
}

func diagnosed(diags hcl.Diagnostics, filename string) error {
	d := diags[0]
	pos := plugin.Pos{File: filename}
	if d.Subject != nil {
		pos.Line, pos.Column = d.Subject.Start.Line, d.Subject.Start.Column
	}
	return &ParseError{Pos: pos, Reason: d.Summary + "; " + d.Detail}
}

// parser keeps the first error, so that the code below reads straight on.
type parser struct {
	filename string
	err      error
}

func (p *parser) fail(at hcl.Range, format string, args ...any) {
	if p.err == nil {
		p.err = &ParseError{
			Pos:    plugin.Pos{File: p.filename, Line: at.Start.Line, Column: at.Start.Column},
			Reason: fmt.Sprintf(format, args...),
		}
	}
}

func (p *parser) file(body *hclsyntax.Body) *File {
	f := &File{}
	attrs := p.attributes(body, "version")
	if version, ok := attrs["version"]; !ok {
		p.fail(body.SrcRange, `it has no "version"`)
	} else if !version.RawEquals(cty.NumberIntVal(FormatVersion)) {
		p.fail(body.Attributes["version"].SrcRange, "this program reads version %d of the format only", FormatVersion)
	}
	seen := map[plugin.Name]bool{}
	for _, block := range p.blocks(body, "plugin") {
		name, err := plugin.ParseName(block.Labels[0])
		if err != nil {
			p.fail(block.LabelRanges[0], "%s", err)
		}
		if seen[name] {
			p.fail(block.LabelRanges[0], "plugin %q stands in it twice", name)
		}
		seen[name] = true
		f.Plugins = append(f.Plugins, p.plugin(name, block))
	}
	return f
}

// pluginAttributes are those of a plugin, in the order of the file.
func pluginAttributes() []string {
	return []string{
		"version", "constraints", "source", "manifest_name", "required_by",
		"resolved", "binary", "min_host", "force_compat", "manifest", "signed_by",
	}
}

// packageAttributes are those of a package of a plugin.
func packageAttributes() []string { return []string{"url", "path", "digest"} }

func (p *parser) plugin(name plugin.Name, block *hclsyntax.Block) Plugin {
	attrs := p.attributes(block.Body, pluginAttributes()...)
	at := block.DefRange()
	out := Plugin{
		Name:         name,
		Constraints:  p.text(at, attrs, "constraints", false),
		Source:       p.text(at, attrs, "source", true),
		ManifestName: p.text(at, attrs, "manifest_name", false),
		RequiredBy:   p.names(at, attrs["required_by"]),
		Resolved:     p.text(at, attrs, "resolved", false),
		Binary:       p.text(at, attrs, "binary", false),
		ForceCompat:  p.yes(at, attrs, "force_compat"),
		Manifest:     p.text(at, attrs, "manifest", false),
		SignedBy:     p.text(at, attrs, "signed_by", false),
	}
	var err error
	if out.Version, err = plugin.ParseVersion(p.text(at, attrs, "version", true)); err != nil {
		p.fail(at, "plugin %q: %s", name, err)
	}
	if host := p.text(at, attrs, "min_host", false); host != "" {
		if out.MinHost, err = plugin.ParseVersion(host); err != nil {
			p.fail(at, "plugin %q: %s", name, err)
		}
	}
	if _, err := plugin.ParseConstraint(out.Constraints); err != nil {
		p.fail(at, "plugin %q: %s", name, err)
	}
	seen := map[plugin.Platform]bool{}
	for _, b := range p.blocks(block.Body, "package") {
		pkg := p.pkg(b)
		if seen[pkg.Platform] {
			p.fail(b.LabelRanges[0], "plugin %q has two packages%s", name, pkg.Platform.For())
		}
		seen[pkg.Platform] = true
		out.Packages = append(out.Packages, pkg)
	}
	if len(out.Packages) == 0 {
		p.fail(at, "plugin %q has no package", name)
	}
	return out
}

func (p *parser) pkg(block *hclsyntax.Block) plugin.Package {
	attrs := p.attributes(block.Body, packageAttributes()...)
	p.blocks(block.Body, "")
	at := block.DefRange()
	pkg := plugin.Package{
		URL:  p.text(at, attrs, "url", false),
		Path: p.text(at, attrs, "path", false),
	}
	var err error
	if pkg.Platform, err = plugin.ParsePlatform(block.Labels[0]); err != nil {
		p.fail(block.LabelRanges[0], "%s", err)
	}
	if pkg.Digest, err = plugin.ParseDigest(p.text(at, attrs, "digest", true)); err != nil {
		p.fail(at, "%s", err)
	}
	if plugin.IsOCI(pkg.URL) {
		if ref, err := plugin.ParseOCI(pkg.URL); err != nil || ref.Digest == "" {
			p.fail(at, "%q is not the address of a package: that ends in the digest of its manifest", plugin.RedactURL(pkg.URL))
		}
	}
	if (pkg.URL == "") == (pkg.Path == "") {
		p.fail(at, `a package has either "url" or "path"`)
	}
	return pkg
}

// attributes evaluates the attributes of body, which may only be those known.
func (p *parser) attributes(body *hclsyntax.Body, known ...string) map[string]cty.Value {
	allowed := map[string]bool{}
	for _, name := range known {
		allowed[name] = true
	}
	values := map[string]cty.Value{}
	for name, attr := range body.Attributes {
		if !allowed[name] {
			p.fail(attr.NameRange, "it holds %q, which this version of the program does not know", name)
			continue
		}
		value, diags := attr.Expr.Value(nil)
		if diags.HasErrors() || value.IsNull() || !value.IsWhollyKnown() {
			p.fail(attr.Range(), "%q is not a plain value", name)
			continue
		}
		values[name] = value
	}
	return values
}

// blocks are the blocks of body, which may only be of the kind given, each with
// one label.
func (p *parser) blocks(body *hclsyntax.Body, kind string) []*hclsyntax.Block {
	var blocks []*hclsyntax.Block
	for _, b := range body.Blocks {
		if b.Type != kind || len(b.Labels) != 1 {
			p.fail(b.DefRange(), "it holds a block %q, which this version of the program does not know", b.Type)
			continue
		}
		blocks = append(blocks, b)
	}
	return blocks
}

func (p *parser) text(at hcl.Range, attrs map[string]cty.Value, name string, required bool) string {
	value, ok := attrs[name]
	if !ok {
		if required {
			p.fail(at, "%q is missing", name)
		}
		return ""
	}
	if value.Type() != cty.String {
		p.fail(at, "%q is not a text", name)
		return ""
	}
	return value.AsString()
}

// yes reads an attribute that stands there only where it is true.
func (p *parser) yes(at hcl.Range, attrs map[string]cty.Value, name string) bool {
	value, ok := attrs[name]
	if ok && (value.Type() != cty.Bool || value.False()) {
		p.fail(at, "%q is not true", name)
		return false
	}
	return ok
}

func (p *parser) names(at hcl.Range, value cty.Value) []plugin.Name {
	if value == cty.NilVal {
		return nil
	}
	if !value.Type().IsTupleType() {
		p.fail(at, `"required_by" is not a list of names`)
		return nil
	}
	var names []plugin.Name
	for _, v := range value.AsValueSlice() {
		// Converting anything else would spell 1e9999999 out.
		if v.Type() != cty.String || v.IsNull() {
			p.fail(at, `"required_by" is not a list of names`)
			return nil
		}
		name, err := plugin.ParseName(v.AsString())
		if err != nil {
			p.fail(at, "%s", err)
		}
		names = append(names, name)
	}
	return names
}
