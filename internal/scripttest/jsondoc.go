package scripttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdSetJSON changes, adds or removes one value of a JSON file.
func cmdSetJSON(ts *testscript.TestScript, args []string) error {
	fs := flag.NewFlagSet("setjson", flag.ContinueOnError)
	remove := fs.Bool("delete", false, "")
	fs.SetOutput(io.Discard)
	if err := fs.Parse(args); err != nil {
		return err
	}
	ops := fs.Args()
	if len(ops) != 3 && !(*remove && len(ops) == 2) {
		return errors.New("it takes FILE PATH VALUE, or -delete FILE PATH")
	}
	file := ts.MkAbs(ops[0])
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	change := func(any) (any, bool) { return nil, false }
	if !*remove {
		change = func(any) (any, bool) { return looseJSON(ops[2]), true }
	}
	if doc, err = edit(doc, splitPath(ops[1]), change); err != nil {
		return err
	}
	return writeDocument(file, doc)
}

// looseJSON reads JSON, and takes what is none for a string.
func looseJSON(s string) any {
	var v any
	if json.Unmarshal([]byte(s), &v) != nil {
		return s
	}
	return v
}

// splitPath splits "versions.0.downloads"; "." is the whole document.
func splitPath(path string) []string {
	if path == "." {
		return nil
	}
	return strings.Split(path, ".")
}

// edit gives the value at path to change, and puts back what that returns, or
// nothing where it reports false.
func edit(doc any, path []string, change func(any) (any, bool)) (any, error) {
	if len(path) == 0 {
		out, _ := change(doc)
		return out, nil
	}
	switch d := doc.(type) {
	case map[string]any:
		return d, editObject(d, path, change)
	case []any:
		i, err := index(d, path[0])
		if err != nil {
			return nil, err
		}
		if len(path) > 1 {
			d[i], err = edit(d[i], path[1:], change)
			return d, err
		}
		v, keep := change(d[i])
		if !keep {
			return append(d[:i], d[i+1:]...), nil
		}
		d[i] = v
		return d, nil
	}
	return nil, fmt.Errorf("there is nothing at %q", strings.Join(path, "."))
}

func editObject(d map[string]any, path []string, change func(any) (any, bool)) error {
	if len(path) > 1 {
		v, err := edit(d[path[0]], path[1:], change)
		if err == nil {
			d[path[0]] = v
		}
		return err
	}
	if v, keep := change(d[path[0]]); keep {
		d[path[0]] = v
	} else {
		delete(d, path[0])
	}
	return nil
}

func index(list []any, s string) (int, error) {
	i, err := strconv.Atoi(s)
	if err != nil || i < 0 || i >= len(list) {
		return 0, fmt.Errorf("a list of %d has no element %q", len(list), s)
	}
	return i, nil
}

// cmdJSONEq compares one value of a JSON document with the one expected.
func cmdJSONEq(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "FILE PATH WANT")
	if err != nil {
		return err
	}
	doc, err := oneDocument(ts.ReadFile(ops[0]))
	if err != nil {
		return err
	}
	var got any
	_, err = edit(doc, splitPath(ops[1]), func(v any) (any, bool) { got = v; return v, true })
	if err != nil {
		return err
	}
	if diff := cmp.Diff(looseJSON(ops[2]), got); diff != "" {
		return fmt.Errorf("at %s (-want +got):\n%s", ops[1], diff)
	}
	return nil
}

// cmdCmpJSON compares whole documents, whatever their layout; variables in the
// expected one are replaced.
func cmdCmpJSON(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "FILE WANTFILE")
	if err != nil {
		return err
	}
	got, err := oneDocument(ts.ReadFile(ops[0]))
	if err != nil {
		return fmt.Errorf("%s: %w", ops[0], err)
	}
	want, err := oneDocument(os.Expand(ts.ReadFile(ops[1]), ts.Getenv))
	if err != nil {
		return fmt.Errorf("%s: %w", ops[1], err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("-want +got:\n%s", diff)
	}
	return nil
}

// oneDocument reads text as one JSON document with nothing behind it.
func oneDocument(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON document")
	}
	return v, nil
}

// cmdJSONStream demands that a file is a stream of one JSON object a line, of
// which the first is the version.
func cmdJSONStream(ts *testscript.TestScript, args []string) error {
	ops, err := noFlags(args, "FILE")
	if err != nil {
		return err
	}
	text := ts.ReadFile(ops[0])
	if !strings.HasSuffix(text, "\n") {
		return errors.New("the last line does not end")
	}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if err := streamLine(i, line); err != nil {
			return fmt.Errorf("line %d, %q: %w", i+1, line, err)
		}
	}
	return nil
}

func streamLine(i int, line string) error {
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader([]byte(line)))
	if err := d.Decode(&object); err != nil {
		return err
	}
	if d.InputOffset() != int64(len(line)) {
		return errors.New("it has more than one object")
	}
	if kind, ok := object["type"].(string); !ok || kind == "" {
		return errors.New(`it has no "type"`)
	}
	if i > 0 {
		return nil
	}
	if object["type"] != "version" || object["format_version"] != "1.0" {
		return errors.New(`the first is not {"type":"version","format_version":"1.0",…}`)
	}
	return nil
}
