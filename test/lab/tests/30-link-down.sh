# A port that loses its link and gets it back.
# AGAIN
. "$(dirname "$0")/../lib.sh"

port_field() { cli show ports | awk -v port="$1" -v at="$2" '$1 == port { print $at }'; }

for port in p0 p1; do
	changes=$(port_field $port 10)
	errors=$(drop_count port_error)
	in_ns box ip link set $port down
	sleep 1
	check "${port}_down_data_plane_answers_cli" cli show ports
	equal "${port}_down_is_shown" down "$(port_field $port 4)"
	# the probes that would have gone out
	[ $port = p0 ] || check p1_down_frames_are_counted [ "$(drop_count port_error)" -gt "$errors" ]
	in_ns box ip link set $port up
	check "${port}_up_again_traffic_flows" wait_until 10 get $http / -m 2 -o /dev/null
	check "${port}_up_again_members_are_up" wait_until 8 all_members_up
	equal "${port}_changes_are_counted" "up $((changes + 2))" "$(port_field $port 4) $(port_field $port 10)"
done
