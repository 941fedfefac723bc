#!/usr/bin/python3
"""A host on a VLAN, for kernels that have none: it speaks tagged frames over a packet socket.

vlan_peer.py LINK TAG ping TARGET          prints "answered" once an echo comes back
vlan_peer.py LINK TAG silence TARGET       prints "silence" if nobody answers ARP or neighbour discovery for two seconds
vlan_peer.py LINK TAG get TARGET PATH      prints the status, the length of the body and its SHA-256
vlan_peer.py LINK TAG frames KIND COUNT    sends COUNT frames: arp, ping, untagged, double, service

Its addresses are 10.1.0.2/24 and fd01::2/64, the appliance's 10.1.0.1 and fd01::1 by default. It answers ARP and neighbour
solicitations for its own, and asks for TARGET's gateway, all with the tag. What is lost is sent again, for ten seconds.
"""
import hashlib
import socket
import struct
import sys
import time

from frames import checksum

MAC = bytes.fromhex("020000000064")
ALL = b"\xff" * 6
OWN4, OWN6 = socket.inet_aton("10.1.0.2"), socket.inet_pton(socket.AF_INET6, "fd01::2")
GATE4, GATE6 = socket.inet_aton("10.1.0.1"), socket.inet_pton(socket.AF_INET6, "fd01::1")
SOL_PACKET, PACKET_AUXDATA, PACKET_OUTGOING = 263, 8, 4
STATUS_VLAN = 1 << 4
ACK, PSH, SYN, FIN, RST = 0x10, 0x08, 0x02, 0x01, 0x04
PATIENCE_S, AGAIN_S = 10, 0.5


class Link:
    def __init__(self, name, tag):
        self.tag = tag
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.sock.bind((name, 3))
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)

    def send(self, dst, ethertype, payload, tags=None):
        tags = [(0x8100, self.tag)] if tags is None else tags
        head = dst + MAC + b"".join(struct.pack("!HH", kind, tag) for kind, tag in tags)
        self.sock.send((head + struct.pack("!H", ethertype) + payload).ljust(60, b"\0"))

    def receive(self, timeout_s):
        """The next frame with our tag, as its EtherType and what is behind; None in time."""
        end = time.monotonic() + timeout_s
        while (left := end - time.monotonic()) > 0:
            self.sock.settimeout(left)
            try:
                frame, aux, _, address = self.sock.recvmsg(4096, socket.CMSG_SPACE(20))
            except TimeoutError:
                return None
            if address[2] == PACKET_OUTGOING:
                continue
            kind, tci = struct.unpack("!H", frame[12:14])[0], None
            # the kernel puts a tag beside the frame
            for level, what, data in aux:
                if level == SOL_PACKET and what == PACKET_AUXDATA:
                    status, _, _, _, _, beside = struct.unpack("IIIHHH", data[:18])
                    tci = beside if status & STATUS_VLAN else None
            payload = frame[14:]
            if tci is None and kind == 0x8100:
                tci, kind = struct.unpack("!HH", payload[:4])
                payload = payload[4:]
            if tci is not None and tci & 0xFFF == self.tag:
                return kind, payload
        return None


