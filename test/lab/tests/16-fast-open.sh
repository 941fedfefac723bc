# Fast Open with Linux as the client: the second request comes with the SYN.
. "$(dirname "$0")/../lib.sh"

sed -e 's/^virtual-servers/tcp-profiles = ( { name = "fast"; fast-open = true; } );\n\n&/' \
	-e 's/\(name = "www6\?";.*\)pool =/\1tcp-profile = "fast"; pool =/' "$lab/default.conf" >"$tmp/fast.conf"

fast_get() { get "$1" / --tcp-fastopen; }

# By a client that knows none. For a while after a flood the box gives none.
is_given_a_cookie()
{
	client ip tcp_metrics flush >/dev/null 2>&1
	fast_get $kind >/dev/null && wait_until 1 counter_grew tcp_fast_open_cookies "$given" 1
}

kernel_was=$(client sysctl -n net.ipv4.tcp_fastopen)
client sysctl -q -w net.ipv4.tcp_fastopen=1
check fast_open_configuration_loads cli load "$tmp/fast.conf"
for kind in $http_kinds; do
	given=$(counter tcp_fast_open_cookies)
	taken=$(counter tcp_fast_opens)
	check "${kind}_without_cookie_is_served_and_given_one" wait_until 10 is_given_a_cookie
	equal "${kind}_first_request_comes_after_the_handshake" "$taken" "$(counter tcp_fast_opens)"
	for i in 1 2 3; do
		check "${kind}_with_cookie_is_served_$i" fast_get $kind
	done
	check "${kind}_text_with_syn_is_taken" wait_until 2 counter_grew tcp_fast_opens "$taken" 3
done
echo "note: $(counter tcp_fast_opens) taken, $(counter tcp_fast_opens_refused) refused"
load_default || fail fast_open_default_loads_again "refused"
check fast_open_off_is_served fast_get $http
client sysctl -q -w net.ipv4.tcp_fastopen="$kernel_was"
