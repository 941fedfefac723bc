# An active-backup bond of two NICs on the client side. The link of one is pulled under traffic, then the other's: a
# download goes on and no request is lost.
. "$(dirname "$0")/../lib.sh"

check box_is_ready_with_three_ports box_ready "$direct" "FL_NICS=mgmt0 p0 p1 p2"
config_make | sed 's/{ name = "p0"; addresses = \(\[[^]]*\]\); },/{ name = "p0"; }, { name = "p2"; },/
	s/^routes/bonds = ( { name = "b0"; mode = "active-backup"; ports = [ "p0", "p2" ];\
	addresses = [ "10.0.0.1\/24", "fd00::1\/64" ]; } );\n&/' >"$tmp/bond.conf"
check bond_is_configured box_load "$tmp/bond.conf"
check bond_answers wait_until 30 get http4 / -m 3 -o /dev/null

link() { monitor set_link "name=$1" "up=$2" >/dev/null; }
link_is() { [ "$(box show interfaces | awk -v name="$1" '$1 == name { print $4 }')" = "$2" ]; }

background_start http4
client curl -g -sS -m 200 --limit-rate 3M "${url[http4]}/100m" 2>"$tmp/why" | sha256sum | cut -d' ' -f1 >"$tmp/sum" &
download=$!
sleep 2
link p0 false
sleep 5
check bond_is_up_with_one_link link_is b0 up
check bond_answers_over_the_second wait_until 10 get http4 / -m 1 -o /dev/null
link p0 true
sleep 3
link p2 false
check bond_answers_over_the_first_again wait_until 10 get http4 / -m 1 -o /dev/null
wait $download
equal bond_download_is_whole "$(sha_of 100m) " "$(cat "$tmp/sum" "$tmp/why" | tr '\n' ' ')"
equal bond_loses_no_request 0 "$(background_failures)"
link p2 true
