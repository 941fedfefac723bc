#!/usr/bin/env -S python3 -B
"""What the READMEs name is there: paths, functions written as `name()`, and targets written as `make name`.

A path is a word in backticks that ends in / or in a source file's ending, or any word that begins with a folder of the
top level. It is looked for beside the README and from the top; a bare file name may be anywhere in the
tree. Words with a placeholder (<noun>, NAME, $x), absolute paths and out/ are left alone.
"""
import fnmatch
import os
import re

import lint

TOP = ("fw/", "drivers/", "dataplane/", "mgmt/", "board/", "images/", "test/")
ENDINGS = (".c", ".h", ".md", ".tbl", ".mk", ".sh", ".py", ".txt", ".conf", ".lock")
OTHERS = ("rte_", "SSL_", "CRYPTO_", "CU_", "LLVMFuzzer")  # functions of libraries


def is_path(word, in_backticks):
    if not re.fullmatch(r"[\w.*?{},+-]+(/[\w.*?{},+-]*)*", word) or re.search(r"(^|/)(?!README|Makefile)[A-Z]{2,}\b", word):
        return False
    if word.startswith("out/") or not re.search(r"[a-z]", word):
        return False
    if word.startswith(TOP):
        return True
    return in_backticks and (word.endswith(ENDINGS) or word.endswith("/")) and not word.startswith(("*", ".", "rte_"))


def braces(word):
    """net_{in,out}.c as net_in.c and net_out.c."""
    match = re.search(r"\{([^{}]*)\}", word)
    if not match:
        return [word]
    return [path for middle in match[1].split(",") for path in braces(word[:match.start()] + middle + word[match.end():])]


def exists(word, readme, known):
    beside = os.path.normpath(os.path.join(os.path.dirname(readme), word))
    for candidate in {beside, os.path.normpath(word)}:
        if candidate in known or ("*" in candidate and fnmatch.filter(known, candidate)):
            return True
    return "/" not in word and any(fnmatch.fnmatch(os.path.basename(path), word) for path in known)


def definitions():
    names = set()
    for path in lint.files(".c", ".h"):
        code = lint.code(path)
        names |= set(re.findall(r"^(\w+)\(", code, re.M))  # the return type stands on its own line
        names |= set(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)\(", code, re.M))
        names |= set(re.findall(r"^[\w *]+?\*?(\w+)\([^;{}]*\)\s*\{", code, re.M))
    for path in lint.files(".sh"):
        names |= set(re.findall(r"^(\w+)\(\)", lint.text(path), re.M))
    for path in lint.files(".py"):
        names |= set(re.findall(r"^\s*def (\w+)\(", lint.text(path), re.M))
    return names


def targets():
    made = [path for path in lint.files("") if path.endswith(".mk") or path == "Makefile"]
    return {name for path in made for line in re.findall(r"^([\w. %-]+):(?!=)", lint.text(path), re.M) for name in line.split()}


def forbidden_functions():
    """The READMEs may say `malloc()` to say that there is none."""
    return set(re.findall(r"\w+", lint.text(lint.HERE / "symbols.txt")))


def words(line):
    quoted = [word for span in re.findall(r"`([^`]+)`", line) for word in span.split()]
    plain = re.sub(r"`[^`]+`", " ", line).replace("|", " ").split()
    for word in quoted:
        yield word.strip(".,;:\"'()" if not word.endswith("()") else ""), True
    for word in plain:
        yield re.sub(r"^\W+|[^\w/*]+$", "", word), False


def check(readme, known, defined, made, foreign):
    for number, line in enumerate(lint.text(readme).splitlines(), 1):
        where = f"{readme}:{number}"
        for word, in_backticks in words(line):
            if is_path(word, in_backticks):
                for path in braces(word):
                    if not exists(path, readme, known):
                        yield f"{where}: there is no {path}"
        for name in re.findall(r"`(\w+)\(\)`", line):
            if name not in defined and name not in foreign and not name.startswith(OTHERS):
                yield f"{where}: no function {name}()"
        for name in re.findall(r"`make ([a-z][\w-]*)", line):
            if name not in made:
                yield f"{where}: no target {name}"


def main():
    known = set(lint.files())
    known |= {parent for path in known for parent in parents(path)}
    facts = known, definitions(), targets(), forbidden_functions()
    lint.done("readmes", [why for readme in lint.files("README.md") for why in check(readme, *facts)])


def parents(path):
    while path := os.path.dirname(path):
        yield path


main()
