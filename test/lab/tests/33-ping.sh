# ICMP echo on ports and virtual servers, and TCP to nobody.
# AGAIN
. "$(dirname "$0")/../lib.sh"

before=$(counter icmp_echoes_answered)
for address in 10.0.0.1 10.0.0.100 fd00::1 fd00::100; do
	check "ping_${address}_answered" client ping -c 3 -i 0.2 -W 2 -q "$address"
done
check ping_server_side_answered in_ns server1 ping -c 3 -i 0.2 -W 2 -q 10.0.1.1
check ping_of_full_size_answered client ping -c 2 -i 0.2 -W 2 -q -s 1472 -M do 10.0.0.1
check pings_are_counted wait_until 2 counter_grew icmp_echoes_answered "$before" 17
before=$(drop_count tcp_no_listener)
for target in 10.0.0.100 [fd00::100]; do
	equal "closed_port_on_${target}_refuses_at_once" 7 \
		"$(client curl -g -s -m 5 -o /dev/null -w '%{exitcode}' "http://$target:81/")"
done
check closed_ports_are_counted wait_until 2 drop_grew tcp_no_listener "$before" 2
