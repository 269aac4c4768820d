package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/metrics"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/pin"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
	"github.com/plugins-hcl/plugins/resolve"
	"github.com/plugins-hcl/plugins/source"
)

// exitCode is the contract's code for an error. A refusal wins over all else.
func exitCode(err error) int {
	var outOfDate *lock.OutOfDateError
	var missing *lock.MissingError
	var conflict *lock.ConflictError
	switch {
	case errors.Is(err, plugin.ErrRefused):
		return exitRefused
	case errors.As(err, &outOfDate), errors.As(err, &missing), errors.As(err, &conflict):
		return exitOutOfDate
	}
	return exitFailed
}

// tell shows an error: each failure with its hint, then what was left as it was.
// code is the exit code that a failure alone would give.
func (a *app) tell(err error, code func(error) int) {
	var diags *config.DiagnosticsError
	if errors.As(err, &diags) {
		a.streamError(diags, "", code(diags))
		a.actions.failed(diags, "")
		a.tellDiagnostics(diags)
		return
	}
	failures := slices.DeleteFunc(flatten(err), func(e error) bool { return errors.Is(e, context.Canceled) })
	hints := make([]string, len(failures))
	for i, e := range failures {
		hints[i] = a.hint(e)
	}
	for i, e := range failures {
		a.streamError(e, hints[i], code(e))
		a.actions.failed(e, hints[i])
		if slices.Contains(hints[i+1:], hints[i]) {
			hints[i] = "" // several share it: it follows the last of them
		}
		a.tellOne(e, hints[i])
	}
	if a.left != "" && !undone(err) {
		fmt.Fprintln(a.stderr, a.left)
	}
}

var errInterrupted = errors.New("interrupted")

func (a *app) tellInterrupted() {
	a.streamError(errInterrupted, "", exitInterrupted)
	fmt.Fprintln(a.stderr, a.err.Red("Interrupted."), a.left)
}

func undone(err error) bool {
	var commit *apply.CommitError
	return errors.As(err, &commit)
}

func (a *app) tellDiagnostics(diags *config.DiagnosticsError) {
	var b strings.Builder
	if err := diags.WriteText(&b, uint(width(a.stderr)), false); err != nil {
		fmt.Fprintln(a.stderr, ui.Clean(diags.Error()))
		return
	}
	text := ui.Clean(b.String())
	for _, word := range []string{"Error:", "Warning:"} {
		text = strings.ReplaceAll(text, "\n"+word, "\n"+a.err.Red(word))
		if rest, ok := strings.CutPrefix(text, word); ok {
			text = a.err.Red(word) + rest
		}
	}
	fmt.Fprint(a.stderr, text)
}

func (a *app) tellOne(err error, hint string) {
	text := ui.Clean(plugin.Redact(err.Error()))
	var b strings.Builder
	b.WriteString(a.err.Red("Error:") + " " + text + "\n")
	var failed *plugin.Error
	if errors.As(err, &failed) && failed.Pos.Line > 0 {
		fmt.Fprintf(&b, "  at %s, plugin %q\n", ui.Clean(failed.Pos.String()), failed.Plugin)
	}
	if hint != "" {
		b.WriteString("\n" + indent(ui.Clean(hint)) + "\n")
	}
	fmt.Fprintln(a.stderr, b.String())
}

