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

# An nginx that has to wait for a processor between "nothing came" and "so it is idle" ends connections whose next
# request its kernel has acknowledged by then. Nobody could send a POST again after that, so it never waits here.
at_once=
chrt -f 1 true 2>/dev/null && at_once="chrt -f 1"

# hasty_up REQUESTS TIMEOUT. Not to be called in a subshell: others wait for what holds its output.
hasty_up()
{
	local i

	for i in 1 2; do
		hasty_conf $i "$1" "$2" >"$tmp/server$i.conf"
		in_ns server$i $at_once nginx -p "$tmp" -c "$tmp/server$i.conf" -e "$tmp/error$i.log" >/dev/null 2>&1 &
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

# load METHOD RATE REQUESTS: what h2load says of its requests, in one line; none may fail.
load()
{
	local data=()

	[ "$1" = GET ] || data=(-d "$tmp/body")
	client h2load --h1 -c 16 -t 1 ${2:+--rps "$2"} -n "$3" "${data[@]}" http://10.0.0.100:8080/ 2>&1 |
		sed -n 's/^status codes: //p; s/^requests: .* \([0-9]* failed\).*/\1/p' | tr '\n' ' '
}

all_right() { echo "0 failed $1 2xx, 0 3xx, 0 4xx, 0 5xx "; }

served() { cat "$tmp"/access?.log | grep -c "^$1 200 \"h2load"; }

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
	equal "${method}_over_three_requests_a_connection_never_fails" "$(all_right 1000)" "$(load $method "" 1000)"
done
hasty_down
equal GET_is_served_once 1000 "$(served GET)"
equal POST_is_served_once 1000 "$(served POST)"

# An idle time that is over in the very moment the next request comes.
rm -f "$tmp"/access?.log
hasty_up 1000 100ms
before=$(counter http_requests_replayed)
for method in GET POST; do
	equal "${method}_over_connections_that_time_out_never_fails" "$(all_right 320)" "$(load $method 9.4 320)"
done
check requests_are_sent_once_more wait_until 2 counter_grew http_requests_replayed "$before" 1
hasty_down
equal GET_is_served_once_after_all 320 "$(served GET)"
equal POST_is_served_once_after_all 320 "$(served POST)"
check default_configuration_loads_again load_default
