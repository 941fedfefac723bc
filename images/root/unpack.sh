#!/usr/bin/env bash
# Unpacks the packages of a list and trims them: what all boards have in common, kept until the list or a rule changes.
#
#   unpack.sh LIST    prints the folder: root/ (the tree), kernel/{vmlinuz,config,modules,release}
#
# dpkg-deb -x only: no maintainer script runs, nothing is entered, nothing is mounted.
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

trim=images/root/trim.txt

main()
{
	local list=$1 base
	base=$images/base-$(cut -d' ' -f1-4 "$list" | cat - "$trim" "${BASH_SOURCE[0]}" | sha256sum | cut -c1-16)
	if [ ! -e "$base" ]; then
		rm -rf "$images"/base-*
		mkdir -p "$base.new/root"
		unpack "$list" "$base.new/root"
		take_kernel "$base.new"
		remove_listed "$base.new/root"
		remove_odd "$base.new/root"
		mv "$base.new" "$base"
	fi
	echo "$base"
}

# base-files first: it lays the links /bin, /lib and so on, which tar then follows. Each file is hashed as it is read.
unpack()
{
	local name version arch sha file
	while read -r name version arch sha file; do
		[ "$(sha256sum <"$file")" = "$sha  -" ] || {
			rm -f "$file"
			die "$file had not the hash that the lock says ($name $version): it is deleted, the next build fetches it again"
		}
		dpkg-deb -x "$file" "$2" || die "$file can't be unpacked"
	done < <(grep '^base-files ' "$1"; grep -v '^base-files ' "$1")
	for name in bin sbin lib lib64; do
		[ -L "$2/$name" ] || die "/$name is no link any more: a package was not made for a merged /usr"
	done
}

take_kernel()
{
	local vmlinuz
	mkdir "$1/kernel"
	vmlinuz=$(echo "$1"/root/boot/vmlinuz-*)
	[ -e "$vmlinuz" ] || die "not exactly one kernel in the packages: $vmlinuz"
	echo "${vmlinuz##*/vmlinuz-}" >"$1/kernel/release"
	mv "$vmlinuz" "$1/kernel/vmlinuz"
	mv "$1"/root/boot/config-* "$1/kernel/config"
	mv "$1/root/usr/lib/modules/${vmlinuz##*/vmlinuz-}" "$1/kernel/modules"
	rm -rf "$1/root/boot" "$1/root/usr/lib/modules"
}

remove_listed()
{
	local pattern found
	while read -r pattern; do
		found=$(compgen -G "$1/$pattern") || die "$trim names $pattern, which no package has any more"
		xargs -d '\n' rm -rf <<<"$found"
	done < <(sed -E 's/[ \t]*#.*//; /^$/d' "$trim")
}

# Nobody becomes somebody else by running a file. Owners are set when the file system is made.
remove_odd()
{
	find "$1" -perm /6000 -type f -exec chmod a-s {} +
	find "$1" -type d -perm /6000 -exec chmod a-s {} +
	find "$1" -name '*.a' -type f -delete
	find "$1" -xtype l -lname '*/share/man/*' -delete
}

main "$@"
