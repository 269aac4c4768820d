package wfctl

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/plugins-hcl/plugins/plugin"
)

// MaxSize is the largest file that is read, in bytes.
const MaxSize = 1 << 20

// maxEntries is how many plugins, or what else, one list or mapping may hold: what is
// done for each of them is bounded so.
const maxEntries = 10_000

// document is a YAML file as a tree. It is walked by hand: an alias is looked at, never
// copied, so that no file unfolds into more than it holds, and no message quotes a
// value, which may be a token.
type document struct {
	file string
	root *yaml.Node
	seen map[*yaml.Node]*mapping
}

// mapping are the values of a YAML mapping, by key.
type mapping struct {
	keys   []string // in the order written
	nodes  []*yaml.Node
	values map[string]*yaml.Node
}

// key is where a key stands; nil where it does not.
func (m *mapping) key(name string) *yaml.Node {
	if i := slices.Index(m.keys, name); i >= 0 {
		return m.nodes[i]
	}
	return nil
}

// readDocument reads the file at path. That it does not exist is fs.ErrNotExist.
func readDocument(path string) (*document, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return parseDocument(data, path)
}

func readFile(path string) ([]byte, error) {
	// Looked at before it is opened: opening a fifo would wait for a writer.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := plugin.ReadAtMost(f, MaxSize)
	if err != nil {
		err = &Error{plugin.Pos{File: path}, err}
	}
	return data, err
}

func parseDocument(data []byte, file string) (*document, error) {
	d := &document{file: file, seen: map[*yaml.Node]*mapping{}}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, d.syntax(err)
	}
	if len(root.Content) > 0 {
		d.root = root.Content[0]
	}
	return d, nil
}

var lined = regexp.MustCompile(`(?s)^yaml: (?:line (\d+): )?(.*)$`)

// syntax takes the line out of an error of the parser.
func (d *document) syntax(err error) error {
	pos := plugin.Pos{File: d.file}
	text := err.Error()
	if m := lined.FindStringSubmatch(text); m != nil {
		pos.Line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	return &Error{pos, errors.New("it is not YAML: " + text)}
}

func (d *document) pos(n *yaml.Node) plugin.Pos {
	if n == nil {
		return plugin.Pos{File: d.file}
	}
	return plugin.Pos{File: d.file, Line: n.Line}
}

func (d *document) fail(n *yaml.Node, format string, args ...any) error {
	return &Error{d.pos(n), fmt.Errorf(format, args...)}
}

// of is what a node stands for; nil for nothing.
func of(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return nil
	}
	return n
}

// mapping reads n as one; nothing is an empty one.
func (d *document) mapping(n *yaml.Node, what string) (*mapping, error) {
	m := of(n)
	if m == nil {
		return &mapping{}, nil
	}
	if known, ok := d.seen[m]; ok {
		return known, nil
	}
	if m.Kind != yaml.MappingNode {
		return nil, d.fail(n, "%s must be a mapping (key: value)", what)
	}
	if len(m.Content) > 2*maxEntries {
		return nil, d.fail(n, "%s has more than %d entries", what, maxEntries)
	}
	out := &mapping{values: map[string]*yaml.Node{}}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key := of(m.Content[i])
		switch {
		case key == nil || key.Kind != yaml.ScalarNode:
			return nil, d.fail(m.Content[i], "a key must be text")
		case key.ShortTag() == "!!merge":
			return nil, d.fail(key, `"<<" is not followed: write out what it stands for`)
		case out.values[key.Value] != nil:
			return nil, d.fail(m.Content[i], "the key %q is there twice", key.Value)
		}
		out.keys, out.nodes = append(out.keys, key.Value), append(out.nodes, m.Content[i])
		out.values[key.Value] = m.Content[i+1]
	}
	d.seen[m] = out
	return out, nil
}

// list reads n as one; nothing is an empty one.
func (d *document) list(n *yaml.Node, what string) ([]*yaml.Node, error) {
	l := of(n)
	if l == nil {
		return nil, nil
	}
	if l.Kind != yaml.SequenceNode {
		return nil, d.fail(n, "%s must be a list", what)
	}
	if len(l.Content) > maxEntries {
		return nil, d.fail(n, "%s has more than %d entries", what, maxEntries)
	}
	return l.Content, nil
}

// text reads the value of a key as wfctl does: as it is written, were it a number.
func (d *document) text(m *mapping, key string) (string, error) {
	n := of(m.values[key])
	if n == nil {
		return "", nil
	}
	if n.Kind != yaml.ScalarNode {
		return "", d.fail(m.values[key], "%q must be text", key)
	}
	return n.Value, nil
}

// texts reads several, into what each belongs in.
func (d *document) texts(m *mapping, into map[string]*string) error {
	for _, key := range m.keys {
		field, ok := into[key]
		if !ok {
			continue
		}
		var err error
		if *field, err = d.text(m, key); err != nil {
			return err
		}
	}
	return nil
}
