#!/usr/bin/env -S python3 -B
"""Each row of a table is used and tested as tables.txt says, and complete."""
import os
import re

import lint

NOT_TESTS = ("test/lint/",)


def rows(path, macro):
    """(line, cells) of each MACRO(...) row; cells are as written, strings with their quotes."""
    code = lint.code(path)
    code = re.sub(r"^[ \t]*#.*$", lambda match: " " * len(match[0]), code, flags=re.M)
    cell = r'(?:"(?:\\.|[^"\\])*"|\((?:[^()"]*)\)|[^,()"])*'
    for match in re.finditer(rf"^{macro}\(({cell}(?:,{cell})*)\)", code, re.M):
        cells = [" ".join(found.split()) for found in re.findall(rf"(?:^|,)({cell})", match[1])]
        yield code.count("\n", 0, match.start()) + 1, cells


def unread(path, macro):
    """How many rows are there that rows() does not understand."""
    return len(re.findall(rf"^{macro}\(", lint.code(path), re.M)) - len(list(rows(path, macro)))


def mentions(folders, endings, skip=()):
    """All words of the code there."""
    words = set()
    for path in lint.files(*endings):
        if path.startswith(tuple(folder + "/" for folder in folders)) and not path.startswith(skip):
            words |= set(re.findall(r"\w+", lint.code(path) if path.endswith((".c", ".h")) else lint.text(path)))
    return words


def check_table(path, prefix, folders, tested, nothing):
    used = mentions(folders, (".c", ".h")) if folders else set()
    tests = mentions(["test"], (".c", ".h"), NOT_TESTS)
    tests |= {prefix + word for word in mentions(["test"], (".sh", ".py", ".story", ".txt"), NOT_TESTS)}
    seen = set()
    for line, cells in rows(path, "X"):
        name, where = prefix + cells[0], f"{path}:{line}"
        if cells[0] in seen:
            yield f"{where}: {cells[0]} is there twice"
        seen.add(cells[0])
        if "" in cells or '""' in cells:
            yield f"{where}: {cells[0]} has an empty cell"
        if name in nothing or not folders:
            continue
        if name not in used:
            yield f"{where}: {name} is raised nowhere in {' or '.join(folders)}"
        if tested and name not in tests:
            yield f"{where}: no test names {name}"
    if not seen or unread(path, "X"):
        yield f"{path}: has no rows, or some that can't be read"


def check_schema(path):
    names = ("noun", "member", "type", "unit", "default", "min", "max", "values", "help")
    seen = False
    for line, cells in rows(path, "FIELD"):
        seen = True
        field = dict(zip(names, cells))
        where = f"{path}:{line}: {field['noun']}.{field.get('member')}"
        if len(cells) != len(names):
            yield f"{where}: {len(cells)} cells, not {len(names)}"
            continue
        for cell in ("unit", "default", "min", "max", "help"):
            explained = cell == "default" and re.search(r"\b(empty|none)\b", field["help"])
            if field[cell] in ("", '""') and not explained:
                yield f"{where}: no {cell}"
    if not seen or unread(path, "FIELD"):
        yield f"{path}: has no rows, or some that can't be read"


def main():
    failures, nothing, named = [], set(), set()
    for _, line in lint.table_lines(lint.HERE / "tables.txt"):
        if line.startswith("nothing "):
            nothing |= set(line.split()[1:])
    for _, line in lint.table_lines(lint.HERE / "tables.txt"):
        head, _, rest = line.partition(":")
        verb, path, *prefix = head.split()
        if verb == "nothing":
            continue
        named.add(path)
        if not os.path.exists(path):
            failures.append(f"{path} does not exist")
        elif verb == "row":
            folders = rest.split()
            tested = "tested" in folders
            failures += check_table(path, prefix[0], [f for f in folders if f != "tested"], tested, nothing)
        elif verb == "schema":
            failures += check_schema(path)
        elif verb == "other" and rest.strip():
            failures += check_table(path, "", [], False, nothing)
        else:
            failures.append(f"test/lint/tables.txt: no such rule, or a rule without its reason: {line}")
    failures += [f"{path}: is not named in test/lint/tables.txt" for path in lint.files(".tbl") if path not in named]
    lint.done("tables", failures)


main()
