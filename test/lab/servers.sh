# The three web servers and what they serve. Sourced by lab.sh.

servers_up()
{
	local i

	content_make
	for i in $servers; do
		server_start "$i"
	done
}

servers_down()
{
	local i

	for i in $servers; do
		process_stop "server$i"
	done
}

server_start()
{
	local dir=$out_lab/server$1

	[ -n "${1:-}" ] && [ -z "${1//[123]/}" ] || die "which server? 1, 2 or 3"
	mkdir -p "$dir/upload" "$dir/tmp"
	server_conf "$1" "$dir" >"$dir/nginx.conf"
	: >>"$dir/access.log"
	process_start "server$1" "fl-server$1" "$dir/error.log" \
		nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log"
	wait_until 10 server_answers "$1" ||
		{ tail -n 5 "$dir/error.log" >&2; die "the web server of fl-server$1 does not answer"; }
}

server_stop()
{
	process_stop "server$1"
}

server_answers()
{
	ip netns exec "fl-server$1" curl -s -o /dev/null -m 1 "http://[fd00:1::1$1]/"
}

# Bytes that look random but are the same in every lab: a cipher stream.
content_make()
{
	local www=$out_lab/www part name size

	[ -e "$www/SHA256SUMS" ] && return
	part=$www.part
	rm -rf "$part"
	mkdir -p "$part"
	while read -r name size; do
		head -c "$size" /dev/zero | openssl enc -aes-128-ctr -nosalt \
			-K 466169726c656164466169726c656164 -iv 00000000000000000000000000000000 \
			-out "$part/$name"
	done <<-END
		1k 1024
		10k 10240
		100k 102400
		1m 1048576
		10m 10485760
		100m 104857600
	END
	(cd "$part" && sha256sum -- * >SHA256SUMS)
	rm -rf "$www"
	mv -T "$part" "$www"
}

# PUT /upload/NAME stores the body in serverN/upload/NAME; /chunked/1m is /1m without a
# length (nginx looks for includes in it, and finds none).
server_conf()
{
	local name=server$1 dir=$2

	cat <<-END
	daemon off;
	user root;
	worker_processes 1;
	worker_rlimit_nofile 16384;
	pid $dir/nginx.pid;
	events { worker_connections 8192; multi_accept on; }
	http {
		log_format lab '\$time_iso8601 \$remote_addr "\$request" \$status \$body_bytes_sent '
			'"\$http_user_agent" connection=\$connection request=\$connection_requests '
			'host="\$http_host" forwarded="\$http_x_forwarded_for"';
		access_log ${FL_ACCESS_LOG:-$dir/access.log lab};
		client_body_temp_path $dir/tmp;
		proxy_temp_path $dir/tmp;
		fastcgi_temp_path $dir/tmp;
		uwsgi_temp_path $dir/tmp;
		scgi_temp_path $dir/tmp;
		client_max_body_size 0;
		default_type application/octet-stream;
		sendfile on;
		tcp_nodelay on;
		keepalive_requests 10000000;
		keepalive_timeout 300s;
		server {
			listen 80 backlog=4096;
			listen [::]:80 backlog=4096;
			root $out_lab/www;
			add_header X-Server $name always;
			location = / {
				default_type text/plain;
				return 200 "$name\\n";
			}
			location /chunked/ {
				alias $out_lab/www/;
				ssi on;
				ssi_types *;
			}
			location /upload/ {
				alias $dir/upload/;
				dav_methods PUT DELETE;
				create_full_put_path on;
			}
		}
	}
	END
}
