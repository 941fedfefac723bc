#!/usr/bin/env bash
# From packages.txt to files: what the closure is, and where each package lies.
#
#   packages.sh lock            resolves packages.txt anew and writes packages.lock
#   packages.sh fetch LIST      sees to it that all of packages.lock is in the cache; LIST gets a line "NAME VERSION ARCH
#                               SHA256 FILE" for each package used
#
# A package is known by its hash. What is in the cache asks no archive. A version that has left the archive is replaced by
# what the archive has now, with a note (STRICT=1: an error); then LIST differs from the lock. A wrong hash is always an error.
#
# apt runs with a state of its own under out/images/apt: the build root's own sources with non-free-firmware added, no
# package installed but those that packages.txt takes to be there.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

txt=images/root/packages.txt
lock=images/root/packages.lock
debs=${FL_CACHE:-/var/cache/fairlead}/debs
state=$PWD/$images/apt

main()
{
	mkdir -p "$debs" "$images"
	case ${1:-} in
	lock)	exec 9>"$images/lock"	# builds of images use the same apt
		flock 9
		write_lock ;;
	fetch) fetch "$2" ;;
	*) die "usage: packages.sh lock | fetch LIST" ;;
	esac
}

wanted() { sed -E 's/#.*//; /^-/d; s/[ \t]//g; /^$/d' "$txt"; }
list_hash() { sed -E 's/#.*//; s/[ \t]//g; /^$/d' "$txt" | sha256sum | cut -c1-16; }

write_lock()
{
	apt_state
	closure "$state/closure" || die "apt can't resolve $txt: see above"
	{
		echo "# What packages.txt ($(list_hash)) came to; written by \`make image-lock\`. NAME VERSION ARCH SHA256"
		cat "$state/closure"
	} >"$lock.new"
	mv "$lock.new" "$lock"
	say "$lock: $(grep -vc '^#' "$lock") packages"
}

# A lock of another list would build what nobody asked for.
fetch()
{
	local list=$1 name version arch sha file
	need "$lock" "make image-lock writes it"
	grep -q "($(list_hash))" "$lock" || die "$txt changed since $lock was written: make image-lock"
	grep -v '^#' "$lock" >"$list.set"
	missing "$list.set" >"$list.missing"
	if [ -s "$list.missing" ]; then
		say "$(wc -l <"$list.missing") of $(wc -l <"$list.set") packages are not in $debs: asking the archive"
		apt_state
		replace_gone "$list"
		missing "$list.set" >"$list.missing"
		download "$list.missing"
	fi
	while read -r name version arch sha; do
		file=$(deb_file "$name" "$version" "$arch" "$sha")
		need "$file" "package $name $version"
		echo "$name $version $arch $sha $file"
	done <"$list.set" >"$list.new"
	rm -f "$list.set" "$list.missing"
	mv "$list.new" "$list"
}

deb_file() { echo "$debs/$1_${2//:/%}_$3_${4:0:16}.deb"; }

missing()
{
	local name version arch sha
	while read -r name version arch sha; do
		[ -e "$(deb_file "$name" "$version" "$arch" "$sha")" ] || echo "$name $version $arch $sha"
	done <"$1"
}

# Everything apt needs to know, below out/: neither the build root's package database nor the host's.
apt_state()
{
	local name
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	{ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || :; } |
		sed -nE 's/^(deb .* main)( .*)?$/\1 non-free-firmware/p' >"$state/sources.list"
	[ -s "$state/sources.list" ] || die "the build root names no archive in /etc/apt/sources.list"
	for name in $(sed -nE 's/^-([^ \t#]+).*/\1/p' "$txt"); do
		printf 'Package: %s\nStatus: install ok installed\nVersion: 9:9999\nArchitecture: amd64\n' "$name"
		printf 'Multi-Arch: foreign\nMaintainer: nobody\nDescription: taken to be there\n\n'
	done >"$state/status"
	cat >"$state/apt.conf" <<-CONF
		Dir::State "$state"; Dir::State::Lists "$state/lists"; Dir::State::status "$state/status";
		Dir::Cache "$state/cache"; Dir::Etc::SourceList "$state/sources.list"; Dir::Etc::SourceParts "-";
		APT::Sandbox::User "root"; APT::Install-Recommends "false"; Acquire::Languages "none"; Acquire::Retries "3";
	CONF
	export APT_CONFIG=$state/apt.conf
	apt-get update -qq >&2 || die "the archive's package lists can't be read: see above"
}

