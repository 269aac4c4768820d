package main

import (
	"bytes"
	"fmt"
	"text/template"
)

var formulaText = template.Must(template.New("plugins.rb").Parse(`class Plugins < Formula
  desc "{{.Summary}}"
  homepage "{{.Homepage}}"
  version "{{.Version}}"
  license "{{.License}}"

  on_macos do
    on_arm do
      url "{{.URL "darwin_arm64"}}"
      sha256 "{{.SHA256 "darwin_arm64"}}"
    end
    on_intel do
      url "{{.URL "darwin_amd64"}}"
      sha256 "{{.SHA256 "darwin_amd64"}}"
    end
  end

  on_linux do
    on_arm do
      url "{{.URL "linux_arm64"}}"
      sha256 "{{.SHA256 "linux_arm64"}}"
    end
    on_intel do
      url "{{.URL "linux_amd64"}}"
      sha256 "{{.SHA256 "linux_amd64"}}"
    end
  end

  def install
    bin.install "plugins"
    man1.install Dir["man/man1/*.1"]
    bash_completion.install "completions/plugins.bash" => "plugins"
    zsh_completion.install "completions/_plugins"
    fish_completion.install "completions/plugins.fish"
    pkgshare.install "completions/plugins.ps1"
    doc.install "{{.ThirdParty}}"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/plugins version")
    (testpath/"plugins.hcl").write "plugin_dir = \"plugins\"\n"
    system bin/"plugins", "validate"
  end
end
`))

// formulaFacts is what a formula is filled with.
type formulaFacts struct {
	Summary, Homepage, Version, License, ThirdParty string

	archives map[string]string // digests by platform
}

// SHA256 is of a platform's archive.
func (f formulaFacts) SHA256(platform string) string { return f.archives[platform] }

// URL is where a platform's archive is published.
func (f formulaFacts) URL(platform string) string {
	return fmt.Sprintf("%s/releases/download/v%s/plugins_%[2]s_%s.tar.gz", homepage, f.Version, platform)
}

// formula is for Homebrew; ok is false where a platform that it has to name was not made.
func formula(src source, made artifacts) (text []byte, ok bool, err error) {
	f := formulaFacts{summary, homepage, src.version.String(), license, thirdPartyFile, map[string]string{}}
	for _, platform := range []string{"darwin_arm64", "darwin_amd64", "linux_arm64", "linux_amd64"} {
		data, there := made[fmt.Sprintf("plugins_%s_%s.tar.gz", src.version, platform)]
		if !there {
			return nil, false, nil
		}
		f.archives[platform] = digest(data)
	}
	var b bytes.Buffer
	err = formulaText.Execute(&b, f)
	return b.Bytes(), true, err
}
