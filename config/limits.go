package config

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/plugins-hcl/plugins/plugin"
)

// limits reads a plugin's limits block; what it does not say is the default.
func (d *decoder) limits(raw *hcl.Block, ctx *hcl.EvalContext) plugin.Limits {
	l := plugin.DefaultLimits()
	if raw == nil {
		return l
	}
	b := d.inside(raw, ctx, limitsSchema())
	for name, field := range map[string]*int64{
		"packed": &l.Packed, "unpacked": &l.Unpacked, "file": &l.File, "manifest": &l.Manifest,
		"document": &l.Document, "window": &l.Window, "path": &l.Path, "component": &l.Component,
	} {
		b.amount(name, field, true)
	}
	for name, field := range map[string]*int64{"entries": &l.Entries, "ratio": &l.Ratio, "depth": &l.Depth} {
		b.amount(name, field, false)
	}
	if idle := b.duration("idle"); idle > 0 {
		l.Idle = idle
	}
	return l
}

// amount reads a positive number, or a size as text, into field; it leaves field alone
// where the attribute is not given.
func (b block) amount(name string, field *int64, size bool) {
	attr, ok := b.content.Attributes[name]
	if !ok {
		return
	}
	v, marks, ok := b.d.value(attr.Expr, b.ctx)
	if !ok {
		return
	}
	var n int64
	var err error
	switch {
	case v.Type() == cty.Number:
		f, _ := v.AsBigFloat().Float64()
		n, err = whole(f)
	case v.Type() == cty.String && size:
		n, err = parseSize(v.AsString())
	case size:
		err = errors.New(`write it as a number of bytes or as "512MiB"`)
	default:
		err = errors.New("write it as a number")
	}
	if err != nil {
		t := text{from: originOf(marks, anyPath), rng: attr.Expr.Range()}
		if v.Type() == cty.String {
			t.s = v.AsString()
		}
		b.d.reject(t, "Invalid limit "+strconv.Quote(name), err)
		return
	}
	*field = n
}

// parseSize reads "512MiB", "500MB", "1.5 GiB" or "1024" as bytes.
func parseSize(s string) (int64, error) {
	i := strings.IndexFunc(s, func(c rune) bool { return (c < '0' || c > '9') && c != '.' })
	if i < 0 {
		i = len(s)
	}
	units := map[string]float64{
		"": 1, "b": 1,
		"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	}
	unit, known := units[strings.ToLower(strings.TrimSpace(s[i:]))]
	number, err := strconv.ParseFloat(s[:i], 64)
	if err != nil || !known {
		return 0, errors.New(strconv.Quote(s) + ` is not a size: write it as "512MiB", "500MB" or a number of bytes`)
	}
	return whole(number * unit)
}

func whole(f float64) (int64, error) {
	switch {
	case f <= 0:
		return 0, errors.New("a limit is positive")
	case f >= math.MaxInt64:
		return 0, errors.New("it is too large")
	case f != math.Trunc(f):
		return 0, errors.New("it is not a whole number")
	}
	return int64(f), nil
}
