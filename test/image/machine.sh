# The appliance as a booted image: QEMU in fl-box, in the place of the processes. Sourced by test/lab/lab.sh.
#
#   p0 ---[br-p0]--- tap-p0      and p1, mgmt0 likewise: Linux bridges in fl-box without addresses,
#                                a TAP interface each for a NIC of the machine
#
# The board's file says what machine stands for it (its group qemu). What is worth changing comes in by variables:
#
#   BOARD         whose image (qemu-q35)
#   FL_DISK       another disk: what the machine writes to a .qcow2 stays, else nothing does (the image)
#   FL_NIC        the model of the data ports: virtio (so unless told), e1000e, igb
#   FL_NICS       which NICs are in it ("mgmt0 p0 p1"); p2 is a second one on the client side, for bonds
#   FL_ACCEL      kvm or tcg: no trial
#   FL_DIRECT     a folder with kernel, initramfs.img and cmdline, booted without the UEFI firmware
#   FL_APPEND     more arguments for that kernel
#
# The console is a socket and, from power-on, a file (out/lab/console.log); the monitor (QMP) a socket.

board=${BOARD:-qemu-q35}
board_file=$top/board/$board/board.conf
image_dir=$top/out/images/$board
console_socket=$state_dir/console.sock
monitor_socket=$state_dir/monitor.sock
console_log=$out_lab/console.log
accel_file=/run/fairlead-accel			# kvm or tcg, found out once a session

declare -A nic_mac=([mgmt0]=02:00:00:00:09:01 [p0]=02:00:00:00:00:01 [p1]=02:00:00:00:01:01 [p2]=02:00:00:00:00:77)
declare -A nic_tap=([mgmt0]=tap-mgmt [p0]=tap-p0 [p1]=tap-p1 [p2]=tap-p2)

machine_check()
{
	[ -r "$(machine_disk)" ] || die "there is no $(machine_disk): make image BOARD=$board"
	[ -x "$bin/fairlead-board" ] || die "out/$V has no programs: make V=$V"
	[ -n "$(board_says qemu-nics)" ] || die "no machine stands for the board $board"
}

# board_says KEY: one value a line.
board_says()
{
	"$bin/fairlead-board" print "$board_file" "$1"
}

machine_disk()
{
	realpath -m "${FL_DISK:-$image_dir/disk.img}"
}

machine_start()
{
	local arguments

	machine_wires_up
	rm -f "$console_socket" "$monitor_socket" "$state_dir/console.mark"
	mkdir -p "$state_dir" "$out_lab"
	: >"$console_log"
	: >"$out_lab/machine.log"
	cp /usr/share/OVMF/OVMF_VARS_4M.fd "$state_dir/vars.fd"
	[ -e "$accel_file" ] || machine_accel_try
	machine_arguments >"$state_dir/machine.arguments"
	mapfile -t arguments <"$state_dir/machine.arguments"
	date +%s.%N >"$state_dir/power-on"
	process_start machine fl-box "$out_lab/machine.log" qemu-system-x86_64 "${arguments[@]}"
	wait_until 30 machine_listens_or_died
	process_alive machine || { tail -n 5 "$out_lab/machine.log" >&2; die "QEMU ended at its start"; }
}

machine_stop()
{
	process_stop machine
}

machine_listens_or_died()
{
	[ -S "$console_socket" ] && [ -S "$monitor_socket" ] || ! process_alive machine
}

