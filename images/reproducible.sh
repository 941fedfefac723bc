#!/usr/bin/env bash
# reproducible.sh BOARD: two builds of the commit, in two folders, are the same bit by bit.
#
# Each is a fresh clone in a folder of its own length of name, with other user mask, time zone and language, and nothing
# taken over but the cache of packages. What is not committed is not built.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
board=${1:?which board?}
commit=$(git rev-parse HEAD)
work=$PWD/out/reproducible
artefacts="disk.img root.squashfs root.verity uki.efi initramfs.img cmdline sbom.json"

main()
{
	local name failed=0
	[ -z "$(git status --porcelain)" ] || say "note: what is not committed is not part of this"
	rm -rf "$work"
	build one 022 UTC C.UTF-8
	build second-and-longer 077 Asia/Tokyo C
	for name in $artefacts; do
		if cmp -s "$work/one/out/images/$board/$name" "$work/second-and-longer/out/images/$board/$name"; then
			echo "ok image reproducible $board: $name $(sha256sum <"$work/one/out/images/$board/$name" | cut -c1-16)"
		else
			echo "FAIL image reproducible $board: $name differs: $(cmp "$work"/{one,second-and-longer}"/out/images/$board/$name" 2>&1)"
			failed=1
		fi
	done
	[ "$failed" = 1 ] || rm -rf "$work"
	exit "$failed"
}

# build NAME UMASK TIME-ZONE LANGUAGE
build()
{
	local log=$work/$1.log
	mkdir -p "$work"
	(
		umask "$2"
		git clone -q . "$work/$1"
		git -C "$work/$1" checkout -q "$commit"
		unset SOURCE_DATE_EPOCH MAKEFLAGS MFLAGS MAKELEVEL
		cd "$work/$1"
		TZ=$3 LC_ALL=$4 make image BOARD="$board" SQUASHFS_LEVEL="${SQUASHFS_LEVEL:-3}" >"$log" 2>&1
	) || { tail -n 20 "$log" >&2; die "the build in $work/$1 failed"; }
}

main
