package lock

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/plugins-hcl/plugins/plugin"
)

// ConflictError says that a lock file has merge conflict markers, and where the first
// one is. [LoadConflict] reads what it was on either side.
type ConflictError struct{ Pos plugin.Pos }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s has merge conflict markers (line %d)", e.Pos.File, e.Pos.Line)
}

// Conflict is a lock file that two branches changed in the same places: each side is
// whole.
type Conflict struct {
	Ours, Theirs         *File
	OursName, TheirsName string // what the markers call them, such as "HEAD"
}

// LoadConflict reads a lock file with merge conflict markers. The error is a
// [*MissingError], a [*ParseError], or what the operating system said.
func LoadConflict(path string) (*Conflict, error) {
	data, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &MissingError{Path: path}
	}
	if err != nil {
		return nil, err
	}
	return ParseConflict(data, path)
}

// ParseConflict reads a lock file with merge conflict markers, as git writes them: what
// it was before, where that is told (diff3, zdiff3), counts for neither side. The error is
// a [*ParseError].
func ParseConflict(src []byte, filename string) (*Conflict, error) {
	c := &Conflict{}
	ours, theirs, err := c.split(src, filename)
	if err != nil {
		return nil, err
	}
	if c.Ours, err = Parse(ours, filename); err != nil {
		return nil, err
	}
	c.Theirs, err = Parse(theirs, filename)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// The states of a text with conflict markers: what stands in which side.
const (
	common = iota
	inOurs
	inBase
	inTheirs
)

// split gives the text of either side. What is not of a side is an empty line there, so
// that errors tell the line of the file.
func (c *Conflict) split(src []byte, filename string) (ours, theirs []byte, err error) {
	state, line := common, 0
	fail := func(reason string) ([]byte, []byte, error) {
		return nil, nil, &ParseError{Pos: plugin.Pos{File: filename, Line: line, Column: 1}, Reason: reason}
	}
	for text := range bytes.Lines(src) {
		line++
		inOne, inOther := text, text
		sign, label := marker(text)
		switch {
		case sign == '<' && state == common:
			state, c.OursName = inOurs, cmp.Or(c.OursName, label)
		case sign == '|' && state == inOurs:
			state = inBase
		case sign == '=' && (state == inOurs || state == inBase):
			state = inTheirs
		case sign == '>' && state == inTheirs:
			state, c.TheirsName = common, cmp.Or(c.TheirsName, label)
		case sign != 0:
			return fail(fmt.Sprintf("the merge conflict marker %.7s does not belong there", text))
		}
		if sign != 0 || state == inBase || state == inTheirs {
			inOne = []byte("\n")
		}
		if sign != 0 || state == inBase || state == inOurs {
			inOther = []byte("\n")
		}
		ours, theirs = append(ours, inOne...), append(theirs, inOther...)
	}
	if state != common {
		return fail("the merge conflict before this line does not end")
	}
	return ours, theirs, nil
}

// marker is the character of a conflict marker, and what stands behind it; 0 for any
// other line. A longer one belongs to a conflict within what was there before.
func marker(line []byte) (sign byte, label string) {
	const length = 7
	line = bytes.TrimRight(line, "\r\n")
	if len(line) < length || bytes.IndexByte([]byte("<|=>"), line[0]) < 0 || len(line) > length && line[length] != ' ' {
		return 0, ""
	}
	for _, c := range line[:length] {
		if c != line[0] {
			return 0, ""
		}
	}
	return line[0], string(bytes.TrimSpace(line[length:]))
}

// conflictMarker is the line of the first conflict marker; 0 where there is none.
func conflictMarker(src []byte) int {
	n := 0
	for line := range bytes.Lines(src) {
		n++
		if sign, _ := marker(line); sign != 0 {
			return n
		}
	}
	return 0
}

// Taken is a plugin that the sides of a conflict lock differently, and what was taken.
type Taken struct {
	Name  plugin.Name
	Taken plugin.Version
	Left  plugin.Version // zero: the other side does not lock it
	Ours  bool           // what was taken is what our side says; both say it where the versions are equal
	Why   Why
}

// Why is the reason of a choice between two sides.
type Why string

// The reasons.
const (
	OnlySide    Why = "only"    // the other side does not lock it
	OnlyAllowed Why = "allowed" // what is required does not allow what the other side says
	Neither     Why = "neither" // it allows neither; locking chooses anew
	Newer       Why = "newer"   // both are allowed
	Both        Why = "both"    // the version is the same, and each side knows something of it
	OtherSource Why = "source"  // so it is, but they have it from different sources: ours is taken
)

// SidesError says that two sides pin different bytes for one version. It is
// [plugin.ErrRefused]: one of them is not what was published.
type SidesError struct {
	Version      plugin.Version
	Platform     plugin.Platform
	Ours, Theirs plugin.Digest
}

func (e *SidesError) Error() string {
	return fmt.Sprintf("the sides of the merge conflict pin different bytes for version %s%s:\n  ours   %s\n  theirs %s",
		e.Version, e.Platform.For(), e.Ours, e.Theirs)
}

// Is makes it [plugin.ErrRefused].
func (e *SidesError) Is(target error) bool { return target == plugin.ErrRefused }

// Merge takes the pins of both sides: what one of them alone locks is taken, and so is
// what both say. Where they differ it is the version that is required, of two of those
// the newer. It lists the plugins in which they differed, sorted by name. The error
// joins a [*plugin.Error] with a [*SidesError] for each plugin.
func (c *Conflict) Merge(required []plugin.Requirement) (*File, []Taken, error) {
	merged := &File{}
	var all []Taken
	var errs []error
	for _, d := range Diff(c.Ours, c.Theirs) {
		ours, hasOurs := c.Ours.Plugin(d.Name)
		theirs, hasTheirs := c.Theirs.Plugin(d.Name)
		switch {
		case d.Action == Keep:
			merged.Plugins = append(merged.Plugins, ours)
			continue
		case !hasTheirs:
			all = append(all, Taken{Name: d.Name, Taken: ours.Version, Ours: true, Why: OnlySide})
			merged.Plugins = append(merged.Plugins, ours)
			continue
		case !hasOurs:
			all = append(all, Taken{Name: d.Name, Taken: theirs.Version, Why: OnlySide})
			merged.Plugins = append(merged.Plugins, theirs)
			continue
		}
		p, t, err := choose(ours, theirs, required)
		if err != nil {
			errs = append(errs, &plugin.Error{Plugin: d.Name, Err: err})
			continue
		}
		merged.Plugins, all = append(merged.Plugins, p), append(all, t)
	}
	if errs != nil {
		return nil, nil, errors.Join(errs...)
	}
	merged.Sort()
	return merged, all, nil
}

// choose chooses between two that differ.
func choose(ours, theirs Plugin, required []plugin.Requirement) (Plugin, Taken, error) {
	local, oursFits, theirsFit := false, true, true
	for _, r := range required {
		if r.Name == ours.Name {
			local = r.Source.Kind.Local()
			oursFits, theirsFit = ours.fits(r), theirs.fits(r)
		}
	}
	newer := ours.Version.Compare(theirs.Version)
	takesOurs, why := newer >= 0, Newer
	switch {
	case oursFits != theirsFit:
		takesOurs, why = oursFits, OnlyAllowed
	case newer == 0 && ours.Source == theirs.Source && ours.Resolved == theirs.Resolved:
		p, err := ours.with(theirs, local)
		return p, Taken{Name: p.Name, Taken: p.Version, Left: p.Version, Ours: true, Why: Both}, err
	case !oursFits:
		why = Neither
	case newer == 0:
		why = OtherSource
	}
	if takesOurs {
		return ours, Taken{Name: ours.Name, Taken: ours.Version, Left: theirs.Version, Ours: true, Why: why}, nil
	}
	return theirs, Taken{Name: ours.Name, Taken: theirs.Version, Left: ours.Version, Why: why}, nil
}

// fits reports whether p is what r asks for, as far as version and source tell.
func (p Plugin) fits(r plugin.Requirement) bool {
	return p.SameSource(r.Source) && allows(r, p.Version)
}

// with adds to p what another lock knows of the same version. What a local folder
// holds changes as its owner likes: locking looks at it again.
func (p Plugin) with(other Plugin, local bool) (Plugin, error) {
	p.Packages = slices.Clone(p.Packages)
	for _, pkg := range other.Packages {
		i := slices.IndexFunc(p.Packages, func(have plugin.Package) bool { return have.Platform == pkg.Platform })
		switch {
		case i < 0:
			p.Packages = append(p.Packages, pkg)
		case p.Packages[i].Digest != pkg.Digest && !local:
			return p, &SidesError{Version: p.Version, Platform: pkg.Platform, Ours: p.Packages[i].Digest, Theirs: pkg.Digest}
		}
	}
	p.RequiredBy = slices.Concat(p.RequiredBy, other.RequiredBy)
	slices.Sort(p.RequiredBy)
	p.RequiredBy = slices.Compact(p.RequiredBy)
	p.ManifestName = cmp.Or(p.ManifestName, other.ManifestName)
	p.Binary, p.Manifest = cmp.Or(p.Binary, other.Binary), cmp.Or(p.Manifest, other.Manifest)
	p.ForceCompat = p.ForceCompat || other.ForceCompat
	p.SignedBy = cmp.Or(p.SignedBy, other.SignedBy)
	if p.MinHost.IsZero() {
		p.MinHost = other.MinHost
	}
	return p, nil
}
