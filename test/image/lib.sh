# What the tests of the booted image share: those of the lab, with a machine in the place of the processes. Each
# tests/*.sh sources this and says `ok NAME` or `FAIL NAME: why`, as in test/lab/lib.sh.
#
# The machine of a test keeps what it writes in an overlay of the image (out/lab/machine.qcow2), so that a box that was
# set up once is there for the next tests. Time limits are for emulation on a machine that others use too.

. "$(dirname "${BASH_SOURCE[0]}")/../lab/lib.sh"
. "$lab/process.sh"
. "$lab/topology.sh"
. "$top/test/image/machine.sh"

tests_dir=$top/test/image/tests
overlay=$out_lab/machine.qcow2
disk_size=1G				# of it: the log partition has something to grow into
ready_mark=$state_dir/box-ready		# the overlay holds a box that was set up
variant_file=$state_dir/variant		# what the machine that runs was started with
password="Fairlead-lab-4711"
admin_key=$out_lab/admin_key
boot_limit=900 login_limit=120
direct="FL_DIRECT=$image_dir"		# for power_on: past the UEFI firmware, which 10-first-boot waits for

console() { "$top/test/image/console.py" "$@"; }
monitor() { "$top/test/image/monitor.py" "$@"; }

# ---- the machine

# power_on [NAME=VALUE...]: off if it is on, then on, with those variables of machine.sh.
power_on()
{
	power_off
	env FL_BOX=image "FL_DISK=$overlay" "$@" "$lab/lab.sh" box start || return
	variant_of "$@" >"$variant_file"
}

# Which way it was booted makes no other machine of it.
variant_of()
{
	local word variant=

	for word; do
		[ "$word" = "$direct" ] || variant+="$word "
	done
	echo "$variant"
}

power_off()
{
	rm -f "$variant_file"
	"$lab/lab.sh" box stop
}

# As it left the factory, on a disk that is larger than the image.
disk_fresh()
{
	power_off
	rm -f "$overlay" "$ready_mark"
	qemu-img create -q -f qcow2 -b "$image_dir/disk.img" -F raw "$overlay" "$disk_size"
}

# disk_extent PARTITION: its first sector and how many it has, as the disk's table says now, also while the machine runs.
disk_extent()
{
	qemu-img dd -U -f qcow2 -O raw bs=1M count=1 "if=$overlay" "of=$tmp/table" && truncate -s "$disk_size" "$tmp/table" || return
	sfdisk --dump "$tmp/table" 2>/dev/null |
		sed -n "s/.*start= *\([0-9]*\), size= *\([0-9]*\),.*name=\"$1\".*/\1 \2/p"
}

# disk_damage PARTITION BYTE [OFFSET BYTES]: all of it, or a piece, becomes that byte, in the overlay of a machine that
# is off.
disk_damage()
{
	local start sectors

	read -r start sectors < <(disk_extent "$1")
	[ -n "$start" ] || return
	qemu-io -f qcow2 -c "write -q -P $2 $((start * 512 + ${3:-0})) ${4:-$((sectors * 512))}" "$overlay"
}

# ---- the human at its console

# first_boot: answers the questions of a fresh box.
first_boot()
{
	console expect $boot_limit 'New password for admin: ' >/dev/null && first_boot_answer
}

first_boot_answer()
{
	console send "$password" && console expect $login_limit 'Again: ' >/dev/null && console send "$password"
}

console_login()
{
	console expect $boot_limit 'login: ' >/dev/null && console_login_only
}

console_login_only()
{
	console send admin &&
		console expect $login_limit 'Password: ' >/dev/null &&
		console send "$password" &&
		console expect $login_limit 'fairlead> ' >/dev/null
}

# console_password NEW: in a session that is logged in.
console_password()
{
	console send "set admin password" &&
		console expect $login_limit 'New password for admin: ' >/dev/null && console send "$1" &&
		console expect $login_limit 'Again: ' >/dev/null && console send "$1" &&
		console expect $login_limit 'fairlead> ' >/dev/null
}

