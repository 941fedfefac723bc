#!/usr/bin/env bash
# initramfs.sh KERNEL INIT OUT: init and the modules of modules.txt as a cpio archive, packed with zstd.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
kernel=$1 init=$2 out=$3
work=$out.d

rm -rf "$work"
mkdir -p "$work"/{dev,proc,sys,run,lower,upper,sysroot,modules}
need "$init" "the build makes it"
strip --remove-section=.note.gnu.build-id -o "$work/init" "$init"
chmod 755 "$work/init"
sed -E 's/[ \t]*#.*//; /^$/d' images/initramfs/modules.txt >"$out.list"
images/root/modules.sh "$kernel" "$out.list" >"$out.paths" || die "see above"
while read -r path; do
	name=$(basename "$path" .xz)
	/usr/lib/apt/apt-helper cat-file "$kernel/modules/$path" >"$work/modules/$name"
	echo "/modules/$name" >>"$work/modules.list"
done <"$out.paths"
find "$work" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
(cd "$work" && find . -mindepth 1 -print0 | sort -z | cpio --quiet --null -o -H newc --reproducible --owner=0:0) |
	zstd -q -T1 -12 >"$out.new"
mv "$out.new" "$out"
rm -rf "$work" "$out.list" "$out.paths"
