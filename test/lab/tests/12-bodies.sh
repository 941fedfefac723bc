# Bodies in both directions: sizes, chunked and with a length.
# LIMIT: 180
. "$(dirname "$0")/../lib.sh"

for kind in $kinds; do
	for size in 1k 100k 1m 100m; do
		equal "${kind}_download_${size}_is_whole" "$(sha_of $size)" "$(download_sha "$kind" $size 60)"
	done
	check "${kind}_upload_10m_is_whole" upload_is_whole "$kind" "$out_lab/www/10m" "body-$kind" 30
	check "${kind}_upload_without_expect_is_whole" \
		upload_is_whole "$kind" "$out_lab/www/1m" "plain-$kind" 30 -H 'Expect:'
	check "${kind}_chunked_upload_is_whole" \
		upload_is_whole "$kind" "$out_lab/www/1m" "chunked-$kind" 30 -H 'Transfer-Encoding: chunked'
	: >"$tmp/empty"
	check "${kind}_empty_upload_is_whole" upload_is_whole "$kind" "$tmp/empty" "empty-$kind" 10
	check "${kind}_post_answered" get "$kind" / --data-binary "@$out_lab/www/100k" -o /dev/null
done

# A reader that stops for a while: flow control holds the sender, nothing is lost.
slow=$(client sh -c "curl -s -m 40 --limit-rate 4M ${url[http4]}/10m | sha256sum" | cut -d' ' -f1)
equal http4_slow_reader_gets_all "$(sha_of 10m)" "$slow"

# A client that leaves in the middle takes nothing with it.
for ((i = 0; i < 20; i++)); do
	client curl -s -m 0.05 -o /dev/null "${url[http4]}/100m" || :
done
check http4_request_after_aborted_ones_answered get http4 /1k -o /dev/null
