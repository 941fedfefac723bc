# SSH, ping and BGP at the box's own addresses on a data port are the kernel's, if the port's services say so; a flood
# there is cut off before it costs anybody else.
# LIMIT: 120
. "$(dirname "$0")/../lib.sh"

box() { in_ns box "$@"; }

# service_field NAME HEADING: of `show services`
service_field()
{
	cli show services | awk -v name="$1" -v heading="$2" '
		NR == 1 { for (at = 1; at <= NF; at++) if ($at == heading) column = at }
		$1 == name { print $column }'
}
service_grew() { [ "$(service_field "$1" "$2")" -ge $(($3 + $4)) ]; }

set_services()
{
	local service line="configure
delete port p0 service
commit"
	[ $# = 0 ] || line="configure
set port p0$(printf ' service %s' "$@")
commit"
	cli <<<"$line" >/dev/null
}

# --- the box's own programs, which know nothing of the data plane
mkdir -p "$tmp/ssh"
[ -d /run/sshd ] || { mkdir /run/sshd && made_run_sshd=yes; }
ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/host"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/key"
chmod 755 "$tmp" "$tmp/ssh"
ip netns exec fl-box /usr/sbin/sshd -D -e -f /dev/null -h "$tmp/ssh/host" -o Port=22 -o PidFile=none -o UsePAM=no \
	-o StrictModes=no -o AuthorizedKeysFile="$tmp/ssh/key.pub" -o MaxStartups=100 \
	2>"$tmp/ssh/log" &
sshd=$!

# bird NAMESPACE OWN PEER: speaks BGP with its like over both families, 10.0.0.OWN and fd00::OWN
bird_config()
{
	cat <<-END
	router id 10.0.0.$1;
	protocol device { }
	protocol bgp four {
		local 10.0.0.$1 as 6500$1; neighbor 10.0.0.$2 as 6500$2;
		connect delay time 1; connect retry time 2; error wait time 1, 2;
		ipv4 { import none; export none; };
	}
	protocol bgp six {
		local fd00::$1 as 6500$1; neighbor fd00::$2 as 6500$2;
		connect delay time 1; connect retry time 2; error wait time 1, 2;
		ipv6 { import none; export none; };
	}
	END
}
bird_config 1 2 >"$tmp/box.conf"
bird_config 2 1 >"$tmp/client.conf"
birds=()
for where in box client; do
	ip netns exec fl-$where bird -f -c "$tmp/$where.conf" -s "$tmp/$where.ctl" >"$tmp/$where.log" 2>&1 &
	birds+=($!)
done
bgp_is_up()
{
	local where

	for where in box client; do
		[ "$(birdc -s "$tmp/$where.ctl" show protocols 2>/dev/null | grep -c Established)" = 2 ] || return 1
	done
}

clean_up()
{
	kill $sshd "${birds[@]}" 2>/dev/null || :
	[ -z "${made_run_sshd:-}" ] || rmdir /run/sshd 2>/dev/null || :
	client ip addr del 10.77.0.1/32 dev lo 2>/dev/null || :
	client nft delete table netdev flood 2>/dev/null || :
	load_default || :
}
trap 'code=$?; clean_up; rm -rf "$tmp"; [ $failures = 0 ] || code=1; exit $code' EXIT

# ssh_to ADDRESS COMMAND...
ssh_to()
{
	local address=$1
	shift

	client ssh -F /dev/null -i "$tmp/ssh/key" -o BatchMode=yes -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=10 ${ssh_options:-} \
		"root@$address" "$@"
}
port_opens() { client timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }

# --- nothing without a word
port_opens 10.0.0.1 22 && fail services_none_by_default "port 22 is open" || ok services_none_by_default
box ip link show tap-p0 >/dev/null 2>&1 &&
	fail services_no_interface_by_default "tap-p0 is there" || ok services_no_interface_by_default

# --- what is allowed reaches the kernel
set_services ssh bgp ping
equal ssh_over_ipv4_reaches_the_kernel 2 "$(ssh_to 10.0.0.1 'echo $((1 + 1))' 2>&1)"
equal ssh_over_ipv6_reaches_the_kernel 2 "$(ssh_to fd00::1 'echo $((1 + 1))' 2>&1)"
client ip addr add 10.77.0.1/32 dev lo
equal ssh_from_behind_a_router_is_answered 2 \
	"$(ssh_options='-b 10.77.0.1' ssh_to 10.0.0.1 'echo $((1 + 1))' 2>&1)"
head -c 3000000 /dev/urandom >"$tmp/file"
equal ssh_carries_files_whole "$(sha256sum <"$tmp/file")" \
	"$(ssh_to 10.0.0.1 sha256sum <"$tmp/file" 2>&1)"
check bgp_sessions_come_up wait_until 30 bgp_is_up

echoes=$(counter icmp_echoes_answered) pings=$(service_field ping IN)
check ping_ipv4_is_answered_by_the_kernel client ping -c 3 -i 0.2 -W 2 -q 10.0.0.1
check ping_ipv6_is_answered_by_the_kernel client ping -c 3 -i 0.2 -W 2 -q fd00::1
check ping_is_counted_as_a_service wait_until 3 service_grew ping IN "$pings" 6
equal ping_is_not_answered_by_the_data_plane "$echoes" "$(counter icmp_echoes_answered)"
check ping_of_a_virtual_server_is_still_ours client ping -c 1 -W 2 -q 10.0.0.100
check services_count_what_the_kernel_sends wait_until 3 service_grew bgp OUT 0 5
port_opens 10.0.0.1 111 && fail services_others_stay_shut "port 111 is open" || ok services_others_stay_shut

# --- a flood of SYNs
client nft -f - <<'N'
table netdev flood {
	chain in {
		type filter hook ingress device "eth0" priority 0; policy accept;
		ip daddr 198.18.0.0/15 drop
	}
}
N
limited=$(drop_count punt_rate_limited) sent=$(service_field ssh OUT)
client "$bin/syn-flood" eth0 02:00:00:00:00:01 10.0.0.1 22 30000 5 >"$tmp/flood" &
flooding=$!
(ssh_to 10.0.0.1 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.2; done' >"$tmp/during" 2>&1; :) &
session=$!
client h2load --h1 -t 1 -c 20 --rps 50 -D 3 http://10.0.0.100/ >"$tmp/load" 2>&1
equal flood_requests_see_no_error "0 0" \
	"$(sed -n 's/^requests:.* \([0-9]*\) failed, \([0-9]*\) errored.*/\1 \2/p' "$tmp/load")"
wait $flooding
echo "note: $(cat "$tmp/flood"); $(grep '^finished in' "$tmp/load"); $(grep '^time for request' "$tmp/load")"
check flood_is_cut_off wait_until 3 drop_grew punt_rate_limited "$limited" 10000
check flood_leaves_bgp_alone bgp_is_up
wait $session
check flood_ends_and_ssh_goes_on wait_until 20 ssh_to 10.0.0.1 true
equal flood_loses_nothing_to_the_kernel 0 "$(drop_count punt_lost)"
cli show services | sed 's/^/note: /'

# --- and away again
set_services
check services_interface_goes_away wait_until 5 eval '! box ip link show tap-p0 >/dev/null 2>&1'
port_opens 10.0.0.1 22 && fail services_end_with_the_commit "port 22 is open" || ok services_end_with_the_commit
check services_gone_ping_is_ours client ping -c 1 -W 2 -q 10.0.0.1
