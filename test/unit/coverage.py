#!/usr/bin/env -S python3 -B
"""Which lines and branches the unit tests reached, by file, from what V=cov programs left in out/cov/obj."""
import json
import pathlib
import subprocess
import sys


def records(folder):
    for notes in sorted(pathlib.Path("out/cov/obj", folder).rglob("*.gcno")):
        if "obj/test/" in str(notes) or "unit_main" in str(notes):
            continue
        said = subprocess.run(["gcov", "--json-format", "--stdout", "-b", notes], capture_output=True, text=True).stdout
        for line in said.splitlines():
            yield from json.loads(line)["files"]


def share(reached):
    return 100 * sum(reached) / len(reached) if reached else 100


def main():
    lines, branches = {}, {}
    for record in records((sys.argv[1:] or [""])[0]):
        path = record["file"]
        if path.startswith("/"):
            continue
        for line in record["lines"]:
            key = path, line["line_number"]
            lines[key] = lines.get(key, False) or line["count"] > 0
            for number, branch in enumerate(line["branches"]):
                branches[*key, number] = branches.get((*key, number), False) or branch["count"] > 0
    print("lines %  branches %  file")
    for path in sorted({key[0] for key in lines}):
        print(f"{share([hit for key, hit in lines.items() if key[0] == path]):7.1f}"
              f"{share([hit for key, hit in branches.items() if key[0] == path]):12.1f}  {path}")


main()
