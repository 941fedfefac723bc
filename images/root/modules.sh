#!/usr/bin/env bash
# modules.sh KERNEL LIST: the files of the modules that LIST names and of all that they need, below KERNEL/modules, each after
# what it depends on. A module that is built into the kernel has no file; one that does not exist is an error.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
kernel=$1 list=$2

# The package has no modules.dep (a maintainer script would make it): depmod in a folder of links.
dep=$kernel/dep
if [ ! -e "$dep/done" ]; then
	release=$(cat "$kernel/release")
	rm -rf "$dep"
	mkdir -p "$dep/lib/modules"
	ln -s "$(realpath "$kernel/modules")" "$dep/lib/modules/$release"
	"$(dirname "$0")/run-in.sh" "$kernel/../root" usr/bin/kmod depmod -b "$(realpath "$dep")" -o "$(realpath "$dep")" "$release" >&2 ||
		die "depmod failed"
	cp "$dep/lib/modules/$release/modules.dep" "$dep/modules.dep"
	touch "$dep/done"
fi

awk '
	function name(path) { sub(/.*\//, "", path); sub(/\.ko(\.xz)?$/, "", path); gsub(/-/, "_", path); return path }
	function take(n,    i, parts, count) {
		if (n in taken)
			return
		taken[n] = 1
		count = split(needs[n], parts, " ")
		for (i = count; i >= 1; i--)
			take(name(parts[i]))
		print file[n]
	}
	FILENAME == ARGV[1] { sub(/:/, " "); n = name($1); file[n] = $1; $1 = ""; needs[n] = $0; next }
	FILENAME == ARGV[2] { builtin[name($1)]; next }
	{
		n = name($1)
		if (n in file)
			take(n)
		else if (!(n in builtin)) {
			print "modules: the kernel has no module " $1 >"/dev/stderr"
			bad = 1
		}
	}
	END { exit bad }
' "$dep/modules.dep" "$kernel/modules/modules.builtin" "$list"
