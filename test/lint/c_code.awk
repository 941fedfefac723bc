# The lines of C files as FILE, line number, text, with tabs between; a comment becomes a space.

FNR == 1 {
	in_comment = 0
}

!in_comment && index($0, "/") == 0 {
	print FILENAME "\t" FNR "\t" $0
	next
}

{
	rest = $0
	kept = ""
	while (rest != "") {
		if (in_comment) {
			end = index(rest, "*/")
			if (!end)
				break
			rest = substr(rest, end + 2)
			in_comment = 0
		} else if (!match(rest, /["']|\/[*\/]/)) {
			kept = kept rest
			break
		} else {
			kept = kept substr(rest, 1, RSTART - 1)
			rest = substr(rest, RSTART)
			if (match(rest, /^("([^"\\]|\\.)*"|'([^'\\]|\\.)*')/)) {
				kept = kept substr(rest, 1, RLENGTH)
				rest = substr(rest, RLENGTH + 1)
			} else if (rest ~ /^\/\//) {
				break
			} else if (rest ~ /^\/\*/) {
				in_comment = 1
				kept = kept " "
				rest = substr(rest, 3)
			} else {
				kept = kept substr(rest, 1, 1)
				rest = substr(rest, 2)
			}
		}
	}
	print FILENAME "\t" FNR "\t" kept
}
