package installed_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/plugin"
)

// A plugin directory is looked at. Nobody asks about "theirs", and nothing was
// installed by this program, so that no plugin has a record.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"billing", "theirs"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			fmt.Println(err)
			return
		}
		manifest := fmt.Sprintf(`{"name": %q, "version": "2.1.0"}`, name)
		if err := os.WriteFile(filepath.Join(dir, name, plugin.ManifestFile), []byte(manifest), 0o644); err != nil {
			fmt.Println(err)
			return
		}
	}
	snap, err := installed.Scan(context.Background(), dir, installed.Options{
		Wanted: map[plugin.Name][]string{"billing": {"data/**"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range snap.Plugins {
		fmt.Println(p.Name, p.Version, "installed by this program:", p.Record != nil)
	}
	fmt.Println("unmanaged:", snap.Unmanaged)
	// Output:
	// billing 2.1.0 installed by this program: false
	// unmanaged: [theirs]
}
