# A download goes on while its virtual server disappears from the configuration.
# AGAIN
. "$(dirname "$0")/../lib.sh"

client curl -s -m 40 --limit-rate 20M "${url[$http]}/100m" | sha256sum | cut -d' ' -f1 >"$tmp/sum" &
download=$!
sleep 1
sed "/\"$www\"/d" "$lab/default.conf" >"$tmp/without.conf"
check configuration_without_virtual_server_loads cli load "$tmp/without.conf"
check removed_virtual_server_refuses_connections \
	test "$(client curl -s -m 5 -o /dev/null -w '%{http_code}' "${url[$http]}/")" = 000
check other_virtual_servers_answer get $tcp / -o /dev/null
wait $download
equal download_under_removed_virtual_server_is_whole "$(sha_of 100m)" "$(cat "$tmp/sum")"
check default_configuration_loads_again load_default
check virtual_server_answers_again wait_until 3 get $http / -o /dev/null
