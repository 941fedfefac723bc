#!/usr/bin/env -S python3 -B
"""What is in the tree belongs there: the top level, no binaries, no keys, nothing of the machine it was written on.

The machine's own names (registries, the checkout's folder) are read from the machine, never listed here.
"""
import glob
import os
import re

import lint

TOP_FILES = {"Makefile", "README.md"}
TOP_FOLDERS = {"fw", "drivers", "dataplane", "mgmt", "board", "images", "test"}
BYTES_ALLOWED = ("test/fuzz/corpus/",)  # seeds are what comes over the wire
SIZE_MAX = 1 << 20
PRIVATE_KEY = b"-----BEGIN " + rb"(?:[A-Z]+ )*PRIVATE KEY-----"
EVERYBODYS = {"/var/tmp", "/usr/local", "/usr/src"}


def registry_hosts():
    sources = ["/etc/apt/sources.list", *glob.glob("/etc/apt/sources.list.d/*"), "/etc/pip.conf", "/etc/npmrc",
               *map(os.path.expanduser, ("~/.npmrc", "~/.config/pip/pip.conf", "~/.pip/pip.conf"))]
    hosts = set()
    for path in filter(os.path.isfile, sources):
        hosts |= set(re.findall(r"^(?!\s*#).*?[a-z]+://(?:[^/@\s]*@)?([^/:\s]+)", lint.text(path), re.M))
    return {host for host in hosts if "." in host}


def machine_paths():
    top = os.getcwd()
    above = os.path.dirname(top)
    # A folder right below / may be called like one of ours.
    return {top + "/"} | ({above + "/"} if above.count("/") > 1 and above not in EVERYBODYS else set())


def check(path, names):
    first, _, below = path.partition("/")
    if not first.startswith(".") and first not in (TOP_FOLDERS if below else TOP_FILES):
        yield f"{path}: the top level holds nothing else than {', '.join(sorted(TOP_FOLDERS | TOP_FILES))}"
    if os.path.getsize(path) > SIZE_MAX:
        yield f"{path}: larger than {SIZE_MAX} bytes"
        return
    with open(path, "rb") as file:
        content = file.read()
    if path.startswith(BYTES_ALLOWED):
        return
    if b"\0" in content:
        yield f"{path}: is a binary"
    if re.search(PRIVATE_KEY, content):
        yield f"{path}: holds a private key"
    for name in names:
        if re.search(rb"(?<![\w.-])" + re.escape(name.encode()), content):
            yield f"{path}: names {'a package registry' if '/' not in name else 'a path'} of this machine"


def main():
    names = registry_hosts() | machine_paths()
    lint.done("tree", [why for path in lint.files() for why in check(path, names)])


main()
