#!/usr/bin/env bash
# The root of a board as a tree: what all boards have in common (unpack.sh), the board's kernel modules, our programs, units
# and files, users. Then it looks whether a program or library lacks a library.
#
#   tree.sh BOARD BASE LIST TREE
#
# Owners and special modes do not come from this tree: images/disk/squashfs.pseudo says them when the file system is made.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

board=$1 base=$2 list=$3 tree=$4
bin=out/release
here=images/root

main()
{
	need "board/$board/board.conf" "there is no such board"
	rm -rf "$tree"
	mkdir -p "$(dirname "$tree")"
	cp -a --reflink=auto "$base/root" "$tree"
	lay_system
	lay_modules
	lay_programs
	lay_services
	lay_files fw/services/root
	make_users
	lay_sbom
	"$here/libraries.sh" "$tree"
	find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# put MODE FILE PATH
put() { install -D -m "$1" "$2" "$tree/$3"; }

# Files as they lie below a folder; git knows of modes only whether a file can be run.
lay_files()
{
	local path
	need "$1" "its files are laid into the root"
	while read -r path; do
		if [ -L "$1/$path" ]; then
			mkdir -p "$tree/$(dirname "$path")"
			ln -sfn "$(readlink "$1/$path")" "$tree/$path"
		elif [ -x "$1/$path" ]; then
			put 755 "$1/$path" "$path"
		else
			put 644 "$1/$path" "$path"
		fi
	done < <(cd "$1" && find . \( -type f -o -type l \) -printf '%P\n')
}

# What maintainer scripts would have done, as far as it is needed.
lay_system()
{
	local name unit
	lay_files "$here/files"
	mkdir -p "$tree"/{proc,sys,dev,run,tmp,root,home,config,log,boot,etc/systemd/system,var/{log,lib,cache,tmp,spool}}
	ln -sfn ../lib/systemd/systemd "$tree/usr/sbin/init"
	for name in halt poweroff reboot shutdown; do
		ln -sfn ../bin/systemctl "$tree/usr/sbin/$name"
	done
	ln -sfn mawk "$tree/usr/bin/awk"
	ln -sfn /usr/lib/systemd/system/multi-user.target "$tree/etc/systemd/system/default.target"
	ln -sfn /run/fairlead/resolv.conf "$tree/etc/resolv.conf"
	ln -sfn /proc/self/mounts "$tree/etc/mtab"
	: >"$tree/etc/machine-id"	# init writes it
	ln -sfn /log/journal "$tree/var/log/journal"
	say_who >"$tree/usr/lib/os-release"
	while read -r unit; do
		ln -sfn /dev/null "$tree/etc/systemd/system/$unit"
	done < <(sed -E 's/[ \t]*#.*//; /^$/d' "$here/masked.txt")
}

# os-release(5); the boot loader's menu shows it too.
say_who()
{
	local version
	version=$(git describe --always --match 'v*' 2>/dev/null || echo unknown)
	printf '%s\n' 'NAME="Fairlead"' 'ID=fairlead' 'ID_LIKE=debian' "VERSION_ID=$version" "VARIANT_ID=$board" \
		"PRETTY_NAME=\"Fairlead $version\""
}

lay_modules()
{
	local release path
	release=$(cat "$base/kernel/release")
	{ sed -E 's/[ \t]*#.*//; /^$/d' "$here/modules.txt"; board_value "$board" modules; } >"$tree.modules"
	"$here/modules.sh" "$base/kernel" "$tree.modules" >"$tree.paths" || die "see above"
	while read -r path; do
		mkdir -p "$tree/usr/lib/modules/$release/$(dirname "$path")"
		/usr/lib/apt/apt-helper cat-file "$base/kernel/modules/$path" >"$tree/usr/lib/modules/$release/${path%.xz}"
	done <"$tree.paths"
	cp "$base"/kernel/modules/modules.{builtin,builtin.modinfo,order} "$tree/usr/lib/modules/$release/"
	"$here/run-in.sh" "$base/root" usr/bin/kmod depmod -b "$(realpath "$tree")/usr" "$release" 2>&1 |
		{ grep -v 'modules.order\|could not open modules' >&2 || :; }
	rm -f "$tree/usr/lib/modules/$release"/modules.{order,builtin.modinfo} "$tree.modules" "$tree.paths"
	[ -s "$tree/usr/lib/modules/$release/modules.dep.bin" ] || die "depmod made no modules.dep.bin"
}

lay_programs()
{
	local name folder
	while read -r name folder; do
		need "$bin/$name" make
		mkdir -p "$tree/$folder"
		strip --remove-section=.note.gnu.build-id -o "$tree/$folder/$name" "$bin/$name" # the id hashes paths of the build
		chmod 755 "$tree/$folder/$name"
	done < <(sed -E 's/[ \t]*#.*//; /^$/d' "$here/programs.txt")
	put 644 "board/$board/board.conf" usr/share/fairlead/board.conf
}

# Units, and which of them are wanted by what; fw/services says both.
lay_services()
{
	local file unit target
	for file in fw/services/*.{service,socket,target,timer,mount,path}; do
		[ ! -e "$file" ] || put 644 "$file" "usr/lib/systemd/system/$(basename "$file")"
	done
	for file in fw/services/{sysusers,tmpfiles}.d/*.conf; do
		[ ! -e "$file" ] || put 644 "$file" "usr/lib/${file#fw/services/}"
	done
	need fw/services/enable.txt "it says which units are wanted"
	while read -r unit target; do
		if [ "$unit" = mask ]; then
			ln -sfn /dev/null "$tree/etc/systemd/system/$target"
			continue
		fi
		file=${unit/@*./@.}
		[ -e "$tree/usr/lib/systemd/system/$file" ] || die "fw/services/enable.txt enables $unit, which is nowhere"
		mkdir -p "$tree/etc/systemd/system/$target.wants"
		ln -sfn "/usr/lib/systemd/system/$file" "$tree/etc/systemd/system/$target.wants/$unit"
	done < <(sed -E 's/[ \t]*#.*//; /^$/d' fw/services/enable.txt)
}

# All users and groups of packages and ours, locked and without a password. What systemd-sysusers asks of the machine it
# runs on (boot id, time) does not come into its files.
make_users()
{
	rm -f "$tree"/etc/{passwd,group,shadow,gshadow}{,-}
	systemd-sysusers --root="$(realpath "$tree")" 2>"$tree.log" || { cat "$tree.log" >&2; die "systemd-sysusers failed"; }
	rm -f "$tree"/etc/{passwd,group,shadow,gshadow}- "$tree/etc/.pwd.lock" "$tree.log"
	grep -q '^root:' "$tree/etc/shadow" || die "systemd-sysusers made no root"
}

lay_sbom()
{
	"$here/sbom.sh" "$board" "$list" >"$tree/usr/share/fairlead/sbom.json"
}

main
