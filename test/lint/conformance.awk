# Reads the names of all tests, of drop reasons and counters, then the two READMEs with the tables.

BEGIN {
	last["MUST"] = 69
	last["SHLD"] = 31
	last["MAY"] = 18
	last["REC"] = 1
}

FILENAME == ARGV[1] {
	there[$0]
	next
}

FILENAME == ARGV[2] || FILENAME == ARGV[3] {
	if (FILENAME == ARGV[2] && /^tcp_/)
		owed[$0]
	told[$0]
	next
}

function finding(why)
{
	print FILENAME ":" FNR ": " why
}

FILENAME == ARGV[4] && /^\| *(MUST|SHLD|MAY|REC)-[0-9]+ *\|/ {
	cells = split($0, cell, "|")
	gsub(/^ +| +$/, "", cell[2])
	if (cells != 5 || cell[3] !~ /[a-z]/)
		finding(cell[2] " has no three cells")
	if (cell[2] in seen)
		finding(cell[2] " is there twice")
	seen[cell[2]]
	check_proof(cell[2], cell[4])
}

FILENAME == ARGV[5] && /^\|.*`.*\|/ {
	cells = split($0, cell, "|")
	if (cells != 5)
		finding("a row has no three cells")
	n = split(cell[3], words, "`")
	if (n < 3)
		finding("nothing tells it")
	for (i = 2; i < n; i += 2) {
		if (!(words[i] in told))
			finding("no drop reason and no counter: " words[i])
		delete owed[words[i]]
	}
	if (cell[4] !~ /`/)
		finding("a row names no test")
	check_proof("the row", cell[4])
}

function check_proof(id, text, words, n, i, named)
{
	n = split(text, words, "`")
	for (i = 2; i < n; i += 2) {
		named = 1
		if (!(words[i] in there))
			finding(id " names no test: " words[i])
	}
	if (!named && length(text) < 10)
		finding(id " has neither a test nor a reason")
}

END {
	for (kind in last)
		for (i = 1; i <= last[kind]; i++)
			if (!((kind "-" i) in seen))
				print ARGV[4] ": no row for " kind "-" i
	for (reason in owed)
		print ARGV[5] ": no row for " reason
}
