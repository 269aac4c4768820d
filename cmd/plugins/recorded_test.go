package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/term"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/cli"
)

// recordVar names the folder where the programs of a script leave what they print with
// --json. They leave nothing where it is not set, or not theirs to write to.
const recordVar = "PLUGINS_TEST_RECORD"

// recorded is main, which leaves what it prints with --json.
func recorded() {
	command, ok := jsonCommand(os.Args[1:])
	dir := os.Getenv(recordVar)
	if !ok || dir == "" || term.IsTerminal(int(os.Stdout.Fd())) {
		main()
	}
	file, err := os.CreateTemp(dir, "*.part")
	if err != nil {
		main()
	}
	_ = json.NewEncoder(file).Encode(record{Command: command, Args: os.Args[1:]})
	out := &recorder{stdout: os.Stdout, file: file}
	code := cli.Run(os.Args[1:], os.Stdin, out, os.Stderr)
	_ = file.Close()
	if !out.broken {
		_ = os.Rename(file.Name(), strings.TrimSuffix(file.Name(), ".part")+"."+strconv.Itoa(code))
	}
	os.Exit(code)
}

// jsonCommand is the command that a command line asks for JSON, if it does.
func jsonCommand(args []string) (string, bool) {
	cmd, rest, err := cli.Command().Find(args)
	if err != nil || cmd.ParseFlags(rest) != nil {
		return "", false
	}
	asked, _ := cmd.Flags().GetBool("json")
	help, _ := cmd.Flags().GetBool("help")
	return strings.TrimPrefix(cmd.CommandPath(), "plugins "), asked && !help
}

// recorder keeps what reaches standard output.
type recorder struct {
	stdout, file io.Writer
	broken       bool // not all of it could be written
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.stdout.Write(p)
	_, _ = r.file.Write(p[:n])
	r.broken = r.broken || err != nil
	return n, err
}

// record is what one run printed.
type record struct {
	Command string
	Args    []string

	text string
	exit int // below zero: it was killed, or could not write
}

func (r record) String() string { return fmt.Sprintf("plugins %q exited with %d", r.Args, r.exit) }

// readRecords reads what the programs of a script left.
func readRecords(t testing.TB, dir string) []record {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []record
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		head, text, _ := strings.Cut(string(data), "\n")
		r := record{text: text, exit: -1}
		if err := json.Unmarshal([]byte(head), &r); err != nil {
			t.Fatal(err)
		}
		if code, err := strconv.Atoi(strings.TrimPrefix(filepath.Ext(f.Name()), ".")); err == nil {
			r.exit = code
		}
		all = append(all, r)
	}
	return all
}
