package project

import (
	"fmt"
	"testing"
	"time"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// Where everything needs everything there are more ways than could ever be walked, and most
// of them lead nowhere: what is told is still told at once.
func TestChainsOfATangle(t *testing.T) {
	t.Parallel()
	for _, declared := range []string{"", "p00", "p12", "p24"} {
		t.Run("declared "+declared, func(t *testing.T) {
			t.Parallel()
			l := &lock.File{}
			for i := range 25 {
				p := lock.Plugin{Name: plugin.Name(fmt.Sprintf("p%02d", i)), Version: plugin.MustVersion("1.0.0")}
				for j := range 25 {
					if i != j {
						p.RequiredBy = append(p.RequiredBy, plugin.Name(fmt.Sprintf("p%02d", j)))
					}
				}
				l.Plugins = append(l.Plugins, p)
			}
			p := &Project{Config: &config.File{}}
			if declared != "" {
				p.Config.Plugins = []plugin.Requirement{{Name: plugin.Name(declared), Pos: plugin.Pos{File: "plugins.hcl", Line: 1}}}
			}
			at, _ := l.Plugin("p05")
			done := make(chan [][]Link, 1)
			go func() { done <- p.chainsTo(l, at) }()
			select {
			case chains := <-done:
				if (len(chains) == 0) != (declared == "") || len(chains) > maxChains+1 {
					t.Errorf("%d chains", len(chains))
				}
				for _, chain := range chains {
					checkChain(t, chain, declared)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("it does not end")
			}
		})
	}
}

func checkChain(t *testing.T, chain []Link, declared string) {
	t.Helper()
	seen := map[plugin.Name]bool{}
	for _, link := range chain {
		if seen[link.Name] {
			t.Errorf("%s is in it twice: %v", link.Name, chain)
		}
		seen[link.Name] = true
	}
	if string(chain[0].Name) != declared || chain[len(chain)-1].Name != "p05" {
		t.Errorf("from %s to %s", chain[0].Name, chain[len(chain)-1].Name)
	}
}
