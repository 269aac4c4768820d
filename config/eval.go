package config

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/plugins-hcl/plugins/plugin"
)

// text is a string of the configuration. Not given is also what evaluates to null,
// and what could not be evaluated, which is reported by then.
type text struct {
	s     string
	given bool
	from  origin // what comes from the environment is never to be shown
	rng   hcl.Range
}

func (t text) secret() bool { return len(t.from) > 0 }

// show is the text for a message.
func (t text) show() string {
	if t.secret() {
		return plugin.Sensitive
	}
	return t.s
}

// hide takes the text out of a message that names it, if it is secret.
func (t text) hide(message string) string {
	if !t.secret() || t.s == "" {
		return message
	}
	message = strings.ReplaceAll(message, strconv.Quote(t.s), plugin.Sensitive)
	message = strings.ReplaceAll(message, t.s, plugin.Sensitive)
	// A message may quote a part of it, such as the registry of a source.
	return quotation.ReplaceAllStringFunc(message, func(q string) string {
		if part := strings.Trim(q, `"`); len(part) > 2 && strings.Contains(t.s, part) {
			return plugin.Sensitive
		}
		return q
	})
}

var quotation = regexp.MustCompile(`"[^"]*"`)

// block is the content of a block, and the variables its expressions may use.
type block struct {
	d       *decoder
	ctx     *hcl.EvalContext
	content *hcl.BodyContent
	rng     hcl.Range // of its header
	broken  bool      // it holds something unknown: perhaps what is missing, misspelt
}

// inside reads the content of a block.
func (d *decoder) inside(raw *hcl.Block, ctx *hcl.EvalContext, schema *hcl.BodySchema) block {
	content, diags := raw.Body.Content(schema)
	d.diags = append(d.diags, diags...)
	return block{d: d, ctx: ctx, content: content, rng: d.header(raw), broken: diags.HasErrors()}
}

// header is the place of a block: in JSON, where several share one property, that of
// its label.
func (d *decoder) header(raw *hcl.Block) hcl.Range {
	if isJSON(d.filename) && len(raw.LabelRanges) > 0 {
		return raw.LabelRanges[len(raw.LabelRanges)-1]
	}
	if isJSON(d.filename) {
		return raw.TypeRange
	}
	return raw.DefRange
}

func (d *decoder) posOf(raw *hcl.Block) plugin.Pos { return position(d.header(raw)) }

// blocks are those of one type, in the order written.
func (b block) blocks(kind string) []*hcl.Block {
	return b.content.Blocks.OfType(kind)
}

// single is the only block of its type; nil where there is none. More are an error.
func (d *decoder) single(blocks []*hcl.Block) *hcl.Block {
	if len(blocks) == 0 {
		return nil
	}
	for _, again := range blocks[1:] {
		d.fail(d.header(again), "Duplicate "+again.Type+" block",
			"There is one at %s already, and there may be only one.", d.posOf(blocks[0]))
	}
	return blocks[0]
}

// once returns the blocks whose label, normalised, did not occur before; the others
// are errors.
func (d *decoder) once(blocks []*hcl.Block, normal func(string) string) []*hcl.Block {
	first := map[string]*hcl.Block{}
	var out []*hcl.Block
	for _, raw := range blocks {
		label := normal(raw.Labels[0])
		if before, ok := first[label]; ok {
			d.fail(raw.LabelRanges[0], "Duplicate "+raw.Type,
				"The %s %q is declared at %s already.", raw.Type, raw.Labels[0], d.posOf(before))
			continue
		}
		first[label] = raw
		out = append(out, raw)
	}
	return out
}

// asWritten is for labels of which no two spellings mean the same.
func asWritten(label string) string { return label }

// value evaluates an expression. It is not ok where that failed, which is reported,
// and where the value is null. What of it comes from the environment is told in
// either case.
func (d *decoder) value(expr hcl.Expression, ctx *hcl.EvalContext) (v cty.Value, marks []cty.PathValueMarks, ok bool) {
	if diags := d.checkVariables(expr, ctx); diags.HasErrors() {
		d.diags = append(d.diags, diags...)
		return cty.NilVal, nil, false
	}
	v, diags := d.evaluate(expr, ctx)
	d.diags = append(d.diags, diags...)
	if diags.HasErrors() {
		return cty.NilVal, nil, false
	}
	v, marks = v.UnmarkDeepWithPaths()
	if v.IsNull() || !v.IsWhollyKnown() {
		return cty.NilVal, marks, false
	}
	return v, marks, true
}

