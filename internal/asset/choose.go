package asset

import (
	"maps"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// Choice is what a release has.
type Choice struct {
	// Packages are the files for each platform, sorted: one, or those among which
	// nothing tells. Where the only one names no platform at all, it is for any.
	Packages map[plugin.Platform][]string
	// Unplaced are further archives, sorted, of which the name does not tell the platform.
	Unplaced []string
}

// Choose tells the packages among the files of a release of a version. likes are the
// names that the program may have in them, the likeliest first.
func Choose(files []string, version string, likes []string) Choice {
	v := newVocabulary()
	spelled := make([][]string, 0, len(likes))
	for _, like := range likes {
		if words := v.words(like); len(words) > 0 {
			spelled = append(spelled, words)
		}
	}
	files = slices.Clone(files)
	slices.Sort(files)
	byPlatform := map[plugin.Platform][]name{}
	program := otherProgram
	var wordless []name
	var out Choice
	for _, file := range slices.Compact(files) {
		n, ok := v.read(file, version, spelled)
		switch {
		case !ok:
			continue
		case len(n.platforms) == 0:
			out.Unplaced = append(out.Unplaced, file)
			if !n.worded {
				wordless = append(wordless, n)
			}
		}
		for _, p := range n.platforms {
			byPlatform[p] = append(byPlatform[p], n)
			program = min(program, n.rank[byProgram])
		}
	}
	if len(byPlatform) == 0 && len(wordless) > 0 {
		for _, n := range wordless {
			program = min(program, n.rank[byProgram])
		}
		byPlatform[plugin.AnyPlatform], out.Unplaced = wordless, without(out.Unplaced, wordless)
	}
	out.Packages = map[plugin.Platform][]string{}
	for p, names := range byPlatform {
		// Where the program itself is not published for a platform, another one that is
		// does not stand for it.
		if chosen := best(names, program); chosen != nil {
			out.Packages[p] = chosen
		}
	}
	return out
}

func without(files []string, names []name) []string {
	var left []string
	for _, file := range files {
		if !slices.ContainsFunc(names, func(n name) bool { return n.file == file }) {
			left = append(left, file)
		}
	}
	return left
}

// best are the files of that rank by program which fit best: of each of several
// programs one, and more where nothing tells them apart.
func best(names []name, program int) []string {
	byRest := map[string][]name{}
	for _, n := range names {
		if n.rank[byProgram] == program {
			byRest[n.rest] = append(byRest[n.rest], n)
		}
	}
	var out []string
	for _, rest := range slices.Sorted(maps.Keys(byRest)) {
		group := byRest[rest]
		top := slices.MinFunc(group, func(a, b name) int { return slices.Compare(a.rank[:], b.rank[:]) }).rank
		for _, n := range group {
			if n.rank == top {
				out = append(out, n.file)
			}
		}
	}
	slices.Sort(out)
	return out
}
