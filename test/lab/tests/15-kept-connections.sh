# Members that end kept connections all the time, while requests to them are on their way: no request
# fails, and none is served twice. Two nginx of the test's own; the delay makes the race a wide one.
# FAULT: p1:delay=5ms
# LIMIT: 60
. "$(dirname "$0")/../lib.sh"

hasty_conf()
{
	cat <<-END
	daemon off;
	user root;
	worker_processes 1;
	pid $tmp/server$1.pid;
	events { worker_connections 1024; }
	http {
		log_format lab '\$request_method \$status "\$http_user_agent"';
		access_log $tmp/access$1.log lab;
		client_body_temp_path $tmp;
		proxy_temp_path $tmp;
		fastcgi_temp_path $tmp;
		uwsgi_temp_path $tmp;
		scgi_temp_path $tmp;
		keepalive_requests $2;
		keepalive_timeout $3;
		server {
			listen 8081 backlog=1024;
			location / { return 200 "server$1\n"; }
		}
	}
	END
}

# hasty_up REQUESTS TIMEOUT. Not to be called in a subshell: others wait for what holds its output.
hasty_up()
{
	local i

	for i in 1 2; do
		hasty_conf $i "$1" "$2" >"$tmp/server$i.conf"
		in_ns server$i nginx -p "$tmp" -c "$tmp/server$i.conf" -e "$tmp/error$i.log" >/dev/null 2>&1 &
	done
	for i in 1 2; do
		check hasty_server${i}_answers wait_until 5 hasty_answers $i
	done
}

hasty_answers() { in_ns server$1 curl -s -o /dev/null -m 1 http://10.0.1.1$1:8081/; }

hasty_down()
{
	local i

	for i in 1 2; do
		kill -QUIT "$(cat "$tmp/server$i.pid")"
	done
	wait
}

# load METHOD REQUESTS: what h2load says of its requests, in one line; none may fail.
load()
{
	local data=()

	[ "$1" = GET ] || data=(-d "$tmp/body")
	client h2load --h1 -c 16 -t 1 -n "$2" "${data[@]}" http://10.0.0.100:8080/ 2>&1 |
		sed -n 's/^status codes: //p; s/^requests: .* \([0-9]* failed\).*/\1/p' | tr '\n' ' '
}

all_right() { echo "0 failed $1 2xx, 0 3xx, 0 4xx, 0 5xx "; }

# paced METHOD BODY-BYTES: 16 clients with 20 requests each, one every 106 ms; a line a status.
paced() { client python3 "$lab/paced_client.py" 10.0.0.100 8080 "$1" 16 20 106 "$2" >"$tmp/paced"; }
answered() { awk -v what="$1" '$1 == what { n = $2 } END { print n + 0 }' "$tmp/paced"; }

served() { cat "$tmp"/access?.log | grep -Ec "^$1 200 \"(h2load|paced)"; }

head -c 5000 /dev/zero | tr '\0' x >"$tmp/body"
cat >"$tmp/hasty.conf" <<-END
	version = 1;
	ports = (
		{ name = "p0"; addresses = [ "10.0.0.1/24" ]; },
		{ name = "p1"; addresses = [ "10.0.1.1/24" ]; }
	);
	pools = ( { name = "hasty"; members = (
		{ address = "10.0.1.11"; port = 8081; },
		{ address = "10.0.1.12"; port = 8081; }
	); } );
	virtual-servers = (
		{ name = "hasty"; address = "10.0.0.100"; port = 8080; type = "http"; pool = "hasty"; }
	);
END
check hasty_configuration_loads cli load "$tmp/hasty.conf"

# Three requests a connection, as many as can be.
hasty_up 3 10s
for method in GET POST; do
	equal "${method}_over_three_requests_a_connection_never_fails" "$(all_right 1000)" "$(load $method 1000)"
done
hasty_down
equal GET_is_served_once 1000 "$(served GET)"
equal POST_is_served_once 1000 "$(served POST)"

# An idle time that is over in the very moment the next request comes. What nginx had not acknowledged is sent once more,
# whatever it is. But it ends all that have been idle for so long one after the other, and of those that wait for that the kernel
# still acknowledges the next request, which nginx never reads: a GET may be repeated then, a POST must not.
rm -f "$tmp"/access?.log
hasty_up 1000 100ms
before=$(counter http_requests_replayed)
paced GET 0
equal GET_over_connections_that_time_out_never_fails "200 320" "$(cat "$tmp/paced")"
equal GET_is_served_once_after_all 320 "$(served GET)"
paced POST 5000
equal POST_over_connections_that_time_out_is_answered 320 $(($(answered 200) + $(answered 502)))
check POST_over_connections_that_time_out_hardly_ever_fails test "$(answered 502)" -le 32
equal POST_is_never_served_and_refused "$(answered 200)" "$(served POST)"
check requests_are_sent_once_more wait_until 2 counter_grew http_requests_replayed "$before" 1
echo "note: $(($(counter http_requests_replayed) - before)) requests sent once more, $(answered 502) could not be"
hasty_down
check default_configuration_loads_again load_default
