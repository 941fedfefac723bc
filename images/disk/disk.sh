#!/usr/bin/env bash
# From a tree, a kernel and an initramfs to a disk image that boots:
#
#   disk.sh BOARD TREE KERNEL INITRAMFS OUT
#
# OUT gets root.squashfs, root.verity (its hash tree), cmdline, uki.efi, disk.img, manifest.txt. Every identifier follows from
# the content or from board and commit, every time is the commit's: two builds are the same bit by bit.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

board=$1 tree=$2 kernel=$3 initramfs=$4 out=$5
here=images/disk
mib=$((1 << 20))
commit=$(git rev-parse HEAD 2>/dev/null || echo none)

main()
{
	local begin=$EPOCHREALTIME
	mkdir -p "$out"
	rm -f "$out/disk.img" "$out/manifest.txt"	# whatever fails from here on leaves no image of an earlier build
	sizes
	make_squashfs
	took squashfs
	make_verity
	make_cmdline
	make_uki
	took "verity and UKI"
	make_disk
	took disk
	manifest
}

took()
{
	local now=$EPOCHREALTIME
	echo "$1: $(((${now/./} - ${begin/./}) / 1000)) ms" >>"$out/times"
	begin=$now
}

# The board's partition sizes in MiB.
sizes()
{
	local name size
	declare -gA size_mib=()
	while read -r name size; do
		size_mib[$name]=$size
	done < <(board_value "$board" partitions)
	for name in boot root config log; do
		[ "${size_mib[$name]:-0}" -gt 0 ] || die "board/$board/board.conf: no size for partition $name"
	done
}

# fits FILE PARTITION...: how much room files take of a partition, or that they have none.
fits()
{
	local used
	used=$(du -cb "${@:2}" | tail -n 1 | cut -f 1)
	[ "$used" -le $((size_mib[$1] * mib)) ] ||
		die "${*:2} take $used bytes; partition $1 of board $board has ${size_mib[$1]} MiB"
}

make_squashfs()
{
	mksquashfs "$tree" "$out/root.squashfs.new" -noappend -quiet -no-progress -no-xattrs -all-root -pf "$here/squashfs.pseudo" \
		-comp zstd -Xcompression-level "${SQUASHFS_LEVEL:-19}" -b 131072 >"$out/log" 2>&1 ||
		{ cat "$out/log" >&2; die "mksquashfs failed"; }
	mv "$out/root.squashfs.new" "$out/root.squashfs"
}

# Salt and UUID are the content's own: another root has other hashes all over.
make_verity()
{
	local sum
	sum=$(sha256sum <"$out/root.squashfs")
	: >"$out/root.verity"
	veritysetup format "$out/root.squashfs" "$out/root.verity" --hash=sha256 --data-block-size=4096 --hash-block-size=4096 \
		--salt="${sum%% *}" --uuid="$(id_of "verity ${sum%% *}")" >"$out/log" || die "veritysetup failed"
	root_hash=$(sed -nE 's/^Root hash:[ \t]*([0-9a-f]{64})$/\1/p' "$out/log")
	[ -n "$root_hash" ] || die "veritysetup says no root hash: $(cat "$out/log")"
	hash_offset=$(stat -c %s "$out/root.squashfs")
	[ $((hash_offset % 4096)) = 0 ] || die "root.squashfs is no multiple of 4096 bytes"
	fits root "$out/root.squashfs" "$out/root.verity"
}

# The consoles get what is worth a notice; the journal has all. A board's panic= restarts the box after a bad block of the root.
# gpt: without it the kernel never reads the second partition table, and a power cut while the first is written were the end.
make_cmdline()
{
	{
		board_value "$board" kernel-arguments
		echo gpt
		echo loglevel=6
		echo systemd.show_status=error
		echo fairlead.root=root-a
		echo "fairlead.roothash=$root_hash"
		echo "fairlead.hashoffset=$hash_offset"
	} | tr '\n' ' ' | sed 's/ $//' >"$out/cmdline"
	[ "$(stat -c %s "$out/cmdline")" -lt 2048 ] || die "the kernel takes no more than 2047 characters of arguments: $(cat "$out/cmdline")"
}

