# The capacity model: instructions.budget, capacity.txt and each board.conf, to a table. capacity.md says what it is and what it
# leaves out. A figure is the least of what cores, card, wire, PCIe and memory allow; that which is least is named.

FILENAME ~ /instructions\.budget$/ {
	if ($1 !~ /^(#|version)/)
		instructions[$1] = $2
	next
}

FILENAME ~ /board\.conf$/ {
	if (FNR == 1) {
		n = split(FILENAME, part, "/")
		boards[++board_count] = part[n - 1]
	}
	if ($1 == "huge-pages") {
		match($0, /size-kib = [0-9]+/)
		page_kib = substr($0, RSTART + 11, RLENGTH - 11)
		match($0, /count = [0-9]+/)
		memory[boards[board_count]] = page_kib * 1024 * substr($0, RSTART + 8, RLENGTH - 8)
	}
	next
}

/^(measured|sheet|assumed) / { input[$2, $3] = $4 }

END {
	budget_of["keepalive"] = "keepalive-1k-nic"
	budget_of["connect"] = "connect-pooled"
	budget_of["connect-both"] = "connect-both"
	budget_of["bulk"] = "bulk-nic"
	print "| board | GbE | workers | requests/s | connections/s, servers pooled | connections/s, both sides new | Gbit/s of 1 MB objects | idle connections | connections with segments under way |"
	print "|---|---|---|---|---|---|---|---|---|"
	for (b = 1; b <= board_count; b++)
		for (speed = 25; speed <= 100; speed += 75)
			for (workers = 4; workers <= 16; workers *= 2)
				row(boards[b], speed, workers)
	print ""
	check("connect", "a new connection of a client")
	check("connect-both", "new connections on both sides")
	check("bulk", "a MB")
}

function row(board, speed, asked,    workers)
{
	workers = asked
	if (workers > input[board, "cores"] - 1)
		workers = input[board, "cores"] - 1
	printf "| %s | %d | %s | %s | %s | %s | %s | %s | %s |\n", board, speed,
		workers == asked ? workers : asked ": it has " workers, rate("keepalive", board, speed, workers),
		rate("connect", board, speed, workers), rate("connect-both", board, speed, workers),
		bits("bulk", board, speed, workers), idle(board, workers), under_way(workers)
}

function rate(work, board, speed, workers,    most)
{
	most = least(work, board, speed, workers)
	return short(most) " " limit
}

# Of bodies, as they leave towards clients.
function bits(work, board, speed, workers,    most)
{
	most = least(work, board, speed, workers)
	return sprintf("%.1f %s", most * 8 / 1000, limit)
}

# Units a second; limit names what allows no more.
function least(work, board, speed, workers,    best, pcie_rate, memory_rate)
{
	measure(work)
	best = by_cores(work, board, workers)
	limit = "cores"
	best = lower(best, speed * 1e9 / 8 / busiest, "NIC bits/s")
	best = lower(best, input["card-" speed, "mpps"] * 1e6 / more(frames_in, frames_out), "NIC packets/s")
	pcie_rate = input[board, "pcie_gbit"] * 1e9 / 8 * input["pcie", "usable"]
	best = lower(best, pcie_rate / more(pcie(bytes_in, frames_in), pcie(bytes_out, frames_out)), "PCIe")
	memory_rate = input[board, "memory_gbytes"] * 1e9 * input["memory", "usable"]
	return lower(best, memory_rate / (bytes_in + bytes_out + (frames_in + frames_out) * input["memory", "frame_bytes"]), "memory bandwidth")
}

function lower(best, other, name)
{
	if (other < best)
		limit = name
	return other < best ? other : best
}

function more(a, b) { return a > b ? a : b }

# A unit: frames and bytes in and out, both ports together; bytes of the busiest direction of one port, on the wire.
function measure(work,    ack, full, plain_in, plain_out)
{
	ack = input["acknowledgement", "bytes"]
	frames_in = input[work, "frames_in"]
	frames_out = input[work, "frames_out"]
	if (work == "bulk") {
		full = 1e6 / input["frame", "bytes"]
		bytes_in = 1e6 + (frames_in - full) * ack
		bytes_out = 1e6 + (frames_out - full) * ack
		busiest = 1e6 + full * input["wire", "frame_bytes"]
		return
	}
	plain_in = frames_in - 2
	plain_out = frames_out - 2
	bytes_in = input["request", "bytes"] + input["response", "bytes"] + plain_in * ack
	bytes_out = input["request", "bytes"] + input["request", "bytes_added"] + input["response", "bytes"] + plain_out * ack
	# of the frames without text no more than all that go out are the client's
	busiest = input["response", "bytes"] + input["wire", "frame_bytes"] + plain_out * (ack + input["wire", "frame_bytes"])
}

# The worker with most entries of the table that spreads flows is full first.
function by_cores(work, board, workers,    entries)
{
	entries = int((input["rss", "entries"] + workers - 1) / workers)
	return input["rss", "entries"] / entries * input[board, "ghz"] * 1e9 / (cycles(work) * input[board, "cycles_factor"])
}

# On the machine that has measured. Long frames are the card's to cut.
function cycles(work,    given)
{
	given = work == "bulk" ? input["bulk-nic", "frames_out"] : input[work, "frames_out"]
	return instructions[budget_of[work]] * input["machine", "cycles_an_instruction"] + input["driver", "cycles_a_frame"] * (input[work, "frames_in"] + given)
}

function pcie(bytes, frames)
{
	bytes *= 1 + input["pcie", "header_bytes"] / input["pcie", "payload_bytes"]
	return bytes + frames * (input["pcie", "descriptor_bytes"] + input["pcie", "header_bytes"])
}

# As many as the huge pages of board.conf hold beside all else that is taken at the start.
function idle(board, workers,    left)
{
	left = memory[board] - input["memory", "dpdk_bytes"] - input["buffers", "count"] * input["buffer", "bytes"]
	left -= workers * (input["worker", "bytes"] + input["sessions", "a_worker"] * input["session", "bytes"])
	return left > 0 ? short(left / input["conn", "bytes"]) " memory" : "none: memory"
}

function under_way(workers,    flights)
{
	flights = workers * input["flights", "a_worker"]
	return flights < input["buffers", "count"] ? short(flights) " flights" : short(input["buffers", "count"]) " packet buffers"
}

function short(figure)
{
	return figure >= 1e6 ? sprintf("%.2f M", figure / 1e6) : sprintf("%.0f k", figure / 1e3)
}

# Cycles of an instruction are those of kept connections on the device rig; the rig's other workloads say what that is worth.
function check(work, what,    plain, predicted, measured)
{
	plain = work == "bulk" ? "bulk" : budget_of[work]
	measured = input["device", work "_ns"]
	predicted = instructions[plain] * input["machine", "cycles_an_instruction"] / input["machine", "ghz"]
	if (measured == "-")
		printf "- Check, %s on the device rig: predicted %.0f ns of busy worker; not measured in quiet yet.\n", what, predicted
	else
		printf "- Check, %s on the device rig: predicted %.0f ns of busy worker, measured %.0f (%+.0f%%).\n", what, predicted, measured,
			100 * (predicted / measured - 1)
}
