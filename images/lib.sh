# shellcheck shell=bash
# What the scripts of images/ share: strictness, messages, places, times. Sourced; runs in the top of the tree, in the
# build root. Nothing here needs to be root.
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022

tool=$(basename "$0" .sh)
# shellcheck disable=SC2034 # by those who source this
images=out/images
say() { echo "$tool: $*" >&2; }
die() { say "$*"; exit 1; }

[ -e /etc/fairlead-sdk ] || die "runs in the build root only: use make"

# All times in an image are the commit's, so that two builds of it are one.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
	SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1700000000)
fi
export SOURCE_DATE_EPOCH

# need FILE WHAT: a missing input is said by name.
need() { [ -e "$1" ] || die "$1 is missing: $2"; }

# id_of TEXT: a UUID that TEXT alone decides (version 8 of RFC 9562).
id_of()
{
	local h
	h=$(printf '%s' "$1" | sha256sum)
	printf '%s-%s-8%s-a%s-%s\n' "${h:0:8}" "${h:8:4}" "${h:12:3}" "${h:15:3}" "${h:18:12}"
}

# hash_of FILE...: what these files hold, in this order.
hash_of() { cat "$@" | sha256sum | cut -c1-16; }

# board_value BOARD KEY: what `fairlead-board print` says of a board, one value a line.
board_value()
{
	need "board/$1/board.conf" "there is no board $1 (boards: $(cd board && echo */ | tr -d /))"
	out/release/fairlead-board print "board/$1/board.conf" "$2" || die "board/$1/board.conf: $2 can't be read, see above"
}
