# Connections that carry many requests, on the client's side and on the members'.
# AGAIN
. "$(dirname "$0")/../lib.sh"

four_requests()
{
	client curl -g -s -m 20 -w '%{http_code}/%{num_connects} ' \
		-o /dev/null "$1/1k" -o /dev/null "$1/100k" -o /dev/null "$1/" -o /dev/null "$1/1k"
}

for kind in $kinds; do
	equal "${kind}_later_requests_reuse_connection" "200/1 200/0 200/0 200/0 " "$(four_requests "${url[$kind]}")"
done

# HTTP/1.0 without keep-alive, and a client that asks for the end.
for kind in $http_kinds; do
	check "${kind}_http10_answered" get "$kind" /100k --http1.0 -o /dev/null
	equal "${kind}_connection_close_honoured" close \
		"$(get "$kind" /1k -H 'Connection: close' -o /dev/null -w '%header{connection}')"
done

# HTTP/1.0 with keep-alive has to ask for it.
answers=$(printf 'GET /1k HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /1k HTTP/1.0\r\n\r\n' |
	client socat -t 5 - TCP:${host[100]}:80 | grep -aic -e '^Connection: keep-alive' -e '^Connection: close')
equal http_http10_keep_alive_honoured 2 "$answers"

# Members' connections outlive the clients', whatever the size: 12 requests, four each.
before=$(counter http_server_conns_reused)
for size in 1k 1m; do
	for ((i = 0; i < 12; i++)); do
		get $http /$size -o /dev/null || fail http_request_over_kept_connection_answered "number $i of $size"
	done
done
check http_members_connections_are_reused wait_until 2 counter_grew http_server_conns_reused "$before" 21

# Two requests sent at once, answered in order.
answers=$(printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' |
	client socat -t 5 - TCP:${host[100]}:80 | grep -ao '^HTTP/1.1 [0-9]*' | tr '\n' ' ')
equal http_pipelined_requests_answered_in_order "HTTP/1.1 200 HTTP/1.1 404 " "$answers"

# A hundred at once, with bodies on the way back.
{
	for ((i = 0; i < 100; i++)); do
		printf 'GET /10k HTTP/1.1\r\nHost: x\r\n\r\n'
	done
	printf 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
} >"$tmp/hundred"
client socat -t 10 - TCP:${host[100]}:80 <"$tmp/hundred" >"$tmp/answers"
equal http_hundred_pipelined_requests_answered "101 200" \
	"$(grep -ao 'HTTP/1.1 [0-9]* ' "$tmp/answers" | sort | uniq -c | awk '{ print $1, $3 }')"
check http_hundred_pipelined_bodies_are_whole test "$(stat -c %s "$tmp/answers")" -gt $((100 * 10240))
