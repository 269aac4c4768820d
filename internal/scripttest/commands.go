package scripttest

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// A command is one word of the scripts' language. Its error fails the script.
type command func(ts *testscript.TestScript, args []string) error

func commands() map[string]func(*testscript.TestScript, bool, []string) {
	all := map[string]command{
		"pkg":        cmdPkg,
		"publish":    cmdPublish,
		"tamper":     cmdTamper,
		"digest":     cmdDigest,
		"keygen":     cmdKeygen,
		"sign":       cmdSign,
		"sums":       cmdSums,
		"owners":     cmdOwners,
		"chown":      cmdChown,
		"setjson":    cmdSetJSON,
		"jsoneq":     cmdJSONEq,
		"cmpjson":    cmdCmpJSON,
		"jsonstream": cmdJSONStream,
		"serve":      cmdServe,
		"stop-serve": cmdStopServe,
		"fault":      cmdFault,
		"heal":       cmdHeal,
		"requests":   cmdRequests,
		"peak":       cmdPeak,
		"await":      cmdAwait,
		"github":     cmdGitHub,
		"ghrelease":  cmdGHRelease,
		"ghdelete":   cmdGHDelete,
		"ghtoken":    cmdGHToken,
		"ghlimit":    cmdGHLimit,
		"exits":      cmdExits,
		"start":      cmdStart,
		"interrupt":  cmdInterrupt,
		"finish":     cmdFinish,
		"runplugin":  cmdRunPlugin,
		"snapshot":   cmdSnapshot,
		"unchanged":  cmdUnchanged,
		"changed":    cmdChanged,
		"tree":       cmdTree,
		"append":     cmdAppend,
		"copytree":   cmdCopyTree,
		"touch":      cmdTouch,
		"pause":      cmdPause,
		"nowhere":    cmdNowhere,
		"replace":    cmdReplace,
		"conflict":   cmdConflict,
		"registry":   cmdRegistry,
		"ocipush":    cmdOCIPush,
		"fulldisk":   cmdFullDisk,
		"readonly":   cmdReadOnly,
		"unmount":    cmdUnmount,
	}
	out := map[string]func(*testscript.TestScript, bool, []string){}
	for name, cmd := range all {
		out[name] = func(ts *testscript.TestScript, neg bool, args []string) {
			if neg {
				ts.Fatalf("%s cannot be negated with !", name)
			}
			if err := cmd(ts, args); err != nil {
				ts.Fatalf("%s: %v", name, err)
			}
		}
	}
	return out
}

// operands reads the flags of fs, which may stand before, between and behind the
// operands, and returns exactly as many operands as usage has words.
func operands(fs *flag.FlagSet, args []string, usage string) ([]string, error) {
	fs.SetOutput(io.Discard)
	var out []string
	for len(args) > 0 {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if args = fs.Args(); len(args) > 0 {
			out, args = append(out, args[0]), args[1:]
		}
	}
	if want := len(strings.Fields(usage)); len(out) != want {
		return nil, fmt.Errorf("it takes %s, not %q", usage, out)
	}
	return out, nil
}

// noFlags is [operands] for commands that have none.
func noFlags(args []string, usage string) ([]string, error) {
	return operands(flag.NewFlagSet("", flag.ContinueOnError), args, usage)
}

// listFlag gathers a flag that may be given several times.
type listFlag []string

func (l *listFlag) String() string     { return strings.Join(*l, ", ") }
func (l *listFlag) Set(s string) error { *l = append(*l, s); return nil }

// commaList splits "a,b"; the empty text has no elements.
func commaList(s string) []string {
	return slices.DeleteFunc(strings.Split(s, ","), func(e string) bool { return e == "" })
}
