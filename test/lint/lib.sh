# shellcheck shell=bash
# What the checks share: which files there are, what C says without its comments, what passed before, and how findings
# are reported. Sourced by each check, which runs in the top of a tree.
set -euo pipefail
export LC_ALL=C
lint=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
export work
trap 'rm -rf "$work"' EXIT

# The files of the tree: in a git checkout what git knows or would take in, elsewhere all but out/. tree.sh sees to it
# that names hold no space.
find_files()
{
	if [ -e .git ]; then
		git ls-files -z -co --exclude-standard | tr '\0' '\n' |
			while IFS= read -r path; do [ ! -f "$path" ] || printf '%s\n' "$path"; done
	else
		find . -type f -not -path './out/*' -printf '%P\n'
	fi
}
find_files | sort -u >"$work/files"
[ -s "$work/files" ] || { echo "no files here: run this in the top of the tree" >&2; exit 1; }

# files ENDING...: the files of the tree with one of the endings.
files()
{
	local endings
	printf -v endings '|%s' "${@//./\\.}"
	grep -E "(${endings#|})\$" "$work/files" || :
}

# c_code FILE...: the lines of C files as FILE, line number, text, with tabs between, and comments gone.
c_code()
{
	[ $# -gt 0 ] || return 0
	awk -f "$lint/c_code.awk" "$@"
}

# report NAME CHECK...: runs a check that prints its findings, one a line, and says it as test/run.sh wants it. If the
# check itself breaks, this script ends there, and test/run.sh counts that.
report()
{
	local name=$1
	shift
	"$@" >"$work/findings"
	sed "s/^/FAIL lint $name: /" "$work/findings"
	[ ! -s "$work/findings" ] || exit 1
	echo "ok lint $name"
}

# each_changed NAME SALT PATH...: runs check_one PATH RESULT for each path that did not pass before as it is now, several
# at a time, and prints what they found. check_one is an exported function that prints a finding and fails, or
# writes "PATH: all files it looked at" to RESULT, in the manner of make.
#
# What passed is remembered in out/lint/NAME, a line for each file looked at: PATH, FILE, its checksum. SALT is
# whatever else the result depends on; it counts as a file called "-".
each_changed()
{
	local memory=out/lint/$1 salt=$2
	shift 2
	mkdir -p "$work/results" out/lint
	touch "$memory"
	# shellcheck disable=SC2046
	sha1sum - $(files .c .h .tbl .clang-format) <<<"$salt" >"$work/sums"
	printf '%s\n' "$@" | awk '
		FILENAME == ARGV[1] { now[$2] = $1; next }
		FILENAME == ARGV[2] { seen[$1]; if (now[$2] != $3) changed[$1]; next }
		!($1 in seen) || $1 in changed
	' "$work/sums" "$memory" - >"$work/todo"
	if [ -s "$work/todo" ]; then
		# shellcheck disable=SC2016
		xargs -P "$(nproc)" -n 1 bash -c 'check_to_file "$1"' _ <"$work/todo"
		remember "$memory"
		find "$work/results" -name '*.why' -exec cat {} + | sort
	fi
}

check_to_file()
{
	local result=$work/results/${1//\//%}
	if ! check_one "$1" "$result" >"$result.why"; then
		rm -f "$result"
		[ -s "$result.why" ] || echo "$1: could not be checked" >"$result.why"
	fi
}
export -f check_to_file

# Takes the results over into the memory, drops what was there about the files of this run.
remember()
{
	find "$work/results" -type f -not -name '*.why' -exec cat {} + | awk '
		FILENAME == ARGV[1] { now[$2] = $1; next }
		FILENAME == ARGV[2] { again[$1]; next }
		FILENAME == ARGV[3] { if (!($1 in again) && $1 in now) print; next }
		$1 ~ /:$/ { path = $1; sub(/:$/, "", path); $1 = ""; print path, "-", now["-"]; print path, path, now[path] }
		{
			for (i = 1; i <= NF; i++) {
				sub(/^\.\//, "", $i)
				if ($i ~ /^[^\/\\]/ && $i != path)
					print path, $i, now[$i]
			}
		}
	' "$work/sums" "$work/todo" "$1" - >"$1.$$"
	mv "$1.$$" "$1"
}