class Host:
    """Addresses, neighbours, IP; packets for it come out of receive()."""

    def __init__(self, link, v6):
        self.link, self.v6 = link, v6
        self.own, self.gate = (OWN6, GATE6) if v6 else (OWN4, GATE4)
        self.gate_mac = None

    def resolve(self, patience_s=PATIENCE_S):
        end = time.monotonic() + patience_s
        while self.gate_mac is None and time.monotonic() < end:
            self.ask()
            again = time.monotonic() + AGAIN_S
            while self.gate_mac is None and time.monotonic() < again:
                self.receive(again - time.monotonic())
        return self.gate_mac is not None

    def ask(self):
        if not self.v6:
            self.link.send(ALL, 0x0806, arp(1, ALL, self.gate))
            return
        group = bytes.fromhex("ff0200000000000000000001ff") + self.gate[13:]
        body = bytes(4) + self.gate + b"\1\1" + MAC
        self.link.send(b"\x33\x33" + group[12:], 0x86DD, ip6(icmp6(135, 0, body, group), 58, group, 255))

    def send(self, payload, proto, dst):
        if self.v6:
            self.link.send(self.gate_mac, 0x86DD, ip6(payload, proto, dst))
        else:
            self.link.send(self.gate_mac, 0x0800, ip4(payload, proto, dst))

    def receive(self, timeout_s):
        """Protocol, source and payload of a packet for us; what ARP and ND want is done here."""
        got = self.link.receive(timeout_s)
        if got is None:
            return None
        kind, p = got
        if kind == 0x0806 and len(p) >= 28:
            self.arp_input(p)
        elif kind == 0x0800 and len(p) >= 20 and p[16:20] == OWN4:
            total, header = struct.unpack("!H", p[2:4])[0], (p[0] & 15) * 4
            return p[9], p[12:16], p[header:total]
        elif kind == 0x86DD and len(p) >= 40:
            length = struct.unpack("!H", p[4:6])[0]
            if p[6] == 58 and p[40] in (135, 136):
                self.nd_input(p[8:24], p[40:40 + length])
            elif p[24:40] == OWN6:
                return p[6], p[8:24], p[40:40 + length]
        return None

    def arp_input(self, p):
        operation, mac, sender, target = struct.unpack("!H", p[6:8])[0], p[8:14], p[14:18], p[24:28]
        if sender == GATE4 and not self.v6:
            self.gate_mac = mac
        if operation == 1 and target == OWN4:
            self.link.send(mac, 0x0806, arp(2, mac, sender))

    def nd_input(self, source, p):
        if p[0] == 136 and p[8:24] == self.gate and self.v6:
            self.gate_mac = p[26:32]
        elif p[0] == 135 and p[8:24] == OWN6 and len(p) >= 32:
            body = struct.pack("!I", 0x60000000) + OWN6 + b"\2\1" + MAC
            self.link.send(p[26:32], 0x86DD, ip6(icmp6(136, 0, body, source), 58, source, 255))


def arp(operation, mac, target):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, operation, MAC, OWN4,
                       bytes(6) if mac == ALL else mac, target)


def ip4(payload, proto, dst):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0x4000, 64, proto, 0, OWN4, dst)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(payload, proto, dst, hops=64):
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), proto, hops, OWN6, dst) + payload


def icmp6(kind, code, body, dst):
    head = struct.pack("!BBH", kind, code, 0) + body
    csum = checksum(OWN6 + dst + struct.pack("!II", len(head), 58) + head)
    return head[:2] + struct.pack("!H", csum) + head[4:]


def echo(v6, dst):
    body = struct.pack("!HH", 7, 1) + b"fairlead"
    if v6:
        return icmp6(128, 0, body, dst)
    head = struct.pack("!BBH", 8, 0, 0) + body
    return head[:2] + struct.pack("!H", checksum(head)) + head[4:]


def ping(host, dst):
    proto, reply = (58, 129) if host.v6 else (1, 0)
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        host.send(echo(host.v6, dst), proto, dst)
        again = time.monotonic() + AGAIN_S
        while time.monotonic() < again:
            got = host.receive(again - time.monotonic())
            if got and got[0] == proto and got[2][0] == reply and got[2][8:16] == b"fairlead":
                return True
    return False


