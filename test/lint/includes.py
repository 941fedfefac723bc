#!/usr/bin/env -S python3 -B
"""Each #include points in the direction that layers.txt allows, is written from the root, and exists."""
import os
import re

import lint

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def layers():
    allowed, denied = {}, {}
    for _, line in lint.table_lines(lint.HERE / "layers.txt"):
        folder, names = line.split(":")
        if folder.startswith("!"):
            denied[folder[1:]] = names.split()
        else:
            allowed[folder] = names.split()
    return allowed, denied


def layer_of(path, allowed):
    return max((folder for folder in allowed if path.startswith(folder + "/")), key=len, default=None)


def within(path, folder):
    return path.startswith(folder + "/")


def check(path, number, kind, name, allowed, denied):
    own = layer_of(path, allowed)
    if own is None:
        return "stands in no folder of test/lint/layers.txt"
    if kind == "<":
        if f"<{name}>" in denied.get(own, []):
            return f"<{name}> has no place in the stack"
        return f"<{name}> is ours: write it in quotes" if os.path.exists(name) else None
    if not os.path.exists(name) or ".." in name.split("/"):
        return f'"{name}" is not a file as seen from the root'
    # A folder's own files are its own, but those of a folder below it that is a layer of its own.
    if layer_of(name, allowed) == own or any(within(name, folder) for folder in allowed[own]):
        return None
    return f'{own} may not include "{name}"'


def main():
    allowed, denied = layers()
    failures = []
    for path in lint.files(".c", ".h", ".tbl"):
        for match in INCLUDE.finditer(lint.code(path)):
            number = lint.text(path).count("\n", 0, match.start()) + 1
            why = check(path, number, match[1], match[2], allowed, denied)
            if why:
                failures.append(f"{path}:{number}: {why}")
    lint.done("includes", failures)


main()
