package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// variable marks every value that env(NAME) gave, and what is made of it: it may be
// a token, is kept out of messages, and must not reach the lock.
type variable struct {
	name  string
	unset bool
}

// origin is the variables of the environment that a value depends on, by name.
type origin []variable

// originOf collects the variables that a value, or the part of it at a path, was
// marked with.
func originOf(marked []cty.PathValueMarks, concerns func(cty.Path) bool) origin {
	var out origin
	for _, m := range marked {
		if !concerns(m.Path) {
			continue
		}
		for mark := range m.Marks {
			if v, ok := mark.(variable); ok && !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	slices.SortFunc(out, func(a, b variable) int { return cmp.Compare(a.name, b.name) })
	return out
}

func anyPath(cty.Path) bool { return true }

// ofElement is for what the i-th element of a list depends on.
func ofElement(i int) func(cty.Path) bool {
	return func(p cty.Path) bool {
		if len(p) == 0 {
			return true
		}
		step, ok := p[0].(cty.IndexStep)
		return !ok || step.Key.Type() != cty.Number || step.Key.RawEquals(cty.NumberIntVal(int64(i)))
	}
}

// String is `env("A") and env("B")`.
func (o origin) String() string {
	calls := make([]string, len(o))
	for i, v := range o {
		calls[i] = "env(" + strconv.Quote(v.name) + ")"
	}
	return strings.Join(calls, " and ")
}

// unset are the variables that are not set, as a person must hear of them; "" if all
// are.
func (o origin) unset() string {
	var names []string
	for _, v := range o {
		if v.unset {
			names = append(names, v.name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "the environment variable " + quoted(names) + " is not set"
	}
	return "the environment variables " + quoted(names) + " are not set"
}

// because is [origin.unset] behind a sentence about null.
func (o origin) because() string {
	if why := o.unset(); why != "" {
		return ": " + why
	}
	return ""
}

// refuseOrigin refuses what is made with env() where it would reach the lock or the
// records.
func (d *decoder) refuseOrigin(t text, what, instead string) bool {
	if len(t.from) == 0 {
		return false
	}
	d.fail(t.rng, what+" made with env()",
		"It depends on %s. A lock means the same on every machine, and holds no secret: %s.", t.from, instead)
	return true
}

// writeOut is what to do instead of env(), where nothing better is known.
const writeOut = "write it out"

// explainUnset makes the errors of HCL about null name the variable that is not set.
func explainUnset(diags hcl.Diagnostics) hcl.Diagnostics {
	out := slices.Clone(diags)
	for i, d := range out {
		if d.Expression == nil || d.EvalContext == nil {
			continue
		}
		v, failed := d.Expression.Value(d.EvalContext)
		if failed.HasErrors() || !v.IsNull() {
			continue
		}
		_, marks := v.UnmarkDeepWithPaths()
		if from := originOf(marks, anyPath); from.unset() != "" {
			clean := *d
			clean.Summary = "Unset environment variable"
			clean.Detail = fmt.Sprintf(`This is null: %s. Set it, or say what counts instead: coalesce(%s, "…").`, from.unset(), from)
			out[i] = &clean
		}
	}
	return out
}

// envFunc is env(NAME): the variable's value, or null where it is not set.
func envFunc(env func(string) (string, bool)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "name", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := args[0].AsString()
			if name == "" {
				return cty.NilVal, function.NewArgErrorf(0, "the name of a variable is not empty")
			}
			if env != nil {
				if value, ok := env(name); ok {
					return cty.StringVal(value).Mark(variable{name: name}), nil
				}
			}
			return cty.NullVal(cty.String).Mark(variable{name: name, unset: true}), nil
		},
	})
}

// trace marks a value with all the variables that its expression reads: HCL passes marks
// on, but loses them where one only decides, as in try() or as a key of an object. An
// element of a list, or of an object, is marked with what that element reads.
func (d *decoder) trace(v cty.Value, expr hcl.Expression, ctx *hcl.EvalContext) cty.Value {
	plain, marks := v.Unmark()
	switch {
	case !plain.IsKnown() || plain.IsNull():
	case plain.Type().IsTupleType():
		if items, diags := hcl.ExprList(expr); !diags.HasErrors() && len(items) == plain.LengthInt() {
			elements := plain.AsValueSlice()
			for i, item := range items {
				elements[i] = d.trace(elements[i], item, ctx)
			}
			return cty.TupleVal(elements).WithMarks(marks)
		}
	case plain.Type().IsObjectType():
		if items, diags := hcl.ExprMap(expr); !diags.HasErrors() {
			attributes := plain.AsValueMap()
			for _, item := range items {
				key, diags := item.Key.Value(ctx)
				name, keyMarks := key.Unmark()
				marks = cty.NewValueMarks(marks, keyMarks, d.reads(item.Key, ctx))
				if text, err := convert.Convert(name, cty.String); err == nil && !diags.HasErrors() && text.IsKnown() && !text.IsNull() {
					attributes[text.AsString()] = d.trace(attributes[text.AsString()], item.Value, ctx)
				}
			}
			return cty.ObjectVal(attributes).WithMarks(marks)
		}
	}
	return v.WithMarks(d.reads(expr, ctx))
}

// reads are the marks of everything that an expression refers to.
func (d *decoder) reads(expr hcl.Expression, ctx *hcl.EvalContext) cty.ValueMarks {
	all := cty.ValueMarks{}
	add := func(v cty.Value) {
		_, marks := v.UnmarkDeep()
		for m := range marks {
			all[m] = struct{}{}
		}
	}
	for _, t := range expr.Variables() {
		v, diags := t.TraverseAbs(ctx)
		if diags.HasErrors() {
			// "local.NAME" alone: what follows is what failed.
			v, diags = t[:min(2, len(t))].TraverseAbs(ctx)
		}
		if !diags.HasErrors() {
			add(v)
		}
	}
	for _, node := range d.nodes(expr) {
		_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
			if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && call.Name == "env" {
				v, diags := call.Value(ctx)
				if diags.HasErrors() { // its name is made of what a "for" binds
					v = cty.True.Mark(variable{name: "…"})
				}
				add(v)
			}
			return nil
		})
	}
	return all
}

// nodes are the syntax trees of an expression: in JSON, of every text in it.
func (d *decoder) nodes(expr hcl.Expression) []hclsyntax.Node {
	if node, ok := expr.(hclsyntax.Node); ok {
		return []hclsyntax.Node{node}
	}
	var nodes []hclsyntax.Node
	rng := expr.Range()
	if !rng.CanSliceBytes(d.src) {
		return nil
	}
	for dec := json.NewDecoder(bytes.NewReader(rng.SliceBytes(d.src))); ; {
		token, err := dec.Token()
		if err != nil {
			return nodes
		}
		if text, ok := token.(string); ok {
			if node, _ := hclsyntax.ParseTemplate([]byte(text), d.filename, hcl.InitialPos); node != nil {
				nodes = append(nodes, node)
			}
		}
	}
}
