package scripttest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/plugins-hcl/plugins/internal/scripttest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"get": get})
}

// TestCommands runs the scripts that show what the commands of scripts do.
func TestCommands(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the executables in the packages are shell scripts")
	}
	testscript.Run(t, scripttest.Params("testdata", false))
}

// get is a client for the servers: get URL [TOKEN]. It prints the body, and
// exits with 1 where that is not whole, with 2 where the status is not 200.
func get() {
	r, err := http.NewRequest(http.MethodGet, os.Args[1], nil)
	if err != nil {
		panic(err)
	}
	if len(os.Args) > 2 {
		r.Header.Set("Authorization", "Bearer "+os.Args[2])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if _, err := io.Copy(os.Stdout, resp.Body); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if resp.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, resp.Status)
		os.Exit(2)
	}
}
