#!/usr/bin/env bash
# contents.sh BOARD [ROOT LIST]: what the root of a board's image holds, and what it must not: compilers, package managers,
# interpreters, files that make somebody of their caller, files that anybody may write, passwords, keys, sockets that listen.
#
# It reads out/images/BOARD/root.squashfs itself (or ROOT, made from the packages in LIST), not the tree it was made from,
# prints what it looked at, and a line "ok ..." or "FAIL ...: why" a fact. contents-test.sh shows each fact fail.
set -euo pipefail
export LC_ALL=C
here=$(dirname "${BASH_SOURCE[0]}")
board=${1:?which board?}
root=${2:-out/images/$board/root.squashfs}
list=${3:-out/images/list}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main()
{
	[ -e "$root" ] || { echo "FAIL image contents: $root is missing; make image BOARD=$board"; exit 1; }
	# MODE OWNER SIZE PATH, and TARGET behind links
	unsquashfs -lln "$root" | awk '/ squashfs-root/ {
		path = $0; sub(/.* squashfs-root/, "", path); print $1, $2, $3, path == "" ? "/" : path }' >"$work/files"
	awk '{ print $4 }' "$work/files" >"$work/paths"
	printf 'looked at %s: %d files and folders, %d programs, %d kernel modules, %d bytes packed\n' "$root" \
		"$(wc -l <"$work/files")" "$(awk '$1 ~ /^-..x/' "$work/files" | wc -l)" \
		"$(grep -c '\.ko$' "$work/files" || :)" "$(stat -c %s "$root")"
	unsquashfs -quiet -no-progress -no-xattrs -dest "$work/root" "$root" >/dev/null

	files_are_there
	named "no compiler" '/(cc|c\+\+|c89|c99|[a-z0-9_-]*(gcc|g\+\+|clang|tcc)[0-9.-]*|cc1|as|ld|ld\.(bfd|gold|lld)|make|cmake|go|rustc|javac)$'
	named "no package manager" '/(apt|apt-[a-z]+|aptitude|dpkg|dpkg-[a-z-]+|rpm|dnf|yum|pip[0-9.]*|npm|gem|snap|flatpak)$'
	named "no perl or python, nor another interpreter" \
		'/((python|pypy|perl|ruby|php|lua|luajit|tclsh|node|gdb|guile|java|busybox)[0-9.]*(-[a-z0-9_-]+)?|usr/(lib|share)/(python|perl)[^/]*)$'
	shell_scripts_only
	modes "no SUID or SGID file" '$1 ~ /^.(..[sS]|.....[sS])/'
	modes "no file that anybody may write" '$1 ~ /^[^l].......w/ && $1 !~ /^d........t/'
	modes "no device file" '$1 ~ /^[bcp]/'
	modes "all files are root's" '$2 != "0/0"'
	no_capabilities
	no_passwords
	named "no host key and no key that lets in" '/(ssh_host_[a-z0-9_]+_key|authorized_keys|id_[a-z0-9]+)$'
	named "no documentation or translations" '/usr/share/(doc|man|info|locale)$'
	no_listening_units
	bill_of_materials
}

# fact NAME FINDINGS-FILE: ok if there are none.
fact()
{
	if [ -s "$2" ]; then
		echo "FAIL image contents of $board, $1: $(wc -l <"$2"): $(head -n 5 "$2" | tr '\n' ';')"
		failed=1
	else
		echo "ok image contents of $board: $1"
	fi
}

named()
{
	grep -E "$2" "$work/paths" >"$work/found" || :
	fact "$1" "$work/found"
}

modes()
{
	awk "$2 { print \$1, \$2, \$4 }" "$work/files" >"$work/found"
	fact "$1" "$work/found"
}

# A listing that lacks what must be there would let every other fact pass.
files_are_there()
{
	local path
	: >"$work/found"
	while read -r path; do
		grep -qxF "$path" "$work/paths" || echo "$path is missing" >>"$work/found"
	done <"$here/must-be-there.txt"
	fact "the box's own programs" "$work/found"
}

