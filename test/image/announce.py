#!/usr/bin/python3
"""A router that announces itself: announce.py INTERFACE PREFIX (a /64). Three router advertisements to all nodes (RFC 4861
section 4.2), with a default route and a prefix to make addresses of."""
import socket
import struct
import sys
import time

interface, prefix = sys.argv[1:]
index = socket.if_nametoindex(interface)
head = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
option = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86400, 14400, 0) + socket.inet_pton(socket.AF_INET6, prefix)
with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as sender:
    sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    for _ in range(3):
        sender.sendto(head + option, ("ff02::1", 0, 0, index))
        time.sleep(0.5)
