# Requests that no proxy may pass on: each is answered 400 (or another refusal) by
# the appliance itself, and no member sees it.
# AGAIN
. "$(dirname "$0")/../lib.sh"

lines_in_logs() { cat "$out_lab"/server[123]/access.log | grep -c smuggled || :; }

# refused NAME STATUS REQUEST (printf format)
refused()
{
	local status

	status=$(printf "$3" | client socat -t 3 - TCP:${host[100]}:80 2>/dev/null | head -n 1 |
		grep -ao '^HTTP/1.1 [0-9]*' | cut -d' ' -f2)
	equal "$1" "$2" "$status"
}

before=$(lines_in_logs)
refused_before=$(counter http_requests_refused)
refused http_space_before_colon_refused 400 \
	'GET /smuggled HTTP/1.1\r\nHost : x\r\n\r\n'
refused http_both_lengths_refused 400 \
	'POST /smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
refused http_two_different_lengths_refused 400 \
	'POST /smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde'
refused http_negative_length_refused 400 \
	'POST /smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'
refused http_huge_length_refused 400 \
	'POST /smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n'
refused http_missing_host_refused 400 'GET /smuggled HTTP/1.1\r\n\r\n'
refused http_two_hosts_refused 400 'GET /smuggled HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'
refused http_folded_header_refused 400 'GET /smuggled HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n'
refused http_garbage_refused 400 '\001\002\003 smuggled\r\n\r\n'
refused http_control_byte_in_value_refused 400 'GET /smuggled HTTP/1.1\r\nHost: x\r\nA: b\001c\r\n\r\n'
refused http_head_too_long_refused 431 \
	"GET /smuggled HTTP/1.1\\r\\nHost: x\\r\\nA: $(printf 'x%.0s' {1..40000})\\r\\n\\r\\n"
refused http_malformed_chunk_refused 400 \
	'POST /upload/never HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n'
check http_refused_requests_are_counted wait_until 2 counter_grew http_requests_refused "$refused_before" 12
equal http_refused_requests_reach_no_member "$before" "$(lines_in_logs)"
check http_good_request_after_bad_ones_answered get $http / -o /dev/null
