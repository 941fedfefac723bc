#!/usr/bin/env bash
# image.sh BOARD INIT: all steps from packages to out/images/BOARD/disk.img. `make image` calls it when our programs are built.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
board=${1:-} init=$2
out=$images/$board

[ -n "$board" ] || die "which board? make image BOARD=$(cd board && echo */ | sed 's,/,,g; s, ,|,g')"
need "board/$board/board.conf" "there is no board $board, but: $(cd board && echo */ | tr -d /)"
mkdir -p "$out"
exec 9>"$images/lock"
flock 9
begin=$EPOCHREALTIME
took()
{
	local now=$EPOCHREALTIME
	echo "$1: $(((${now/./} - ${begin/./}) / 1000)) ms" >>"$out/times"
	begin=$now
}

rm -f "$out/times"
images/root/packages.sh fetch "$images/list"
took packages
base=$(images/root/unpack.sh "$images/list")
took unpack
images/root/tree.sh "$board" "$base" "$images/list" "$out/tree"
took tree
images/initramfs/initramfs.sh "$base/kernel" "$init" "$out/initramfs.made"
took initramfs
images/disk/disk.sh "$board" "$out/tree" "$base/kernel" "$out/initramfs.made" "$out"
rm -f "$out/initramfs.made"
say "$out/disk.img: root $(($(stat -c %s "$out/root.squashfs") / 1048576)) MiB, boot $(($(stat -c %s "$out/uki.efi") / 1048576)) MiB" \
	"in ${SECONDS} s (more in $out/manifest.txt)"
