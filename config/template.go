package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/text/unicode/norm"

	"github.com/plugins-hcl/plugins/plugin"
)

// template is an expression that is evaluated anew for every version and platform.
type template struct {
	d    *decoder
	expr hcl.Expression
	ctx  *hcl.EvalContext

	text        string // as the lock records it
	perVersion  bool
	perPlatform bool
}

func (b block) template(expr hcl.Expression) template {
	e := template{d: b.d, expr: expr, ctx: b.ctx, text: b.d.sourceText(expr)}
	for _, t := range expr.Variables() {
		switch t.RootName() {
		case "version":
			e.perVersion = true
		case "os", "arch":
			e.perPlatform = true
		}
	}
	return e
}

// sourceText is what stands between the quotes of a template, or all of another
// expression. It is in Unicode's form C, as every string that HCL reads is: the text
// comes back so from the lock, and must be equal to itself.
func (d *decoder) sourceText(expr hcl.Expression) string {
	if isJSON(d.filename) {
		if v, diags := expr.Value(nil); !diags.HasErrors() && v.Type() == cty.String && !v.IsNull() {
			return v.AsString()
		}
	}
	rng := expr.Range()
	if !rng.CanSliceBytes(d.src) {
		return ""
	}
	written := norm.NFC.String(strings.TrimSpace(string(rng.SliceBytes(d.src))))
	switch expr.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		if len(written) >= 2 && written[0] == '"' && written[len(written)-1] == '"' {
			return written[1 : len(written)-1]
		}
	}
	return written
}

// eval gives the text for a version and a platform. Nothing is given where the
// diagnostics hold an error, or where the value is null.
func (e template) eval(v plugin.Version, p plugin.Platform) (text, hcl.Diagnostics) {
	ctx := e.ctx.NewChild()
	ctx.Variables = map[string]cty.Value{
		"version": cty.StringVal(v.String()), "os": cty.StringVal(p.OS), "arch": cty.StringVal(p.Arch),
	}
	// A decoder of its own: plugins are located by several goroutines at once.
	scratch := decoder{locals: e.d.locals, filename: e.d.filename, src: e.d.src}
	value, marks, ok := scratch.value(e.expr, ctx)
	out := text{rng: e.expr.Range(), from: originOf(marks, anyPath)}
	if !ok {
		return out, scratch.diags
	}
	if value.Type() != cty.String {
		scratch.fail(out.rng, "Invalid value", "It must be a string, not %s.", typeName(value))
		return out, scratch.diags
	}
	out.s, out.given = value.AsString(), true
	return out, scratch.diags
}

// locate is eval for a time when the configuration is known to be valid.
func (e template) locate(v plugin.Version, p plugin.Platform) (text, error) {
	t, diags := e.eval(v, p)
	if err := newDiagnosticsError(diags, e.d.files); err != nil {
		return t, err
	}
	if !t.given {
		return t, e.error("Missing value", "the expression is null for version "+v.String()+" on "+p.String())
	}
	return t, nil
}

// error is about the expression.
func (e template) error(summary, message string) error {
	scratch := decoder{}
	scratch.fail(e.expr.Range(), summary, "%s", sentence(message))
	return newDiagnosticsError(scratch.diags, e.d.files)
}

// samplesOf evaluates a template for the platforms that are declared. Where none are, it
// is enough that it can be evaluated for one of the usual ones.
func (d *decoder) samplesOf(e template, declared []plugin.Platform) []text {
	platforms := declared
	if declared == nil {
		platforms = []plugin.Platform{
			{OS: "linux", Arch: "amd64"}, {OS: "darwin", Arch: "arm64"}, {OS: "windows", Arch: "amd64"},
		}
	}
	var out []text
	var failed hcl.Diagnostics
	for _, p := range platforms {
		t, diags := e.eval(plugin.MustVersion("1.2.3"), p)
		switch {
		case diags.HasErrors() && failed == nil:
			failed = diags
		case t.given || t.secret():
			out = append(out, t)
		}
	}
	if len(out) == 0 || declared != nil {
		d.diags = append(d.diags, failed...)
	}
	return out
}
