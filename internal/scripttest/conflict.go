package scripttest

import (
	"bytes"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdConflict writes what a merge leaves where two files differ, line by line from the
// first difference to the last: conflict OURS THEIRS FILE.
func cmdConflict(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "OURS THEIRS FILE")
	if err != nil {
		return err
	}
	ours, theirs := strings.SplitAfter(ts.ReadFile(ops[0]), "\n"), strings.SplitAfter(ts.ReadFile(ops[1]), "\n")
	var out bytes.Buffer
	for len(ours) > 0 && len(theirs) > 0 && ours[0] == theirs[0] {
		out.WriteString(ours[0])
		ours, theirs = ours[1:], theirs[1:]
	}
	end := ""
	for len(ours) > 0 && len(theirs) > 0 && ours[len(ours)-1] == theirs[len(theirs)-1] {
		end = ours[len(ours)-1] + end
		ours, theirs = ours[:len(ours)-1], theirs[:len(theirs)-1]
	}
	out.WriteString("<<<<<<< HEAD\n" + strings.Join(ours, "") + "=======\n" + strings.Join(theirs, "") + ">>>>>>> topic\n" + end)
	return os.WriteFile(ts.MkAbs(ops[2]), out.Bytes(), 0o644)
}
