#!/usr/bin/python3
"""Sends frames that no sane host sends, for the lab's tests.

frames.py LINK KIND [COUNT]     COUNT frames (5) of one kind
frames.py LINK noise SEED COUNT good frames with random bytes changed, and random frames
frames.py list                  the kinds, a line each

A kind is named after the drop reason that the appliance should count; what follows a
slash tells kinds of one reason apart. Some are several frames, one after the other.
"""
import random
import socket
import struct
import sys

CLIENT_MAC = bytes.fromhex("020000000002")
BOX_MAC = bytes.fromhex("020000000001")
CLIENT4, BOX4, HTTP4 = (socket.inet_aton(a) for a in ("10.0.0.2", "10.0.0.1", "10.0.0.100"))
CLIENT6, HTTP6 = (socket.inet_pton(socket.AF_INET6, a) for a in ("fd00::2", "fd00::100"))


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def eth(payload, ethertype, dst=BOX_MAC, src=CLIENT_MAC):
    return dst + src + struct.pack("!H", ethertype) + payload


def ip4(payload, proto=6, src=CLIENT4, dst=HTTP4, version=4, header_words=5, fragment=0x4000,
        length=None, good=True, options=b"", ident=1):
    words = header_words + len(options) // 4
    total = 20 + len(options) + len(payload) if length is None else length
    head = struct.pack("!BBHHHBBH4s4s", version << 4 | words, 0, total, ident, fragment, 64, proto,
                       0, src, dst) + options
    csum = checksum(head) if good else checksum(head) ^ 0x5555
    return eth(head[:10] + struct.pack("!H", csum) + head[12:] + payload, 0x0800)


def tcp6(flags, **rest):
    return tcp(flags, src=CLIENT6, dst=HTTP6, **rest)


def ip6(payload, proto=6, src=CLIENT6, dst=HTTP6, hops=64, length=None):
    length = len(payload) if length is None else length
    return eth(struct.pack("!IHBB16s16s", 6 << 28, length, proto, hops, src, dst) + payload, 0x86DD)


def tcp(flags, dport=80, sport=40001, data=b"", words=5, good=True, src=CLIENT4, dst=HTTP4,
        options=b""):
    head = struct.pack("!HHIIBBHHH", sport, dport, 1000, 2000, (words + len(options) // 4) << 4,
                       flags, 8192, 0, 0) + options
    pseudo = src + dst + (struct.pack("!BBH", 0, 6, len(head) + len(data)) if len(src) == 4
                          else struct.pack("!II", len(head) + len(data), 6))
    csum = checksum(pseudo + head + data)
    if not good:
        csum ^= 0x5555
    return head[:16] + struct.pack("!H", csum) + head[18:] + data


def icmp(kind, good=True, data=b"fairlead"):
    head = struct.pack("!BBHHH", kind, 0, 0, 7, 1) + data
    csum = checksum(head) if good else checksum(head) ^ 0x5555
    return head[:2] + struct.pack("!H", csum) + head[4:]


def icmp6(kind, body, good=True):
    head = struct.pack("!BBH", kind, 0, 0) + body
    pseudo = CLIENT6 + HTTP6 + struct.pack("!II", len(head), 58)
    csum = checksum(pseudo + head) if good else checksum(pseudo + head) ^ 0x5555
    return head[:2] + struct.pack("!H", csum) + head[4:]


def arp(hlen=6, op=1, sender=CLIENT4, target=HTTP4):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, hlen, 4, op, CLIENT_MAC, sender, bytes(6), target)


