package asset

import (
	"slices"
	"strings"
	"unicode"

	"github.com/plugins-hcl/plugins/plugin"
)

// vocabulary is all words, as they are looked up.
type vocabulary struct {
	os, arch, macs      map[string]string
	variants, libraries map[string]int
	spellings           []spelling
	floats, both, aside []string
	fillers             []string
}

func newVocabulary() *vocabulary {
	return &vocabulary{
		os: inverted(systems()), arch: inverted(processors()), macs: macs(),
		variants: variants(), libraries: libraries(), spellings: spellings(),
		floats: floats(), both: both(), aside: aside(), fillers: fillers(),
	}
}

func inverted(words map[string][]string) map[string]string {
	out := map[string]string{}
	for means, all := range words {
		for _, word := range all {
			out[word] = means
		}
	}
	return out
}

// name is what the name of a file says.
type name struct {
	file      string
	platforms []plugin.Platform
	worded    bool // it says something of a system or a processor, understood or not
	rank      rank
	rest      string // the words that are left: of two programs in one release
}

// rank is how well a file fits; of two, the one that is smaller at the first place
// where they differ fits better. The first place is the name of the program.
type rank [7]int

// The places of a rank.
const (
	byProgram = iota // whether it is the program's own
	byLike           // by which of its names
	byGuess          // it names no processor
	byBoth           // it is for several
	byVariant        // it needs a newer processor than others
	byLibrary        // it needs a library
	byFormat
)

// The ranks by program: its name and nothing else, the name and more, another name.
const (
	ownProgram = iota
	nearProgram
	otherProgram
)

// unpacked is the name without what tells its format; it is not ok where that is none
// that can be unpacked, or one of a package manager.
func unpacked(file string) (stem string, format int, ok bool) {
	stem = strings.ToLower(file)
	for i, ending := range formats() {
		if cut, found := strings.CutSuffix(stem, ending); found {
			return cut, i, cut != "" && !strings.HasSuffix(cut, ".pkg")
		}
	}
	return stem, 0, false
}

// words are those of a text, in lower case.
func (v *vocabulary) words(text string) []string {
	text = strings.ReplaceAll(strings.ToLower(text), "_", "-")
	for _, s := range v.spellings {
		text = s.written.ReplaceAllString(text, s.as)
	}
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// read understands a name; it is not ok if the file is no package.
func (v *vocabulary) read(file, version string, likes [][]string) (n name, ok bool) {
	stem, format, ok := unpacked(file)
	if !ok {
		return name{}, false
	}
	n.file, n.rank[byFormat] = file, format
	if strings.Contains(version, ".") { // a single number may be anything
		version = strings.ToLower(version)
		stem = strings.NewReplacer("v"+version, "-", version, "-").Replace(stem)
	}
	words := v.words(stem)
	words, like := cutName(words, likes)
	if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(v.aside, w) }) {
		return name{}, false
	}
	var f findings
	for i, word := range words {
		f.take(v, word, i > 0 && f.osAt == i-1 && len(f.os) > 0, i)
	}
	n.rest = strings.Join(f.rest, "-")
	n.worded = f.worded
	n.rank[byVariant], n.rank[byLibrary] = f.variant, f.library
	n.rank[byLike] = like
	switch {
	case like < 0:
		n.rank[byProgram], n.rank[byLike] = otherProgram, 0
	case n.rest != "":
		n.rank[byProgram] = nearProgram
	}
	if like >= 0 && len(f.os) == 0 {
		f.osOf(v, likes[like])
	}
	n.platforms, n.rank[byGuess], n.rank[byBoth] = f.platforms()
	return n, true
}

// cutName takes the words of the first of likes that is found out of words; -1 if none is.
func cutName(words []string, likes [][]string) (rest []string, like int) {
	for i, l := range likes {
		for at := 0; at+len(l) <= len(words); at++ {
			if slices.Equal(words[at:at+len(l)], l) {
				return slices.Concat(words[:at], words[at+len(l):]), i
			}
		}
	}
	return words, -1
}
