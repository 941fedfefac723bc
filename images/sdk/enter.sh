#!/bin/bash
# enter.sh CMD...: runs CMD in the build root, building that first if missing.
#
# The command sees the Debian 13 root as /, with the host's /proc /sys /dev /run
# and the host's own top-level directories (/home, /root, /tmp, ...) and this
# checkout at the paths they have outside; the working directory stays. All of
# our mounts live in a mount namespace that ends with the last process in it.
#
# One thing is shared with the host on purpose: /run/netns, where `ip netns add`
# mounts its handles. So the lab's namespaces are seen from outside as well.
# iproute2 turns that directory into a shared mount the first time it is used; we
# do it a little earlier, and undo it at the end if we did it and it is empty.
#
# Exit status, signals and terminal pass through. Inside the root, CMD just runs.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: enter.sh CMD..." >&2; exit 2; }
[ -e /etc/fairlead-sdk ] && exec "$@"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
netns_made=/run/fairlead-sdk.netns	# exists while /run/netns is a mount of our making

main()
{
	local root

	[ "$(id -u)" = 0 ] || { echo "sdk: entering the build root needs root: use sudo" >&2; exit 1; }
	root=$("$here/sdk.sh" path)
	[ -e "$root/etc/fairlead-sdk" ] || "$here/sdk.sh" build

	# Held by every command that runs; whoever can have it alone was the last.
	exec 7>/run/fairlead-sdk.lock
	flock -s 7
	share_netns_dir
	run "$root" "$@"
}

share_netns_dir()
{
	mkdir -p /run/netns
	exec 6</run/netns		# commands that start together mount it once
	flock 6
	if ! findmnt -n -M /run/netns >/dev/null; then
		mount --bind /run/netns /run/netns
		touch "$netns_made"
	fi
	mount --make-shared /run/netns
	exec 6<&-
}

unshare_netns_dir()
{
	flock -n 7 || return 0
	[ -e "$netns_made" ] && [ -z "$(ls -A /run/netns)" ] || return 0
	umount /run/netns && rm -f "$netns_made"
}

# As a child and not by exec: something must be left to tidy up. The shell gives
# background children /dev/null and ignored SIGINT, both undone here; Ctrl-C
# reaches the child from the terminal, other signals from us.
run()
{
	local root=$1 child status
	shift

	trap : INT QUIT
	env --default-signal=INT,QUIT unshare --mount --propagation unchanged \
		"$here/mounts.sh" "$root" "$top" "$@" <&0 7>&- &
	child=$!
	trap 'kill -TERM $child 2>/dev/null || :' TERM
	trap 'kill -HUP $child 2>/dev/null || :' HUP
	while :; do
		status=0
		wait "$child" || status=$?
		kill -0 "$child" 2>/dev/null || break
	done
	unshare_netns_dir
	exit "$status"
}

main "$@"
