#!/usr/bin/env bash
# Tells a pull request, in one comment that is kept up to date. Where that is not allowed,
# as for forks, the summary of the step has it all the same: no error.
#
#   MARKDOWN    the file to tell
#   NUMBER      the pull request's
#   HEAD_REPO   where it comes from
#   FOLDER      one comment a folder
#   GH_TOKEN    pull-requests: write
set -euo pipefail

# A comment has at most 65,536 characters.
most=60000

untold() {
	if [ "$HEAD_REPO" != "$GITHUB_REPOSITORY" ]; then
		echo "::notice title=plugins::The pull request is from a fork, whose token may not comment: see the step's summary."
	else
		echo "::warning title=plugins::The pull request was not commented: $1. The job needs \"permissions: pull-requests: write\"; the step's summary has it all."
	fi
	exit 0
}

# api is gh, what it says kept for the one line that becomes of it.
api() { gh api "$@" 2>"$work/said"; }

said() { head -n 1 "$work/said" | tr -d '\r'; }

work=$(mktemp -d "$RUNNER_TEMP/plugins-XXXXXX")
[[ $NUMBER =~ ^[0-9]+$ ]] || exit 0
command -v gh >/dev/null || untold "there is no gh on this runner"

# What nobody sees, and by which the comment is found again.
marker="<!-- plugins: ${FOLDER//[^A-Za-z0-9._\/-]/_} -->"
{
	echo "$marker"
	LC_ALL=C awk -v most="$most" '
		(size += length($0) + 1) > most { print "\n</details>\n\n**The rest is in the summary of the step.**"; exit }
		{ print }
	' "$MARKDOWN"
} >"$work/body.md"

comments=repos/$GITHUB_REPOSITORY/issues
# Only a bot's own: everybody may write a comment that starts like this one.
known=$(api --paginate "$comments/$NUMBER/comments?per_page=100" \
	--jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id") || untold "$(said)"
known=${known%%$'\n'*}
if [ -n "$known" ]; then
	api --method PATCH "$comments/comments/$known" -F "body=@$work/body.md" --silent || untold "$(said)"
else
	api --method POST "$comments/$NUMBER/comments" -F "body=@$work/body.md" --silent || untold "$(said)"
fi
