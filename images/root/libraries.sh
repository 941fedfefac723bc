#!/usr/bin/env bash
# libraries.sh TREE: each program and library of a tree finds, in that tree, all libraries that it names. Says which do not.
#
# By ELF's own words (NEEDED, RUNPATH) and not by running anything: where a library is looked for is what Debian's ld.so has
# built in, so that the root needs no ld.so.cache.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
tree=$1

find "$tree/usr" -type f \( -perm -1 -o -name '*.so*' \) -not -name '*.ko' -not -path '*/bpf/*' -print0 |
	{ xargs -0 readelf -d 2>/dev/null || :; } | awk -v tree="$tree" '
	function there(path,    line, found) { found = (getline line < path) >= 0; close(path); return found }
	function found(library,    dirs, i, count) {
		if (library in ok)
			return 1
		if (there(tree "/usr/lib/x86_64-linux-gnu/" library) || there(tree "/usr/lib64/" library))
			return ok[library] = 1
		count = split(runpath, dirs, ":")
		for (i = 1; i <= count; i++)
			if (there(tree dirs[i] "/" library))
				return 1
		# Beside itself: whoever loaded this one has that one too.
		return there(substr(file, 1, match(file, /\/[^\/]*$/)) library)
	}
	function judge(    i) {
		for (i = 1; i <= needs; i++)
			if (!found(needed[i])) {
				print "libraries: " substr(file, length(tree) + 1) " needs " needed[i] \
					", which no package of images/root/packages.txt brings" >"/dev/stderr"
				bad = 1
			}
		needs = 0
		runpath = ""
	}
	/^File: / { judge(); file = $2; files++; next }
	/\((RUNPATH|RPATH)\)/ { gsub(/.*\[|\]/, ""); runpath = $0; next }
	/\(NEEDED\)/ { gsub(/.*\[|\]/, ""); needed[++needs] = $0 }
	END { judge() }
	END {
		if (files == 0)
			print "libraries: " tree " has no program that could be read" >"/dev/stderr"
		exit bad || files == 0
	}
'
