#!/usr/bin/env bash
# Does it. The exit code is that of plugins; what a pull request is told lies in a file.
#
#   COMMAND      check, plan or apply
#   ARGS         flags of every plugins command
#   APPLY_ARGS   flags of plugins apply
#   FOLDER       how the folder is called, seen from the repository
#   BASE_SHA     what a pull request is to be merged into
set -euo pipefail
: "${COMMAND:?}" "${FOLDER=}" "${BASE_SHA=}"

read -r -a args <<<"${ARGS-}" || true
read -r -a apply_args <<<"${APPLY_ARGS-}" || true
work=$(mktemp -d "$RUNNER_TEMP/plugins-XXXXXX")
[ "$FOLDER" != . ] || FOLDER=

output() { echo "$1=$2" >>"$GITHUB_OUTPUT"; }

run() { plugins ${args[@]+"${args[@]}"} "$@"; }

# changes is what an exit code of a plan says of them.
changes() {
	case $1 in
	0) output changes false ;;
	2) output changes true ;;
	esac
}

# quoted makes a text one that Markdown shows as it is. Annotations are for the runner.
quoted() { sed -e '/^::/d' -e 's/^/    /' "$1"; }

check() {
	local code=0
	run validate || code=$?
	run fmt --check || code=$?
	run lock --check || code=$?
	return "$code"
}

# compared is what the lock means, beside that of the base. Nothing but the two files is
# looked at, so it is true on a runner that has no plugins.
compared() {
	echo "#### What the lock changes"
	echo
	[[ $BASE_SHA =~ ^[0-9a-f]{40,64}$ ]] || { echo "The base is not known."; return; }
	git cat-file -e "$BASE_SHA^{commit}" 2>/dev/null ||
		GIT_TERMINAL_PROMPT=0 git fetch --quiet --no-tags --depth=1 origin "$BASE_SHA" 2>/dev/null || true
	if GITHUB_ACTIONS='' run diff "$BASE_SHA" --markdown >"$work/diff" 2>"$work/error"; then
		cat "$work/diff"
	else
		echo "It cannot be compared with the base:"
		echo
		quoted "$work/error"
	fi
	echo
}

# planned is what an apply would do here.
planned() {
	echo "<details><summary>What an apply would do on the machine that this ran on</summary>"
	echo
	GITHUB_ACTIONS='' run plan --markdown 2>/dev/null || true
	echo
	echo "</details>"
}

described() {
	echo "### Plugins${FOLDER:+ in \`$FOLDER\`}"
	echo
	[ "$GITHUB_EVENT_NAME" != pull_request ] || compared
	case $1 in
	0 | 2) planned ;;
	*)
		echo "**\`plugins plan\` ended with exit code $1:**"
		echo
		quoted "$work/stderr"
		;;
	esac
}

plan() {
	local code=0
	# The summary is the text below, which has more to tell.
	GITHUB_STEP_SUMMARY='' run plan --detailed-exitcode 2>"$work/stderr" || code=$?
	cat "$work/stderr" >&2
	changes "$code"
	GITHUB_STEP_SUMMARY='' described "$code" >"$work/plan.md"
	output markdown "$work/plan.md"
	[ -z "${GITHUB_STEP_SUMMARY-}" ] || cat "$work/plan.md" >>"$GITHUB_STEP_SUMMARY"
	[ "$code" = 2 ] || return "$code"
}

apply() {
	local code=0
	GITHUB_ACTIONS='' run plan --detailed-exitcode >/dev/null 2>&1 || code=$?
	run apply --auto-approve ${apply_args[@]+"${apply_args[@]}"} || return
	changes "$code"
}

"$COMMAND"
