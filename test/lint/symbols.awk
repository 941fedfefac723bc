# Reads symbols.txt and what `nm -A --format=posix` says: ARCHIVE[OBJECT]: SYMBOL U.

function regex_of(pattern)
{
	gsub(/\./, "\\.", pattern)
	gsub(/\*/, ".*", pattern)
	return "^" pattern "$"
}

FILENAME == ARGV[1] {
	sub(/#.*/, "")
	if (NF == 0)
		next
	why = ""
	if (colon = index($0, ":")) {
		why = substr($0, colon + 1)
		gsub(/^ +| +$/, "", why)
		$0 = substr($0, 1, colon - 1)
	}
	if ($1 == "objects") {
		archive = $2
		gsub(/\//, "-", archive)
		for (i = 3; i <= NF; i++)
			members[archive] = members[archive] "|" regex_of($i)
		folder[archive] = $2
	} else if ($1 == "forbid" && why != "") {
		for (i = 2; i <= NF; i++)
			if ($i ~ /\*/)
				patterns[regex_of($i)] = why
			else
				names[$i] = why
	} else if ($1 == "except" && why != "") {
		excepted[$2, $3]
	} else {
		print "test/lint/symbols.txt:" FNR ": no such rule, or a rule without its reason"
	}
	next
}

function why_not(symbol, pattern)
{
	if (symbol in names)
		return names[symbol]
	for (pattern in patterns)
		if (symbol ~ pattern)
			return patterns[pattern]
	return ""
}

$3 == "U" || $3 == "w" {
	archive = $1
	sub(/\.a\[.*/, "", archive)
	sub(/.*\//, "", archive)
	object = $1
	sub(/.*\[/, "", object)
	sub(/\]:$/, "", object)
	symbol = $2
	sub(/@.*/, "", symbol)
	if (members[archive] != "" && object !~ substr(members[archive], 2) || (object, symbol) in excepted)
		next
	why = why_not(symbol)
	if (why != "")
		print folder[archive] "/" object " calls " symbol ": " why
}
