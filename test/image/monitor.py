#!/usr/bin/python3
"""The hand at the machine's case: one command of QEMU's monitor.

monitor.py COMMAND [NAME=VALUE...]    monitor.py set_link name=p0 up=false; prints what it answers
"""
import json
import socket
import sys

SOCKET = "/run/fairlead-lab/monitor.sock"


def answer(lines):
    for line in lines:
        message = json.loads(line)
        if "return" in message:
            return message["return"]
        if "error" in message:
            sys.exit(message["error"]["desc"])
    sys.exit("the monitor hung up")


def ask(stream, command, arguments):
    stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    stream.flush()
    return answer(stream)


def value(text):
    return {"true": True, "false": False}.get(text, text)


def main():
    arguments = {name: value(text) for name, text in (pair.split("=", 1) for pair in sys.argv[2:])}
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(30)
        sock.connect(SOCKET)
        with sock.makefile("rw") as stream:
            stream.readline()  # its greeting
            ask(stream, "qmp_capabilities", {})
            print(json.dumps(ask(stream, sys.argv[1], arguments)))


main()