# console_set LINE...: commits them on the console.
console_set()
{
	local line

	console run $login_limit configure || return
	for line; do
		console run $login_limit "$line" || return
	done
	console run $login_limit commit
	console run $login_limit exit
}

# ---- the box over SSH, from fl-mgmt

ssh_options=(-n -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=30
	-o ServerAliveInterval=15)

# box COMMAND: with the key.
box()
{
	in_ns mgmt ssh "${ssh_options[@]}" -i "$admin_key" -o BatchMode=yes admin@10.0.9.1 "$@"
}

# The management port's address before it has one.
link_local=fe80::ff:fe00:901%eth0

# password_refused PASSWORD: SSH takes part, and says no.
password_refused() { box_by_password "$1" "show version" 2>&1 | grep -q 'Permission denied'; }

box_by_password()
{
	in_ns mgmt sshpass -p "$1" ssh "${ssh_options[@]}" -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 \
		admin@10.0.9.1 "$2"
}

# box_load FILE
box_load()
{
	in_ns mgmt ssh "${ssh_options[@]:1}" -i "$admin_key" -o BatchMode=yes admin@10.0.9.1 "load -" <"$1"
}

# What the lab's helpers ask of the command line goes over SSH here.
cli()
{
	case $1 in
	load)	box_load "$2" ;;
	*)	box "$*" ;;
	esac
}

key_make()
{
	[ -e "$admin_key" ] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$admin_key"
}

ssh_key_set() { box_by_password "$password" "set admin key $(cat "$admin_key.pub")"; }

# open_ports NAMESPACE ADDRESS [LAST]: TCP ports up to that one that accept a connection, seen from fl-NAMESPACE.
open_ports() { in_ns "$1" python3 "$top/test/image/scan.py" "$2" 1 "${3:-9999}"; }

# The lab's configuration, and what reaches the box for its management.
config_make()
{
	cat "$lab/default.conf"
	echo 'management-addresses = ( { address = "10.0.9.1/24"; gateway = "10.0.9.2"; } );'
}

# writes FILE TEXT: an argument for the kernel with which systemd-tmpfiles, before anything of ours starts, writes a file.
# It lies in memory over the root's.
writes()
{
	printf 'systemd.set_credential_binary=tmpfiles.extra:%s' "$(printf 'f+ %s 0644 root root - %s\n' "$1" "$2" | base64 -w 0)"
}

# All processors stop where they are and hear no interrupt any more, as far as an emulated box can be broken.
box_freeze()
{
	local gdb=$state_dir/gdb.sock

	monitor human-monitor-command "command-line=gdbserver unix:$gdb,server=on,wait=off" >/dev/null &&
		timeout 60 gdb -nx -batch -ex "target remote $gdb" \
			-ex 'thread apply all set $eflags = $eflags & ~0x200' \
			-ex 'thread apply all set var *(short *)$pc = 0xfeeb' -ex detach 2>&1
}

# box_ready [NAME=VALUE...]: a box that runs with these variables, was set up, and has the lab's configuration.
box_ready()
{
	if [ ! -e "$ready_mark" ]; then
		key_make
		disk_fresh && power_on "$@" && first_boot && console_login || return
		console_set "set management-address 10.0.9.1/24 gateway 10.0.9.2" >/dev/null || return
		wait_until 120 ssh_key_set && box "show version" >/dev/null || return
		touch "$ready_mark"
	elif [ "$(cat "$variant_file" 2>/dev/null || echo off)" != "$(variant_of "$@")" ]; then
		power_on "$@" && console expect $boot_limit 'login: ' >/dev/null || return
		wait_until 60 box "show version" >/dev/null || return
	fi
	config_make >"$tmp/box.conf"
	box_load "$tmp/box.conf" >/dev/null && wait_until 60 all_members_up
}

# As the lab's, but a request may take as long as retransmissions on a slow machine do.
background_start()
{
	(
		trap 'exit 0' TERM
		while :; do
			get "$1" / -m 15 >/dev/null 2>&1 && echo ok || echo failed
			sleep 0.05
		done
	) >"$tmp/background" &
	background=$!
}
