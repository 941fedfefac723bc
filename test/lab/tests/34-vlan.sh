# A VLAN on the client side's port: tagged frames reach it and nothing else does.
# AGAIN
. "$(dirname "$0")/../lib.sh"

tagged() { client python3 "$lab/vlan_peer.py" eth0 "$@"; }

{
	cat "$lab/default.conf"
	echo 'vlans = ( { name = "v100"; port = "p0"; tag = 100; addresses = [ "10.1.0.1/24", "fd01::1/64" ]; } );'
} | sed 's/^virtual-servers = (/&\
	{ name = "tagged"; address = "10.1.0.100"; port = 80; type = "http"; pool = "web"; },\
	{ name = "tagged6"; address = "fd01::100"; port = 80; type = "tcp"; pool = "web6"; },/' >"$tmp/vlan.conf"
check vlan_configuration_loaded cli load "$tmp/vlan.conf"

for address in 10.1.0.1 10.1.0.100 fd01::1 fd01::100; do
	equal "ping_${address}_in_the_vlan_answered" answered "$(tagged 100 ping "$address")"
done
for address in 10.1.0.100 fd01::100; do
	equal "download_from_${address}_in_the_vlan_whole" "200 102400 $(sha_of 100k)" \
		"$(tagged 100 get "$address" /100k)"
done

# What the wrong tag gets is a line among the drops.
before=$(drop_count eth_vlan_unknown)
tagged 101 frames arp 5
tagged 101 frames ping 5
tagged 100 frames double 5
tagged 100 frames service 5
check wrong_tags_are_counted wait_until 5 drop_grew eth_vlan_unknown "$before" 20
equal wrong_tag_is_not_answered silence "$(tagged 101 silence 10.1.0.1)"

# The command line knows VLANs by name.
cli 'trace packet "icmp" 2 on v100' >"$tmp/walk" 2>"$tmp/walk.err" &
tracer=$!
wait_until 10 grep -q tracing "$tmp/walk.err"
while kill -0 $tracer 2>/dev/null; do tagged 100 frames ping 1; sleep 0.2; done
wait $tracer
check walk_shows_the_tag grep -q 'vlan 100  type 0x0800 IPv4  \[passed\]' "$tmp/walk"
check walk_looks_behind_the_tag grep -q '10\.1\.0\.2 > 10\.1\.0\.1  protocol 1' "$tmp/walk"

background_start http4
cli configure delete vlan v100 >/dev/null
check vlan_is_deleted cli configure commit
before=$(drop_count eth_vlan_unknown)
tagged 100 frames ping 5
check deleted_vlan_is_unknown wait_until 5 drop_grew eth_vlan_unknown "$before" 5
equal traffic_without_tags_unharmed 0 "$(background_failures)"
load_default
