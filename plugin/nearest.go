package plugin

import "github.com/agext/levenshtein"

// Nearest is the name that was probably meant by given, for "did you mean"; "" where
// none is near.
func Nearest(given string, names []string) string {
	best, distance := "", 3 // further away it is a guess, not a slip
	for _, name := range names {
		if d := levenshtein.Distance(given, name, nil); d < distance {
			best, distance = name, d
		}
	}
	return best
}
