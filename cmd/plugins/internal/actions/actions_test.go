package actions

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// isCommand reports whether the runner would take a line for a command, as ActionCommand.cs
// of github.com/actions/runner does, whatever the command is called.
func isCommand(line string) bool {
	line = strings.TrimSpace(line)
	_, rest, found := strings.Cut(line, "##[")
	return strings.HasPrefix(line, "::") && strings.Contains(line[2:], "::") || found && strings.Contains(rest, "]")
}

func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
}

var hostile = rapid.StringOfN(rapid.SampledFrom([]rune("::##[]\n\r \t\u00a0\u2003é\\x\"{a")), 0, 60, -1)

// Whatever is written, in whatever pieces, the runner finds no command in it.
func TestDisarmed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		d := Disarm(&out, func() bool { return false })
		for _, piece := range rapid.SliceOf(hostile).Draw(t, "pieces") {
			if n, err := d.Write([]byte(piece)); n != len(piece) || err != nil {
				t.Fatal(n, err)
			}
		}
		for _, line := range lines(out.String()) {
			if isCommand(line) {
				t.Fatalf("%q is a command", line)
			}
		}
	})
}

// What the runner would not look at stays as it is.
func TestDisarmedIsHonest(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "a::b\n", "  name: value\n", "a :: b ::\n", "## [x]\n# [y]\n", "std::vector::push\n", "1\r2\n", "é::x\n", "[::1]:80\n",
		"{\n  \"a\": [\n    1\n  ]\n}\n",
	} {
		var out bytes.Buffer
		if _, err := Disarm(&out, func() bool { return false }).Write([]byte(text)); err != nil || out.String() != text {
			t.Errorf("%q became %q: %v", text, &out, err)
		}
	}
	var out bytes.Buffer
	d := Disarm(&out, func() bool { return false })
	for _, text := range []string{"::error::x\n", " \u2003::set-output name=a::b\n", "a ##[add-mask]b", "\r::c::\n"} {
		_, _ = d.Write([]byte(text))
	}
	const want = "\\x3a:error::x\n \u2003\\x3a:set-output name=a::b\na #\\x23[add-mask]b\r\\x3a:c::\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", &out, want)
	}
}

// A JSON document means the same.
func TestDisarmedJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		document := rapid.MapOf(hostile, rapid.SliceOf(hostile)).Draw(t, "document")
		var out bytes.Buffer
		enc := json.NewEncoder(Disarm(&out, func() bool { return true }))
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(document); err != nil {
			t.Fatal(err)
		}
		for _, line := range lines(out.String()) {
			if isCommand(line) {
				t.Fatalf("%q is a command", line)
			}
		}
		var again map[string][]string
		if err := json.Unmarshal(out.Bytes(), &again); err != nil {
			t.Fatalf("%s: %v", &out, err)
		}
		want, _ := json.Marshal(document)
		if got, _ := json.Marshal(again); !bytes.Equal(got, want) {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

func TestAnnotation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a    Annotation
		want string
	}{
		{Annotation{Message: "a"}, "::error::a"},
		{Annotation{Level: Warning, Title: "t", Message: "a\n::error::b"}, "::warning title=t::a%0A::error::b"},
		{
			Annotation{File: "a,b:c%.hcl", Line: 3, Column: 4, EndLine: 3, EndColumn: 9, Title: "x::y,z\r", Message: "100%\r\n"},
			"::error file=a%2Cb%3Ac%25.hcl,line=3,col=4,endLine=3,endColumn=9,title=x%3A%3Ay%2Cz%0D::100%25%0D%0A",
		},
		{Annotation{Line: 7, Message: "of no file"}, "::error::of no file"},
		{Annotation{Message: strings.Repeat("ä", 3000)}, "::error::" + strings.Repeat("ä", 2000) + "…"},
	} {
		if got := c.a.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// Of many, the errors come first, and the last that is shown says that there are more.
func TestPrint(t *testing.T) {
	t.Parallel()
	few := []Annotation{{Level: Warning, Message: "w"}, {Message: "e"}}
	var out bytes.Buffer
	if err := Print(&out, few); err != nil || out.String() != "::error::e\n::warning::w\n" {
		t.Errorf("%q, %v", &out, err)
	}
	for _, n := range []int{9, 10, 11, 40} {
		all := []Annotation{{Level: Warning, Message: "w"}}
		for len(all) < n {
			all = append(all, Annotation{Message: "e"})
		}
		out.Reset()
		if err := Print(&out, all); err != nil {
			t.Fatal(err)
		}
		shown := lines(out.String())
		last := shown[len(shown)-1]
		if n <= 10 && (len(shown) != n || last != "::warning::w") {
			t.Errorf("%d: %q", n, shown)
		}
		if n > 10 && (len(shown) != 10 || strings.Contains(out.String(), "warning") || !strings.Contains(last, "more: see the log")) {
			t.Errorf("%d: %q", n, shown)
		}
	}
}

// The summary of a step is never larger than what GitHub takes, and ends with a line.
func TestAppendSummary(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "summary.md")
	part := strings.Repeat("| a row of a table |\n", 20_000)
	for range 5 {
		if err := AppendSummary(path, part); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > MostSummary || len(data) < MostSummary-100 {
		t.Errorf("it has %d bytes", len(data))
	}
	text := string(data)
	if !strings.HasPrefix(text, part) || strings.Count(text, leftOut) != 1 || !strings.HasSuffix(text, "|\n"+leftOut) {
		t.Errorf("it ends with %q", text[len(text)-200:])
	}
	if err := AppendSummary(t.TempDir(), "x"); err == nil {
		t.Error("a folder is no file")
	}
}

// Nothing in a cell is markup, or another cell.
func TestTable(t *testing.T) {
	t.Parallel()
	got := Table([]string{"a", ""}, [][]string{{"x|y\nz", "<img src=x>`*_[l](u)@all #1 &amp; https://e.example"}})
	const want = "| a |  |\n| --- | --- |\n" +
		"| x&#124;y<br>z | &lt;img src=x&gt;&#96;&#42;&#95;&#91;l&#93;(u)&#64;all &#35;1 &amp;amp; https&#58;&#47;&#47;e.example |\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := Table([]string{"a"}, nil); got != "" {
		t.Errorf("a table of nothing is %q", got)
	}
}