# closure FILE [NAME=VERSION...]: what apt would install, as lines of the lock.
closure()
{
	local out=$1
	shift
	# shellcheck disable=SC2046
	apt-get install -s -qq $(wanted) "$@" >"$state/plan" || return 1
	sed -nE 's/^Inst ([^ ]+) (\[[^]]*\] )?\(([^ ]+) .*/\1 \3/p' "$state/plan" | sort >"$state/names"
	taken_along
	records "$state/names" | sort >"$out"
	[ "$(wc -l <"$out")" = "$(wc -l <"$state/names")" ] || die "the archive has no record of some of $state/names"
}

# Apt may think that what we take to be there needs another version; that is a mistake in packages.txt.
taken_along()
{
	local both
	both=$(cut -d' ' -f1 "$state/names" | grep -xF -f <(sed -nE 's/^-([^ \t#]+).*/\1/p' "$txt") || :)
	[ -z "$both" ] || die "$txt takes these to be there, but other packages need them for true:" $both
}

# records FILE: "NAME VERSION" lines to lines of the lock, by the archive's lists; what it has not is left out.
records()
{
	# shellcheck disable=SC2046
	apt-cache show $(tr ' ' '=' <"$1") 2>/dev/null | awk '
		/^Package: / { name = $2 } /^Version: / { version = $2 } /^Architecture: / { arch = $2 }
		/^SHA256: / { print name, version, arch, $2 }
	' | sort -u
}

# What the archive no longer has, apt chooses anew, keeping all that is still there as the lock says: also its hash.
replace_gone()
{
	local list=$1 gone kept
	cut -d' ' -f1,2 "$list.missing" >"$state/ask"
	records "$state/ask" >"$state/have"
	gone=$(cut -d' ' -f1,2 "$state/have" | sort | comm -13 - <(sort "$state/ask"))
	[ -n "$gone" ] || return 0
	[ "${STRICT:-0}" != 1 ] || die "no longer in the archive, and STRICT=1:" "${gone//$'\n'/, }"
	kept=$(cut -d' ' -f1,2 "$list.set" | sort | comm -23 - <(sort <<<"$gone"))
	# Kept packages may themselves be only in the cache, where apt can't see them.
	records <(printf '%s\n' "$kept") | cut -d' ' -f1,2 | tr ' ' '=' >"$state/pin"
	# shellcheck disable=SC2046
	closure "$state/closure" $(cat "$state/pin") || closure "$state/closure" ||
		die "apt can't resolve $txt: see above"
	awk 'NR == FNR { sha[$1, $2, $3] = $4; next }
		($1, $2, $3) in sha && sha[$1, $2, $3] != $4 { print $1, $2 }' "$list.set" "$state/closure" >"$state/changed"
	[ ! -s "$state/changed" ] || die "the archive has other hashes than $lock for:" "$(tr '\n' ',' <"$state/changed")"
	say "note: no longer in the archive: ${gone//$'\n'/, }; the image differs from $lock (make image-lock records that):"
	diff <(sort "$list.set") "$state/closure" | grep '^[<>]' | cut -d' ' -f1-3 >&2 || :
	cp "$state/closure" "$list.set"
}

download()
{
	local dir=$state/download name version arch sha got file
	[ -s "$1" ] || return 0
	rm -rf "$dir"
	mkdir -p "$dir"
	# shellcheck disable=SC2046
	(cd "$dir" && apt-get download -qq $(cut -d' ' -f1,2 "$OLDPWD/$1" | tr ' ' '=')) >&2 ||
		die "not all packages could be had: see above"
	while read -r name version arch sha; do
		got=$(find "$dir" -name "${name}_${version//:/%3a}_*.deb" | head -n 1)
		[ -n "$got" ] || die "package $name $version could not be had"
		[ "$(sha256sum <"$got")" = "$sha  -" ] || die "package $name $version has not the hash that $lock says"
		file=$(deb_file "$name" "$version" "$arch" "$sha")
		mv "$got" "$file.$$"	# the cache may be another file system, where this is a copy: never half of one by that name
		mv "$file.$$" "$file"
	done <"$1"
	rm -rf "$dir"
}

main "$@"