// evaluate is expr.Value, which panics for an object in JSON with a key that comes from
// the environment: it reads the key without looking for the mark.
func (d *decoder) evaluate(expr hcl.Expression, ctx *hcl.EvalContext) (v cty.Value, diags hcl.Diagnostics) {
	defer func() {
		if recover() != nil {
			v, diags = cty.DynamicVal, hcl.Diagnostics{{
				Severity: hcl.DiagError,
				Summary:  "Invalid expression",
				Detail:   "It cannot be evaluated: the keys of an object must not come from the environment.",
				Subject:  expr.Range().Ptr(),
			}}
		}
	}()
	v, diags = expr.Value(ctx)
	if diags.HasErrors() {
		return v, explainUnset(diags)
	}
	return d.trace(v, expr, ctx), diags
}

// text reads an attribute that is a string.
func (b block) text(name string) text {
	attr, ok := b.content.Attributes[name]
	if !ok {
		return text{rng: b.rng}
	}
	out := text{rng: attr.Expr.Range()}
	v, marks, ok := b.d.value(attr.Expr, b.ctx)
	out.from = originOf(marks, anyPath)
	if !ok {
		return out
	}
	// No conversion: the number 1.10 would become the version "1.1".
	if v.Type() != cty.String {
		b.d.fail(out.rng, "Invalid value for "+strconv.Quote(name), "It must be a string, in quotes, not %s.", typeName(v))
		return out
	}
	out.s, out.given = v.AsString(), true
	return out
}

// required is [block.text] for an attribute that must be given.
func (b block) required(name string) text {
	before := len(b.d.diags)
	t := b.text(name)
	if _, written := b.content.Attributes[name]; !written {
		b.missing(name)
	} else if !t.given && len(b.d.diags) == before {
		b.d.fail(t.rng, "Missing value", "The attribute %q is required, and this is null%s.", name, t.from.because())
	}
	return t
}

// missing records that an attribute is not there.
func (b block) missing(name string) {
	if !b.broken {
		b.d.fail(b.rng, "Missing attribute", "The attribute %q is required here.", name)
	}
}

// texts reads an attribute that is a list of strings.
func (b block) texts(name string) (out []text, given bool) {
	attr, ok := b.content.Attributes[name]
	if !ok {
		return nil, false
	}
	v, marks, ok := b.d.value(attr.Expr, b.ctx)
	if !ok {
		return nil, false
	}
	rng := attr.Expr.Range()
	if !v.CanIterateElements() || v.Type().IsMapType() || v.Type().IsObjectType() {
		b.d.fail(rng, "Invalid value for "+strconv.Quote(name), "It must be a list of strings, not %s.", typeName(v))
		return nil, false
	}
	// An element has its own place only where the list is written out.
	elements, _ := hcl.ExprList(attr.Expr)
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		at := rng
		if len(elements) == v.LengthInt() {
			at = elements[len(out)].Range()
		}
		from := originOf(marks, ofElement(len(out)))
		if element.IsNull() || element.Type() != cty.String {
			b.d.fail(at, "Invalid value for "+strconv.Quote(name), "Every element must be a string, not %s%s.", typeName(element), from.because())
			return nil, false
		}
		out = append(out, text{s: element.AsString(), given: true, from: from, rng: at})
	}
	return out, true
}

// flag reads an attribute that is true or false; false if it is not given.
func (b block) flag(name string) bool {
	attr, ok := b.content.Attributes[name]
	if !ok {
		return false
	}
	v, _, ok := b.d.value(attr.Expr, b.ctx)
	if !ok {
		return false
	}
	v, err := convert.Convert(v, cty.Bool)
	if err != nil {
		b.d.fail(attr.Expr.Range(), "Invalid value for "+strconv.Quote(name), "It must be true or false.")
		return false
	}
	return v.True()
}

// duration reads an attribute that is a positive time; 0 if it is not given.
func (b block) duration(name string) time.Duration {
	t := b.text(name)
	if !t.given {
		return 0
	}
	d, err := time.ParseDuration(t.s)
	if err == nil && d <= 0 {
		err = errors.New("it is not positive")
	}
	if err != nil {
		b.d.fail(t.rng, "Invalid value for "+strconv.Quote(name),
			`%q is not a time: write it as "30s", "5m" or "72h".`, t.show())
		return 0
	}
	return d
}

func typeName(v cty.Value) string {
	if v.IsNull() {
		return "null"
	}
	switch t := v.Type(); {
	case t == cty.String:
		return "a string"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "a bool"
	case t.IsObjectType() || t.IsMapType():
		return "an object"
	default:
		return "a list"
	}
}
