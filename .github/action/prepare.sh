#!/usr/bin/env bash
# Decides what is done, and where the cache is.
#
#   COMMAND          auto, check, plan, apply or none
#   DEFAULT_BRANCH   the repository's
#   ARGS             flags of every plugins command
set -euo pipefail
: "${COMMAND:?}" "${DEFAULT_BRANCH=}"

fail() {
	echo "::error title=plugins::$*"
	exit 1
}

# The lock files of this folder, hashed: what belongs into the cache follows from them.
locks() {
	local digest
	digest=$(cat ./*.lock.hcl 2>/dev/null | if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi)
	echo "${digest%% *}"
}

case $GITHUB_EVENT_NAME in
# These have secrets and a token that writes, and may have the files of somebody else.
pull_request_target | workflow_run)
	[ "$COMMAND" = none ] || fail "this is not for $GITHUB_EVENT_NAME, which has secrets: use pull_request"
	;;
esac

decided=$COMMAND
case $COMMAND in
auto)
	decided=plan
	if [ "$GITHUB_EVENT_NAME" = push ] && [ "$GITHUB_REF" = "refs/heads/$DEFAULT_BRANCH" ]; then
		decided=apply
	fi
	;;
check | plan | apply | none) ;;
*) fail "command is auto, check, plan, apply or none" ;;
esac

read -r -a args <<<"${ARGS-}" || true
cache=$(plugins ${args[@]+"${args[@]}"} cache path) || cache= # there may be none: no home
{
	echo "command=$decided"
	echo "cache=$cache"
	echo "locks=$(locks)"
} >>"$GITHUB_OUTPUT"
