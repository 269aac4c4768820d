package lock_test

import (
	"strings"
	"testing"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

func TestPrune(t *testing.T) {
	t.Parallel()
	f := &lock.File{Plugins: []lock.Plugin{
		{Name: "a"},
		{Name: "b", RequiredBy: []plugin.Name{"a", "x"}},
		{Name: "c", RequiredBy: []plugin.Name{"d"}},
		{Name: "d", RequiredBy: []plugin.Name{"c", "x"}},
		{Name: "x"},
		{Name: "y", RequiredBy: []plugin.Name{"x"}},
	}}
	for declared, want := range map[string]string{
		"a x":     "a b:a,x c:d d:c,x x y:x",
		"a":       "a b:a", // c and d need each other, and nobody else needs them
		"x":       "b:x c:d d:c,x x y:x",
		"b":       "b",
		"a y":     "a b:a y",
		"nothing": "",
	} {
		var required []plugin.Requirement
		for _, name := range strings.Fields(declared) {
			required = append(required, plugin.Requirement{Name: plugin.Name(name)})
		}
		var got []string
		for _, p := range f.Prune(required).Plugins {
			text := string(p.Name)
			for i, by := range p.RequiredBy {
				text += map[bool]string{true: ":", false: ","}[i == 0] + string(by)
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("with %s declared: %s, want %s", declared, strings.Join(got, " "), want)
		}
	}
	if len(f.Plugins[1].RequiredBy) != 2 {
		t.Error("Prune changed what it was given")
	}
}
