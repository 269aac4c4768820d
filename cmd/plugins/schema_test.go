package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// schemaOf is the schema in docs/schema of what each command prints with --json.
var schemaOf = map[string]string{
	"plan": "plan", "list": "list", "verify": "verify", "diff": "diff", "history": "history",
	"outdated": "outdated", "why": "why", "info": "info", "search": "search", "init": "init",
	"validate": "validate", "fmt": "fmt", "cache info": "cache-info", "cache clean": "cache-clean", "version": "version",

	"lock": stream, "add": stream, "remove": stream, "apply": stream, "rollback": stream,
	"recover": stream, "mirror": stream, "image": stream,
}

// stream is the schema of the lines of those that print a line an object.
const stream = "stream"

// schemas are those of docs/schema, and which of their properties were seen.
type schemas struct {
	published, strict map[string]*jsonschema.Schema
	raw               map[string]map[string]any // strict, as documents

	scripts atomic.Int32 // that have run

	mu   sync.Mutex
	seen map[string]bool // "plan#change/from": see [schemas.see]
}

// loadSchemas reads docs/schema. What is published takes whatever a later minor version
// may add; strict takes what is described alone.
func loadSchemas(t testing.TB) *schemas {
	t.Helper()
	s := &schemas{
		published: map[string]*jsonschema.Schema{}, strict: map[string]*jsonschema.Schema{},
		raw: map[string]map[string]any{}, seen: map[string]bool{},
	}
	files, err := filepath.Glob("../../docs/schema/*.schema.json")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no schemas", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".schema.json")
		s.published[name], _ = compile(t, file, func(map[string]any) {})
		s.strict[name], s.raw[name] = compile(t, file, nothingMore)
	}
	return s
}

func compile(t testing.TB, file string, change func(map[string]any)) (*jsonschema.Schema, map[string]any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	root := doc.(map[string]any)
	change(root)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	id, _ := root["$id"].(string)
	if err := c.AddResource(id, root); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	compiled, err := c.Compile(id)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return compiled, root
}

// nothingMore closes a schema: an object has the properties that are described, and
// "later", which stands for what later versions may add, is nothing.
func nothingMore(schema map[string]any) {
	if _, ok := schema["properties"]; ok {
		schema["additionalProperties"] = false
	}
	for key, value := range schema {
		switch v := value.(type) {
		case map[string]any:
			nothingMore(v)
		case []any:
			for _, e := range v {
				if m, ok := e.(map[string]any); ok {
					nothingMore(m)
				}
			}
		}
		if strings.HasPrefix(key, "later") {
			schema[key] = false
		}
	}
}

// checkRecords holds what the programs of a script printed against the schemas.
func (s *schemas) checkRecords(t testing.TB, dir string) {
	t.Helper()
	for _, r := range readRecords(t, dir) {
		if err := s.check(r); err != nil {
			t.Errorf("%s, and what it printed is not what docs/schema says: %v", r, err)
		}
	}
}

func (s *schemas) check(r record) error {
	name := schemaOf[r.Command]
	switch {
	case name == "":
		return nil // it prints no JSON
	case r.text == "" && r.exit != 0:
		return nil // the error was told elsewhere
	case name == stream:
		return s.checkStream(r)
	case r.exit < 0:
		return nil
	}
	return s.checkDocument(name, r.text)
}

func (s *schemas) checkDocument(name, text string) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var doc any
	if err := d.Decode(&doc); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("something follows the document")
	}
	return s.validate(name, doc)
}

func (s *schemas) checkStream(r record) error {
	lines := strings.SplitAfter(r.text, "\n")
	for i, line := range lines {
		if line, ended := strings.CutSuffix(line, "\n"); ended {
			if err := s.checkDocument(stream, line); err != nil {
				return fmt.Errorf("line %d, %s: %w", i+1, line, err)
			}
		} else if line != "" && r.exit >= 0 {
			return fmt.Errorf("line %d, %s: it does not end", i+1, line)
		}
	}
	if r.exit >= 0 && !strings.HasPrefix(lines[0], `{"type":"version",`) {
		return fmt.Errorf("the first line is not the version: %s", lines[0])
	}
	return nil
}

