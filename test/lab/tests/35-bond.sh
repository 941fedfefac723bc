# The client side on an active-backup bond of two links. One is pulled under traffic, later the other: the switch learns
# at once where the appliance is now, a download goes on, no request fails.
# AGAIN
. "$(dirname "$0")/../lib.sh"
. "$lab/topology.sh"

# restart_dataplane SPEC-OF-P0
restart_dataplane()
{
	kill -KILL "$(pid_of dataplane)"
	FL_P0=$1 "$lab/lab.sh" dataplane start
	wait_until 8 all_members_up
}

switch_link() { ip -n fl-sw link set "$1" "$2"; }

link_add client c-box2 fl-box p2 02:00:00:00:00:77
queues_use fl-sw c-box2 fl-box p2 "$workers"
check bond_starts restart_dataplane "bond:active-backup;af_xdp:iface=p0;af_xdp:iface=p2"
check bond_answers get $http / -m 3 -o /dev/null

background_start $http
client curl -g -sS -m 50 --limit-rate 15M "${url[$http]}/100m" 2>"$tmp/why" | sha256sum | cut -d' ' -f1 >"$tmp/sum" &
download=$!
sleep 1
switch_link c-box down
sleep 2
equal bond_is_up_with_one_link up "$(cli show ports | awk '$1 == "p0" { print $4 }')"
switch_link c-box up
sleep 1
switch_link c-box2 down
check bond_answers_over_the_first_again wait_until 5 get $http / -m 1 -o /dev/null
wait $download
equal bond_download_is_whole "$(sha_of 100m) " "$(cat "$tmp/sum" "$tmp/why" | tr '\n' ' ')"
equal bond_loses_no_request 0 "$(background_failures)"

ip -n fl-sw link del c-box2
check bond_is_undone restart_dataplane ""
exit $failures
