# Connections that carry many requests, on the client's side and on the members'.
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
for kind in http4 http6; do
	check "${kind}_http10_answered" get "$kind" /100k --http1.0 -o /dev/null
	equal "${kind}_connection_close_honoured" close \
		"$(get "$kind" /1k -H 'Connection: close' -o /dev/null -w '%header{connection}')"
done

# Two requests sent at once, answered in order.
answers=$(printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' |
	client socat -t 5 - TCP:10.0.0.100:80 | grep -ao '^HTTP/1.1 [0-9]*' | tr '\n' ' ')
equal http4_pipelined_requests_answered_in_order "HTTP/1.1 200 HTTP/1.1 404 " "$answers"
