package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/plugins-hcl/plugins/plugin"
)

// file is one in an archive or a package.
type file struct {
	name string // with slashes
	mode int64
	data []byte
}

// documents are what lies beside the program, the same for every platform: names are
// those in an archive.
type documents struct {
	readme, license, changes file
	completions              map[string]file // by shell
	manuals                  []file          // sorted
	licenses                 map[string]moduleLicense
	goLicense                []byte
}

// completionFiles says which file a shell looks for.
var completionFiles = map[string]string{"bash": "plugins.bash", "zsh": "_plugins", "fish": "plugins.fish", "powershell": "plugins.ps1"}

// makeDocs has the clone's own program make them.
func makeDocs(ctx context.Context, at place, work string) (documents, error) {
	d := documents{completions: map[string]file{}}
	for name, to := range map[string]*file{"README.md": &d.readme, "LICENSE": &d.license, "CHANGELOG.md": &d.changes} {
		data, err := os.ReadFile(filepath.Join(at.clone, name))
		if err != nil {
			return d, err
		}
		*to = file{name, 0o644, data}
	}
	env, err := environment(ctx, at.cache, plugin.CurrentPlatform())
	if err != nil {
		return d, err
	}
	// Only what is built, not run, is told its version: it stands in the pages.
	bin := filepath.Join(work, "bin")
	if _, err := command(ctx, env, at.clone, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", bin+string(filepath.Separator),
		"./cmd/plugins", "./cmd/plugins/internal/manpages"); err != nil {
		return d, err
	}
	for shell, name := range completionFiles {
		text, err := command(ctx, env, work, filepath.Join(bin, "plugins"), "completion", shell)
		if err != nil {
			return d, err
		}
		d.completions[shell] = file{"completions/" + name, 0o644, []byte(text + "\n")}
	}
	if d.manuals, err = manuals(ctx, env, bin, filepath.Join(work, "man")); err != nil {
		return d, err
	}
	d.licenses, d.goLicense, err = findLicenses(ctx, env, at.clone)
	return d, err
}

func manuals(ctx context.Context, env []string, bin, dir string) ([]file, error) {
	if _, err := command(ctx, env, bin, filepath.Join(bin, "manpages"), dir); err != nil {
		return nil, err
	}
	pages, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, fmt.Errorf("there are no manual pages")
	}
	var files []file
	for _, page := range pages {
		data, err := os.ReadFile(filepath.Join(dir, page.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, file{"man/man1/" + page.Name(), 0o644, data})
	}
	return files, nil
}

// archived is what an archive of a program holds.
func (d documents) archived(p program) []file {
	files := []file{{p.file(), 0o755, p.data}, d.readme, d.license, d.changes, d.thirdParty(p)}
	for _, f := range d.completions {
		files = append(files, f)
	}
	return append(files, d.manuals...)
}

// packaged is what a package of a Linux distribution installs, less what the kinds of
// packages do differently.
func (d documents) packaged(p program, zshFolder string) ([]file, error) {
	const doc = "usr/share/doc/plugins/"
	place := func(f file, name string) file { return file{name, f.mode, f.data} }
	files := []file{
		{"usr/bin/plugins", 0o755, p.data},
		place(d.readme, doc+"README.md"),
		place(d.thirdParty(p), doc+thirdPartyFile),
		place(d.completions["bash"], "usr/share/bash-completion/completions/plugins"),
		place(d.completions["zsh"], zshFolder+"/_plugins"),
		place(d.completions["fish"], "usr/share/fish/vendor_completions.d/plugins.fish"),
		place(d.completions["powershell"], doc+"plugins.ps1"),
	}
	for _, page := range d.manuals {
		data, err := gzipped(page.data)
		if err != nil {
			return nil, err
		}
		files = append(files, file{"usr/share/man/man1/" + path.Base(page.name) + ".gz", 0o644, data})
	}
	return files, nil
}