class Conn:
    """A client's side of one TCP connection: one request, and all that comes in order."""

    def __init__(self, host, dst, request):
        self.host, self.dst, self.request = host, dst, request
        self.port = 20000 + int(time.time() * 1000) % 40000
        self.seq, self.ack, self.sent = 1000, 0, 0
        self.state, self.body = "opening", b""

    def emit(self, flags, data=b"", options=b""):
        seq = self.seq if flags & SYN else self.seq + 1 + (0 if data else self.sent)
        head = struct.pack("!HHIIBBHHH", self.port, 80, seq, self.ack,
                           (5 + len(options) // 4) << 4, flags, 60000, 0, 0) + options
        pseudo = self.host.own + self.dst + (
            struct.pack("!II", len(head) + len(data), 6) if self.host.v6
            else struct.pack("!BBH", 0, 6, len(head) + len(data)))
        csum = checksum(pseudo + head + data)
        self.host.send(head[:16] + struct.pack("!H", csum) + head[18:] + data, 6, self.dst)

    def say_again(self):
        if self.state == "opening":
            self.emit(SYN, options=struct.pack("!BBH", 2, 4, 1440 if self.host.v6 else 1460))
        elif self.state == "asking":
            self.emit(ACK | PSH, self.request)
        else:
            self.emit(ACK)

    def segment(self, p):
        sport, dport, seq, ack = struct.unpack("!HHII", p[:12])
        flags, data = p[13], p[(p[12] >> 4) * 4:]
        if sport != 80 or dport != self.port:
            return
        if flags & RST:
            self.state = "reset"
            return
        if self.state == "opening":
            if flags & (SYN | ACK) == SYN | ACK and ack == self.seq + 1:
                self.ack, self.state = seq + 1, "asking"
                self.say_again()
            return
        if flags & SYN:
            self.emit(ACK)
            return
        if self.state == "asking" and ack == self.seq + 1 + len(self.request):
            self.sent, self.state = len(self.request), "reading"
        if seq == self.ack and (data or flags & FIN):
            self.body += data
            self.ack = (seq + len(data) + (1 if flags & FIN else 0)) & 0xFFFFFFFF
            self.state = "done" if flags & FIN else self.state
        if data or flags & FIN:
            self.emit(ACK)

    def run(self):
        end = again = time.monotonic()
        end += PATIENCE_S
        while self.state not in ("done", "reset") and (now := time.monotonic()) < end:
            if now >= again:
                self.say_again()
                again = now + AGAIN_S
            got = self.host.receive(max(again - now, 0.001))
            if got and got[0] == 6 and got[1] == self.dst and len(got[2]) >= 20:
                self.segment(got[2])
                again, end = time.monotonic() + AGAIN_S, time.monotonic() + PATIENCE_S
        self.emit(RST | ACK)
        return self.body if self.state == "done" else None


def get(host, dst, path):
    request = f"GET {path} HTTP/1.0\r\nHost: vlan\r\n\r\n".encode()
    answer = Conn(host, dst, request).run()
    if answer is None:
        return "no answer"
    head, _, body = answer.partition(b"\r\n\r\n")
    return f"{head.split()[1].decode()} {len(body)} {hashlib.sha256(body).hexdigest()}"


def send_frames(link, kind, count):
    box = bytes.fromhex("020000000001")
    tag, payload = link.tag, ip4(echo(False, GATE4), 1, GATE4)
    tags = {"untagged": [], "double": [(0x8100, tag), (0x8100, tag)], "service": [(0x88A8, tag)]}.get(kind)
    for _ in range(count):
        if kind == "arp":
            link.send(ALL, 0x0806, arp(1, ALL, GATE4))
        else:
            link.send(box, 0x0800, payload, tags)


def main():
    link = Link(sys.argv[1], int(sys.argv[2]))
    what = sys.argv[3]
    if what == "frames":
        send_frames(link, sys.argv[4], int(sys.argv[5]))
        return
    v6 = ":" in sys.argv[4]
    dst = socket.inet_pton(socket.AF_INET6 if v6 else socket.AF_INET, sys.argv[4])
    host = Host(link, v6)
    if what == "silence":
        print("answered" if host.resolve(2) else "silence")
        return
    if not host.resolve():
        sys.exit("no answer to ARP or neighbour discovery")
    if what == "ping":
        print("answered" if ping(host, dst) else "silence")
    else:
        print(get(host, dst, sys.argv[5]))


main()
