# Bodies in both directions: sizes, chunked and with a length.
# LIMIT: 180
# AGAIN
. "$(dirname "$0")/../lib.sh"

# Prints how it was framed, then what it was.
chunked_download() # KIND [curl options]
{
	local kind=$1
	shift

	get "$kind" /chunked/10m -o "$tmp/chunked" -w '%header{transfer-encoding} ' "$@"
	sha256sum "$tmp/chunked" | cut -d' ' -f1
}

for kind in $kinds; do
	for size in 1k 100k 1m 100m; do
		equal "${kind}_download_${size}_is_whole" "$(sha_of $size)" "$(download_sha "$kind" $size 60)"
	done
	check "${kind}_upload_10m_is_whole" upload_is_whole "$kind" "$out_lab/www/10m" "body-$kind" 30
	check "${kind}_upload_without_expect_is_whole" \
		upload_is_whole "$kind" "$out_lab/www/1m" "plain-$kind" 30 -H 'Expect:'
	check "${kind}_chunked_upload_is_whole" \
		upload_is_whole "$kind" "$out_lab/www/1m" "chunked-$kind" 30 -H 'Transfer-Encoding: chunked'
	equal "${kind}_chunked_download_is_whole" "chunked $(sha_of 10m)" "$(chunked_download "$kind")"
	: >"$tmp/empty"
	check "${kind}_empty_upload_is_whole" upload_is_whole "$kind" "$tmp/empty" "empty-$kind" 10
	check "${kind}_post_answered" get "$kind" / --data-binary "@$out_lab/www/100k" -o /dev/null
done

for kind in $http_kinds; do
	equal "${kind}_chunked_download_reaches_http10_unchunked" " $(sha_of 10m)" \
		"$(chunked_download "$kind" --http1.0)"
	check "${kind}_upload_100m_is_whole" upload_is_whole "$kind" "$out_lab/www/100m" "big-$kind" 60
	get "$kind" /upload/waits -T "$out_lab/www/1k" -H 'Expect: 100-continue' --expect100-timeout 8 \
		-o /dev/null -D "$tmp/heads" -w '%{time_total}' >"$tmp/seconds"
	equal "${kind}_expect_answered_by_100_then_by_member" "HTTP/1.1 100 HTTP/1.1 201 " \
		"$(grep -o '^HTTP/1.1 [0-9]*' "$tmp/heads" | sed 's/ 204$/ 201/' | tr '\n' ' ')"
	check "${kind}_expect_is_not_waited_out" test "$(cut -d. -f1 "$tmp/seconds")" -lt 4
done

# A reader that stops for a while: flow control holds the sender, nothing is lost.
slow=$(client sh -c "curl -s -m 40 --limit-rate 4M ${url[$http]}/10m | sha256sum" | cut -d' ' -f1)
equal http_slow_reader_gets_all "$(sha_of 10m)" "$slow"

# A client that leaves in the middle takes nothing with it.
for ((i = 0; i < 20; i++)); do
	client curl -s -m 0.05 -o /dev/null "${url[$http]}/100m" || :
done
check http_request_after_aborted_ones_answered get $http /1k -o /dev/null
