# Reads tables.txt, the lines of all tables and of C as c_code prints them, the words of other tests (FILE, word), and the
# list of tables.

BEGIN {
	FIELD_CELLS = split("noun member type unit default min max values help", field_names, " ")
}

# ------------------------------------------------------------------------------------------------ what is owed
FILENAME == ARGV[1] {
	sub(/#.*/, "")
	if (NF == 0)
		next
	rule = $0
	rest = ""
	if (colon = index($0, ":")) {
		rest = substr($0, colon + 1)
		$0 = substr($0, 1, colon - 1)
	}
	if ($1 == "nothing") {
		for (i = 2; i <= NF; i++)
			nothing[$i]
		next
	} else if ($1 == "row" && NF == 3 && rest != "") {
		prefix[$2] = $3
		tested[$2] = sub(/ tested *$/, "", rest)
		folders[$2] = rest
	} else if ($1 == "schema" || $1 == "other" && rest ~ /[^ ]/) {
		;
	} else {
		print "test/lint/tables.txt:" FNR ": no such rule, or a rule without its reason: " rule
		next
	}
	kind[$2] = $1
	next
}

# ------------------------------------------------------------------------------------------------- what is there
# The rows of a table. One may be longer than a line; it begins at the left with its macro's name.
FILENAME == ARGV[2] {
	split($0, at, "\t")
	text = substr($0, length(at[1]) + length(at[2]) + 3)
	if (at[1] != table)
		end_of_table()
	table = at[1]
	if (!(table in kind) || text ~ /^[ \t]*#/)
		next
	if (text ~ (kind[table] == "schema" ? "^FIELD\\(" : kind[table] == "other" ? "^[A-Z]+\\(" : "^X\\(")) {
		end_of_table()
		line = at[2]
		is_x = text ~ /^X\(/
		sub(/^[A-Z]+\(/, "", text)
		in_row = 1
		row = ""
	}
	if (in_row) {
		row = row " " text
		if (read_cells(row)) {
			in_row = 0
			take_row()
		}
	}
	next
}

# A row that never ended.
function end_of_table()
{
	if (in_row)
		print table ":" line ": this row can't be read; it has no end"
	in_row = 0
}

# cells[1..cell_count] of a row's text behind the opening parenthesis; 0 if it does not end here.
function read_cells(text, depth)
{
	cell_count = 0
	cell = ""
	while (match(text, /["(),]/)) {
		cell = cell substr(text, 1, RSTART - 1)
		text = substr(text, RSTART)
		if (text ~ /^"/) {
			if (!match(text, /^"([^"\\]|\\.)*"/))
				return 0
			cell = cell substr(text, 1, RLENGTH)
			text = substr(text, RLENGTH + 1)
			continue
		}
		if (!depth && text ~ /^[,)]/)
			end_of_cell()
		else
			cell = cell substr(text, 1, 1)
		if (text ~ /^\(/)
			depth++
		if (text ~ /^\)/ && depth-- == 0)
			return 1
		text = substr(text, 2)
	}
	return 0
}

function end_of_cell()
{
	gsub(/[ \t]+/, " ", cell)
	gsub(/^ | $/, "", cell)
	cells[++cell_count] = cell
	cell = ""
}

function take_row(i, name)
{
	where = table ":" line ": "
	rows[table]++
	if (kind[table] == "other" && !is_x)	# cells of its own kind
		return
	if (kind[table] == "schema") {
		take_field()
		return
	}
	if ((table, cells[1]) in there)
		print where cells[1] " is there twice"
	there[table, cells[1]]
	for (i = 1; i <= cell_count; i++)
		if (cells[i] == "" || cells[i] == "\"\"")
			print where cells[1] " has an empty cell"
	name = prefix[table] cells[1]
	if (kind[table] == "row" && !(name in nothing)) {
		names[++name_count] = name
		name_where[name_count] = where
		table_of[name] = table
		bare[cells[1]] = bare[cells[1]] " " name
	}
}

function take_field(i, name)
{
	where = where cells[1] "." cells[2] ": "
	if (cell_count != FIELD_CELLS) {
		print where cell_count " cells, not " FIELD_CELLS
		return
	}
	for (i = 4; i <= FIELD_CELLS; i++) {
		name = field_names[i]
		if (cells[i] != "" && cells[i] != "\"\"" || name == "values")
			continue
		# An empty text as the default is fine if the help says what that means.
		if (name != "default" || cells[FIELD_CELLS] !~ /(^|[^a-z])(empty|none)([^a-z]|$)/)
			print where "no " name
	}
}

# ------------------------------------------------------------------------------------------------- where names are
function found(name, path)
{
	if (path ~ /^test\//)
		in_tests[name]
	if (!((name, path) in noted)) {
		noted[name, path]
		paths[name] = paths[name] " " path
	}
}

FILENAME == ARGV[3] {
	path = $1
	n = split($0, words, /[^A-Za-z0-9_]+/)
	for (i = 1; i <= n; i++)
		if (words[i] in table_of)
			found(words[i], path)
	next
}

FILENAME == ARGV[4] {
	if ($2 in bare) {
		n = split(bare[$2], words, " ")
		for (i = 1; i <= n; i++)
			in_tests[words[i]]
	}
	next
}

!($0 in kind) {
	print $0 ": is not named in test/lint/tables.txt; say there what its rows owe"
}

# ------------------------------------------------------------------------------------------------- what is missing
function is_in(name, where, list, n, i)
{
	n = split(where, list, " ")
	for (i = 1; i <= n; i++)
		if (index(paths[name], " " list[i] "/"))
			return 1
	return 0
}

function either(list)
{
	gsub(/^ +| +$/, "", list)
	gsub(/ +/, " or ", list)
	return list
}

END {
	end_of_table()
	for (i = 1; i <= name_count; i++) {
		name = names[i]
		where = folders[table_of[name]]
		if (!is_in(name, where))
			print name_where[i] name " is raised nowhere in " either(where) "; raise it or drop the row"
		if (tested[table_of[name]] && !(name in in_tests))
			print name_where[i] "no test names " name "; provoke it in one"
	}
	for (table in kind)
		if (!rows[table])
			print table ": has no rows"
}
