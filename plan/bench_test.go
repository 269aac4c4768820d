package plan_test

import (
	"fmt"
	"testing"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// BenchmarkBuild plans 10,000 plugins of which none, all or the versions before are there.
func BenchmarkBuild(b *testing.B) {
	const count = 10_000
	for name, now := range map[string]string{"none": "", "all": "0.6.0", "older": "0.5.8"} {
		b.Run(name, func(b *testing.B) {
			in := plan.Input{Lock: &lock.File{}, Snapshot: &installed.Snapshot{}, Platform: linux, PluginDir: "plugins"}
			for i := range count {
				name := plugin.Name(fmt.Sprintf("p%05d", i))
				in.Required = append(in.Required, required(name))
				in.Lock.Plugins = append(in.Lock.Plugins, locked(name, "0.6.0", sumA))
				if now != "" {
					in.Snapshot.Plugins = append(in.Snapshot.Plugins, present(name, now, sumA))
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				p, err := plan.Build(in)
				if err != nil {
					b.Fatal(err)
				}
				if want := map[string]int{"": count, "0.6.0": 0, "0.5.8": count}[now]; len(p.Changes) != want {
					b.Fatalf("%d changes, not %d", len(p.Changes), want)
				}
			}
		})
	}
}
