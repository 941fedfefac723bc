#!/usr/bin/env bash
# Each #include points in the direction that layers.txt allows, is written from the root, and exists.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

check()
{
	# shellcheck disable=SC2046
	c_code $(files .c .h .tbl) | { grep -E $'^[^\t]*\t[^\t]*\t[ \t]*#[ \t]*include[ \t]*[<"]' || :; } |
		awk -F '\t' -f "$lint/includes.awk" "$lint/layers.txt" "$work/files" -
}

report includes check
