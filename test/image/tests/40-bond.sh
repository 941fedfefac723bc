# An active-backup bond of two NICs on the client side. The link of one is pulled under traffic, then the other's: a
# download goes on and no request is lost.
. "$(dirname "$0")/../lib.sh"

check box_is_ready_with_three_ports box_ready "$direct" "FL_NICS=mgmt0 p0 p1 p2"
config_make | sed 's/{ name = "p0"; \(addresses = [^;]*;\) },/{ name = "p0"; addresses = [ ]; }, { name = "p2"; addresses = [ ]; },/
	/^routes/i bonds = ( { name = "b0"; mode = "active-backup"; ports = [ "p0", "p2" ]; addresses = [ "10.0.0.1/24", "fd00::1/64" ]; } );' \
	>"$tmp/bond.conf"
check bond_is_configured box_load "$tmp/bond.conf"
check bond_answers wait_until 30 get http4 / -m 3 -o /dev/null

link() { monitor set_link "name=$1" "up=$2" >/dev/null; }
# The member through which the bond sends.
sends() { [ "$(box show bonds | awk -v name="$1" '$1 == "b0" && $3 == name { print $5 }')" = yes ]; }

check bond_sends_by_its_first_port wait_until 30 sends p0
background_start http4
client curl -g -sS -m 200 --limit-rate 3M "${url[http4]}/100m" 2>"$tmp/why" | sha256sum | cut -d' ' -f1 >"$tmp/sum" &
download=$!
sleep 2
link p0 false
check bond_sends_by_the_second wait_until 30 sends p2
check bond_answers_over_the_second wait_until 10 get http4 / -m 3 -o /dev/null
link p0 true
sleep 3
link p2 false
check bond_sends_by_the_first_again wait_until 30 sends p0
check bond_answers_over_the_first_again wait_until 10 get http4 / -m 3 -o /dev/null
wait $download
equal bond_download_is_whole "$(sha_of 100m) " "$(cat "$tmp/sum" "$tmp/why" | tr '\n' ' ')"
equal bond_loses_no_request 0 "$(background_failures)"
link p2 true
