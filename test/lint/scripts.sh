#!/usr/bin/env bash
# Scripts are shell, parse, and can be run if they begin with #!. Python is for peers of tests (test/lab, test/image, test/bench) only.
# With shellcheck in the root, its errors count too.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

check()
{
	local path first
	while IFS= read -r path; do
		first=
		IFS= read -r first 2>/dev/null <"$path" || :
		case $path:$first in
		*.sh:* | *:'#!'*bash* | *:'#!/bin/sh'*) check_shell "$path" ;;
		*.py:* | *:'#!'*python*) check_python "$path" ;;
		esac
		case $first in
		'#!'*) [ -x "$path" ] || echo "$path: begins with #! but can't be run; chmod +x" ;;
		esac
	done <"$work/files"
}

check_shell()
{
	bash -n "$1" 2>&1 || :
	if command -v shellcheck >/dev/null; then
		shellcheck -x -S error -f gcc "$1" 2>&1 || :
	fi
}

check_python()
{
	case $1 in
	test/lab/* | test/bench/* | test/image/*) ;;
	*) echo "$1: is Python; glue is shell, Python only plays a test's peer" ;;
	esac
	python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$1" 2>&1 | sed "\$!d; s|^|$1: |" || :
}

report scripts check
