#!/usr/bin/env bash
# contents-test.sh: contents.sh finds no fault with a small root that has none, and with each fact in one that has them all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree failed=0

main()
{
	lay_good
	judge good
	say good_root_has_no_fault test "$code" = 0 -a "$(facts FAIL)" = 0
	say good_root_is_looked_at_in_full test "$(facts ok)" -ge 15
	lay_bad
	judge bad
	say bad_root_is_refused test "$code" != 0
	say bad_root_has_each_fault test "$(facts ok)" = 0 -a "$(facts FAIL)" -ge 15
	sed 's/^ok /nothing found: /p; d' "$work/said"
	exit "$failed"
}

say()
{
	if "${@:2}"; then echo "ok $1"; else echo "FAIL $1: $(tr '\n' ' ' <"$work/said")" && failed=1; fi
}

judge()
{
	local attributes=-no-xattrs
	[ "$1" = good ] || attributes=-xattrs
	mksquashfs "$tree" "$work/$1" -noappend -quiet -no-progress $attributes -p "etc/fstab x user.name=1" >/dev/null
	code=0
	test/image/contents.sh test "$work/$1" "$work/list" >"$work/said" || code=$?
}

facts() { grep -c "^$1 " "$work/said" || :; }

# put PATH [LINE...]
put()
{
	mkdir -p "$tree/$(dirname "$1")"
	printf '%s\n' "${@:2}" >"$tree/$1"
}

lay_good()
{
	local path
	umask 022
	while read -r path; do
		put "$path"
	done <test/image/must-be-there.txt
	put etc/fstab
	put etc/passwd 'root:x:0:0::/root:/usr/sbin/nologin'
	put etc/shadow 'root:!*:::::::' 'admin:!*:::::::'
	put usr/bin/script '#! /bin/sh'
	put usr/lib/systemd/system/own.socket 'ListenStream=/run/own'
	mkdir -p "$tree/etc/systemd/system/sockets.target.wants"
	ln -s /usr/lib/systemd/system/own.socket "$tree/etc/systemd/system/sockets.target.wants/own.socket"
	echo "bash 1 amd64 00ff /a/file" >"$work/list"
	put usr/share/fairlead/sbom.json '{ "spdxVersion": "SPDX-2.3",
		"packages": [ { "name": "bash", "versionInfo": "1", "checksums": [ { "checksumValue": "00ff" } ] } ],
		"relationships": [ { "relationshipType": "STATIC_LINK", "relatedSpdxElement": "SPDXRef-libdpdk-dev" } ] }'
}

lay_bad()
{
	local path
	rm "$tree/usr/bin/kmod"
	for path in usr/bin/x86_64-linux-gnu-gcc-14 usr/bin/dpkg-deb usr/bin/python3.13 etc/ssh/ssh_host_ed25519_key usr/share/man/man1/a \
		usr/bin/suid usr/bin/theirs usr/bin/anybodys; do
		put "$path"
	done
	put usr/bin/script '#! /usr/bin/env perl'
	chmod 4755 "$tree/usr/bin/suid"
	chmod 666 "$tree/usr/bin/anybodys"
	chown 1:1 "$tree/usr/bin/theirs"
	mknod "$tree/usr/bin/fifo" p
	put etc/passwd 'root:x:0:0::/root:/usr/sbin/nologin' 'toor:x:0:0::/root:/usr/bin/bash'
	put etc/shadow 'root:!*:::::::' 'admin::::::::'
	put usr/lib/systemd/system/own.socket 'ListenStream=8080'
	ln -s /usr/lib/systemd/system/snmpd.service "$tree/etc/systemd/system/sockets.target.wants/snmpd.service"
	echo "bash 2 amd64 00ff /a/file" >"$work/list"
}

main