make_uki()
{
	cp "$kernel/vmlinuz" "$out/kernel"
	cp "$initramfs" "$out/initramfs.img"
	ukify build --linux="$out/kernel" --initrd="$out/initramfs.img" --cmdline="@$out/cmdline" \
		--os-release="@$tree/usr/lib/os-release" --uname="$(cat "$kernel/release")" --output="$out/uki.efi" >"$out/log" 2>&1 ||
		{ cat "$out/log" >&2; die "ukify failed"; }
	chmod 644 "$out/uki.efi" "$out/kernel"
	fits boot "$out/uki.efi"
}

# Seven partitions, the last of which grows at first boot. boot-b and root-b wait for the first upgrade.
make_disk()
{
	local img=$out/disk.img.new part=$out/part at=1 name size
	declare -A start=()
	rm -f "$img"
	{
		echo "label: gpt"
		echo "label-id: $(id_of "disk $board $commit")"
		while read -r name size type; do
			start[$name]=$at
			echo "start=$((at * mib / 512)), size=$((size * mib / 512)), type=$type, name=$name," \
				"uuid=$(id_of "$name $board $commit")"
			at=$((at + size))
		done < <(layout)
		truncate -s $(((at + 1) * mib)) "$img"
	} >"$out/gpt"
	sfdisk --quiet --no-reread --no-tell-kernel "$img" <"$out/gpt" || die "sfdisk failed"

	make_fat "$part"
	place "$part" "${start[boot-a]}"
	place "$out/root.squashfs" "${start[root-a]}"
	dd if="$out/root.verity" of="$img" bs=4096 seek=$((${start[root-a]} * mib / 4096 + hash_offset / 4096)) conv=notrunc status=none
	# Small blocks, for there is a second superblock then, where e2fsck looks for it: 64 MiB of large ones have none.
	make_ext4 "$part" config -b 1024
	place "$part" "${start[config]}"
	# Few inodes: their tables grow with the partition, and would be a sixteenth of a large disk.
	make_ext4 "$part" log -b 4096 -i 65536
	place "$part" "${start[log]}"
	rm -f "$part" "$out/gpt" "$out/log"
	mv "$img" "$out/disk.img"
}

layout()
{
	local linux=0FC63DAF-8483-4772-8E79-3D69D8477DE4 esp=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
	echo "boot-a ${size_mib[boot]} $esp"
	echo "root-a ${size_mib[root]} $linux"
	echo "boot-b ${size_mib[boot]} $esp"
	echo "root-b ${size_mib[root]} $linux"
	echo "boot-state 1 $linux"
	echo "config ${size_mib[config]} $linux"
	echo "log ${size_mib[log]} $linux"
}

place() { dd if="$1" of="$img" bs=1M seek="$2" conv=notrunc,sparse status=none; }

make_fat()
{
	local dir=$out/esp
	rm -rf "$1" "$dir"
	mkdir -p "$dir/EFI/BOOT"
	cp "$out/uki.efi" "$dir/EFI/BOOT/BOOTX64.EFI"
	find "$dir" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
	truncate -s $((size_mib[boot] * mib)) "$1"
	mkfs.fat -F 32 --invariant -i "$(id_of "fat $board $commit" | cut -c1-8)" -n BOOT-A "$1" >/dev/null || die "mkfs.fat failed"
	mcopy -i "$1" -s -m -Q "$dir/EFI" ::/ || die "mcopy failed"
	rm -rf "$dir"
}

# make_ext4 FILE PARTITION OPTION...
make_ext4()
{
	local dir=$out/fs
	rm -rf "$1" "$dir"
	mkdir "$dir"
	[ "$2" != log ] || mkdir "$dir/journal"
	find "$dir" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
	truncate -s $((size_mib[$2] * mib)) "$1"
	mke2fs -q -F -t ext4 "${@:3}" -d "$dir" -L "$2" -U "$(id_of "$2 ext4 $board $commit")" -m 0 \
		-E "hash_seed=$(id_of "$2 seed $board $commit"),root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard" \
		"$1" || die "mke2fs failed"
	rm -rf "$dir"
}

manifest()
{
	local name
	cp "$tree/usr/share/fairlead/sbom.json" "$out/sbom.json"
	{
		echo "board $board, commit $commit, kernel $(cat "$kernel/release"), squashfs level ${SQUASHFS_LEVEL:-19}"
		for name in disk.img root.squashfs root.verity uki.efi kernel initramfs.img cmdline sbom.json; do
			printf '%s %12d  %s\n' "$(sha256sum <"$out/$name" | cut -d' ' -f1)" "$(stat -c %s "$out/$name")" "$name"
		done
		cat "$out/times"
	} >"$out/manifest.txt"
	rm -f "$out/times"
}

main
