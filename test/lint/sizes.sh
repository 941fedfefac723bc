#!/usr/bin/env bash
# How long functions and files are: for information, nothing fails. The tests' own are left out.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

main()
{
	# shellcheck disable=SC2016
	files .c | grep -v '^test/' | xargs awk '
		FNR == 1 { start = 0 }
		/^[a-z_][A-Za-z0-9_]*\(/ && !start { start = FNR; name = $0; sub(/\(.*/, "", name) }
		/^[^\t].*;$/ { start = 0 }	# the call of a macro
		/^}/ && start { print "functions", FNR - start + 1, FILENAME ":" start ": " name; start = 0 }
		{ length_of[FILENAME] = FNR }
		END { for (path in length_of) print "files", length_of[path], path }
	' >"$work/sizes"
	show functions
	show files
}

show()
{
	grep "^$1 " "$work/sizes" | sort -k 2,2n | awk '
		{ lines[NR] = $2; sub(/^[^ ]* /, ""); what[NR] = $0 }
		END {
			print NR " '"$1"': median " lines[int((NR + 1) / 2)] ", 90% up to " lines[int(NR * 0.9)] " lines; longest:"
			for (i = NR; i > NR - 8 && i > 0; i--)
				print "  " what[i]
		}'
}

main
