# Raw TCP through a virtual server of type tcp: half-close from either side, a server
# that speaks first, bytes both ways at once. The member is socat (nginx gives up a
# response when its client has half-closed); raw.conf adds the pools.
# AGAIN
. "$(dirname "$0")/../lib.sh"

listen() # PORT SOCAT-ADDRESS
{
	ip netns exec fl-server1 socat -t 20 "TCP6-LISTEN:$1,fork,reuseaddr,ipv6only=0" "$2" </dev/null >/dev/null 2>&1 &
	listeners="$listeners $!"
}
listeners=
echo hello >"$tmp/hello"
listen 7000 "SYSTEM:sha256sum; cat $out_lab/www/10m"
listen 7001 "OPEN:$tmp/hello,rdonly!!OPEN:$tmp/late,creat,append"	# ends its side at once
listen 7002 SYSTEM:cat
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
	client socat -t 20 - "$target:7000" <"$out_lab/www/10m" >"$tmp/said"
	equal "tcp${family}_client_half_close_reaches_server" "$(sha_of 10m)" "$(head -n 1 "$tmp/said" | cut -d' ' -f1)"
	equal "tcp${family}_response_after_half_close_is_whole" "$(sha_of 10m)" \
		"$(tail -c 10485760 "$tmp/said" | sha256sum | cut -d' ' -f1)"
	equal "tcp${family}_server_may_speak_first" hello \
		"$(client socat -t 1 - "$target:7001" </dev/null 2>/dev/null)"
	: >"$tmp/late"
	{ sleep 0.3; cat "$out_lab/www/10m"; } | client socat -t 20 - "$target:7001" >/dev/null 2>&1
	check "tcp${family}_upload_after_server_half_close_is_whole" wait_until 5 cmp -s "$out_lab/www/10m" "$tmp/late"
	sum=$(client socat -t 20 - "$target:7002" <"$out_lab/www/10m" | sha256sum | cut -d' ' -f1)
	equal "tcp${family}_bytes_flow_both_ways_at_once" "$(sha_of 10m)" "$sum"
done

undo
