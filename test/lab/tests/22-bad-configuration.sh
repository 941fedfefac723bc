# A text that is wrong is refused with file and line; what runs goes on.
. "$(dirname "$0")/../lib.sh"

# refused NAME LINE SED-SCRIPT: default.conf, made wrong.
refused()
{
	local file=$tmp/$1.conf

	sed "$3" "$lab/default.conf" >"$file"
	cmp -s "$file" "$lab/default.conf" && { fail "$1" "the test's edit changes nothing"; return; }
	if cli load "$file" >"$tmp/said" 2>&1; then
		fail "$1" "was accepted"
		load_default
	elif ! grep -q "$1.conf:$2" "$tmp/said"; then
		fail "$1" "does not name $1.conf:$2 but says: $(head -n 2 "$tmp/said" | tr '\n' ' ')"
	else
		ok "$1"
	fi
}

line() { grep -n -m 1 -F "$1" "$lab/default.conf" | cut -d: -f1; }

background_start $http
refused configuration_unparseable_refused '' 's/^monitors = (/monitors = ) (/'
refused configuration_newer_version_refused "$(line version)" 's/^version = 1;/version = 999;/'
refused configuration_unknown_field_refused "$(line fd00::1/64)" 's/{ name = "p0"; /{ name = "p0"; colour = "red"; /'
refused configuration_unknown_pool_refused "$(line '"www"')" '/"www"/s/pool = "web"/pool = "nowhere"/'
refused configuration_unknown_monitor_refused '' 's/monitor = "web-up"/monitor = "nowhere"/'
refused configuration_bad_address_refused "$(line 10.0.1.11)" 's/10\.0\.1\.11/10.0.1.311/'
refused configuration_bad_port_refused "$(line 10.0.1.11)" '/10.0.1.11/s/port = 80/port = 70000/'
refused configuration_wrong_type_refused "$(line 10.0.1.11)" '/10.0.1.11/s/port = 80/port = "http"/'
refused configuration_fall_zero_refused "$(line fall)" 's/fall = 2/fall = 0/'
refused configuration_two_virtual_servers_on_one_address_refused '' '/"raw"/s/10\.0\.0\.101/10.0.0.100/'
refused configuration_include_refused '' 's/^version = 1;/version = 1;\n@include "other.conf"/'
: >"$tmp/empty.conf"
check configuration_empty_refused test "$(cli load "$tmp/empty.conf" >/dev/null 2>&1; echo $?)" != 0
check configuration_from_the_input_loads cli load - <"$lab/default.conf"
check configuration_missing_file_refused test "$(cli load "$tmp/missing.conf" >/dev/null 2>&1; echo $?)" != 0
equal traffic_through_refused_configurations_unharmed 0 "$(background_failures)"
background_start $http
for ((i = 0; i < 10; i++)); do
	load_default || fail configuration_good_one_loads "load number $i failed"
	sleep 0.1
done
equal traffic_through_good_reloads_unharmed 0 "$(background_failures)"
