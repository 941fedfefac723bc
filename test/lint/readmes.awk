# Reads the lists of files, functions and targets, then READMEs.

BEGIN {
	TOP = "^(fw|drivers|dataplane|mgmt|board|images|test)/"
	ENDINGS = "\\.(c|h|md|tbl|mk|sh|py|awk|txt|conf|lock)$|/$"
	LIBRARIES = "^(rte_|SSL_|CRYPTO_|CU_|LLVMFuzzer)"
}

FILENAME == ARGV[1] {
	list[++count] = $0
	for (path = $0; !(path in known); sub(/\/[^\/]*$/, "", path)) {
		known[path]
		base = path
		sub(/.*\//, "", base)
		known_base[base]
	}
	next
}

FILENAME == ARGV[2] {
	functions[$0]
	next
}

FILENAME == ARGV[3] {
	targets[$0]
	next
}

function finding(why)
{
	print FILENAME ":" FNR ": " why
}

function is_path(word, quoted, parts, n, i)
{
	if (word !~ /^[A-Za-z0-9_.*?{},+-][A-Za-z0-9_.*?{},+\/-]*$/ || word !~ /[a-z]/ || word ~ /^out\//)
		return 0
	n = split(word, parts, "/")
	for (i = 1; i <= n; i++)
		if (parts[i] ~ /^[A-Z][A-Z]+([^A-Za-z0-9_]|$)/ && parts[i] !~ /^README/)
			return 0
	return word ~ TOP || quoted && word ~ ENDINGS && word !~ /^([*.]|rte_)/
}

# a/b/../c/ as a/c
function plain(path, parts, n, i, result)
{
	n = split(path, parts, "/")
	for (i = 1; i <= n; i++) {
		if (parts[i] == "..")
			sub(/(^|\/)[^\/]*$/, "", result)
		else if (parts[i] != "" && parts[i] != ".")
			result = result (result == "" ? "" : "/") parts[i]
	}
	return result
}

function matches(pattern, base_only, i, path)
{
	gsub(/[.+]/, "\\\\&", pattern)
	gsub(/\*/, ".*", pattern)
	gsub(/\?/, ".", pattern)
	for (i = 1; i <= count; i++) {
		path = list[i]
		if (base_only)
			sub(/.*\//, "", path)
		if (path ~ ("^" pattern "$"))
			return 1
	}
	return 0
}

function exists(word, beside)
{
	beside = FILENAME
	sub(/[^\/]*$/, "", beside)
	beside = plain(beside word)
	if (beside in known || plain(word) in known || word !~ /\// && word in known_base)
		return 1
	return word ~ /[*?]/ && (matches(beside) || matches(plain(word)) || word !~ /\// && matches(word, 1))
}

# net_{in,out}.c is net_in.c and net_out.c
function check_path(word, head, tail, parts, n, i)
{
	if (match(word, /\{[^{}]*\}/)) {
		head = substr(word, 1, RSTART - 1)
		tail = substr(word, RSTART + RLENGTH)
		n = split(substr(word, RSTART + 1, RLENGTH - 2), parts, ",")
		for (i = 1; i <= n; i++)
			check_path(head parts[i] tail)
	} else if (!exists(word)) {
		finding("there is no " word)
	}
}

function check_quoted(span, words, n, i)
{
	n = split(span, words, " ")
	for (i = 1; i <= n; i++) {
		if (words[i] ~ /\(\)$/)
			continue
		gsub(/^[.,;:"'()]+|[.,;:"'()]+$/, "", words[i])
		if (is_path(words[i], 1))
			check_path(words[i])
	}
	if (span ~ /^[A-Za-z0-9_]+\(\)$/) {
		sub(/\(\)$/, "", span)
		if (!(span in functions) && span !~ LIBRARIES)
			finding("no function " span "()")
	} else if (words[1] == "make" && match(words[2], /^[a-z][A-Za-z0-9_-]*/)) {
		words[2] = substr(words[2], 1, RLENGTH)
		if (!(words[2] in targets))
			finding("no target " words[2])
	}
}

function check_plain(span, words, n, i)
{
	gsub(/\|/, " ", span)
	n = split(span, words, " ")
	for (i = 1; i <= n; i++) {
		gsub(/^[^A-Za-z0-9_]+|[^A-Za-z0-9_\/*]+$/, "", words[i])
		if (is_path(words[i], 0))
			check_path(words[i])
	}
}

{
	spans = split($0, span, "`")
	for (s = 1; s <= spans; s++)
		if (s % 2 == 0 && s < spans)
			check_quoted(span[s])
		else
			check_plain(span[s])
}
