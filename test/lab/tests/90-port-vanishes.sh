# A port's device is taken away under the data plane.
# REBUILD
. "$(dirname "$0")/../lib.sh"

dataplane=$(pid_of dataplane)
ip -n fl-box link del p1
sleep 2
check port_gone_data_plane_lives test -d "/proc/$dataplane"
check port_gone_cli_answers cli show ports
check port_gone_members_go_down wait_until 6 member_is ${member[1]} down
equal port_gone_client_is_told 503 "$(client curl -s -m 5 -o /dev/null -w '%{http_code}' ${url[$http]}/)"
equal port_gone_is_shown_down down "$(cli show ports | awk '$1 == "p1" { print $4 }')"
check port_gone_frames_are_counted test "$(drop_count port_error)" -gt 0
check port_gone_other_port_answers client ping -c 2 -i 0.2 -W 2 -q 10.0.0.1
