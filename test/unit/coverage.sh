#!/usr/bin/env bash
# coverage.sh [MODULE]: which lines and branches the unit tests reached, by file, from what programs of V=cov left in
# out/cov/obj. A header's line counts as reached if it was in one of the files that include it.
set -euo pipefail

find "out/cov/obj/${1:-}" -name '*.gcno' -not -path '*/obj/test/*' -not -path '*/unit_main/*' -print0 |
	xargs -r0 -n 16 gcov -t -b -c 2>/dev/null | awk '
	/^ *-: *0:Source:/ { path = $0; sub(/.*:Source:/, "", path) }
	path ~ /^\// { next }
	/^branch / { branches[path ":" line ":" $2] += $4 == "never" ? 0 : $4; next }
	/^ *[0-9#=][^:]*: *[1-9]/ {
		split($0, part, ":")
		line = part[2] + 0
		lines[path ":" line] += part[1] !~ /[#=]/
	}
	function add(hits, all, reached, where) {
		for (where in hits) {
			path = where
			sub(/:.*/, "", path)
			all[path]++
			reached[path] += hits[where] > 0
		}
	}
	function share(reached, all) {
		return all ? 100 * reached / all : 100
	}
	END {
		print "lines %  branches %  file"
		add(lines, lines_all, lines_reached)
		add(branches, branches_all, branches_reached)
		for (path in lines_all)
			printf "%7.1f%12.1f  %s\n", share(lines_reached[path], lines_all[path]),
				share(branches_reached[path], branches_all[path]), path | "sort -k 3"
	}'
