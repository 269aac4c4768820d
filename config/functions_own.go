package config

import (
	"errors"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// The functions below are those that cty's standard library lacks, or knows under
// another meaning than Terraform does, which people write from memory.

// coalesceFunc returns the first argument that is neither null nor "".
func coalesceFunc() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{
			Name: "vals", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true,
		},
		Type: func(args []cty.Value) (cty.Type, error) {
			types := make([]cty.Type, len(args))
			for i, arg := range args {
				types[i] = arg.Type()
			}
			t, _ := convert.UnifyUnsafe(types)
			if t == cty.NilType {
				return t, errors.New("all arguments must have the same type")
			}
			return t, nil
		},
		Impl: func(args []cty.Value, want cty.Type) (cty.Value, error) {
			for _, arg := range args {
				v, err := convert.Convert(arg, want)
				if err != nil {
					return cty.NilVal, err
				}
				if v.IsNull() || v.Type() == cty.String && v.AsString() == "" {
					continue
				}
				return v, nil
			}
			return cty.NilVal, errors.New("every argument is null or an empty string")
		},
	})
}

// replaceFunc replaces a text, or what a regular expression between slashes matches.
func replaceFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "str", Type: cty.String}, {Name: "substr", Type: cty.String}, {Name: "replace", Type: cty.String},
		},
		Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			pattern := args[1].AsString()
			if len(pattern) > 1 && strings.HasPrefix(pattern, "/") && strings.HasSuffix(pattern, "/") {
				return stdlib.RegexReplace(args[0], cty.StringVal(pattern[1:len(pattern)-1]), args[2])
			}
			return cty.StringVal(strings.ReplaceAll(args[0].AsString(), pattern, args[2].AsString())), nil
		},
	})
}

// hasAffixFunc is startswith, or endswith.
func hasAffixFunc(prefix bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}, {Name: "affix", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s, affix := args[0].AsString(), args[1].AsString()
			if prefix {
				return cty.BoolVal(strings.HasPrefix(s, affix)), nil
			}
			return cty.BoolVal(strings.HasSuffix(s, affix)), nil
		},
	})
}

// indexFunc finds the place of a value in a list.
func indexFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType},
		},
		Type: function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if t := args[0].Type(); !t.IsListType() && !t.IsTupleType() {
				return cty.NilVal, function.NewArgErrorf(0, "a list is required")
			}
			for it := args[0].ElementIterator(); it.Next(); {
				i, element := it.Element()
				if equal, err := stdlib.Equal(element, args[1]); err == nil && equal.IsKnown() && equal.True() {
					return i, nil
				}
			}
			return cty.NilVal, errors.New("the list does not hold the value")
		},
	})
}

// lengthFunc counts the elements of a collection, or the characters of a string.
func lengthFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			switch t := args[0].Type(); {
			case t == cty.String:
				return stdlib.Strlen(args[0])
			case args[0].CanIterateElements():
				return cty.NumberIntVal(int64(args[0].LengthInt())), nil
			}
			return cty.NilVal, function.NewArgErrorf(0, "a string, list, map or set is required")
		},
	})
}