def fragment4(ident, start, end):
    """A piece of a datagram that is never whole."""
    return ip4(bytes(end - start), fragment=0x2000 | start // 8, ident=ident)


def fragment6(ident, start, end):
    return ip6(struct.pack("!BBHI", 6, 0, start | 1, ident) + bytes(end - start), proto=44)


ACK, SYN, FIN, RST = 0x10, 0x02, 0x01, 0x04

KINDS = {
    "eth_not_for_us": eth(bytes(46), 0x0800, dst=bytes.fromhex("0200000000ee")),
    "eth_type_unknown": eth(bytes(46), 0x1234),
    "eth_vlan_unknown": eth(struct.pack("!HH", 77, 0x0800) + bytes(46), 0x8100),
    "arp_malformed": eth(arp(hlen=8), 0x0806),
    "nd_malformed": ip6(icmp6(135, bytes(4) + HTTP6), proto=58, hops=64),
    "arp_not_for_us": eth(arp(target=socket.inet_aton("10.0.0.77")), 0x0806),
    "arp_address_conflict": eth(arp(sender=HTTP4), 0x0806),
    "ip_truncated": ip4(tcp(SYN), length=400),
    "ip_version": ip4(tcp(SYN), version=5),
    "ip_header_length": ip4(tcp(SYN), header_words=3),
    "ip_checksum": ip4(tcp(SYN), good=False),
    "ip_source_invalid": ip4(tcp(SYN), src=socket.inet_aton("127.0.0.1")),
    "ip_not_for_us": ip4(tcp(SYN), dst=socket.inet_aton("10.0.0.77")),
    "ip_source_own": ip4(tcp(SYN), src=BOX4),
    "ip_source_broadcast": ip4(tcp(SYN), src=socket.inet_aton("10.0.0.255")),
    "ip_broadcast": ip4(tcp(SYN), dst=socket.inet_aton("10.0.0.255")),
    "ip_options": ip4(tcp(SYN), options=b"\x07\x09\x04\0\0\0\0\0"),
    "ip_source_route": ip4(tcp(SYN), options=b"\x01\x83\x07\x04" + BOX4),
    "ip_fragment_length": ip4(tcp(SYN), fragment=0x2000),
    "ip_fragment_too_long": ip4(bytes(8), fragment=0x1fff),
    "ip_fragment_tiny": ip4(tcp(SYN)[:16], fragment=0x2000),
    "ip_fragment_overlap": [fragment4(8, 64, 128), fragment4(8, 96, 160)],
    "ip_fragment_duplicate": [fragment4(9, 64, 128)] * 2,
    "ip_protocol_unknown": ip4(bytes(20), proto=253),
    "icmp_truncated": ip4(b"\x08\0\0", proto=1),
    "icmp_checksum": ip4(icmp(8, good=False), proto=1),
    "icmp_type_unknown": ip4(icmp(42), proto=1),
    "icmp_error_unmatched": ip4(icmp(3, data=ip4(tcp(ACK, sport=80, dport=55555), src=HTTP4,
                                                  dst=CLIENT4)[14:42]), proto=1),
    "ip_truncated/6": ip6(tcp6(SYN), length=400),
    "ip_source_invalid/6": ip6(tcp6(SYN), src=socket.inet_pton(socket.AF_INET6, "::1")),
    "ip_not_for_us/6": ip6(tcp6(SYN), dst=socket.inet_pton(socket.AF_INET6, "fd00::77")),
    "ip_source_own/6": ip6(tcp6(SYN), src=HTTP6),
    "ip_fragment_length/6": ip6(struct.pack("!BBHI", 6, 0, 1, 7) + tcp6(SYN), proto=44),
    "ip_fragment_overlap/6": [fragment6(8, 64, 128), fragment6(8, 96, 160)],
    "ip_fragment_duplicate/6": [fragment6(9, 64, 128)] * 2,
    "ip_fragment_tiny/6": ip6(struct.pack("!BBHI", 6, 0, 1, 7) + bytes(8), proto=44),
    "ip_extension_header": ip6(struct.pack("!BBBBI", 6, 0, 0, 1, 0) + tcp6(SYN), proto=43),
    "ip_protocol_unknown/6": ip6(bytes(20), proto=253),
    "icmp_checksum/6": ip6(icmp6(128, b"\0\1\0\1fairlead", good=False), proto=58),
    "tcp_checksum/6": ip6(tcp6(SYN, good=False)),
    "tcp_no_listener/6": ip6(tcp6(SYN, dport=81)),
    "tcp_no_connection/6": ip6(tcp6(ACK, data=b"nobody knows me")),
    "tcp_truncated": ip4(tcp(SYN, words=9)),
    "tcp_checksum": ip4(tcp(SYN, good=False)),
    "tcp_flags": ip4(tcp(SYN | FIN)),
    "tcp_options": ip4(tcp(SYN, options=b"\x02\x00\x05\xb4")),
    "tcp_port_zero": ip4(tcp(SYN, dport=0)),
    "tcp_no_listener": ip4(tcp(SYN, dport=81)),
    "tcp_no_connection": ip4(tcp(ACK, data=b"nobody knows me")),
}

NOISE_BASES = [
    ip4(tcp(SYN, sport=50000)), ip4(tcp(ACK, sport=50001, data=b"GET / HTTP/1.1\r\n\r\n")),
    ip4(tcp(RST, sport=50002)), ip4(icmp(8), proto=1), eth(arp(), 0x0806),
    ip6(tcp(SYN, src=CLIENT6, dst=HTTP6)), ip6(icmp6(128, b"\0\1\0\1fairlead"), proto=58),
    ip6(icmp6(135, bytes(4) + HTTP6), proto=58, hops=255),
    ip4(tcp(SYN, sport=50003, options=b"\x02\x04\x05\xb4\x01\x03\x03\x07")),
]


def noise(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        frame = bytearray(rng.choice(NOISE_BASES))
        if rng.random() < 0.1:
            frame = bytearray(BOX_MAC + CLIENT_MAC + rng.randbytes(rng.randrange(2, 1400)))
        else:
            for _ in range(rng.randrange(1, 6)):
                frame[rng.randrange(12, len(frame))] = rng.randrange(256)
            if rng.random() < 0.3:
                del frame[rng.randrange(14, len(frame)):]
        yield bytes(frame)


def main():
    if sys.argv[1:] == ["list"]:
        print("\n".join(KINDS))
        return
    link, kind = sys.argv[1:3]
    if kind == "noise":
        frames = noise(int(sys.argv[3]), int(sys.argv[4]))
    else:
        frames = KINDS[kind] if isinstance(KINDS[kind], list) else [KINDS[kind]]
        frames = frames * int(sys.argv[3] if len(sys.argv) > 3 else 5)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as out:
        out.bind((link, 0))
        for frame in frames:
            out.send(frame)


if __name__ == "__main__":
    main()