func indent(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

// streamError is an error in the JSON stream, if there is one.
func (a *app) streamError(err error, hint string, code int) {
	if a.stream == nil {
		return
	}
	object := struct {
		Type    string      `json:"type"`
		Name    plugin.Name `json:"name,omitempty"`
		Message string      `json:"message"`
		Hint    string      `json:"hint,omitempty"`
		Exit    int         `json:"exit"`

		File        string       `json:"file,omitempty"`
		Line        int          `json:"line,omitempty"`
		Column      int          `json:"column,omitempty"`
		Diagnostics []diagnostic `json:"diagnostics,omitempty"`
	}{Type: "error", Message: plugin.Redact(err.Error()), Hint: hint, Exit: code}
	var failed *plugin.Error
	if errors.As(err, &failed) {
		object.Name = failed.Plugin
		object.File, object.Line, object.Column = failed.Pos.File, failed.Pos.Line, failed.Pos.Column
	}
	var diags *config.DiagnosticsError
	if errors.As(err, &diags) {
		object.Diagnostics = diagnosticsOf(diags.Diags)
	}
	a.stream.Write(object)
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}

// hint is the command or the line that mends an error; "" where none is known.
func (a *app) hint(err error) string {
	for _, hints := range []func(error) string{hintEdit, a.hintConfig, hintLock, hintRevision, hintHistory, hintHost, hintPackage, hintRegistry, hintGitHub, hintNetwork, hintPolicy, hintReach, hintLinks, a.hintDirectory} {
		if h := hints(err); h != "" {
			return h
		}
	}
	return ""
}

func (a *app) hintConfig(err error) string {
	var usage *usageError
	var notFound *config.NotFoundError
	var exists *project.ExistsError
	switch {
	case errors.As(err, &usage):
		return "See: " + usage.command + " --help"
	case errors.As(err, &notFound) && !notFound.User:
		return "Write one, starting with: plugins init\nOr say with -C or --file where it is."
	case errors.As(err, &exists):
		return "Give the new one another name with --file, or move that one away."
	case errors.As(err, &notFound):
		return "PLUGINS_CONFIG names it; unset that, or write the file."
	}
	return ""
}

func hintLock(err error) string {
	var (
		missing   *lock.MissingError
		outOfDate *lock.OutOfDateError
		parse     *lock.ParseError
		conflict  *lock.ConflictError
		sides     *lock.SidesError
		platform  *plan.PlatformError
		changed   *pin.ChangedDigestError
		manifest  *pin.ChangedManifestError
		withdrawn *pin.WithdrawnError
		stale     *plan.StaleError
		notLocked *project.NotLockedError
	)
	switch {
	case errors.As(err, &missing):
		return "Run: plugins lock"
	case errors.As(err, &outOfDate):
		return outOfDateHint(outOfDate)
	case errors.As(err, &conflict):
		return "Take what both sides locked. Run: plugins lock"
	case errors.As(err, &sides):
		return "A published version should never change: ask its publisher which is right. Delete the wrong side from the lock file,\nwith its markers, and run: plugins lock"
	case errors.As(err, &parse):
		return "Restore it from version control, or delete it and run: plugins lock"
	case errors.As(err, &platform):
		return platformHint(platform)
	case errors.As(err, &notLocked):
		return "If it is published, run: plugins lock --platform " + strings.ReplaceAll(plugin.PlatformList(notLocked.Platforms), ", ", ",")
	case errors.As(err, &changed) && changed.Unversioned:
		return "If its publisher put another version there, take that with: " + upgradeOf(err) + "\n" +
			"If not: a published version should never change; ask its publisher."
	case errors.As(err, &changed), errors.As(err, &manifest):
		return "A published version should never change: ask its publisher. If what is there now is right,\ndelete the plugin's block from the lock file and run: plugins lock"
	case errors.As(err, &withdrawn):
		return "Take a version that its source has: " + upgradeOf(err)
	case errors.As(err, &stale):
		return "Look at what there is to do now: plugins plan"
	}
	return ""
}

// upgradeOf is the command that upgrades the plugin that failed.
func upgradeOf(err error) string {
	var failed *plugin.Error
	if errors.As(err, &failed) {
		return "plugins lock --upgrade=" + string(failed.Plugin)
	}
	return "plugins lock --upgrade"
}

// platformHint is the line to add for a machine whose platform is not locked. Where
// no platforms are declared, all that were published are locked, and adding one more
// would fail.
func platformHint(e *plan.PlatformError) string {
	if e.Undeclared {
		hint := fmt.Sprintf("No platforms are declared, and those that are locked stay. If %s is published, run: plugins lock --platform %s", e.Platform, e.Platform)
		if len(e.Locked) > 0 {
			hint += "\nIf it is not needed here, say in the plugin's block where it is:\n  platforms = [" + quotedPlatforms(e.Locked) + "]"
		}
		return hint
	}
	quoted := make([]string, 0, len(e.Locked)+1)
	for _, p := range append(append([]plugin.Platform{}, e.Locked...), e.Platform) {
		quoted = append(quoted, fmt.Sprintf("%q", p))
	}
	return fmt.Sprintf("Add it to plugins.hcl and lock again:\n  platforms = [%s]\nor, without declaring it, run: plugins lock --platform %s",
		strings.Join(quoted, ", "), e.Platform)
}

func hintPackage(err error) string {
	var (
		ambiguous    *pin.AmbiguousPackageError
		notPublished *pin.NotPublishedError
		builtin      *source.BuiltinError
		noDownloads  *source.NoDownloadsError
		noVersion    *resolve.NoVersionError
		digest       *plugin.DigestError
	)
	switch {
	case errors.As(err, &ambiguous):
		return "Say which file it is, in the plugin's block; * stands for any text:\n  asset = \"NAME-${os}-${arch}.tar.gz\""
	case errors.As(err, &notPublished) && notPublished.Others != nil:
		return "If one of these files is the package, say so in the plugin's block; * stands for any text:\n  asset = \"NAME-*-${os}-${arch}.tar.gz\"\n" +
			"If it is not needed there, say where it is:\n  platforms = [" + quotedPlatforms(notPublished.Published) + "]"
	case errors.As(err, &notPublished):
		return "If it is not needed there, say in the plugin's block where it is:\n  platforms = [" + quotedPlatforms(notPublished.Published) + "]"
	case errors.As(err, &builtin):
		return "Remove its block from plugins.hcl."
	case errors.As(err, &noDownloads):
		return "Choose another version or source, or remove its block from plugins.hcl."
	case errors.As(err, &noVersion):
		return noVersionHint(noVersion)
	case errors.As(err, &digest):
		return "The package is not the one that was published or locked. Do not use it before you know why."
	}
	return ""
}

func quotedPlatforms(platforms []plugin.Platform) string {
	texts := make([]string, len(platforms))
	for i, p := range platforms {
		texts[i] = fmt.Sprintf("%q", p)
	}
	return strings.Join(texts, ", ")
}

func hintNetwork(err error) string {
	var unknown *source.UnknownPluginError
	var document *source.DocumentError
	var disagreement *source.DisagreementError
	var unmirrored *access.NotMirroredError
	switch {
	case errors.As(err, &unmirrored):
		return "Run it where there is network, and bring the folder here again: plugins mirror DIR"
	case errors.As(err, &disagreement):
		return "One of them is wrong, and only their publisher can tell which."
	case errors.As(err, &unknown) && unknown.Near != "":
		return fmt.Sprintf("If it is that one, say so in its block:\n  source = \"%s/%s\"", unknown.Registry, unknown.Near)
	case errors.As(err, &unknown):
		return "Check the name, and the registry's url in plugins.hcl."
	case errors.As(err, &document) && document.Of != "":
		return "Its publisher must mend it. If it is large, not wrong, let the plugin's documents be larger:\n  limits { document = \"64MiB\" }"
	case errors.As(err, &document):
		return "Check the registry's url in plugins.hcl; if it is right, its publisher must mend the document."
	case errors.Is(err, access.ErrOffline):
		return "Run it once without --offline, or bring the packages: plugins mirror DIR, where there is network, makes a folder of them to use here."
	}
	return ""
}

// quoted makes one word of a path for a shell.
func quoted(path string) string {
	safe := func(r rune) bool {
		return r == '/' || r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
	}
	if strings.IndexFunc(path, func(r rune) bool { return !safe(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

func (a *app) hintDirectory(err error) string {
	var journal *apply.JournalError
	var unknown *apply.UnknownStateError
	var output *outputError
	var keepUnknown *project.KeepUnknownError
	var unsafe *apply.UnsafeStateError
	var link *swap.LinkError
	var kept *apply.KeptOwnerError
	var dangling *installed.DanglingLinkError
	var foreign *metrics.ForeignError
	switch {
	case errors.As(err, &output):
		return ""
	case errors.As(err, &foreign):
		return "Name another file with --metrics, or remove that one: " + quoted(foreign.Path)
	case errors.As(err, &keepUnknown):
		return "Mend the configuration, or name one with --file that declares these plugins with what to keep of them."
	case errors.As(err, &unsafe) && unsafe.Owner < 0:
		return "If you trust what is in it, take that away and run it again:\n  chmod go-w " + quoted(unsafe.Path)
	case errors.As(err, &unsafe):
		return fmt.Sprintf("If you trust what is in it, give it back and run it again:\n  chown -R %d %s", unsafe.Owner, quoted(unsafe.Path))
	case errors.As(err, &link):
		return "plugins makes no links there: find out who did. Then remove it and run it again:\n  rm " + quoted(link.Path)
	case errors.As(err, &kept):
		return "Run it as root: only root can leave the file to its owner."
	case errors.As(err, &dangling):
		return "If that is on a disk that is not mounted, mount it; else make the folder:\n  mkdir -p " + quoted(dangling.Folder())
	case errors.Is(err, apply.ErrLocked):
		return "Wait for it, or give it longer with --lock-timeout."
	case errors.As(err, &journal):
		return "Nothing was touched. If the folders of the plugins are whole, delete the journal and run: plugins apply"
	case errors.As(err, &unknown):
		return "Look at the folder; then make it what the lock says with: plugins apply"
	case errors.Is(err, fs.ErrNotExist) && isAboutPlugin(err):
		return "Put back what its source names, or change its block in plugins.hcl."
	case errors.Is(err, syscall.ENOSPC):
		return "Make room on the disk and run it again."
	case errors.Is(err, fs.ErrPermission):
		return a.permissionHint(err)
	case errors.Is(err, syscall.EROFS):
		return "Run it as a user who may write there, or make it writable."
	case errors.Is(err, errDeclined):
		return "Where nobody can answer, approve beforehand with --auto-approve."
	}
	return ""
}
