#!/usr/bin/env bash
# Puts the program on the PATH of the job's steps from here on.
#
#   VERSION      ""      the action's own code, built with Go; without Go, and where the
#                        action is used by a release's tag, that release
#                v1.2.3  that release, its archive held to its checksums.txt
#                system  what is on the PATH already
#   ACTION_REF   by which name the action is used
set -euo pipefail

releases=https://github.com/plugins-hcl/plugins/releases/download
semver='^v?([0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?)$'

fail() {
	echo "::error title=plugins::$*"
	exit 1
}

build() {
	GOFLAGS='' GOWORK=off CGO_ENABLED=0 go build -C "$GITHUB_ACTION_PATH" -trimpath -o "$bin/plugins$exe" ./cmd/plugins
}

fetch() {
	curl --fail --silent --show-error --location --proto '=https' --retry 3 --output "$2" "$1" || fail "cannot download $1"
}

sha256() {
	if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi
}

download() {
	local version=${1#v} os arch archive want got
	case ${RUNNER_OS-} in
	Linux) os=linux ;;
	macOS) os=darwin ;;
	Windows) os=windows ;;
	*) fail "there is no release for the runner's system, ${RUNNER_OS-}" ;;
	esac
	case ${RUNNER_ARCH-} in
	X64) arch=amd64 ;;
	ARM64) arch=arm64 ;;
	*) fail "there is no release for the runner's architecture, ${RUNNER_ARCH-}" ;;
	esac
	archive=plugins_${version}_${os}_$arch.tar.gz
	[ "$os" != windows ] || archive=${archive%.tar.gz}.zip

	cd "$work"
	fetch "$releases/v$version/checksums.txt" checksums.txt
	fetch "$releases/v$version/$archive" "$archive"
	want=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' checksums.txt)
	got=$(sha256 "$archive")
	# Only of what is right is a byte unpacked.
	[[ $want =~ ^[0-9a-f]{64}$ ]] || fail "checksums.txt of v$version does not name $archive"
	[ "${got%% *}" = "$want" ] || fail "$archive has the digest ${got%% *}, and not $want as checksums.txt says"
	mkdir unpacked
	case $archive in
	*.zip) unzip -q "$archive" -d unpacked ;;
	*) tar -xzf "$archive" -C unpacked ;;
	esac
	cp "$(find unpacked -type f -name "plugins$exe" | head -n 1)" "$bin/plugins$exe"
	chmod 0755 "$bin/plugins$exe"
}

exe=
[ "${RUNNER_OS-}" != Windows ] || exe=.exe
work=$(mktemp -d "$RUNNER_TEMP/plugins-XXXXXX")
bin=$work/bin
mkdir "$bin"

case ${VERSION-} in
system)
	command -v plugins >/dev/null || fail "version is \"system\", but there is no plugins on the PATH"
	plugins version
	exit 0
	;;
'')
	if command -v go >/dev/null; then
		build
	elif [[ ${ACTION_REF-} =~ $semver ]]; then
		download "$ACTION_REF"
	else
		fail "there is no Go on this runner to build the program with: use actions/setup-go before, or say which version to download"
	fi
	;;
*)
	[[ $VERSION =~ $semver ]] || fail "version is a release like v1.2.3, or system, or empty"
	download "$VERSION"
	;;
esac
echo "$bin" >>"$GITHUB_PATH"
"$bin/plugins$exe" version
