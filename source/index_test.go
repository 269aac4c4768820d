package source_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/source"
)

func index(t testing.TB, doc any) (*source.Index, error) {
	t.Helper()
	set := &source.Set{
		Registries: []plugin.Registry{{Name: "acme", URL: base}},
		Documents:  documents{base + "/index.json": doc},
	}
	return set.Index(t.Context(), "acme")
}

// One field or entry that is wrong hides none of the others.
func TestIndex(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 3000)
	got, err := index(t, fmt.Sprintf(`[
		{"name": "b", "version": "v1.2", "tier": "core", "description": %q, "keywords": ["x", 7, "", "y"]},
		{"name": "a", "version": "none", "tier": [], "description": null, "keywords": {}},
		{"name": "A"}, {"name": "../x"}, {"name": "a"}, {}, 7, null
	]`, long))
	if err != nil {
		t.Fatal(err)
	}
	want := &source.Index{Registry: "acme", Unreadable: 6, Entries: []source.Entry{
		{Name: "a", Keywords: []string{}},
		{Name: "b", Version: plugin.MustVersion("1.2.0"), Tier: "core", Description: strings.Repeat("ä", 1000) + "…", Keywords: []string{"x", "y"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestIndexFails(t *testing.T) {
	t.Parallel()
	var none *source.NoIndexError
	for _, doc := range []any{nil, fs.ErrNotExist, &access.StatusError{Code: 403}} {
		if _, err := index(t, doc); !errors.As(err, &none) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v: %v", doc, err)
		}
	}
	var document *source.DocumentError
	for _, doc := range []any{"{}", "[", `["a"] x`, `"text"`, strings.Repeat("[", 100), strings.Repeat(" ", 17<<20)} {
		if _, err := index(t, doc); !errors.As(err, &document) {
			t.Errorf("%.20v: %v", doc, err)
		}
	}
	if _, err := index(t, errors.New("refused")); err == nil || errors.As(err, &none) {
		t.Errorf("a network that fails: %v", err)
	}
	if _, err := (&source.Set{}).Index(t.Context(), "acme"); err == nil {
		t.Error("there is an index of a registry that there is not")
	}
}

// Whatever a registry says, what comes out has names that are some, and is bounded.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`[{"name": "a", "version": "1", "keywords": ["x"]}, 7]`))
	f.Add([]byte("[{\"name\": \"a\", \"description\": \"\\u001b[31m\"}]"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		got, err := index(t, string(doc))
		if err != nil {
			return
		}
		for _, e := range got.Entries {
			if _, err := plugin.ParseName(string(e.Name)); err != nil || len(e.Description) > 2100 || len(e.Keywords) > 200 {
				t.Fatalf("%+v", e)
			}
		}
	})
}
