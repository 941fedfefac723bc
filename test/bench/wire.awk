# Samples of the wire rig, lines of SUBJECT WORKLOAD RUN NAME VALUE, to a table: medians and, in brackets, smallest and
# largest of the runs; and Fairlead's ratio to the best peer run by run, which is what counts. Behind runs.awk.
# '!' marks what had errors or failed in any run, and the ratio where that was ours, a best peer, or a peer that might
# have been the best: it is no result.

{
	if (!($1 in seen) && $1 != "forwarder")
		subject[++subjects] = $1
	seen[$1] = 1
	work[$2] = 1
	value[$1, $2, $3, $4] = $5
	if ($3 > runs)
		runs = $3
	if (($4 == "errors" && $5 > 0) || $4 == "failed") {
		marked[$1, $2] = 1
		marks++
	}
	if ($4 == "failed")
		which[$1 ", " $2] = which[$1 ", " $2] " run " $3 " failed"
	if ($4 ~ /^errors_/ && $5 > 0)
		which[$1 ", " $2] = which[$1 ", " $2] " " substr($4, 8) "=" $5
}

END {
	printf "\n%-30s", ""
	for (i = 1; i <= subjects; i++)
		printf " %27s", subject[i]
	printf "  %s\n", "fairlead / best peer"
	if ("forwarder" in work)
		plain("forwarder, keep-alive, req/s", "forwarder", "requests_per_s", "forwarder", "%.0f")
	part("keepalive", "keep-alive 1 KB, requests/s", "requests_per_s", "%.0f", 1, "us a request", 1e6)
	part("connect", "new, servers pooled, conns/s", "requests_per_s", "%.0f", 1, "us a request", 1e6)
	part("connect-both", "new on both sides, conns/s", "requests_per_s", "%.0f", 1, "us a request", 1e6)
	part("bulk", "objects of 1 MB, MB/s", "mbytes_per_s", "%.0f", 1, "us a MB", 1e6)
	if ("open" in work) {
		row("half load, offered requests/s", "open", "rate", "%.0f", 0)
		row("  answered", "open", "requests_per_s", "%.0f", 0)
		row("  latency 50%, us", "open", "latency_p50_us", "%.0f", -1)
		row("  latency 99%, us", "open", "latency_p99_us", "%.0f", -1)
		row("  latency 99.9%, us", "open", "latency_p999_us", "%.0f", -1)
	}
	if ("idle" in work)
		row("idle connection, bytes", "idle", "idle_bytes", "%.0f", -1)
	printf "\n! had errors: %d samples\n", marks
	for (i in which)
		print "  " i ":" which[i]
}

function part(name, title, figure, format, better, cost_title, scale)
{
	if (!(name in work))
		return
	row(title, name, figure, format, better)
	costs(name, figure, scale)
	row("  CPU " cost_title, name, "cost_us", "%.2f", -1)
	row("  balancer's core used, %", name, "used_percent", "%.0f", 0)
	row("  generator busy, %", name, "busy_percent", "%.0f", 0)
}

# A peer's: its core's time that is not idle. Fairlead polls: turns of its worker that found work, and what the kernel did.
function costs(name, figure, scale,    i, run, used)
{
	for (i = 1; i <= subjects; i++)
		for (run = 1; run <= runs; run++) {
			if (!has(subject[i], name, run, figure))
				continue
			used = value[subject[i], name, run, "core_share"]
			if (subject[i] == "fairlead") {
				used = value[subject[i], name, run, "kernel_share"]
				used += (1 - used) * value[subject[i], name, run, "worker_share"]
			}
			value[subject[i], name, run, "used_percent"] = 100 * used
			value[subject[i], name, run, "busy_percent"] = 100 * value[subject[i], name, run, "busy_share"]
			value[subject[i], name, run, "cost_us"] = used * scale / value[subject[i], name, run, figure]
		}
}

# better: 1: more is, -1: less is, 0: neither, so no ratio
function row(title, name, figure, format, better,    i, run, n, values, best, one, who, mark)
{
	printf "%-30s", title
	for (i = 1; i <= subjects; i++) {
		n = 0
		for (run = 1; run <= runs; run++)
			if (has(subject[i], name, run, figure))
				values[++n] = value[subject[i], name, run, figure]
		printf " %27s", spread(values, n, format) ((subject[i], name) in marked ? "!" : "")
	}
	n = 0
	mark = ("fairlead", name) in marked ? "!" : ""
	for (run = 1; run <= runs && better; run++) {
		best = who = ""
		for (i = 1; i <= subjects; i++) {
			if (subject[i] == "fairlead")
				continue
			if (!has(subject[i], name, run, figure)) {
				if (has(subject[i], name, run, "failed"))
					mark = "!"
				continue
			}
			one = value[subject[i], name, run, figure]
			if (best == "" || (one - best) * better > 0) {
				best = one
				who = subject[i]
			}
		}
		if (who != "" && (who, name) in marked)
			mark = "!"
		if (best && has("fairlead", name, run, figure))
			values[++n] = value["fairlead", name, run, figure] / best
	}
	printf "  %s\n", n ? spread(values, n, "%.2f") mark : ""
}

function plain(title, name, figure, who, format,    run, n, values)
{
	for (run = 1; run <= runs; run++)
		if (has(who, name, run, figure))
			values[++n] = value[who, name, run, figure]
	printf "%-30s %27s\n", title, spread(values, n, format) ((who, name) in marked ? "!" : "")
}

function has(who, name, run, figure)
{
	return (who, name, run, figure) in value
}