# One argument a line.
machine_arguments()
{
	local nic slot device snapshot=on format=raw

	machine_base "${FL_ACCEL:-$(cat "$accel_file")}"
	case $(machine_disk) in *.qcow2) snapshot=off format=qcow2 ;; esac
	printf '%s\n' \
		-drive if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd \
		-drive "if=pflash,format=raw,unit=1,snapshot=on,file=$state_dir/vars.fd" \
		-drive "if=none,id=disk,format=$format,snapshot=$snapshot,file=$(machine_disk)" \
		-device "$(board_says qemu-disk),drive=disk$([ -n "${FL_DIRECT:-}" ] || echo ,bootindex=0)" \
		-chardev "socket,id=console,path=$console_socket,server=on,wait=off,logfile=$console_log" \
		-serial chardev:console \
		-qmp "unix:$monitor_socket,server=on,wait=off"
	[ -z "${FL_DIRECT:-}" ] || printf '%s\n' -kernel "$FL_DIRECT/kernel" -initrd "$FL_DIRECT/initramfs.img" \
		-append "$(cat "$FL_DIRECT/cmdline") ${FL_APPEND:-}"
	while read -r nic slot device; do
		nic_is_in "$nic" || continue
		case $nic:${FL_NIC:-virtio} in mgmt0:* | *:virtio) ;; *) device=$FL_NIC ;; esac
		printf '%s\n' -netdev "tap,id=tap-$nic,ifname=${nic_tap[$nic]},script=no,downscript=no,vhost=off" \
			-device "$device,id=$nic,netdev=tap-$nic,addr=$slot,mac=${nic_mac[$nic]},romfile="
	done < <(board_says qemu-nics)
}

nic_is_in()
{
	case " ${FL_NICS:-mgmt0 p0 p1} " in *" $1 "*) ;; *) return 1 ;; esac
}

# machine_base ACCEL: what the machine is, without what is plugged into it.
machine_base()
{
	board_says qemu-arguments
	printf '%s\n' -nodefaults -display none -action watchdog=reset
	case $1 in
	kvm)	printf '%s\n' -accel kvm -cpu host ;;
	tcg)	printf '%s\n' -accel tcg,thread=multi ;;
	*)	die "FL_ACCEL is kvm or tcg, not $1" ;;
	esac
}

# /dev/kvm may be there and not work: it has to bring a kernel to its first messages.
machine_accel_try()
{
	local arguments said=$state_dir/kvm.log pid

	echo tcg >"$accel_file"
	[ -w /dev/kvm ] && [ -r "$image_dir/kernel" ] || return 0
	mapfile -t arguments < <(machine_base kvm)
	timeout -k 1 10 qemu-system-x86_64 "${arguments[@]}" -kernel "$image_dir/kernel" -append console=ttyS0 \
		-serial "file:$said" </dev/null >/dev/null 2>&1 &
	pid=$!
	wait_until 10 kernel_talks_or_died "$said" $pid || :
	! grep -qas 'Linux version' "$said" || echo kvm >"$accel_file"
	kill "$pid" 2>/dev/null || :
	wait "$pid" || :
	rm -f "$said"
}

kernel_talks_or_died()
{
	grep -qas 'Linux version' "$1" || pid_gone "$2"
}

# ---- wires

# The machine has the addresses that the lab's links to the box have else.
machine_wires_up()
{
	local nic

	[ ! -e "$state_dir/wires" ] || return 0
	touch "$state_dir/wires"
	bridges_pass_all fl-box
	ip -n fl-box addr flush dev mgmt0
	ip netns exec fl-box sysctl -q -w net.ipv6.conf.default.disable_ipv6=1 \
		net.ipv6.conf.mgmt0.disable_ipv6=1
	wire_up br-p0 p0 tap-p0 tap-p2
	wire_up br-p1 p1 tap-p1
	wire_up br-mgmt mgmt0 tap-mgmt
	for nic in p0:10 p1:11; do
		ip -n fl-box link set "${nic%:*}" address "02:00:00:00:ff:${nic#*:}"
	done
}

# wire_up BRIDGE LINK TAP...: a bridge of the lab's link and the machine's NICs.
wire_up()
{
	local bridge=$1 link=$2 tap
	shift 2

	ip -n fl-box link add "$bridge" type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	ip -n fl-box link set "$bridge" up
	ip -n fl-box link set "$link" master "$bridge" up
	for tap; do
		ip netns exec fl-box ip tuntap add "$tap" mode tap
		ip -n fl-box link set "$tap" master "$bridge" up
	done
}
