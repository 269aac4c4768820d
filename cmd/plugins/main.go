// Command plugins reconciles a directory of plugins with a file that says which
// should be there. Its manual is "plugins help".
package main

import (
	"os"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
