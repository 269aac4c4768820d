package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// FormatVersion is the version of a plan's JSON; a minor version only adds.
const FormatVersion = "1.0"

// Action is what is to be done with a plugin.
type Action string

// The actions.
const (
	Install   Action = "install"
	Upgrade   Action = "upgrade"
	Downgrade Action = "downgrade"
	Repair    Action = "repair"
	Remove    Action = "remove"
)

// Reason is why something is to be done.
type Reason string

// The reasons.
const (
	Missing    Reason = "missing"    // it is not there
	Version    Reason = "version"    // its plugin.json has another version
	Files      Reason = "files"      // its files are not those that were installed
	Digest     Reason = "digest"     // it was installed from another package
	Foreign    Reason = "foreign"    // something else than this program put it there
	Undeclared Reason = "undeclared" // nothing asks for it any more
)

// Plan is what must change, in the form that --json prints.
type Plan struct {
	FormatVersion string          `json:"format_version"`
	PluginDir     string          `json:"plugin_dir"` // as the configuration writes it
	Platform      plugin.Platform `json:"platform"`
	Changes       []Change        `json:"changes"`   // sorted by name
	Unmanaged     []string        `json:"unmanaged"` // folders that are left alone
	Interrupted   bool            `json:"interrupted"`
	Summary       Summary         `json:"summary"`
	Failed        []Failure       `json:"failed,omitempty"` // plugins that cannot be planned; sorted by name

	After   *After   `json:"after,omitempty"`   // nil: nothing is run
	Refused *Refused `json:"refused,omitempty"` // nil: apply does not refuse the lock

	// Stale are the records of folders that are no more and that nobody asks about:
	// apply removes them with whatever else it does.
	Stale []plugin.Name `json:"-"`

	Inputs Inputs `json:"-"` // what it was made from
}

// Failure is a plugin that nothing can be done about, while the others can go on.
type Failure struct {
	Name    plugin.Name `json:"name"`
	Message string      `json:"message"`
	Err     error       `json:"-"` // a [*plugin.Error]; nil in a plan that was read
}

// Err joins the errors of the plugins that cannot be planned.
func (p *Plan) Err() error {
	var errs []error
	for _, f := range p.Failed {
		errs = append(errs, f.Err)
	}
	return errors.Join(errs...)
}

// Change is what must change of one plugin.
type Change struct {
	Name    plugin.Name    `json:"name"`
	Action  Action         `json:"action"`
	From    plugin.Version `json:"from,omitzero"` // zero: nothing, or not known
	To      plugin.Version `json:"to,omitzero"`   // zero: nothing
	Reasons []Reason       `json:"reasons"`
	Source  string         `json:"source"` // as it may be shown
	Digest  plugin.Digest  `json:"digest"`
	Files   []string       `json:"files,omitempty"` // what of its files differs, and how
	// Deletes are the files that did not come from a package and that are deleted with
	// its folder; those that it keeps come first.
	Deletes []string `json:"deletes,omitempty"`
	// Verify is the configuration's own command that must accept the package, as it may
	// be shown.
	Verify []string `json:"verify,omitempty"`

	// What apply needs; the lock has it.
	Requirement plugin.Requirement `json:"-"`
	Locked      lock.Plugin        `json:"-"`
	Package     plugin.Package     `json:"-"`
}

// Summary counts what is to be done.
type Summary struct {
	Install   int `json:"install"`
	Upgrade   int `json:"upgrade"`
	Downgrade int `json:"downgrade"`
	Repair    int `json:"repair"`
	Remove    int `json:"remove"`
	Keep      int `json:"keep"`
}

// Input is what a plan is made from.
type Input struct {
	Required  []plugin.Requirement
	Platforms []plugin.Platform // those the configuration declares for all
	Host      plugin.Host       // the program it declares, if it does
	Lock      *lock.File
	Local     map[string]lock.Local // what lies at local sources, by path as locked
	Snapshot  *installed.Snapshot
	Platform  plugin.Platform // to install for
	PluginDir string          // as the configuration writes it
	Config    plugin.Digest   // of the configuration's text

	// RequireSignature refuses to install what was locked without a signature.
	RequireSignature bool
}

