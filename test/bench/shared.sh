# What the benchmarks of HTTP load in the lab share: the build root, samples, measuring in turns, and the load itself.
# Sourced by them, with bench_dir and lab_dir set.

# enter_root SCRIPT NAME...: starts the script anew in the build root, with these variables.
enter_root()
{
	local script=$1 name env=()

	[ ! -e /etc/fairlead-sdk ] || return 0
	for name in "${@:2}"; do
		env+=("$name=${!name:-}")
	done
	exec "$bench_dir/../../images/sdk/enter.sh" env "${env[@]}" "$script"
}

# begin NAME: its samples go to $samples.
begin()
{
	[ "$(nproc)" -ge 2 ] || die "two cores are needed"
	out_bench=$top/out/bench
	samples=$out_bench/$1.txt
	mkdir -p "$out_bench"
	: >"$samples"
}

# in_turns RUNS COMMAND A B: COMMAND A RUN and COMMAND B RUN, who goes first changes with each run.
in_turns()
{
	local run

	for ((run = 1; run <= $1; run++)); do
		if [ $((run % 2)) = 1 ]; then
			"$2" "$3" "$run"
			"$2" "$4" "$run"
		else
			"$2" "$4" "$run"
			"$2" "$3" "$run"
		fi
	done
}

cli() { "$bin/fairlead" --run-dir "$run_dir" "$@"; }
counter() { cli show counters | awk -v name="$1" '$1 == name { print $2 }'; }

# load CONNECTIONS PATH SECONDS: what wrk says is in wrk.txt.
load()
{
	taskset -c $load_core ip netns exec fl-client \
		wrk -t 1 -c "$1" -d "$3s" --latency --timeout 5s "http://10.0.0.100$2" >"$out_bench/wrk.txt"
}

# Of the last load: requests, errors of any kind, and the latency's median and 99th percentile in us.
load_numbers()
{
	awk '
	/requests in/		{ requests = $1 }
	/Socket errors/		{ gsub(/[^0-9 ]/, ""); errors += $1 + $2 + $3 + $4 }
	/Non-2xx/		{ errors += $NF }
	$1 == "50%"		{ half = us($2) }
	$1 == "99%"		{ most = us($2) }
	END			{ print requests, errors + 0, half, most }
	function us(text)	{ return text * (text ~ /us$/ ? 1 : text ~ /ms$/ ? 1000 : 1000000) }
	' "$out_bench/wrk.txt"
}
