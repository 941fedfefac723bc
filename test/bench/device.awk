# Samples of the device rig, lines of WORKLOAD RUN NAME VALUE, to a table: medians and, in brackets, smallest and
# largest of the runs.

{
	if (!($1 in seen))
		order[++workloads] = $1
	seen[$1] = 1
	value[$1, $3, $2] = $4
	if ($2 > runs)
		runs = $2
}

END {
	for (i = 1; i <= workloads; i++) {
		work = order[i]
		printf "\n%s: %d connections, %d outstanding on each, objects of %d bytes\n", work,
			value[work, "conns", 1], value[work, "pipeline", 1], value[work, "object_bytes", 1]
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
		}
		row("errors", "errors", "%d", 1)
	}
}

$3 ~ /^idle_.+_bytes$/ && $4 != 0 {
	name = $3
	sub(/^idle_/, "", name)
	sub(/_bytes$/, "", name)
	seen_pool[name] = 1
}

function row(title, name, format, times,    run, values)
{
	for (run = 1; run <= runs; run++)
		values[run] = value[work, name, run] * times
	sort(values)
	printf "  %-26s %s\n", title, sprintf(format " (" format ".." format ")", middle(values), values[1], values[runs])
}

function middle(values)
{
	return (values[int((runs + 1) / 2)] + values[int(runs / 2) + 1]) / 2
}

function sort(values,    i, j, one)
{
	for (i = 2; i <= runs; i++) {
		one = values[i]
		for (j = i - 1; j >= 1 && values[j] > one; j--)
			values[j + 1] = values[j]
		values[j + 1] = one
	}
}
