# ping and traceroute from the box's command line, through its data ports: neighbours, hosts behind a router, nobody.
# LIMIT: 90
. "$(dirname "$0")/../lib.sh"

# A host behind the client, which is its router: a namespace of the test.
far=fl-far$$
clean_up()
{
	ip netns del "$far" 2>/dev/null || :
	client ip link del far0 2>/dev/null || :
	client sysctl -q -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 || :
}
trap 'code=$?; clean_up; rm -rf "$tmp"; [ $failures = 0 ] || code=1; exit $code' EXIT
ip netns add "$far"
client ip link add far0 type veth peer name eth0 netns "$far"
client sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
client ip addr add 10.78.0.1/24 dev far0
client ip addr add fd78::1/64 dev far0 nodad
client ip link set far0 up
ip -n "$far" addr add 10.78.0.2/24 dev eth0
ip -n "$far" addr add fd78::2/64 dev eth0 nodad
ip -n "$far" link set eth0 up
ip -n "$far" route add default via 10.78.0.1
ip -n "$far" route add default via fd78::1

answers() { cli ping "$1" count 1 | grep -q '^1 sent, 1 answered, 0% lost'; }
for address in 10.0.0.2 fd00::2 10.0.1.11 fd00:1::11 10.78.0.2 fd78::2; do
	check "ping_${address}_answered" wait_until 10 answers "$address"
done
check ping_of_large_size_answered wait_until 10 eval \
	'cli ping 10.0.0.2 size 1400 count 1 | grep -q "^1400 bytes from 10.0.0.2: seq 1 hop-limit 64"'
check ping_from_a_port_answered wait_until 10 eval \
	'cli ping 10.0.1.11 count 1 port p1 | grep -q "1 answered"'
if cli ping 10.0.0.77 count 1 >"$tmp/nobody" 2>&1; then
	fail ping_of_nobody_fails "it succeeded"
else
	equal ping_of_nobody_fails "1 sent, 0 answered, 100% lost" "$(tail -n 1 "$tmp/nobody")"
fi

# hops ADDRESS: who stands in the lines of traceroute, in order
hops() { cli traceroute "$1" 2>&1 | awk '{ for (i = 2; i <= NF; i++) if ($i ~ /[.:].*[.:]/) { printf "%s%s", sep, $i; sep = " "; break } }'; }
trace_is() { [ "$(hops "$1")" = "$2" ]; }
check traceroute_of_a_neighbour_is_one_hop wait_until 10 trace_is 10.0.0.2 10.0.0.2
check traceroute_ipv4_names_the_router wait_until 20 trace_is 10.78.0.2 "10.0.0.2 10.78.0.2"
check traceroute_ipv6_names_the_router wait_until 20 trace_is fd78::2 "fd00::2 fd78::2"

# ^C ends it, with what there is so far
timeout -s INT 2 "$bin/fairlead" --run-dir "$run_dir" ping 10.0.0.2 count 1000 >"$tmp/long" 2>&1 || :
check ping_ends_by_interrupt_with_its_sum grep -qE '^[1-9] sent, [1-9] answered' "$tmp/long"
