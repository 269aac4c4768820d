package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
)

// manual is what the help of a command says besides its description: how it is used, and
// what its exit codes mean. Those are part of what the program promises.
type manual struct {
	example string
	exits   []exitMeaning
}

type exitMeaning struct {
	code int
	text string
}

// What several commands mean by a code.
var (
	failed      = exitMeaning{exitFailed, "error; nothing was changed"}
	outOfDate   = exitMeaning{exitOutOfDate, "the lock file is missing, out of date or has merge conflict markers: plugins lock"}
	refused     = exitMeaning{exitRefused, "a package was refused: its digest, signature, archive, size, plugin.json or executable"}
	interrupted = exitMeaning{exitInterrupted, "interrupted; nothing was changed"}
)

func done(text string) exitMeaning { return exitMeaning{exitDone, text} }

func differs(text string) exitMeaning { return exitMeaning{exitDiffers, text} }

// manuals are those of all commands, by what is written to run them.
func manuals() map[string]manual {
	return map[string]manual{
		"plugins": {
			"plugins init\nplugins add authz\nplugins plan\nplugins apply",
			[]exitMeaning{
				done("done, or nothing to do"),
				{exitFailed, "error"},
				differs("plan, diff --detailed-exitcode: there are changes; verify: something drifted; fmt, lock, outdated with --check: it is not as it should be"),
				{exitOutOfDate, "plan, apply, mirror, image: the lock file is missing, out of date or has merge conflict markers; verify, outdated, why, diff: it is missing or has them"},
				refused,
				{exitInterrupted, "interrupted before anything was changed"},
			},
		},
		"plugins init": {
			"plugins init\nplugins init --from wfctl.yaml\nplugins init --from data/plugins",
			[]exitMeaning{done("the file is written"), {exitFailed, "it is not, and nothing was changed"}, interrupted},
		},
		"plugins add": {
			"plugins add authz\nplugins add 'authz@~> 0.6'\nplugins add acme/billing --name invoices\n" +
				"plugins add github.com/acme/workflow-plugin-payments@^1.2\nplugins add ./plugins-src/scratch\n" +
				"plugins add 'https://dl.example.com/report/${version}/report_${os}.tar.gz@2.0.1'",
			[]exitMeaning{done("both files are written"), {exitFailed, "error; neither is"}, refused, interrupted},
		},
		"plugins remove": {
			"plugins remove authz\nplugins remove authz billing && plugins apply",
			[]exitMeaning{done("both files are written"), {exitFailed, "error; neither is"}, interrupted},
		},
		"plugins lock": {
			"plugins lock\nplugins lock --upgrade\nplugins lock --upgrade=authz,billing\nplugins lock --platform linux/arm64\nplugins lock --force-compat=authz\nplugins lock --check",
			[]exitMeaning{
				done("the lock file is written, or was up to date"), failed,
				differs("--check: the lock file is missing, out of date or has merge conflict markers"), refused, interrupted,
			},
		},
		"plugins plan": {
			"plugins plan\nplugins plan --detailed-exitcode\nplugins plan --out saved.plan && plugins apply saved.plan\nplugins plan --markdown >> summary.md",
			[]exitMeaning{done("the plan is shown"), {exitFailed, "error"}, differs("--detailed-exitcode: there are changes"), outOfDate, interrupted},
		},
		"plugins apply": {
			"plugins apply\nplugins apply --auto-approve\nplugins apply saved.plan\nplugins apply --auto-approve --keep-going\nplugins apply --retry",
			[]exitMeaning{
				done("done, or nothing to do"),
				{exitFailed, "error, or nobody said yes; nothing was changed, or with --keep-going what did not fail. Or on_change failed, or the host was not well and all was put back"},
				outOfDate, refused,
				{exitInterrupted, "interrupted before the first swap; nothing was changed. Once it swaps, it finishes, and exits 0; while on_change or health run, the next apply runs them again"},
			},
		},
		"plugins rollback": {
			"plugins rollback\nplugins rollback --auto-approve\nplugins rollback --to 12\nplugins rollback --to 12 --download",
			[]exitMeaning{
				done("done"),
				{exitFailed, "error, or nobody said yes; nothing was changed"},
				{exitRefused, "--to: a package was refused: its digest, archive, size, plugin.json or executable"},
				{exitInterrupted, "interrupted before the first swap; nothing was changed. Once it swaps, it finishes, and exits 0"},
			},
		},
		"plugins recover": {
			"plugins recover\nplugins recover --plugin-dir /srv/plugins",
			[]exitMeaning{done("done, or there was nothing to recover"), {exitFailed, "error"}, interrupted},
		},
		"plugins verify": {
			"plugins verify\nplugins verify authz billing\nplugins verify --plugin-dir /srv/plugins",
			[]exitMeaning{
				done("every file is as it was installed"),
				{exitFailed, "error"},
				differs("something drifted"),
				{exitOutOfDate, "the lock file is missing"},
				interrupted,
			},
		},
		"plugins list": {
			"plugins list\nplugins list --json",
			[]exitMeaning{done("it is listed"), {exitFailed, "error"}, interrupted},
		},
		"plugins diff": {
			"plugins diff\nplugins diff origin/main --markdown\nplugins diff ../other/plugins.lock.hcl",
			[]exitMeaning{
				done("it is shown"),
				{exitFailed, "error; there may be no such revision"},
				differs("--detailed-exitcode: the locks differ"),
				{exitOutOfDate, "there is no lock file, or one has merge conflict markers"},
				interrupted,
			},
		},
		"plugins history": {
			"plugins history\nplugins history --json",
			[]exitMeaning{done("it is shown"), {exitFailed, "error"}},
		},
		"plugins outdated": {
			"plugins outdated\nplugins outdated --check",
			[]exitMeaning{
				done("it is shown"),
				{exitFailed, "error; what is known of the other plugins is shown"},
				differs("--check: lock --upgrade would upgrade something; what is held back does not count"),
				{exitOutOfDate, "the lock file is missing"},
				refused, interrupted,
			},
		},
		"plugins why": {
			"plugins why ledger\nplugins why ledger --json",
			[]exitMeaning{done("it is shown"), {exitFailed, "error; there may be no such plugin"}, {exitOutOfDate, "the lock file is missing"}},
		},
		"plugins info": {
			"plugins info authz\nplugins info --all acme/billing\nplugins info github.com/acme/workflow-plugin-payments",
			[]exitMeaning{done("it is shown"), {exitFailed, "error; there may be no such plugin"}, refused, interrupted},
		},
		"plugins search": {
			"plugins search authorization\nplugins search oauth login --json",
			[]exitMeaning{done("what was found is shown, or that nothing was"), {exitFailed, "error; no registry can be searched"}, interrupted},
		},
		"plugins mirror": {
			"plugins mirror /media/usb/plugins\nplugins mirror --platform linux/amd64 mirrored\nplugins mirror --config fleet.hcl oci://registry.example.com/fleet/plugins",
			[]exitMeaning{done("all of it is there"), {exitFailed, "error; what is there is gone on with by the next run"}, outOfDate, refused, {exitInterrupted, "interrupted; the next run goes on"}},
		},
		"plugins image": {
			"plugins image oci://registry.example.com/fleet/plugins:2026-11\nplugins image --platform linux/amd64 oci://registry.example.com/fleet/plugins",
			[]exitMeaning{done("it is pushed"), {exitFailed, "error; the tag names what it did before"}, outOfDate, refused, {exitInterrupted, "interrupted; the tag names what it did before"}},
		},
		"plugins validate": {
			"plugins validate\nplugins validate --file conf/plugins.hcl",
			[]exitMeaning{done("it is valid"), {exitFailed, "it is not"}},
		},
		"plugins fmt": {
			"plugins fmt\nplugins fmt --check",
			[]exitMeaning{done("it is in its canonical format"), {exitFailed, "error; it was left as it was"}, differs("--check: it is not")},
		},
		"plugins cache": {
			"plugins cache path\nplugins cache clean",
			[]exitMeaning{done("this is shown"), {exitFailed, "error"}},
		},
		"plugins cache path": {
			"ls \"$(plugins cache path)\"",
			[]exitMeaning{done("it is printed"), {exitFailed, "there is none"}},
		},
		"plugins cache info": {
			"plugins cache info",
			[]exitMeaning{done("it is shown"), {exitFailed, "error"}},
		},
		"plugins cache clean": {
			"plugins cache clean\nplugins cache clean --cache-dir /srv/cache",
			[]exitMeaning{done("it is empty"), {exitFailed, "error; some of it may be left"}},
		},
		"plugins version": {
			"plugins version\nplugins version --json",
			[]exitMeaning{done("it is printed"), {exitFailed, "error"}},
		},
	}
}

// explain gives a command and those below it what manuals has for them.
func explain(cmd *cobra.Command, all map[string]manual) {
	m, ok := all[cmd.CommandPath()]
	if ok {
		cmd.Example = "  " + strings.ReplaceAll(m.example, "\n", "\n  ")
		cmd.Long = strings.TrimSpace(cmd.Long) + "\n\n" + exitStatus(m.exits)
	}
	for _, sub := range cmd.Commands() {
		explain(sub, all)
	}
}

// exitStatus is a table of exit codes.
func exitStatus(exits []exitMeaning) string {
	var b strings.Builder
	b.WriteString("Exit status:\n")
	for _, e := range exits {
		for i, line := range ui.Wrap(e.text, 70) {
			code := ""
			if i == 0 {
				code = fmt.Sprint(e.code)
			}
			fmt.Fprintf(&b, "  %-4s %s\n", code, line)
		}
	}
	return b.String()
}
