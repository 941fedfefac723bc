#!/usr/bin/env bash
# What is in the tree belongs there: the top level, no binaries, no keys, nothing of the machine it was written on.
#
# The machine's own names (registries, the checkout's folder) are read from the machine, never listed here.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
TOP='fw|drivers|dataplane|mgmt|board|images|test'
SIZE_MAX=$((1 << 20))

check()
{
	{ grep -vE "^(($TOP|\.[^/]*)/.|(Makefile|README\.md|\.[^/]*)\$)" "$work/files" || :; } |
		sed "s/\$/: has no place at the top level; that holds Makefile, README.md and ${TOP//|/, }/"
	{ grep -vE '^[A-Za-z0-9_./+-]+$' "$work/files" || :; } | sed 's/$/: rename it with letters, digits, _ . + and -/'
	tr '\n' '\0' <"$work/files" | xargs -r0 stat -c '%s %n' |
		awk -v max=$SIZE_MAX '$1 > max { print $2 ": larger than " max " bytes; make it or fetch it" }'
	in_files -lP '\x00' | sed 's/$/: is a binary; make it from its source/'
	in_files -lE -e '-----BEGIN ([A-Z]+ )*PRIVATE KEY-----' | sed 's/$/: holds a private key; make one where it is used/'
	names_of registry "$(registry_hosts)" | sed 's/$/ names a package registry of this machine; leave it out/'
	names_of path "$(machine_paths)" | sed 's/$/ names a path of this machine; write it from the root of the tree/'
}

# in_files GREP-ARGUMENT...: grep over all files but seeds of fuzzers, which are what comes over the wire.
in_files()
{
	{ grep -v '^test/fuzz/corpus/' "$work/files" || :; } | tr '\n' '\0' |
		xargs -r0 bash -c 'grep -aH "$@" || [ $? -eq 1 ]' _ "$@"
}

# names_of WHAT NAMES: FILE:line: where one of the names begins a word.
names_of()
{
	[ -n "$2" ] || return 0
	sed -e 's/[][\\.*^$+?(){}|]/\\&/g' -e 's/.*/(^|[^A-Za-z0-9_.-])&/' <<<"$2" >"$work/$1"
	in_files -nE -f "$work/$1" | cut -d: -f 1,2 | sed 's/$/:/'
}

registry_hosts()
{
	cat /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/pip.conf /etc/npmrc \
		~/.npmrc ~/.config/pip/pip.conf ~/.pip/pip.conf 2>/dev/null |
		sed -nE '/^[ \t]*#/d; s|.*[a-z]+://([^/@ \t]*@)?([^/: \t]+).*|\2|p' | { grep -F . || :; } | sort -u
}

# The checkout, and the folder that holds it unless that may be anybody's: one right below / may be called like ours.
machine_paths()
{
	local above=${PWD%/*}
	echo "$PWD/"
	case $above in
	/var/tmp | /usr/local | /usr/src) ;;
	/*/*) echo "$above/" ;;
	esac
}

report tree check
