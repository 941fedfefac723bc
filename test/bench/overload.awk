# Samples of bench-overload, lines of SCENARIO KIND RUN NAME VALUE, to the table of one scenario (of, times, run_s); behind runs.awk.

$1 == of {
	value[$2, $4, $3, ++count[$2, $4, $3]] = $5
	if ($3 > runs)
		runs = $3
	if ($2 == "overload" && $4 ~ /^(refused|drop):/ && !($4 in seen)) {
		seen[$4] = 1
		reason[++reasons] = $4
	}
	if ($4 ~ /^used:/ && !($4 in pool_seen)) {
		pool_seen[$4] = 1
		pool[++pools] = substr($4, 6)
	}
}

END {
	printf "%s: best %d connections at a time, overload %s times as many a second offered\n", of,
		value["best", "conns", 1, 1], times
	for (run = 1; run <= runs; run++) {
		best[run] = value["best", "requests_per_s", run, 1]
		good[run] = value["overload", "requests_per_s", run, 1]
		# what was due in the warm-up's second, too, and could not be begun
		offered[run] = value["overload", "rate", run, 1] - value["overload", "behind", run, 1] / (1 + run_s)
		ratio[run] = best[run] ? good[run] / best[run] : 0
		much[run] = best[run] ? offered[run] / best[run] : 0
	}
	line("best, connections/s", best, "%.0f")
	line("offered, connections/s", offered, "%.0f")
	line("  times the best", much, "%.1f")
	line("goodput, connections/s", good, "%.0f")
	line("  ratio to the best", ratio, "%.3f")
	field("latency 99%, us: best", "best", "latency_p99_us", "%.0f", 1)
	field("  overload", "overload", "latency_p99_us", "%.0f", 1)
	field("worker busy, %: best", "best", "worker_load", "%.1f", 100)
	field("  overload", "overload", "worker_load", "%.1f", 100)
	all_of("show, ms: best", "best", "cli_ms")
	all_of("  overload", "overload", "cli_ms")
	all_of("SNMP get, ms: best", "best", "snmp_ms")
	all_of("  overload", "overload", "snmp_ms")
	print "  refused or dropped, in warm-up and run:"
	for (i = 1; i <= reasons; i++) {
		name = reason[i]
		sub(/^refused:/, "", name)
		sub(/^drop:/, "drop ", name)
		field("  " name, "overload", reason[i], "%d", 1)
	}
	print "  memory                              before   overload      after"
	for (i = 1; i <= pools; i++)
		printf "    %-28s %10d %10d %10d\n", pool[i] " in use", value["before", "used:" pool[i], 0, 1],
			most("used:" pool[i]), value["after", "used:" pool[i], 0, 1]
	for (i = 1; i <= 2; i++) {
		name = i == 1 ? "dataplane_kb" : "mgmtd_kb"
		printf "    %-28s %10d %10d %10d\n", name " resident", value["before", name, 0, 1], most(name),
			value["after", name, 0, 1]
	}
}

function most(name,    run, n)
{
	for (run = 1; run <= runs; run++)
		if (value["overload", name, run, 1] > n)
			n = value["overload", name, run, 1]
	return n
}

function line(title, values, format,    run, copy)
{
	for (run = 1; run <= runs; run++)
		copy[run] = values[run]
	printf "  %-26s %s\n", title, spread(copy, runs, format)
}

function field(title, kind, name, format, factor,    run, copy)
{
	for (run = 1; run <= runs; run++)
		copy[run] = value[kind, name, run, 1] * factor
	printf "  %-26s %s\n", title, spread(copy, runs, format)
}

# Of all tries in all runs; one that failed has no number.
function all_of(title, kind, name,    run, i, n, failed, copy)
{
	for (run = 1; run <= runs; run++)
		for (i = 1; i <= count[kind, name, run]; i++)
			if (value[kind, name, run, i] == "failed")
				failed++
			else
				copy[++n] = value[kind, name, run, i] + 0
	printf "  %-26s %s%s\n", title, spread(copy, n, "%.1f"), failed ? ", failed " failed : ""
}
