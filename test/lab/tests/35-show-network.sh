# What the appliance says of its links: interfaces, routes, neighbours of both families.
. "$(dirname "$0")/../lib.sh"

# field COMMAND KEY COLUMN: of the line whose first cell is KEY.
field()
{
	cli "$1" | awk -v key="$2" -v column="$3" '
		NR == 1 { for (at = 1; at <= NF; at++) if ($at == column) n = at }
		$1 == key { print $n; exit }'
}

field_is() { [ "$(field "$1" "$2" "$3")" = "$4" ]; }

{
	cat "$lab/default.conf"
	echo 'vlans = ( { name = "v100"; port = "p0"; tag = 100; addresses = [ "10.1.0.1/24" ]; } );'
} >"$tmp/vlan.conf"
check vlan_configuration_loaded cli load "$tmp/vlan.conf"

check port_is_up wait_until 5 field_is "show interfaces" p0 LINK up
equal port_has_its_mac 02:00:00:00:00:01 "$(field "show interfaces" p0 MAC)"
check address_of_a_port_is_ready wait_until 10 eval \
	'cli "show interfaces" | grep -q "^p0 .* 10\.0\.0\.1/24(ready) fd00::1/64(ready)$"'
equal vlan_is_on_its_port "p0 100 1500" "$(for c in PORT TAG MTU; do
	field "show interfaces" v100 $c; done | tr '\n' ' ' | sed 's/ $//')"
check vlan_has_its_address grep -q '10\.1\.0\.1/24(' <<<"$(cli show interfaces)"

equal connected_route_is_up connected/up \
	"$(field "show routes" 10.0.1.0/24 KIND)/$(field "show routes" 10.0.1.0/24 STATE)"
equal route_into_the_vlan_is_known v100 "$(field "show routes" 10.1.0.0/24 PORT)"
equal default_route_has_its_gateway 10.0.0.2 "$(field "show routes" 0.0.0.0/0 VIA)"

for target in 10.0.0.1 fd00::1; do
	client ping -c 1 -W 2 -q $target >/dev/null || :
done
in_ns server1 ping -c 1 -W 2 -q 10.0.1.1 >/dev/null || :
check gateway_that_was_heard_of_is_up wait_until 5 field_is "show routes" ::/0 STATE up
check client_is_an_arp_entry wait_until 5 field_is "show arp" 10.0.0.2 MAC 02:00:00:00:00:02
check member_is_reachable wait_until 10 eval \
	'case $(field "show arp" 10.0.1.11 STATE) in reachable | delay | probe | stale) ;; *) false ;; esac'
equal member_is_on_its_port p1 "$(field "show arp" 10.0.1.11 PORT)"
check client_is_a_neighbour wait_until 5 field_is "show neighbours" fd00::2 MAC 02:00:00:00:00:02
equal families_are_apart 0 "$(cli show arp | grep -c ::)"

# Nobody has this address: it is asked for and does not answer.
sed 's/10\.0\.1\.11/10.0.1.99/' "$tmp/vlan.conf" >"$tmp/silent.conf"
cli load "$tmp/silent.conf" >/dev/null
check silent_member_is_seen wait_until 15 eval \
	'case $(field "show arp" 10.0.1.99 STATE) in incomplete | failed) ;; *) false ;; esac'
equal silent_member_has_no_mac - "$(field "show arp" 10.0.1.99 MAC)"
load_default
check members_are_up_again wait_until 15 all_members_up
