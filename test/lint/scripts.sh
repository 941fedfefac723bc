#!/usr/bin/env bash
# Shell and Python scripts parse, and what begins with #! can be run. With shellcheck in the root, its errors count too.
set -u
failures=0
fail()
{
	echo "FAIL lint scripts: $1"
	failures=$((failures + 1))
}

list()
{
	if [ -e .git ]; then
		git ls-files -co --exclude-standard
	else
		find . -type f -not -path './out/*' -printf '%P\n'
	fi
}

while IFS= read -r path; do
	[ -f "$path" ] || continue
	IFS= read -r first <"$path" 2>/dev/null || first=
	case $path:$first in
	*.sh:* | *:'#!'*bash* | *:'#!/bin/sh'*)
		why=$(bash -n "$path" 2>&1) || fail "$why"
		if command -v shellcheck >/dev/null; then
			why=$(shellcheck -x -S error -f gcc "$path" 2>&1) || fail "$why"
		fi
		;;
	*.py:* | *:'#!'*python*)
		why=$(python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$path" 2>&1) ||
			fail "$path: $(tail -n1 <<<"$why")"
		;;
	esac
	case $first in
	'#!'*) [ -x "$path" ] || fail "$path: begins with #! but can't be run" ;;
	esac
done < <(list)
[ "$failures" -gt 0 ] || echo "ok lint scripts"
[ "$failures" -eq 0 ]
