# The client side on an active-backup bond of two links, put together and taken apart again by commits under traffic. One link
# is pulled, later the other: the switch learns at once where the appliance is now, a download goes on, no request fails.
# AGAIN
. "$(dirname "$0")/../lib.sh"
. "$lab/topology.sh"

# restart_dataplane [ARGUMENT...]
restart_dataplane()
{
	kill_hard dataplane
	FL_DATAPLANE_ARGS="$*" "$lab/lab.sh" dataplane start
	wait_until 8 all_members_up
}

switch_link() { ip -n fl-sw link set "$1" "$2"; }

# bond_member NAME COLUMN
bond_member() { cli show bonds | awk -v name="$1" -v column="$2" '$1 == "b0" && $3 == name { print $column }'; }
sends() { [ "$(bond_member "$1" 5)" = yes ]; }

link_add client c-box2 fl-box p2 02:00:00:00:00:77
queues_use fl-sw c-box2 fl-box p2 "$workers"
check box_with_a_third_port_starts restart_dataplane --port p2=af_xdp:iface=p2

sed 's/{ name = "p0"; \(addresses = [^;]*;\) },/{ name = "p0"; addresses = [ ]; }, { name = "p2"; addresses = [ ]; },/
	/^routes/i bonds = ( { name = "b0"; mode = "active-backup"; ports = [ "p0", "p2" ]; addresses = [ "10.0.0.1/24", "fd00::1/64" ]; } );' \
	"$lab/default.conf" >"$tmp/bond.conf"
background_start $http
sleep 0.5
check bond_is_committed cli load "$tmp/bond.conf"
check bond_answers wait_until 5 get $http / -m 1 -o /dev/null
check bond_sends_by_its_first_port wait_until 5 sends p0
equal bond_other_port_waits "up no active-backup" "$(bond_member p2 4) $(bond_member p2 5) $(bond_member p2 2)"
equal bond_has_the_address "b0 up" "$(cli show interfaces | awk '/10\.0\.0\.1\/24\(ready\)/ { print $1, $4 }')"

client curl -g -sS -m 50 --limit-rate 15M "${url[$http]}/100m" 2>"$tmp/why" | sha256sum | cut -d' ' -f1 >"$tmp/sum" &
download=$!
sleep 1
switch_link c-box down
check bond_other_port_takes_over wait_until 5 sends p2
equal bond_is_up_with_one_link "up down 1" \
	"$(cli show ports | awk '$1 == "b0" { print $4 }') $(bond_member p0 4) $(bond_member p0 7)"
sleep 1
switch_link c-box up
sleep 1
switch_link c-box2 down
check bond_answers_over_the_first_again wait_until 5 get $http / -m 1 -o /dev/null
wait $download
equal bond_download_is_whole "$(sha_of 100m) " "$(cat "$tmp/sum" "$tmp/why" | tr '\n' ' ')"

# Taken apart, made again, and there after a restart of the data plane.
switch_link c-box2 up
check bond_is_undone cli load "$lab/default.conf"
check port_alone_answers wait_until 5 get $http / -m 1 -o /dev/null
equal bond_loses_no_request 0 "$(background_failures)"
check bond_is_made_once_more cli load "$tmp/bond.conf"
check bond_is_there_after_a_restart restart_dataplane --port p2=af_xdp:iface=p2
equal bond_after_a_restart_has_its_ports "p0 p2" "$(cli show bonds | awk '$1 == "b0" { print $3 }' | xargs)"
refused=$(cli load <(sed 's/"p2"/"p9"/g' "$tmp/bond.conf") 2>&1 || :)
check bond_of_a_missing_port_is_refused grep -q 'there is no port "p9"; the ports of this box are: p0 p1 p2' <<<"$refused"
refused=$(cli load <(sed 's/active-backup/lacp/' "$tmp/bond.conf") 2>&1 || :)
check lacp_of_kernel_interfaces_is_refused grep -q 'an interface of the kernel (AF_XDP), which LACP can.t have' <<<"$refused"
check bond_answers_after_a_refusal wait_until 5 get $http / -m 1 -o /dev/null

load_default
ip -n fl-sw link del c-box2
check box_is_as_before restart_dataplane
exit $failures