// Wanted are the plugins to ask a scan about, each with its patterns of kept files.
func (in Input) Wanted() map[plugin.Name][]string {
	wanted := map[plugin.Name][]string{}
	for _, locked := range in.Lock.Plugins {
		wanted[locked.Name] = nil
	}
	for _, r := range in.Required {
		if r.WantedOn(in.Platform) {
			wanted[r.Name] = r.Keep
		} else {
			delete(wanted, r.Name)
		}
	}
	return wanted
}

// PlatformError says that plugins are not locked for the platform of this machine.
type PlatformError struct {
	Platform plugin.Platform
	Plugins  []plugin.Name
	Locked   []plugin.Platform // those that all of them are locked for
	// Undeclared says that no platforms are declared for them: they are locked for
	// all that were published.
	Undeclared bool
}

func (e *PlatformError) Error() string {
	names := make([]string, len(e.Plugins))
	for i, n := range e.Plugins {
		names[i] = string(n)
	}
	return fmt.Sprintf("not locked for this machine's platform, %s: %s", e.Platform, strings.Join(names, ", "))
}

// Build makes the plan. The error is a [*lock.OutOfDateError] or a
// [*PlatformError], or joins a [*plugin.Error] for each plugin that may not be
// installed.
func Build(in Input) (*Plan, error) {
	if err := in.Lock.Check(in.Required, in.Platforms, in.Host, in.Local); err != nil {
		return nil, err
	}
	p := &Plan{
		FormatVersion: FormatVersion,
		PluginDir:     in.PluginDir,
		Platform:      in.Platform,
		Changes:       []Change{},
		Unmanaged:     append([]string{}, in.Snapshot.Unmanaged...),
		Interrupted:   in.Snapshot.Interrupted,
		Stale:         slices.Clone(in.Snapshot.Stale),
	}
	wanted, err := in.wanted()
	if err != nil {
		return nil, err
	}
	for _, w := range wanted {
		now, _ := in.Snapshot.Plugin(w.Name)
		if now.Blocked != nil {
			p.fail(w, now.Blocked)
			continue
		}
		w.compare(now)
		p.add(w)
	}
	isWanted := make(map[plugin.Name]bool, len(wanted))
	for _, w := range wanted {
		isWanted[w.Name] = true
	}
	for _, now := range in.Snapshot.Plugins {
		if isWanted[now.Name] {
			continue
		}
		switch {
		case now.Record != nil && now.Present:
			p.add(removal(now))
		case now.Present:
			p.Unmanaged = append(p.Unmanaged, string(now.Name))
		}
	}
	Sort(p.Changes)
	slices.Sort(p.Unmanaged)
	if err := in.checkSigned(p.Changes); err != nil {
		return nil, err
	}
	p.Inputs, err = in.digests()
	return p, err
}

// checkSigned refuses what the policy wants signed, and was locked without.
func (in *Input) checkSigned(changes []Change) error {
	var errs []error
	for _, c := range changes {
		if in.RequireSignature && c.Action != Remove && c.Locked.SignedBy == "" {
			errs = append(errs, &plugin.Error{Plugin: c.Name, Pos: c.Requirement.Pos, Err: &plugin.SignatureError{
				Reason: "the policy requires a signature, and it is locked without one",
			}})
		}
	}
	return errors.Join(errs...)
}

// wanted are the locked plugins that this platform is to have, as changes without
// an action.
func (in *Input) wanted() ([]Change, error) {
	var wanted []Change
	var missing PlatformError
	required := make(map[plugin.Name]plugin.Requirement, len(in.Required))
	for _, r := range in.Required {
		required[r.Name] = r
	}
	for _, locked := range in.Lock.Plugins {
		r, ok := required[locked.Name]
		if !ok { // only others need it
			r = plugin.Requirement{Name: locked.Name, Limits: plugin.DefaultLimits()}
		}
		if !r.WantedOn(in.Platform) {
			continue
		}
		pkg, ok := locked.Package(in.Platform)
		if !ok {
			missing.add(locked, len(in.Platforms) == 0 && r.Platforms == nil)
			continue
		}
		wanted = append(wanted, Change{
			Name: locked.Name, To: locked.Version, Source: plugin.Redact(locked.Source), Digest: pkg.Digest,
			Verify: r.Verify.Shown(), Requirement: r, Locked: locked, Package: pkg,
		})
	}
	if len(missing.Plugins) > 0 {
		missing.Platform = in.Platform
		return nil, &missing
	}
	return wanted, nil
}

