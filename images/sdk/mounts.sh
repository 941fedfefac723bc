#!/bin/bash
# mounts.sh ROOT CHECKOUT CMD...: the inner half of enter.sh, already in a mount
# namespace of its own but with the host's propagation. Mounts what the root
# needs, then runs CMD there with a clean environment.
set -euo pipefail

root=$1 top=$2
shift 2

main()
{
	local dir

	# The root becomes a mount point (`ip netns exec` remounts "/"), and nothing
	# that is mounted in it may reach the host: its parent turns private first.
	mount --make-private "$(findmnt -n -o TARGET -T "$root")"
	mount --bind "$root" "$root"
	mount --make-private "$root"

	for dir in /proc /sys /dev; do
		graft "$dir"
	done
	for dir in /*; do
		case $dir in
		/bin | /boot | /etc | /lib* | /sbin | /usr | /var | /opt) ;;
		/proc | /sys | /dev | /run | /lost+found) ;;
		*)	[ -d "$dir" ] && [ ! -L "$dir" ] && graft "$dir" ;;
		esac
	done
	# /run without making /run/netns below it private: see enter.sh.
	mount --rbind /run "$root/run"
	mount --make-private "$root/run"
	[ -e "$root$top/images/sdk/enter.sh" ] || graft "$top"
	# Packages of images: they outlive a root of another list.
	mkdir -p "${FL_CACHE:-/var/cache/fairlead}/debs"
	graft "${FL_CACHE:-/var/cache/fairlead}/debs"

	enter "$@"
}

graft()
{
	mkdir -p "$root$1"
	mount --rbind "$1" "$root$1"
	mount --make-rprivate "$root$1"
}

# From the host's environment only what is meant for us passes: its PATH, library
# and locale settings would make builds differ. The checkout may belong to
# somebody else than root, which git wants to be told.
enter()
{
	local env=() name dir=$PWD

	for name in $(compgen -e); do
		case $name in
		TERM | COLORTERM | COLUMNS | LINES | CI | USER | LOGNAME | HOME | SOURCE_DATE_EPOCH) ;;
		FL_* | MAKE* | MFLAGS | GNUMAKEFLAGS) ;;
		V | CONFIG | FAULT | WORKERS | FAMILY | CMD | SEED | STORY | HOURS | MINUTES | BOARD | SQUASHFS_LEVEL | STRICT | VERSION) ;;
		*)	continue ;;
		esac
		env+=("$name=${!name}")
	done
	[ -d "$root$dir" ] || dir=/
	exec chroot "$root" /usr/bin/env -i -C "$dir" "${env[@]}" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		LANG=C.UTF-8 SHELL=/bin/bash \
		GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' \
		"$@"
}

main "$@"
