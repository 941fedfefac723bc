#!/usr/bin/python3
"""Which TCP ports of a host accept connections.

scan.py ADDRESS FIRST LAST    prints them in one line
"""
import errno
import selectors
import socket
import sys
import time

AT_ONCE, PATIENCE_S, TRIES = 200, 2, 2


def attempt(address, ports):
    """Those of ports that are open, and those from which nothing came."""
    family, _, _, _, target = socket.getaddrinfo(address, 1, type=socket.SOCK_STREAM)[0]
    waiting, opened, silent = {}, [], []
    with selectors.DefaultSelector() as selector:
        for port in ports:
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.connect_ex((target[0], port, *target[2:]))
            waiting[sock] = port
            selector.register(sock, selectors.EVENT_WRITE)
        end = time.monotonic() + PATIENCE_S
        while waiting and (left := end - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                sock = key.fileobj
                error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error == 0:
                    opened.append(waiting[sock])
                elif error != errno.ECONNREFUSED:
                    silent.append(waiting[sock])
                selector.unregister(sock)
                del waiting[sock]
                sock.close()
    silent += waiting.values()
    for sock in waiting:
        sock.close()
    return opened, silent


def main():
    address, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    found = []
    for start in range(first, last + 1, AT_ONCE):
        ports = list(range(start, min(start + AT_ONCE, last + 1)))
        for _ in range(TRIES):
            opened, ports = attempt(address, ports)
            found += opened
            if not ports or (not opened and len(ports) == AT_ONCE):
                break
    print(*sorted(found))


main()
