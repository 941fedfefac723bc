#!/bin/bash
# Builds the Debian 13 root in which Fairlead is compiled, tested and run.
#
#   sdk.sh            build it if it is missing; say where it is
#   sdk.sh path       print where it is (or would be), build nothing
#   sdk.sh lock       write packages.lock from the root that is there
#
# The root's name carries a hash of packages.txt and of FORMAT below, so a
# changed list is a new root beside the old one. It is built under a temporary
# name and renamed when it is whole: a root that exists is complete. Nothing
# but interrupted builds of our own is ever deleted; old roots are the user's
# to remove (README.md).
set -euo pipefail

FORMAT=1				# raise it when a change here changes the root
SUITE=trixie

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${FL_CACHE:-/var/cache/fairlead}

say() { echo "sdk: $*" >&2; }
die() { say "$*"; exit 1; }

main()
{
	local packages hash root

	packages=$(sed 's/#.*//' "$here/packages.txt" | tr -s ' \t\n' '\n' | sed '/^$/d' | LC_ALL=C sort -u)
	hash=$(printf '%s\n' "$FORMAT" "$SUITE" "$packages" | sha256sum | cut -c1-16)
	root=$cache/root-$hash

	case ${1:-build} in
	path)	echo "$root" ;;
	build)	build_once "$root" "$hash" "$packages"
		say "the build root is $root" ;;
	lock)	[ -e "$root/etc/fairlead-sdk" ] || die "no root yet: run 'make sdk' first"
		versions "$root" >"$here/packages.lock"
		say "wrote images/sdk/packages.lock" ;;
	*)	die "usage: sdk.sh [build|path|lock]" ;;
	esac
}

# One builder at a time; whoever waited finds the root made.
build_once()
{
	local root=$1 hash=$2 packages=$3

	[ -e "$root/etc/fairlead-sdk" ] && return
	[ "$(id -u)" = 0 ] || die "building and entering the root needs root: use sudo"
	mkdir -p "$cache"
	exec 8>"$cache/lock"
	if ! flock -n 8; then
		say "another build is running, waiting for it"
		flock 8
	fi
	[ -e "$root/etc/fairlead-sdk" ] && return
	remove_interrupted
	install_host_tools
	build "$root" "$hash" "$packages"
	compare "$root"
}

# We hold the lock, so whatever has the temporary name is nobody's any more.
remove_interrupted()
{
	local d

	for d in "$cache"/building-*; do
		[ -d "$d" ] || continue
		grep -qF " $d/" /proc/self/mountinfo && die "$d has something mounted in it: remove it by hand"
		say "removing $d, left by an interrupted build"
		rm -rf --one-file-system "$d"
	done
}

install_host_tools()
{
	local missing=()

	command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
	[ -e /usr/share/keyrings/debian-archive-$SUITE-stable.gpg ] ||
		compgen -G "/usr/share/keyrings/debian-archive-$SUITE-stable.*" >/dev/null ||
		missing+=(debian-archive-keyring)
	[ ${#missing[@]} = 0 ] && return
	command -v apt-get >/dev/null ||
		die "missing on this host: ${missing[*]}. It is not a Debian: install them by hand"
	say "installing on this host: ${missing[*]}"
	apt-get update -qq >&2 || die "apt-get update failed"
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		"${missing[@]}" >&2 || die "apt-get install ${missing[*]} failed"
}

# mmdebstrap runs in a process and a mount namespace of its own, so that killing it
# leaves neither processes nor mounts. It inherits the lock: should only this script
# be killed, the next one waits for what is left of it.
build()
{
	local root=$1 hash=$2 packages=$3 tmp log start child

	tmp=$cache/building-$hash
	log=$cache/build.log
	start=$(date +%s)
	say "building the Debian 13 build root (some minutes; log in $log)"
	mkdir "$tmp"
	bootstrap "$tmp" "$packages" </dev/null >"$log" 2>&1 &
	child=$!
	trap 'kill -KILL $child 2>/dev/null || :; wait $child 2>/dev/null || :; rm -rf --one-file-system "$tmp"' EXIT
	trap 'exit 130' INT TERM HUP
	if ! wait $child; then
		tail -n 20 "$log" >&2
		die "the build failed; all of its output is in $log"
	fi
	echo fairlead-sdk >"$tmp/etc/hostname"
	echo "$hash" >"$tmp/etc/fairlead-sdk"
	mv -T "$tmp" "$root"
	trap - EXIT INT TERM HUP
	say "built in $(($(date +%s) - start)) s"
}

bootstrap()
{
	exec unshare --mount --pid --fork --kill-child --mount-proc \
		mmdebstrap --mode=root --variant=apt \
		--include="$(tr '\n' ',' <<<"$2" | sed 's/,*$//')" \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-include=/usr/share/doc/*/copyright' \
		"$SUITE" "$1"
}

versions()
{
	dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${Package} ${Version}\n' | LC_ALL=C sort
}

# Security updates move versions: worth knowing when something behaves
# differently, not a reason to stop.
compare()
{
	local changes

	[ -e "$here/packages.lock" ] || return 0
	changes=$(diff -U0 "$here/packages.lock" <(versions "$1") | grep '^[-+][^-+]' || true)
	[ -n "$changes" ] || return 0
	say "note: versions differ from packages.lock (- recorded, + installed);"
	say "'make sdk-lock' records the new ones"
	printf '%s\n' "$changes" >&2
}

main "$@"
