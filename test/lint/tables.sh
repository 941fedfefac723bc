#!/usr/bin/env bash
# Each row of a table is used and tested as tables.txt says, and complete.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

check()
{
	# shellcheck disable=SC2046
	c_code $(files .tbl) >"$work/rows"
	# Lines of C that may name a row, and the words of tests in other languages.
	# shellcheck disable=SC2046
	c_code $(files .c .h) | { grep -E '[A-Z]_[a-z]' || :; } >"$work/code"
	files .sh .py .story .txt | { grep '^test/' || :; } | { grep -v '^test/lint/' || :; } >"$work/others"
	xargs -r grep -oHE '[A-Za-z0-9_]+' <"$work/others" | sort -u | tr ':' '\t' >"$work/words"
	files .tbl >"$work/tables"
	awk -f "$lint/tables.awk" "$lint/tables.txt" "$work/rows" "$work/code" "$work/words" "$work/tables"
}

report tables check
