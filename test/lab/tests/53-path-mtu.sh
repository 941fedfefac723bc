# A path whose MTU shrinks to 1,280 in the middle of a download: it goes on, whether the
# router says so or not. The client is behind fl-client, which is the router.
# LIMIT: 120
# AGAIN
. "$(dirname "$0")/../lib.sh"

far() { in_ns far "$@"; }

# far_up: fl-far has 10.0.2.2 and .3, fd00:2::2 and ::3; fl-client forwards.
far_up()
{
	ip netns add fl-far
	ip -n fl-far link set lo up
	ip -n fl-client link add far0 type veth peer name eth0 netns fl-far
	client sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	far sysctl -q -w net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0
	client sysctl -q -w net.ipv6.conf.far0.accept_dad=0
	ip -n fl-client link set far0 up
	ip -n fl-far link set eth0 up
	ip -n fl-client addr add 10.0.2.1/24 dev far0
	ip -n fl-client addr add fd00:2::1/64 dev far0 nodad
	for i in 2 3; do
		ip -n fl-far addr add 10.0.2.$i/24 dev eth0
		ip -n fl-far addr add fd00:2::$i/64 dev eth0 nodad
	done
	ip -n fl-far route add default via 10.0.2.1
	ip -n fl-far route add default via fd00:2::1
}

far_down()
{
	in_ns client nft delete table inet far 2>/dev/null
	ip -n fl-client link del far0 2>/dev/null
	client sysctl -q -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
	ip netns del fl-far 2>/dev/null
}

far_mtu()
{
	ip -n fl-client link set far0 mtu "$1"
	ip -n fl-far link set eth0 mtu "$1"
}

# far_sha KIND FROM FILE [curl options]
far_sha()
{
	local kind=$1 from=$2 file=$3
	shift 3

	far curl -g -sS -f -m 60 --interface "$from" "$@" "${url[$kind]}/$file" |
		sha256sum | cut -d' ' -f1
}

# shrinks_under NAME COUNTER V4 V6: a download by each family at 40 MB/s, 1,280 after a second.
shrinks_under()
{
	local before

	before=$(counter "$2")
	far_mtu 1500
	far_sha http4 "$3" 100m --limit-rate 40M >"$tmp/v4" &
	far_sha tcp6 "$4" 100m --limit-rate 40M >"$tmp/v6" &
	sleep 1
	far_mtu 1280
	wait
	equal "$1_v4_download_is_whole" "$(sha_of 100m)" "$(cat "$tmp/v4")"
	equal "$1_v6_download_is_whole" "$(sha_of 100m)" "$(cat "$tmp/v6")"
	check "$1_is_noticed_by_both" wait_until 3 counter_grew "$2" "$before" 2
}

trap 'code=$?; far_down; rm -rf "$tmp"; [ $failures = 0 ] || code=1; exit $code' EXIT
far_up
check far_client_is_served far_sha http4 10.0.2.2 1k
shrinks_under told_path_mtu tcp_mtu_reductions 10.0.2.2 fd00:2::2

# Each worker remembers what it has found itself.
before=$(counter tcp_mtu_reductions)
for i in 1 2 3 4 5; do
	equal "remembered_path_mtu_v4_is_whole_$i" "$(sha_of 1m)" "$(far_sha http4 10.0.2.2 1m)"
	equal "remembered_path_mtu_v6_is_whole_$i" "$(sha_of 1m)" "$(far_sha http6 fd00:2::2 1m)"
done
sleep 1
more=$(($(counter tcp_mtu_reductions) - before))
[ $more -le $((2 * (workers - 1))) ] && ok remembered_path_mtu_is_used ||
	fail remembered_path_mtu_is_used "$more connections had to be told"

# Nobody says anything: from addresses of which nothing is known.
client nft -f - <<-'NFT'
	table inet far {
		chain out {
			type filter hook output priority 0;
			icmp type destination-unreachable drop
			icmpv6 type packet-too-big drop
		}
	}
NFT
shrinks_under silent_path_mtu tcp_black_holes 10.0.2.3 fd00:2::3
