#!/usr/bin/env bash
# symbols.sh [OUT]: the undefined symbols of the stack's objects hold nothing that symbols.txt forbids.
# OUT is the variant's folder, out/release if not given.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
out=${1:-out/release}

check()
{
	local folder archive archives=()
	# shellcheck disable=SC2013
	for folder in $(awk '$1 == "objects" { print $2 }' "$lint/symbols.txt" | sort -u); do
		archive=$out/lib/${folder//\//-}.a
		if [ -e "$archive" ]; then
			archives+=("$archive")
		else
			echo "$archive is not built; name in symbols.txt what is"
		fi
	done
	[ ${#archives[@]} -eq 0 ] || nm -u -A --format=posix "${archives[@]}" |
		awk -f "$lint/symbols.awk" "$lint/symbols.txt" -
}

report symbols check
