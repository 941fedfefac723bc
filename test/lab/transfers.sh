# Many transfers at once; each prints how many of them were whole. Sourced by tests.

# parallel_downloads KIND N FILE SECONDS
parallel_downloads()
{
	local i want

	want=$(sha_of "$3")
	for ((i = 0; i < $2; i++)); do
		download_sha "$1" "$3" "$4" 2>/dev/null &
	done | grep -c "^$want\$" || :
}

# parallel_uploads KIND N FILE SECONDS
parallel_uploads()
{
	local i

	for ((i = 0; i < $2; i++)); do
		upload_is_whole "$1" "$out_lab/www/$3" "many-$1-$i" "$4" >/dev/null 2>&1 && echo whole &
	done | grep -c whole || :
}