func (e *PlatformError) add(p lock.Plugin, undeclared bool) {
	platforms := p.Platforms()
	if e.Plugins == nil {
		e.Locked, e.Undeclared = platforms, true
	}
	e.Undeclared = e.Undeclared && undeclared
	e.Locked = slices.DeleteFunc(e.Locked, func(have plugin.Platform) bool { return !slices.Contains(platforms, have) })
	e.Plugins = append(e.Plugins, p.Name)
}

// compare decides the action by what is installed now, and says why; no action
// means that everything is as it should be.
func (c *Change) compare(now installed.Plugin) {
	if !now.Present {
		c.Action, c.Reasons = Install, []Reason{Missing}
		return
	}
	c.From, c.Deletes = now.Version, slices.Clone(now.Others)
	for _, d := range now.Drift {
		c.Files = append(c.Files, d.String())
		if d.Kind == installed.Extra && !slices.Contains(c.Deletes, d.Path) {
			c.Deletes = append(c.Deletes, d.Path)
		}
	}
	because := func(r Reason, is bool) {
		if is {
			c.Reasons = append(c.Reasons, r)
		}
	}
	newVersion := !now.Version.IsZero() && !now.Version.Equal(c.To)
	because(Version, newVersion)
	because(Files, now.Record != nil && c.compareFiles(now))
	because(Digest, now.Record != nil && now.Record.Version.Equal(c.To) && now.Record.Digest != c.Digest)
	because(Foreign, now.Record == nil)
	switch {
	case newVersion && now.Version.Compare(c.To) < 0:
		c.Action = Upgrade
	case newVersion:
		c.Action = Downgrade
	case len(c.Reasons) > 0:
		c.Action = Repair
	}
}

// compareFiles reports whether other files are to be there than those that were
// installed, and are there.
func (c *Change) compareFiles(now installed.Plugin) bool {
	want, was := SettingsOf(c.Requirement, c.Locked), now.Record.Settings
	drifted := slices.ContainsFunc(now.Drift, func(d installed.Drift) bool { return d.Path == plugin.ManifestFile })
	switch {
	case !now.Record.Version.Equal(c.To):
		was.Manifest = want.Manifest // another version has another one; that is no news
	case want.Manifest != was.Manifest && !drifted:
		c.Files = append(c.Files, plugin.ManifestFile+": the lock has other contents")
	}
	return len(now.Drift) > 0 || want != was
}

// SettingsOf are the settings under which a plugin is installed.
func SettingsOf(r plugin.Requirement, locked lock.Plugin) installed.Settings {
	return installed.Settings{Binary: r.BinaryOr(locked.Binary), Manifest: locked.Manifest}
}

func removal(now installed.Plugin) Change {
	c := Change{
		Name: now.Name, Action: Remove, From: now.Version, Reasons: []Reason{Undeclared},
		Source: plugin.Redact(now.Record.Source), Digest: now.Record.Digest, Deletes: slices.Clone(now.Others),
	}
	if c.From.IsZero() {
		c.From = now.Record.Version
	}
	return c
}

func (p *Plan) fail(c Change, why error) {
	err := &plugin.Error{Plugin: c.Name, Pos: c.Requirement.Pos, Err: why}
	p.Failed = append(p.Failed, Failure{Name: c.Name, Message: why.Error(), Err: err})
}

func (p *Plan) add(c Change) {
	switch c.Action {
	case Install:
		p.Summary.Install++
	case Upgrade:
		p.Summary.Upgrade++
	case Downgrade:
		p.Summary.Downgrade++
	case Repair:
		p.Summary.Repair++
	case Remove:
		p.Summary.Remove++
	default:
		p.Summary.Keep++
		return
	}
	p.Changes = append(p.Changes, c)
}

// Sort puts changes in the order of a plan: by name.
func Sort(changes []Change) {
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(string(a.Name), string(b.Name)) })
}

// Empty reports whether nothing changes.
func (p *Plan) Empty() bool { return len(p.Changes) == 0 }
