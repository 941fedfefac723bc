#!/usr/bin/env bash
# Files compile, with the flags that make wrote down, without producing anything.
#
# compile.sh headers [OUT]   each header alone, with gcc
# compile.sh clang [OUT]     each C file with clang, whose warnings are others than gcc's
#
# What passed is looked at again when one of our files changes that it includes.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
kind=$1
flags_file=${2:-out/release}/flags

# The last flags are what make defines for single files only. The quotes in them are C's, not the shell's.
flags=$(tr ' ' '\n' <"$flags_file" | sed 1d | grep -vE '^(-D_FORTIFY_SOURCE|-fsanitize|-fno-sanitize|--coverage)' | tr '\n' ' ')
# shellcheck disable=SC2089
flags+='-O0 -fsyntax-only -DFAIRLEAD_VERSION="" -DUNIT_SUITES=SUITE(none) -DUNIT_DPDK'
# shellcheck disable=SC2090
export kind flags

check_one()
{
	local command
	read -ra command <<<"$flags"
	command+=(-MD -MF "$2" -MT "$1")
	case $kind in
	headers) command=(gcc "${command[@]}" -include "$1" -x c /dev/null) ;;
	clang) command=(clang "${command[@]}" -Wno-unknown-warning-option "$1") ;;
	esac
	"${command[@]}" 2>"$2.log" && rm "$2.log" && return
	awk -v path="$1" '
		!first { first = $0 }
		!found && /error: / { found = $0 }
		END {
			why = found ? found : first ? first : "the compiler fails"
			sub(/^\.\//, "", why)
			print index(why, path ":") == 1 ? why : path ": " why
		}
	' "$2.log"
	rm "$2.log"
	return 1
}
export -f check_one

main()
{
	local ending=.c
	[ "$kind" = clang ] || ending=.h
	# shellcheck disable=SC2046
	report "$kind" each_changed "$kind" "$flags $(gcc -dumpfullversion)" $(files $ending)
}

main
