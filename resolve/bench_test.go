package resolve_test

import (
	"fmt"
	"testing"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/resolve"
)

// BenchmarkChoose chooses versions of 200 plugins with 100 each, none of which needs
// another: what the solver takes is measured where it is.
func BenchmarkChoose(b *testing.B) {
	var texts []string
	for i := range 100 {
		texts = append(texts, fmt.Sprintf("%d.%d.0", i/10, i%10))
	}
	in := input(versions(texts...), "")
	in.Required = nil
	for i := range 200 {
		in.Required = append(in.Required, requirement(plugin.Name(fmt.Sprintf("p%03d", i)), fmt.Sprintf("~> %d.0", i%10)))
	}
	b.ReportAllocs()
	for b.Loop() {
		choices, err := resolve.Choose(b.Context(), in)
		if err != nil || len(choices) != 200 {
			b.Fatal(len(choices), err)
		}
	}
}
