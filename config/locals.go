package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// evaluateLocals makes local.NAME available, whatever order the locals are written in.
func (d *decoder) evaluateLocals(blocks []*hcl.Block) {
	attrs := map[string]*hcl.Attribute{}
	d.locals = map[string]bool{}
	for _, raw := range blocks {
		these, diags := raw.Body.JustAttributes()
		d.diags = append(d.diags, diags...)
		for _, name := range slices.Sorted(maps.Keys(these)) {
			if before, ok := attrs[name]; ok {
				d.fail(these[name].NameRange, "Duplicate local",
					"The local %q is declared at %s already.", name, position(before.NameRange))
				continue
			}
			attrs[name] = these[name]
			d.locals[name] = true
		}
	}
	l := localsWalk{d: d, attrs: attrs, values: map[string]cty.Value{}}
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		l.visit(name)
	}
	d.root.Variables = map[string]cty.Value{"local": cty.ObjectVal(l.values)}
}

// localsWalk evaluates each local after those it refers to.
type localsWalk struct {
	d      *decoder
	attrs  map[string]*hcl.Attribute
	values map[string]cty.Value // those done
	path   []string             // those begun: each refers to the next
}

func (l *localsWalk) visit(name string) {
	if _, done := l.values[name]; done {
		return
	}
	attr, ok := l.attrs[name]
	if !ok {
		return // reported where it is referred to
	}
	if i := slices.Index(l.path, name); i >= 0 {
		cycle := append(slices.Clone(l.path[i:]), name)
		l.d.fail(attr.Range, "Locals refer to one another", "None of them can be evaluated: local.%s.",
			strings.Join(cycle, " → local."))
		for _, n := range l.path[i:] {
			l.values[n] = cty.DynamicVal
		}
		return
	}
	l.path = append(l.path, name)
	for _, t := range attr.Expr.Variables() {
		if other, ok := localName(t); ok {
			l.visit(other)
		}
	}
	l.path = l.path[:len(l.path)-1]
	if _, done := l.values[name]; !done {
		l.values[name] = l.evaluate(attr)
	}
}

// evaluate is unknown where it failed, so that what refers to it adds no error of
// its own.
func (l *localsWalk) evaluate(attr *hcl.Attribute) cty.Value {
	ctx := l.d.root.NewChild()
	ctx.Variables = map[string]cty.Value{"local": cty.ObjectVal(l.values)}
	diags := l.d.checkVariables(attr.Expr, ctx)
	if !diags.HasErrors() {
		v, more := l.d.evaluate(attr.Expr, ctx)
		diags = append(diags, more...)
		if !diags.HasErrors() {
			if size := textSize(v); size > maxLocalSize {
				l.d.fail(attr.Expr.Range(), "Local too large", "It holds %d bytes of text, and may hold %d.", size, maxLocalSize)
				return cty.DynamicVal
			}
			return v
		}
	}
	l.d.diags = append(l.d.diags, diags...)
	return cty.DynamicVal
}

// maxLocalSize, in bytes, keeps locals that repeat one another from filling the memory
// by doubling.
const maxLocalSize = 64 << 10

// textSize is how much text a value holds, in bytes.
func textSize(v cty.Value) int {
	size := 0
	unmarked, _ := v.UnmarkDeep()
	// The walk itself fails only where its function does.
	_ = cty.Walk(unmarked, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
			size += len(v.AsString())
		}
		return true, nil
	})
	return size
}

// localName is NAME where t starts with local.NAME or local["NAME"].
func localName(t hcl.Traversal) (string, bool) {
	if t.RootName() != "local" || len(t) < 2 {
		return "", false
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		key, _ := step.Key.Unmark()
		if key.Type() == cty.String && key.IsKnown() && !key.IsNull() {
			return key.AsString(), true
		}
	}
	return "", false
}

// checkVariables says of variables that are not there what HCL cannot know: which
// locals there are, and where the others can be used.
func (d *decoder) checkVariables(expr hcl.Expression, ctx *hcl.EvalContext) hcl.Diagnostics {
	var diags hcl.Diagnostics
	fail := func(t hcl.Traversal, summary, format string, args ...any) {
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: t.SourceRange().Ptr(),
		})
	}
	for _, t := range expr.Variables() {
		root := t.RootName()
		switch {
		case root == "local":
			name, ok := localName(t)
			switch {
			case d.locals == nil:
				fail(t, "Invalid reference", "Locals cannot be used here: this is read before anything else.")
			case !ok:
				fail(t, "Invalid reference", `A local is referred to as "local.NAME".`)
			case !d.locals[name]:
				fail(t, "Unknown local", "There is no local named %q.%s", name,
					didYouMean(name, slices.Sorted(maps.Keys(d.locals))))
			}
		case inScope(ctx, root):
		case root == "version" || root == "os" || root == "arch":
			fail(t, "Variable out of scope", `%q is known only in a plugin's "source" and "asset".`, root)
		case root == "name":
			fail(t, "Variable out of scope", `"name" is known only inside a plugin block.`)
		default:
			fail(t, "Unknown variable", "There is no variable named %q.%s", root, variableHint(root))
		}
	}
	return diags
}

func variableHint(root string) string {
	switch root {
	case "var":
		return " This file has locals, and env() for what differs from machine to machine."
	case "locals":
		return ` Did you mean "local"?`
	case "platform", "target":
		return ` Did you mean "os" and "arch"?`
	}
	return didYouMean(root, []string{"name", "version", "os", "arch", "local"})
}

func inScope(ctx *hcl.EvalContext, name string) bool {
	for ; ctx != nil; ctx = ctx.Parent() {
		if _, ok := ctx.Variables[name]; ok {
			return true
		}
	}
	return false
}
