# Samples of the device rig, lines of WORKLOAD RUN NAME VALUE, to a table: medians and, in brackets, smallest and
# largest of the runs. Behind runs.awk. '!' marks a workload of which a run had errors or failed: it is no result.

{
	if (!($1 in seen))
		order[++workloads] = $1
	seen[$1] = 1
	value[$1, $3, $2] = $4
	if ($2 > runs)
		runs = $2
	if (($3 == "errors" && $4 > 0) || $3 == "failed")
		marked[$1] = "!"
	if ($3 ~ /^(conns|pipeline|object_bytes)$/)
		asked[$1, $3] = $4
}

$3 ~ /^errors_/ && $4 > 0 {
	which[$1] = which[$1] " " substr($3, 8) "=" $4
}

$3 == "failed" {
	which[$1] = which[$1] " run " $2 " failed"
}

$3 ~ /^idle_.+_bytes$/ && $4 != 0 {
	name = $3
	sub(/^idle_/, "", name)
	sub(/_bytes$/, "", name)
	seen_pool[name] = 1
}

END {
	for (i = 1; i <= workloads; i++) {
		work = order[i]
		printf "\n%s%s: %d connections, %d outstanding on each, objects of %d bytes\n", work, marked[work],
			asked[work, "conns"], asked[work, "pipeline"], asked[work, "object_bytes"]
		if (work ~ /^connect/)
			row("connections/s", "conns_per_s", "%.0f", 1)
		if (work == "open")
			row("offered requests/s", "rate", "%.0f", 1)
		if (work != "idle")
			row("requests/s", "requests_per_s", "%.0f", 1)
		if (work == "bulk")
			row("MB/s", "mbytes_per_s", "%.0f", 1)
		if (work == "idle") {
			row("bytes of a connection", "idle_bytes", "%.0f", 1)
			for (name in seen_pool)
				row("  " name, "idle_" name "_bytes", "%.1f", 1)
		} else {
			row("latency 50%, us", "latency_p50_us", "%.0f", 1)
			row("latency 99%, us", "latency_p99_us", "%.0f", 1)
			row("latency 99.9%, us", "latency_p999_us", "%.0f", 1)
			row(work == "forwarder" ? "forwarder busy, %" : "worker busy, %", "subject_busy_share", "%.1f", 100)
			row("generator busy, %", "busy_share", "%.1f", 100)
			row("generator had its core, %", "cpu_share", "%.1f", 100)
		}
		row("errors", "errors", "%d", 1)
		if (work in which)
			print "  !" which[work]
	}
}

function row(title, name, format, times,    run, n, values)
{
	for (run = 1; run <= runs; run++)
		if ((work, name, run) in value)
			values[++n] = value[work, name, run] * times
	printf "  %-26s %s\n", title, spread(values, n, format)
}