// validate holds a document against a schema, as published and strictly.
func (s *schemas) validate(name string, doc any) error {
	if s.strict[name] == nil {
		return fmt.Errorf("there is no docs/schema/%s.schema.json", name)
	}
	if err := s.published[name].Validate(doc); err != nil {
		return err
	}
	if err := s.strict[name].Validate(doc); err != nil {
		return ofItsType(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.see(name, s.raw[name], doc, func(at string) { s.seen[at] = true })
	return nil
}

// ofItsType leaves out of an error why an object is none of another type.
func ofItsType(err error) error {
	invalid, ok := errors.AsType[*jsonschema.ValidationError](err)
	if !ok {
		return err
	}
	other := func(e *jsonschema.ValidationError) bool {
		_, never := e.ErrorKind.(*kind.FalseSchema)
		_, constant := e.ErrorKind.(*kind.Const)
		return never || constant && slices.Equal(e.InstanceLocation, []string{"type"})
	}
	for _, e := range invalid.Causes {
		e.Causes = slices.DeleteFunc(e.Causes, func(branch *jsonschema.ValidationError) bool {
			return other(branch) || slices.ContainsFunc(branch.Causes, other)
		})
	}
	return invalid
}

// see tells of each property of a valid document where the schema describes it; at starts
// with the schema's name.
func (s *schemas) see(at string, schema map[string]any, doc any, tell func(string)) {
	name := at[:strings.IndexAny(at+"/", "#/")]
	root := s.raw[name]
	if ref, ok := schema["$ref"].(string); ok {
		def := strings.TrimPrefix(ref, "#/$defs/")
		if target, ok := root["$defs"].(map[string]any)[def].(map[string]any); ok {
			s.see(name+"#"+def, target, doc, tell)
		}
		return
	}
	for _, branch := range branches(schema) {
		if s.fits(root, branch, doc) {
			s.see(at, branch, doc, tell)
		}
	}
	switch d := doc.(type) {
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for key, value := range d {
			if p, ok := properties[key].(map[string]any); ok {
				tell(at + "/" + key)
				s.see(at+"/"+key, p, value, tell)
			}
		}
	case []any:
		if items, ok := schema["items"].(map[string]any); ok {
			for _, e := range d {
				s.see(at, items, e, tell)
			}
		}
	}
}

// branches are the alternatives of a schema.
func branches(schema map[string]any) (all []map[string]any) {
	for _, key := range []string{"oneOf", "anyOf"} {
		list, _ := schema[key].([]any)
		for _, e := range list {
			if m, ok := e.(map[string]any); ok {
				all = append(all, m)
			}
		}
	}
	return all
}

// fits reports whether an alternative is meant by an object: its "type" is that, and what
// is required is there.
func (s *schemas) fits(root, branch map[string]any, doc any) bool {
	if ref, ok := branch["$ref"].(string); ok {
		branch, _ = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	object, isObject := doc.(map[string]any)
	properties, _ := branch["properties"].(map[string]any)
	kind, _ := properties["type"].(map[string]any)
	required, _ := branch["required"].([]any)
	return isObject && kind["const"] == object["type"] && !slices.ContainsFunc(required, func(key any) bool {
		_, ok := object[key.(string)]
		return !ok
	})
}

// notByScripts are properties that no script can bring about.
var notByScripts = []string{
	"version/commit", "version/modified", // go test writes neither into its program
}

// checkSeen demands, after all scripts, that none of what the schemas describe is dead.
func (s *schemas) checkSeen(t *testing.T, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) != int(s.scripts.Load()) || t.Failed() {
		return
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Log("what an interrupted apply prints was not seen: that needs strace")
		return
	}
	for _, at := range s.described() {
		if !s.seen[at] && !slices.Contains(notByScripts, at) {
			t.Errorf("docs/schema describes %s, which no script has printed", at)
		}
	}
}

// described are all places where a schema describes a property.
func (s *schemas) described() (all []string) {
	var walk func(at string, schema map[string]any)
	walk = func(at string, schema map[string]any) {
		properties, _ := schema["properties"].(map[string]any)
		for key, p := range properties {
			all = append(all, at+"/"+key)
			if p, ok := p.(map[string]any); ok {
				walk(at+"/"+key, p)
			}
		}
		if items, ok := schema["items"].(map[string]any); ok {
			walk(at, items)
		}
		for _, branch := range branches(schema) {
			walk(at, branch)
		}
	}
	for name, root := range s.raw {
		walk(name, root)
		defs, _ := root["$defs"].(map[string]any)
		for def, schema := range defs {
			if schema, ok := schema.(map[string]any); ok {
				walk(name+"#"+def, schema)
			}
		}
	}
	slices.Sort(all)
	return all
}
