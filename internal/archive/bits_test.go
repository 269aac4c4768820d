package archive

import (
	"crypto/sha256"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestLooksExecutable(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]bool{
		"#!/bin/s":                         true,
		"#!":                               true,
		"\x7fELF\x02\x01\x01\x00":          true,
		"MZ\x90\x00\x03\x00\x00\x00":       true,
		"\xcf\xfa\xed\xfe\x0c\x00\x00\x01": true,
		"\xca\xfe\xba\xbe\x00\x00\x00\x02": true,  // two Macs
		"\xca\xfe\xba\xbe\x00\x00\x00\x34": false, // a Java class
		"\xca\xfe\xba\xbe":                 false,
		"":                                 false,
		"#":                                false,
		"# Title\n":                        false,
		`{"name":`:                         false,
		"PK\x03\x04\x14\x00\x00\x00":       false,
	} {
		if got := looksExecutable([]byte(head)); got != want {
			t.Errorf("%q: %v", head, got)
		}
	}
}

// treeOf makes a file for each letter: X and x are executable, X and F look it.
func treeOf(letters string) (guessed, real Tree) {
	for i, l := range letters {
		e := Entry{Path: string(rune('a' + i)), SHA256: sha256.Sum256([]byte{byte(i)})}
		g := e
		e.Exec, g.Exec = l == 'X' || l == 'x', l == 'X' || l == 'F'
		guessed, real = append(guessed, g), append(real, e)
	}
	return guessed, real
}

// What a machine with executable bits locked is recognised where there are none.
func TestBitsOfALock(t *testing.T) {
	t.Parallel()
	for letters, found := range map[string]bool{
		"Xff":          true,  // the guess is right
		"XFf":          true,  // a library of a script that is none itself
		"FFf":          true,  // committed on Windows: nothing is executable
		"FFFFFFFFFFFF": true,  // the same, of many
		"xXx":          true,  // seen on a disk that shows everything executable
		"xff":          false, // nothing tells that this one is
	} {
		guess, locked := treeOf(letters)
		got := guess.withBitsOf(locked.Digest())
		want := guess
		if found {
			want = locked
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", letters, diff)
		}
	}
}

// Other contents are never taken for those that are locked.
func TestBitsProveNothingElse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		guess, locked := treeOf(rapid.StringMatching(`[XxFf]{1,6}`).Draw(t, "files"))
		i := rapid.IntRange(0, len(guess)-1).Draw(t, "changed")
		guess[i].SHA256[0] ^= 1
		if got := guess.withBitsOf(locked.Digest()); got.Digest() == locked.Digest() || cmp.Diff(guess, got) != "" {
			t.Errorf("changed files became %v", got)
		}
	})
}

func TestNothingLockedIsAGuess(t *testing.T) {
	t.Parallel()
	guess, _ := treeOf("XFf")
	if diff := cmp.Diff(guess, guess.withBitsOf(plugin.Digest(""))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	all := Tree{{Path: "d", Dir: true}, {Path: "l", Irregular: fs.ModeSymlink}}.withBits(true)
	if all[0].Exec || all[1].Exec {
		t.Errorf("only files are executable: %v", all)
	}
}
