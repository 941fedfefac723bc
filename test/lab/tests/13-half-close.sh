# Raw TCP through a virtual server of type tcp: half-close, a server that speaks
# first, bytes both ways at once. The member is socat; raw.conf adds the pool.
. "$(dirname "$0")/../lib.sh"

listen() # PORT SYSTEM-COMMAND
{
	ip netns exec fl-server1 socat "TCP6-LISTEN:$1,fork,reuseaddr,ipv6only=0" "SYSTEM:$2" </dev/null >/dev/null 2>&1 &
	listeners="$listeners $!"
}
listeners=
listen 7000 sha256sum
listen 7001 "echo hello; cat >/dev/null"
listen 7002 cat
undo()
{
	kill $listeners 2>/dev/null
	load_default
}

if ! cli load "$tests_dir/raw.conf" >"$tmp/said" 2>&1; then
	fail raw_configuration_loads "$(cat "$tmp/said")"
	kill $listeners
	exit
fi
wait_until 8 member_is 10.0.1.11:7000 up || :

for target in TCP4:10.0.0.102 TCP6:[fd00::102]; do
	family=${target:3:1}
	sum=$(client socat -t 20 - "$target:7000" <"$out_lab/www/10m" | cut -d' ' -f1)
	equal "tcp${family}_client_half_close_reaches_server" "$(sha_of 10m)" "$sum"
	equal "tcp${family}_server_may_speak_first" hello \
		"$(client socat -t 1 - "$target:7001" </dev/null 2>/dev/null)"
	sum=$(client socat -t 20 - "$target:7002" <"$out_lab/www/10m" | sha256sum | cut -d' ' -f1)
	equal "tcp${family}_bytes_flow_both_ways_at_once" "$(sha_of 10m)" "$sum"
done

printf 'GET /1m HTTP/1.0\r\n\r\n' | client socat -t 20 - TCP:10.0.0.101:80 >"$tmp/response"
equal tcp4_response_complete_after_half_close "$(sha_of 1m)" \
	"$(tail -c 1048576 "$tmp/response" | sha256sum | cut -d' ' -f1)"
undo
