# Members that were never there: an address nobody answers ARP for, a closed port, a
# network without a route. They go down; the others serve.
# AGAIN
. "$(dirname "$0")/../lib.sh"

silent=${member[1]%11}99
sed "s/{ address = \"${member[2]}\"; port = 80; weight = 1; }/{ address = \"$silent\"; port = 80; weight = 1; },\
	{ address = \"${member[1]}\"; port = 9; weight = 1; }/" "$lab/default.conf" >"$tmp/unreachable.conf"
before=$(drop_count neighbour_unreachable)
check configuration_with_unreachable_member_loads cli load "$tmp/unreachable.conf"
check member_without_neighbour_goes_down wait_until 8 member_is $silent down
check member_with_closed_port_goes_down wait_until 8 member_is ${socket[1]%:*}:9 down
for kind in $http $tcp; do
	equal "${kind}_unreachable_member_is_passed_over" "server1 server3" "$(servers_seen $kind 20)"
done
check packets_to_silent_neighbour_are_counted wait_until 2 drop_grew neighbour_unreachable "$before" 1
check default_configuration_loads_again load_default
check members_are_up_again wait_until 6 all_members_up
