package doctest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// checkExamples demands that each block of Go is what an example of the library does.
func (p *page) checkExamples(t *testing.T) {
	t.Helper()
	for _, x := range p.parts {
		if x.block.language != "go" {
			continue
		}
		file, name, ok := strings.Cut(x.block.marks["example"], " ")
		if !ok {
			t.Errorf("%s: write which example of the library this is: <!-- example: project/example_test.go Example -->", p.at(x.line-1))
			continue
		}
		want, err := exampleText(file, name)
		switch {
		case err != nil:
			t.Errorf("%s: %v", p.at(x.line-1), err)
		case slices.Equal(want, x.block.text):
		case *update:
			p.replace(x.line, x.line+len(x.block.text), x.block.indent, want)
		default:
			t.Errorf("%s: %s in %s is another one now; -update puts it in", p.at(x.line), name, file)
		}
	}
}

// exampleText is a function or, of an example, what it does, without the comment that
// holds what it prints.
func exampleText(file, name string) ([]string, error) {
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, src, 0)
	if err != nil {
		return nil, err
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != name {
			continue
		}
		if !strings.HasPrefix(name, "Example") {
			text := string(src[fset.Position(f.Pos()).Offset:fset.Position(f.End()).Offset])
			return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), nil
		}
		body := string(src[fset.Position(f.Body.Lbrace).Offset+1 : fset.Position(f.Body.Rbrace).Offset])
		body, _, _ = strings.Cut(strings.ReplaceAll(body, "\r\n", "\n"), "\n\t// Output:")
		lines := strings.Split(strings.Trim(body, "\n"), "\n")
		for i := range lines {
			lines[i] = strings.TrimPrefix(strings.TrimRight(lines[i], "\t"), "\t")
		}
		return lines, nil
	}
	return nil, fmt.Errorf("%s has no function %s", file, name)
}
