#!/usr/bin/env bash
# What the READMEs name is there: paths, functions written as `name()`, and targets written as `make name`.
#
# A path is a word in backticks that ends in / or in a source file's ending, or any word that begins with a folder of the
# top level. It is looked for beside the README and from the top; a bare file name may be anywhere in the tree.
# Words with a placeholder (<noun>, NAME, $x), absolute paths and out/ are left alone.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

check()
{
	functions | sort -u >"$work/functions"
	targets | sort -u >"$work/targets"
	# shellcheck disable=SC2046
	awk -f "$lint/readmes.awk" "$work/files" "$work/functions" "$work/targets" $(files README.md)
}

# Names of functions and macros: with the return type before them on their line, or on a line of its own. And of those
# that symbols.txt forbids: a README may say `malloc()` to say that there is none.
functions()
{
	# shellcheck disable=SC2046
	c_code $(files .c .h) | cut -f 3- | sed -nE \
		-e 's/^([A-Za-z_][A-Za-z0-9_ ]*[ *])?([A-Za-z_][A-Za-z0-9_]*)\(.*/\2/p' \
		-e 's/^[ \t]*#[ \t]*define[ \t]+([A-Za-z0-9_]+)\(.*/\1/p'
	files .sh | xargs -r sed -nE 's/^([A-Za-z0-9_]+)\(\).*/\1/p'
	files .py | xargs -r sed -nE 's/^ *def ([A-Za-z0-9_]+)\(.*/\1/p'
	grep -oE '[A-Za-z0-9_]+' "$lint/symbols.txt"
}

targets()
{
	files .mk Makefile | xargs -r sed -nE 's/^([A-Za-z0-9_. %-]+):([^=].*)?$/\1/p' | tr ' ' '\n'
}

report readmes check