# Whatever runs by its first line runs by a shell that is there.
shell_scripts_only()
{
	local path line word
	while read -r path; do
		IFS= read -r -n 80 line <"$path" || :
		[[ $line == '#!'* ]] || continue
		for word in ${line#'#!'}; do
			word=${word##*/}
			[ "$word" = env ] || break
		done
		case $word in sh | bash | dash) ;; *) echo "${path#"$work/root"} wants $word" ;; esac
	done < <(find "$work/root" -type f -size +1c) 2>/dev/null >"$work/found"
	fact "no script but for the shell" "$work/found"
}

no_capabilities()
{
	unsquashfs -s "$root" | grep -qx 'Xattrs are not stored' && : >"$work/found" || echo "there are some" >"$work/found"
	fact "no capabilities of files (no extended attributes at all)" "$work/found"
}

no_passwords()
{
	awk -F: '$2 !~ /^[!*]/ { print $1 " has a password or none to give" }
		END { if (NR == 0) print "there are no users" }' "$work/root/etc/shadow" >"$work/found"
	fact "no user has a password" "$work/found"
	awk -F: '$3 == 0 && $1 != "root"' "$work/root/etc/passwd" >"$work/found"
	fact "nobody else is root" "$work/found"
}

# Units that are wanted at boot. A socket unit among them may listen at a path or to the kernel, never at an address.
no_listening_units()
{
	local unit file
	awk '$4 ~ /\.(wants|requires|upholds)\// { print $4 }' "$work/files" | sed 's,.*/,,' | sort -u >"$work/wanted"
	awk '$1 ~ /^l/ && $4 ~ /^\/etc\/systemd\/system\/[^\/]+$/ { print $4 }' "$work/files" | sed 's,.*/,,' | sort -u >"$work/masked"
	printf 'wanted at boot: %s\n' "$(comm -23 "$work/wanted" "$work/masked" | tr '\n' ' ')"
	: >"$work/found"
	while read -r unit; do
		file=$work/root/usr/lib/systemd/system/${unit/@*./@.}
		[ -e "$file" ] || echo "$unit is nowhere" >>"$work/found"
		sed -nE "s,^Listen(Stream|Datagram|SequentialPacket)=([^/@].*),$unit listens at \2,p" "$file" >>"$work/found" || :
	done < <(comm -23 "$work/wanted" "$work/masked" | grep '\.socket$')
	fact "no socket unit listens at an address" "$work/found"
	comm -23 "$work/wanted" "$work/masked" | grep -E '^(snmpd|ssh|sshd|avahi.*|rpcbind|systemd-(networkd|resolved|timesyncd))\.' >"$work/found" || :
	fact "of network services only our sshd is started" "$work/found"
}

bill_of_materials()
{
	cp "$work/root/usr/share/fairlead/sbom.json" "$work/sbom"
	{
		jq -e '.spdxVersion == "SPDX-2.3"' "$work/sbom" >/dev/null 2>&1 || echo "is no SPDX 2.3"
		jq -e 'any(.relationships[]; .relationshipType == "STATIC_LINK" and .relatedSpdxElement == "SPDXRef-libdpdk-dev")' \
			"$work/sbom" >/dev/null 2>&1 || echo "DPDK, which is in the data plane, is missing"
		jq -r '.packages[] | select(.checksums) | "\(.name) \(.versionInfo) \(.checksums[0].checksumValue)"' "$work/sbom" |
			sort >"$work/listed"
		cut -d' ' -f1,2,4 "$list" | sort | comm -3 - "$work/listed"
	} >"$work/found"
	[ -s "$work/listed" ] || echo "lists nothing" >>"$work/found"
	printf 'bill of materials: %d packages\n' "$(wc -l <"$work/listed")"
	fact "the bill of materials lists what is in it" "$work/found"
}

failed=0
main
exit "$failed"
