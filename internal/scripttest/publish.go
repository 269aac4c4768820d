package scripttest

import (
	"flag"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdPublish makes a version's packages, and adds it to a registry of files.
func cmdPublish(ts *testscript.TestScript, args []string) error {
	var p Package
	r := release{kind: "external"}
	fs := flag.NewFlagSet("publish", flag.ContinueOnError)
	packageFlags(fs, &p)
	fs.StringVar(&r.folder, "folder", "", "")
	fs.StringVar(&r.name, "registry-name", "", "")
	fs.StringVar(&r.kind, "type", r.kind, "")
	fs.StringVar(&r.minEngine, "min-engine", "", "")
	fs.StringVar(&r.urlBase, "url-base", "", "")
	fs.BoolVar(&r.noSHA256, "no-sha256", false, "")
	fs.BoolVar(&r.noDownloads, "no-downloads", false, "")
	fs.Func("compat", "", func(s string) error {
		evidence, err := parseEvidence(s)
		r.compatibility = append(r.compatibility, evidence)
		return err
	})
	platforms := fs.String("platforms", ts.Getenv("PLATFORM")+","+ts.Getenv("OTHER_PLATFORM"), "")
	documents := fs.String("docs", "", "")
	files := fs.String("files", "", "")
	ops, err := operands(fs, args, "DIR NAME VERSION")
	if err != nil {
		return err
	}
	r.dir, p.Name, p.Version = ts.MkAbs(ops[0]), ops[1], ops[2]
	r.version = p.Version
	r.folder = or(r.folder, p.Name)
	r.name = or(r.name, p.Name)
	r.documents = r.chosenDocuments(*documents)
	r.noDownloads = r.noDownloads || r.kind == "builtin"
	// Several names make several downloads for each platform.
	for _, file := range commaList(or(*files, r.folder)) {
		if err := r.pack(p, file, commaList(*platforms)); err != nil {
			return err
		}
	}
	return r.publish()
}

func (r *release) chosenDocuments(given string) []string {
	if given != "" {
		return commaList(given)
	}
	docs := []string{docManifest, docVersions}
	if len(r.compatibility) > 0 {
		docs = append(docs, docCompatibility)
	}
	return docs
}

// parseEvidence reads "engine=0.86.0,status=fail,os=linux,arch=amd64".
func parseEvidence(s string) (map[string]any, error) {
	out := map[string]any{}
	for _, pair := range commaList(s) {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok:
			return nil, fmt.Errorf("%q is not KEY=VALUE", pair)
		case key == "engine":
			key = "engineVersion"
		}
		out[key] = value
	}
	return out, nil
}
