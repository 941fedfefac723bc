#!/usr/bin/env -S python3 -B
"""The undefined symbols of the stack's objects hold nothing that symbols.txt forbids.

symbols.py [OUT]: OUT is the variant's folder, out/release if not given.
"""
import fnmatch
import os
import re
import subprocess
import sys

import lint


def rules():
    objects, forbidden, exceptions = [], [], []
    for number, line in lint.table_lines(lint.HERE / "symbols.txt"):
        head, _, why = line.partition(":")
        verb, *words = head.split()
        if verb == "objects":
            objects.append((words[0], words[1:] or ["*"]))
        elif verb == "forbid" and why.strip():
            forbidden += [(pattern, why.strip()) for pattern in words]
        elif verb == "except" and why.strip():
            exceptions.append(tuple(words))
        else:
            sys.exit(f"symbols.txt:{number}: no such rule, or a rule without its reason")
    return objects, forbidden, exceptions


def undefined(archive):
    """(object, symbol) of an archive."""
    listing = subprocess.run(["nm", "-u", "-A", "--format=posix", archive], check=True, capture_output=True, text=True)
    for line in listing.stdout.splitlines():
        match = re.match(r".*\[(.+)\]: (\S+) [Uw]", line)
        if match:
            yield match[1], match[2].split("@")[0]


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else "out/release"
    objects, forbidden, exceptions = rules()
    failures = []
    for folder, patterns in objects:
        archive = f"{out}/lib/{folder.replace('/', '-')}.a"
        if not os.path.exists(archive):
            failures.append(f"{archive} is not built")
            continue
        for member, symbol in undefined(archive):
            if (member, symbol) in exceptions or not any(fnmatch.fnmatchcase(member, p) for p in patterns):
                continue
            failures += [f"{folder}/{member} calls {symbol}: {why}"
                         for pattern, why in forbidden if fnmatch.fnmatchcase(symbol, pattern)]
    lint.done("symbols", failures)


main()
