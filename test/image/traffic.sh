# Facts that hold for the lab's traffic whatever NIC carries it. Sourced by tests that have a box ready.

# traffic_facts DRIVER
traffic_facts()
{
	local kind

	equal driver_is_dpdks "$1 $1" "$(box show ports | awk '$1 ~ /^p[01]$/ { print $2 }' | tr '\n' ' ' | sed 's/ $//')"
	equal checksums_are_the_nics_work 2 "$(box show ports | grep -c 'rx-checksum,tx-checksum')"
	for kind in $kinds; do
		equal "${kind}_balances_over_three" "server1 server2 server3" "$(servers_seen "$kind" 9)"
		equal "${kind}_download_is_whole" "$(sha_of 10m)" "$(download_sha "$kind" 10m 120)"
		check "${kind}_upload_is_whole" upload_is_whole "$kind" "$out_lab/www/1m" image-test 60
	done
	neighbour_facts
	vlan_facts
	equal nothing_was_lost_in_a_device 0 "$(drop_count port_error)"
}

# Who does not know the box asks a group for it; a NIC's filter has to let that through.
neighbour_facts()
{
	ip -n fl-client neigh flush dev eth0
	check unknown_box_found_over_ipv4 wait_until 10 client ping -c 1 -W 2 10.0.0.100
	check unknown_box_found_over_ipv6 wait_until 10 client ping -c 1 -W 2 fd00::100
}

vlan_facts()
{
	local address

	{
		config_make
		echo 'vlans = ( { name = "v100"; port = "p0"; tag = 100; addresses = [ "10.1.0.1/24", "fd01::1/64" ]; } );'
	} | sed 's/^virtual-servers = (/&\
		{ name = "tagged"; address = "10.1.0.100"; port = 80; type = "http"; pool = "web"; },\
		{ name = "tagged6"; address = "fd01::100"; port = 80; type = "tcp"; pool = "web6"; },/' >"$tmp/vlan.conf"
	check vlan_is_configured box_load "$tmp/vlan.conf"
	for address in 10.1.0.100 fd01::100; do
		equal "ping_${address}_in_the_vlan_answered" answered "$(tagged ping "$address")"
		equal "download_from_${address}_in_the_vlan_whole" "200 102400 $(sha_of 100k)" \
			"$(tagged get "$address" /100k)"
	done
	config_make >"$tmp/box.conf"
	check vlan_is_gone box_load "$tmp/box.conf"
}

tagged() { client python3 "$lab/vlan_peer.py" eth0 100 "$@"; }
