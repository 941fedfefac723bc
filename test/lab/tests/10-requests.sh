# Plain requests over each virtual server: status, body, headers, balance.
# AGAIN
. "$(dirname "$0")/../lib.sh"

for kind in $kinds; do
	check "${kind}_request_answered" get "$kind" /
	equal "${kind}_requests_reach_all_members" "server1 server2 server3" "$(servers_seen "$kind" 12)"
	header=$(get "$kind" / -o "$tmp/body" -w '%header{x-server}')
	equal "${kind}_response_header_and_body_agree" "$(cat "$tmp/body")" "$header"
	equal "${kind}_missing_page_is_404" 404 \
		"$(client curl -g -s -m 10 -o /dev/null -w '%{http_code}' "${url[$kind]}/nothing-here")"
	equal "${kind}_head_has_length_and_no_body" "200 1048576 0" \
		"$(get "$kind" /1m -I -o /dev/null -w '%{http_code} %header{content-length} %{size_download}')"
done

# 60 requests in turn, one after the other: round robin gives each member a third. Each worker goes its own round, so that
# several are even but for what each has begun.
for ((i = 0; i < 60; i++)); do get $http /; done | sort | uniq -c | awk '{ print $1 }' >"$tmp/counts"
check http_round_robin_is_even awk -v apart=$((${WORKERS:-1} - 1)) '
	$1 < 20 - apart || $1 > 20 + apart { print $1 " of 60"; wrong = 1 } END { exit wrong || NR != 3 }' "$tmp/counts"
