/*
 * Conversations with libfairlead-tcp.so as a test driver from outside has them: it is loaded by name, and its header is all that
 * is known of it. A peer by hand talks IPv4 and IPv6; two stacks talk to each other over a wire that loses packets.
 *
 * Sequence numbers count from the initial ones: a SYN is 0, the first byte 1.
 *
 *	driver-talk LIBRARY
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/driver/fairlead-tcp.h"

#define FUNCTIONS(X)                                                                               \
	X(version)                                                                                 \
	X(new)                                                                                     \
	X(free)                                                                                    \
	X(packet_in)                                                                               \
	X(packet_out)                                                                              \
	X(advance)                                                                                 \
	X(next_us)                                                                                 \
	X(socket)                                                                                  \
	X(bind)                                                                                    \
	X(listen)                                                                                  \
	X(accept)                                                                                  \
	X(connect)                                                                                 \
	X(read)                                                                                    \
	X(write)                                                                                   \
	X(shutdown)                                                                                \
	X(close)                                                                                   \
	X(poll)                                                                                    \
	X(error)                                                                                   \
	X(local)                                                                                   \
	X(remote)                                                                                  \
	X(set_option)                                                                              \
	X(get_option)                                                                              \
	X(field)                                                                                   \
	X(field_named)                                                                             \
	X(counter)                                                                                 \
	X(drop)                                                                                    \
	X(open_count)                                                                              \
	X(packets_used)                                                                            \
	X(check)                                                                                   \
	X(hide_packets)

static struct {
#define X(name) __typeof__(fairlead_tcp_##name) *name;
	FUNCTIONS(X)
#undef X
} lib;

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, ECE = 64, CWR = 128 };

#define ISS_PEER 0xfffff800u /* wraps soon */
#define SECOND   1000000u

/* A segment of the peer, or one that came out. */
struct seg {
	unsigned flags;
	uint32_t seq, ack; /* from the initial ones */
	uint32_t len;
	uint32_t window;
	uint32_t mss;
	bool scale, sack_ok, ts;
	uint32_t ts_value, ts_echo;
	uint32_t sack_count, sack[4][2];
	bool fast_open;      /* of the peer: with the option, the cookie in it if there is one */
	uint32_t cookie_len; /* came out */
	uint8_t cookie[16];
	unsigned ecn; /* bits of the IP header: 0 no ECT, 2 ECT(0), 3 CE */
	bool damaged; /* of the peer: its checksum is wrong */
};

static struct fairlead_tcp *t;
static uint64_t now_us;
static uint32_t irs;  /* of the stack */
static bool v6;       /* what the peer talks */
static uint16_t port; /* of the stack */
static uint16_t peer_port;
static uint8_t last[1500];
static long last_len; /* the last datagram that came out */
static unsigned failures;

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			printf("FAIL driver %s: line %d: %s\n", __func__, __LINE__, #what);        \
			failures++;                                                                \
			return;                                                                    \
		}                                                                                  \
	} while (0)

/* ---- datagrams ---- */

static void
put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static void
put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v & 0xffff);
}

static uint32_t
get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t
get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static uint32_t
sum(uint32_t start, const uint8_t *at, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		start += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return start;
}

/* Of the TCP segment in a datagram; 0 if it is right. */
static uint32_t
tcp_checksum(const uint8_t *ip, uint32_t ip_len, uint32_t len)
{
	uint32_t addresses = ip_len == 20 ? 8 : 32;

	return 0xffff &
	       ~sum(sum(6 + len, ip + (ip_len == 20 ? 12 : 8), addresses), ip + ip_len, len);
}

static struct fairlead_tcp_address
address(bool peer, uint16_t at_port)
{
	struct fairlead_tcp_address a = { .family = v6 ? 6 : 4, .port = at_port };

	if (v6)
		memcpy(a.bytes, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
	else
		memcpy(a.bytes, "\x0a\0\0", 3);
	a.bytes[v6 ? 15 : 3] = peer ? 2 : 1;
	return a;
}

static uint8_t
pattern(uint32_t seq)
{
	return (uint8_t)(seq * 31 ^ seq >> 8);
}

static uint32_t
put_options(const struct seg *s, uint8_t *at)
{
	uint32_t len = 0;

	if (s->mss) {
		memcpy(at, "\2\4", 2);
		put16(at + 2, s->mss);
		len = 4;
	}
	if (s->scale) {
		memcpy(at + len, "\1\3\3\7", 4);
		len += 4;
	}
	if (s->sack_ok) {
		memcpy(at + len, "\1\1\4\2", 4);
		len += 4;
	}
	if (s->ts) {
		memcpy(at + len, "\1\1\x8\xa", 4);
		put32(at + len + 4, s->ts_value);
		put32(at + len + 8, s->ts_echo);
		len += 12;
	}
	if (s->fast_open) {
		memset(at + len, 1, (s->cookie_len + 5) & ~3u);
		at[len] = 34;
		at[len + 1] = (uint8_t)(2 + s->cookie_len);
		memcpy(at + len + 2, s->cookie, s->cookie_len);
		len += (s->cookie_len + 5) & ~3u;
	}
	if (s->sack_count) {
		memcpy(at + len, "\1\1\5", 3);
		at[len + 3] = (uint8_t)(2 + 8 * s->sack_count);
		for (uint32_t i = 0; i < s->sack_count; i++) {
			put32(at + len + 4 + i * 8, irs + s->sack[i][0]);
			put32(at + len + 8 + i * 8, irs + s->sack[i][1]);
		}
		len += 4 + 8 * s->sack_count;
	}
	return len;
}

/* The header of a datagram from the peer; answers its length. */
static uint32_t
put_ip(uint8_t *ip, unsigned protocol, uint32_t len, unsigned ecn)
{
	struct fairlead_tcp_address from = address(true, 0), to = address(false, 0);
	uint32_t ip_len = v6 ? 40 : 20;

	ip[0] = v6 ? 0x60 : 0x45;
	ip[1] = (uint8_t)(v6 ? ecn << 4 : ecn);
	put16(ip + (v6 ? 4 : 2), v6 ? len : ip_len + len);
	ip[v6 ? 7 : 8] = 64;
	ip[v6 ? 6 : 9] = (uint8_t)protocol;
	memcpy(ip + (v6 ? 8 : 12), from.bytes, v6 ? 16 : 4);
	memcpy(ip + (v6 ? 24 : 16), to.bytes, v6 ? 16 : 4);
	if (!v6)
		put16(ip + 10, 0xffff & ~sum(0, ip, 20));
	return ip_len;
}

/* The peer says something; what the stack answers with. */
static int
say(struct seg s)
{
	uint8_t ip[1600] = { 0 }, *tcp = ip + (v6 ? 40 : 20);
	uint32_t header, len, ip_len;

	header = 20 + put_options(&s, tcp + 20);
	len = header + s.len;
	put16(tcp, peer_port);
	put16(tcp + 2, port);
	put32(tcp + 4, ISS_PEER + s.seq);
	put32(tcp + 8, s.flags & ACK ? irs + s.ack : 0);
	tcp[12] = (uint8_t)(header / 4 << 4);
	tcp[13] = (uint8_t)s.flags;
	put16(tcp + 14, s.window);
	for (uint32_t i = 0; i < s.len; i++)
		tcp[header + i] = pattern(s.seq + !!(s.flags & SYN) + i);
	ip_len = put_ip(ip, 6, len, s.ecn);
	put16(tcp + 16, tcp_checksum(ip, ip_len, len) ^ s.damaged);
	return lib.packet_in(t, ip, ip_len + len, now_us);
}

#define SAY(...) say((struct seg){ .window = 65535, __VA_ARGS__ })

/* An ICMP error about the datagram that came out last; what the stack answers with. */
static int
complain(unsigned type, unsigned code)
{
	uint8_t ip[200] = { 0 };
	uint32_t ip_len = v6 ? 40 : 20, len = 8 + ip_len + 8;
	uint8_t *icmp = ip + ip_len;

	icmp[0] = (uint8_t)type;
	icmp[1] = (uint8_t)code;
	memcpy(icmp + 8, last, ip_len + 8);
	put_ip(ip, v6 ? 58 : 1, len, 0);
	put16(icmp + 2, 0xffff & ~sum(v6 ? sum(58 + len, ip + 8, 32) : 0, icmp, len));
	return lib.packet_in(t, ip, ip_len + len, now_us);
}

static void
read_options(const uint8_t *at, const uint8_t *end, struct seg *s)
{
	while (at < end && *at) {
		if (*at == 1) {
			at++;
			continue;
		}
		if (*at == 2)
			s->mss = get16(at + 2);
		if (*at == 34 && at[1] <= 18) {
			s->cookie_len = at[1] - 2u;
			memcpy(s->cookie, at + 2, s->cookie_len);
		}
		s->scale |= *at == 3;
		s->sack_ok |= *at == 4;
		if (*at == 8) {
			s->ts = true;
			s->ts_value = get32(at + 2);
			s->ts_echo = get32(at + 6);
		}
		for (uint32_t i = 0; *at == 5 && i < at[1] / 8u && i < 4; i++) {
			s->sack[i][0] = get32(at + 2 + i * 8) - ISS_PEER;
			s->sack[i][1] = get32(at + 6 + i * 8) - ISS_PEER;
			s->sack_count = i + 1;
		}
		at += at[1];
	}
}

/* The next segment that comes out; flags 0: none; UINT32_MAX: a datagram that is not well-formed. */
static struct seg
hear(void)
{
	uint32_t ip_len = v6 ? 40 : 20, header;
	const uint8_t *tcp = last + ip_len;
	struct seg s = { 0 };

	last_len = lib.packet_out(t, last, sizeof last, now_us);
	if (last_len <= 0)
		return s;
	header = (tcp[12] >> 4) * 4u;
	s.flags = tcp[13];
	if (s.flags & SYN) {
		irs = get32(tcp + 4);
		port = (uint16_t)get16(tcp);
	}
	s.seq = get32(tcp + 4) - irs;
	s.ack = s.flags & ACK ? get32(tcp + 8) - ISS_PEER : 0;
	s.len = (uint32_t)last_len - ip_len - header;
	s.window = get16(tcp + 14);
	s.ecn = v6 ? last[1] >> 4 & 3 : last[1] & 3;
	read_options(tcp + 20, tcp + header, &s);
	if (last[0] >> 4 != (v6 ? 6 : 4) || (!v6 && sum(0, last, 20) != 0xffff) ||
	    tcp_checksum(last, ip_len, (uint32_t)last_len - ip_len) != 0)
		s.flags = UINT32_MAX;
	for (uint32_t i = 0; i < s.len; i++)
		if (tcp[header + i] != pattern(s.seq + i))
			s.flags = UINT32_MAX;
	return s;
}

static bool
hears(unsigned flags, uint32_t seq, uint32_t len, uint32_t ack)
{
	struct seg s = hear();

	if ((s.flags & ~(unsigned)PSH) == flags && s.seq == seq && s.len == len && s.ack == ack)
		return true;
	printf("# heard flags %#x seq %u len %u ack %u\n", s.flags, s.seq, s.len, s.ack);
	return false;
}

static bool
hears_nothing(void)
{
	return hears(0, 0, 0, 0);
}

/* On to what is due next. */
static void
next(void)
{
	uint64_t due_us = lib.next_us(t);

	if (due_us != UINT64_MAX && due_us > now_us)
		now_us = due_us;
	lib.advance(t, now_us);
	lib.check(t);
}

/* Until something comes out; false: nothing does for a minute. */
static struct seg
wait_to_hear(void)
{
	uint64_t until_us = now_us + 60 * SECOND;
	struct seg s = hear();

	while (!s.flags && lib.next_us(t) <= until_us) {
		next();
		s = hear();
	}
	return s;
}

/* ---- states ---- */

static void
begin(uint64_t seed)
{
	struct fairlead_tcp_settings settings = { .seed = seed, .packets = 512 };

	now_us = 1000 * (uint64_t)SECOND;
	port = 80;
	peer_port = 5000;
	if (lib.new(&settings, now_us, &t) != 0)
		abort();
}

/* All that has not ended is in TIME-WAIT or lingers: nothing is left once that is over. */
static void
end(const char *name)
{
	lib.check(t);
	for (int s = 0; s < 255; s++)
		(void)lib.close(t, s, now_us);
	for (unsigned i = 0; i < 1000 && lib.open_count(t); i++) {
		while (hear().flags)
			;
		next();
	}
	while (hear().flags)
		;
	if (lib.open_count(t) || lib.packets_used(t)) {
		printf("FAIL driver %s: %u connections and %u packets are left\n", name,
		       lib.open_count(t), lib.packets_used(t));
		failures++;
	}
	lib.free(t);
}

static int
listener(void)
{
	struct fairlead_tcp_address local = address(false, 80);
	int s = lib.socket(t);

	if (lib.bind(t, s, &local) || lib.listen(t, s, 4))
		return -1;
	return s;
}

/* A peer that offers all; answers the accepted socket. */
static int
accepted(int l)
{
	struct seg s;

	SAY(.flags = SYN, .mss = 1000, .sack_ok = true);
	s = hear();
	if (s.flags != (SYN | ACK) || s.ack != 1)
		return -1;
	now_us += 20000; /* the round trip */
	SAY(.flags = ACK, .seq = 1, .ack = 1);
	return lib.accept(t, l, NULL);
}

static bool
writes(int s, uint32_t from, uint32_t len)
{
	uint8_t bytes[8192];

	for (uint32_t i = 0; i < len; i++)
		bytes[i] = pattern(from + i);
	return lib.write(t, s, bytes, len, now_us) == (long)len;
}

static bool
reads(int s, uint32_t from, uint32_t len)
{
	uint8_t bytes[8192];

	if (lib.read(t, s, bytes, sizeof bytes, now_us) != (long)len)
		return false;
	for (uint32_t i = 0; i < len; i++)
		if (bytes[i] != pattern(from + i))
			return false;
	return true;
}

/* ---- conversations ---- */

static void
passive_open_is_accepted(void)
{
	struct fairlead_tcp_address peer, want = address(true, 5000);
	int l = listener(), s;
	struct seg answer;

	CHECK(l >= 0 && lib.accept(t, l, &peer) == -EAGAIN && lib.poll(t, l) == 0);
	CHECK(SAY(.flags = SYN, .mss = 1000, .sack_ok = true, .scale = true, .ts = true,
		  .ts_value = 7) == 0);
	answer = hear();
	CHECK(answer.flags == (SYN | ACK) && answer.ack == 1 && answer.mss == (v6 ? 1440 : 1460));
	CHECK(answer.scale && answer.sack_ok && answer.ts && answer.ts_echo == 7);
	CHECK(lib.accept(t, l, &peer) == -EAGAIN);
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 1, .ts = true, .ts_value = 8,
		  .ts_echo = answer.ts_value) == 0);
	CHECK(lib.poll(t, l) == FAIRLEAD_TCP_READABLE);
	s = lib.accept(t, l, &peer);
	CHECK(s >= 0 && peer.port == want.port && memcmp(peer.bytes, want.bytes, 16) == 0 &&
	      lib.poll(t, l) == 0);
	CHECK(lib.poll(t, s) == (FAIRLEAD_TCP_WRITABLE | FAIRLEAD_TCP_CONNECTED));
}

static int
connected(void)
{
	struct fairlead_tcp_address local = address(false, 0), remote = address(true, 5000);
	int s = lib.socket(t);

	if (lib.bind(t, s, &local) || lib.connect(t, s, &remote, now_us) || !hears(SYN, 0, 0, 0))
		return -1;
	SAY(.flags = SYN | ACK, .ack = 1, .mss = 1000);
	return hears(ACK, 1, 0, 1) ? s : -1;
}

static void
active_open_connects(void)
{
	struct fairlead_tcp_address local;
	int s = connected();

	CHECK(s >= 0 && lib.poll(t, s) == (FAIRLEAD_TCP_WRITABLE | FAIRLEAD_TCP_CONNECTED));
	CHECK(lib.local(t, s, &local) == 0 && local.port == port && port >= 1024);
	CHECK(lib.remote(t, s, &local) == 0 && local.port == 5000);
}

static void
reset_of_our_syn_refuses(void)
{
	struct fairlead_tcp_address local = address(false, 0), remote = address(true, 5000);
	int s = lib.socket(t);
	char byte;

	CHECK(lib.bind(t, s, &local) == 0 && lib.connect(t, s, &remote, now_us) == 0);
	CHECK(lib.read(t, s, &byte, 1, now_us) == -EAGAIN &&
	      lib.write(t, s, &byte, 1, now_us) == -EAGAIN);
	CHECK(hears(SYN, 0, 0, 0));
	CHECK(SAY(.flags = RST | ACK, .ack = 1) == 0);
	CHECK(lib.poll(t, s) & FAIRLEAD_TCP_CLOSED && lib.error(t, s) == -ECONNREFUSED);
	CHECK(lib.read(t, s, &byte, 1, now_us) == -ECONNREFUSED &&
	      lib.write(t, s, &byte, 1, now_us) == -EPIPE);
}

/* RFC 1122 4.2.3.9, 3.2.2.1, 4443 3.1: one that may pass is not the end. */
static void
hard_icmp_error_ends_an_open_and_a_soft_one_does_not(void)
{
	static const uint8_t soft[2][4] = { { 0, 1, 11, 12 }, { 0, 1, 3, 5 } };
	struct fairlead_tcp_address local = address(false, 0), remote = address(true, 5000);
	int s = lib.socket(t);

	CHECK(lib.bind(t, s, &local) == 0 && lib.connect(t, s, &remote, now_us) == 0);
	CHECK(hears(SYN, 0, 0, 0));
	for (unsigned i = 0; i < 4; i++)
		CHECK(complain(v6 ? 1 : 3, soft[v6][i]) == 0 && lib.error(t, s) == 0);
	CHECK(complain(v6 ? 4 : 12, 0) == 0 && lib.error(t, s) == 0);
	put32(last + (v6 ? 44 : 24), irs + 1); /* about what was never sent */
	CHECK(complain(v6 ? 1 : 3, v6 ? 4 : 3) > 0 && lib.error(t, s) == 0);
	put32(last + (v6 ? 44 : 24), irs);
	CHECK(complain(v6 ? 1 : 3, v6 ? 4 : 3) == 0 && lib.error(t, s) == -EHOSTUNREACH);
}

static void
unanswered_syn_backs_off_and_ends(void)
{
	struct fairlead_tcp_address local = address(false, 0), remote = address(true, 5000);
	uint64_t before_us, gap_us = 1000000;
	int s = lib.socket(t);

	CHECK(lib.set_option(t, s, FAIRLEAD_TCP_OPTION_SYN_RETRIES, 3) == 0);
	CHECK(lib.bind(t, s, &local) == 0 && lib.connect(t, s, &remote, now_us) == 0 &&
	      hears(SYN, 0, 0, 0));
	for (unsigned i = 0; i < 3; i++, gap_us *= 2) { /* RFC 6298 2.1, 5.5 */
		before_us = now_us;
		CHECK(wait_to_hear().flags == SYN);
		CHECK(now_us - before_us >= gap_us && now_us - before_us < gap_us + 10000);
	}
	CHECK(!wait_to_hear().flags && lib.error(t, s) == -ETIMEDOUT);
}

static void
data_goes_both_ways(void)
{
	int s = accepted(listener());

	CHECK(s >= 0 && writes(s, 1, 2500));
	CHECK(hears(ACK, 1, 1000, 1) && hears(ACK, 1001, 1000, 1) && hears(ACK, 2001, 500, 1) &&
	      hears_nothing());
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 2501, .len = 700) == 0);
	CHECK(reads(s, 1, 700) && lib.read(t, s, last, sizeof last, now_us) == -EAGAIN);
	CHECK(SAY(.flags = ACK, .seq = 701, .ack = 2501, .len = 1000) == 0 && reads(s, 701, 1000));
	CHECK(wait_to_hear().ack == 1701);
}

static void
lone_segment_is_acknowledged_late(void)
{
	int s = accepted(listener());
	uint64_t before_us;

	CHECK(s >= 0 && lib.set_option(t, s, FAIRLEAD_TCP_OPTION_DELAYED_ACK_US, 100000) == 0);
	SAY(.flags = ACK, .seq = 1, .ack = 1, .len = 100);
	while (wait_to_hear().flags)
		;
	before_us = now_us;
	CHECK(SAY(.flags = ACK, .seq = 101, .ack = 1, .len = 100) == 0 && hears_nothing());
	CHECK(wait_to_hear().ack == 201);
	/* RFC 9293 3.8.6.3; timers are kept by the millisecond or so */
	CHECK(now_us - before_us >= 100000 && now_us - before_us < 102000);
	CHECK(SAY(.flags = ACK, .seq = 201, .ack = 1, .len = 1000) == 0 && hears_nothing());
	CHECK(SAY(.flags = ACK, .seq = 1201, .ack = 1, .len = 1000) == 0 && hear().ack == 2201);
}

static void
lost_segment_is_sent_again_in_time(void)
{
	int s = accepted(listener());
	struct fairlead_tcp_field rto;
	uint64_t sent_us, gap_us = 0;
	struct seg again;

	CHECK(s >= 0 && writes(s, 1, 500) && hears(ACK, 1, 500, 1));
	sent_us = now_us;
	again =
	    wait_to_hear(); /* the tail loss probe, RFC 8985 7: two round trips, here of 20 ms, and a delayed ACK */
	CHECK(again.seq == 1 && again.len == 500 && now_us - sent_us >= 40000 &&
	      now_us - sent_us <= 250000);
	CHECK(lib.field_named(t, s, "rto", now_us, &rto) == 0 && rto.value >= 200000);
	for (unsigned i = 0; i < 4; i++) { /* RFC 6298 5.5 */
		sent_us = now_us;
		again = wait_to_hear();
		CHECK(again.seq == 1 && again.len == 500);
		CHECK(!gap_us || i < 2 ||
		      (now_us - sent_us > gap_us * 19 / 10 && now_us - sent_us < gap_us * 21 / 10));
		gap_us = now_us - sent_us;
	}
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 501) == 0 && hears_nothing());
	CHECK(lib.field_named(t, s, "retransmits", now_us, &rto) == 0 && rto.value == 5);
}

static void
sacked_hole_is_filled_at_once(void)
{
	int s = accepted(listener());
	struct seg again;

	CHECK(s >= 0 && writes(s, 1, 5000));
	for (unsigned i = 0; i < 5; i++)
		CHECK(hears(ACK, 1 + 1000 * i, 1000, 1));
	now_us += 20000;
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 1, .sack_count = 1, .sack = { { 1001, 4001 } }) ==
	      0);
	again = hear();
	CHECK(again.seq == 1 && again.len == 1000);
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 5001) == 0 && hears_nothing());
}

static void
data_behind_a_hole_is_sacked(void)
{
	int s = accepted(listener());
	struct seg answer;

	CHECK(s >= 0 && SAY(.flags = ACK, .seq = 1001, .ack = 1, .len = 1000) == 0);
	answer = hear();
	CHECK(answer.ack == 1 && answer.sack_count == 1 && answer.sack[0][0] == 1001 &&
	      answer.sack[0][1] == 2001);
	CHECK(SAY(.flags = ACK, .seq = 3001, .ack = 1, .len = 500) == 0);
	answer = hear();
	CHECK(answer.sack_count == 2 && answer.sack[0][0] == 3001 && answer.sack[1][0] == 1001);
	CHECK(lib.read(t, s, last, sizeof last, now_us) == -EAGAIN);
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 1, .len = 1000) == 0 && reads(s, 1, 2000));
	CHECK(hear().ack == 2001);
	CHECK(SAY(.flags = ACK, .seq = 2001, .ack = 1, .len = 1000) == 0 && reads(s, 2001, 1500));
	CHECK(hear().ack == 3501);
}

static void
closed_window_is_probed(void)
{
	int s = accepted(listener());
	uint64_t sent_us = now_us;
	struct seg probe;

	CHECK(s >= 0 && say((struct seg){ .flags = ACK, .seq = 1, .ack = 1, .window = 0 }) == 0);
	CHECK(writes(s, 1, 100) && hears_nothing());
	for (unsigned i = 0; i < 20; i++) { /* however long it stays closed (RFC 9293 3.8.6.1) */
		probe = wait_to_hear();
		CHECK(probe.flags && probe.len <= 1 && now_us > sent_us);
		sent_us = now_us;
		CHECK(say((struct seg){ .flags = ACK, .seq = 1, .ack = 1, .window = 0 }) == 0);
	}
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 1) == 0);
	CHECK(hears(ACK, 1, 100, 1));
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 101) == 0 && lib.error(t, s) == 0);
}

static void
our_fin_comes_first(void)
{
	int s = accepted(listener());

	CHECK(s >= 0 && writes(s, 1, 10) && lib.shutdown(t, s, now_us) == 0);
	CHECK(lib.write(t, s, "x", 1, now_us) == -EPIPE && hears(ACK | FIN, 1, 10, 1));
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 12, .len = 50) == 0 &&
	      reads(s, 1, 50)); /* half-closed */
	CHECK(SAY(.flags = ACK | FIN, .seq = 51, .ack = 12) == 0 && hears(ACK, 12, 0, 52));
	CHECK(lib.read(t, s, last, 1, now_us) == 0 && lib.poll(t, s) & FAIRLEAD_TCP_CLOSED &&
	      lib.error(t, s) == 0);
	CHECK(lib.close(t, s, now_us) == 0 && lib.open_count(t) == 1); /* TIME-WAIT */
	CHECK(SAY(.flags = ACK | FIN, .seq = 51, .ack = 12) > 0 && hears(ACK, 12, 0, 52));
	now_us += 31 * SECOND;
	lib.advance(t, now_us);
	CHECK(lib.open_count(t) == 0);
}

static void
peers_fin_comes_first(void)
{
	int s = accepted(listener());

	CHECK(s >= 0 && SAY(.flags = ACK | FIN, .seq = 1, .ack = 1, .len = 20) == 0 &&
	      hears(ACK, 1, 0, 22));
	CHECK(lib.poll(t, s) & FAIRLEAD_TCP_EOF && reads(s, 1, 20) &&
	      lib.read(t, s, last, 1, now_us) == 0);
	CHECK(writes(s, 1, 30) && lib.close(t, s, now_us) == 0 && hears(ACK | FIN, 1, 30, 22));
	CHECK(SAY(.flags = ACK, .seq = 22, .ack = 32) == 0 && lib.open_count(t) == 0);
	CHECK(lib.read(t, s, last, 1, now_us) == -EBADF);
}

static void
both_fins_cross(void)
{
	int s = accepted(listener());

	CHECK(s >= 0 && lib.shutdown(t, s, now_us) == 0 && hears(ACK | FIN, 1, 0, 1));
	CHECK(SAY(.flags = ACK | FIN, .seq = 1, .ack = 1) == 0 && hears(ACK, 2, 0, 2));
	CHECK(!(lib.poll(t, s) & FAIRLEAD_TCP_CLOSED));
	CHECK(SAY(.flags = ACK, .seq = 2, .ack = 2) == 0 && lib.poll(t, s) & FAIRLEAD_TCP_CLOSED);
}

static void
reset_ends_the_connection(void)
{
	int s = accepted(listener());

	CHECK(s >= 0 && SAY(.flags = ACK, .seq = 1, .ack = 1, .len = 10) == 0);
	CHECK(SAY(.flags = RST, .seq = 100) > 0); /* not exact: challenged (RFC 5961 3.2) */
	CHECK(hear().ack == 11 && lib.error(t, s) == 0);
	CHECK(SAY(.flags = RST, .seq = 11) == 0 && lib.error(t, s) == -ECONNRESET);
	CHECK(reads(s, 1, 10) && lib.read(t, s, last, 1, now_us) == -ECONNRESET);
}

static void
close_with_abort_resets(void)
{
	int s = accepted(listener());

	CHECK(s >= 0 && lib.set_option(t, s, FAIRLEAD_TCP_OPTION_ABORT, 1) == 0 &&
	      lib.close(t, s, now_us) == 0);
	CHECK(hears(RST | ACK, 1, 0, 1) && lib.open_count(t) == 0);
}

static void
stranger_is_reset_and_damage_dropped(void)
{
	uint64_t count = 0;
	const char *name;
	int reason;

	reason = SAY(.flags = ACK, .seq = 9, .ack = 0, .len = 5);
	name = lib.drop(t, reason, &count);
	CHECK(name && strcmp(name, "tcp_no_connection") == 0 && count == 1);
	CHECK(hear().flags == RST);
	reason = SAY(.flags = SYN, .damaged = true);
	name = lib.drop(t, reason, &count);
	CHECK(name && strcmp(name, "tcp_checksum") == 0 && count == 1 && hears_nothing());
	CHECK(lib.packet_in(t, "\x45", 1, now_us) > 0 && lib.packet_in(t, last, 0, now_us) > 0);
	CHECK(!lib.drop(t, 0, NULL) && !lib.drop(t, 10000, NULL));
	CHECK(lib.counter(t, "tcp_conns_open") == 0 &&
	      lib.counter(t, "no_such_thing") == UINT64_MAX);
}

static void
fast_open_takes_text_with_the_syn(void)
{
	struct seg cookie = { .flags = SYN, .mss = 1000, .window = 65535, .fast_open = true };
	int l = listener(), s;
	struct seg answer;

	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_FAST_OPEN, 1) == 0 && say(cookie) == 0);
	answer = hear();
	CHECK(answer.flags == (SYN | ACK) && answer.ack == 1 && answer.cookie_len >= 4);
	cookie.cookie_len = answer.cookie_len;
	memcpy(cookie.cookie, answer.cookie, sizeof cookie.cookie);
	CHECK(SAY(.flags = RST | ACK, .seq = 1, .ack = 1) == 0 && lib.open_count(t) == 0);
	cookie.len = 100;
	CHECK(say(cookie) == 0);
	s = lib.accept(t, l, NULL);
	CHECK(s >= 0 && reads(s, 1, 100) && hears(SYN | ACK, 0, 0, 101));
	CHECK(SAY(.flags = ACK, .seq = 101, .ack = 1) == 0 && writes(s, 1, 50) &&
	      hears(ACK, 1, 50, 101));
	CHECK(SAY(.flags = RST, .seq = 101) == 0);
	cookie.cookie[0] ^= 1; /* not ours: an ordinary SYN */
	CHECK(say(cookie) == 0 && lib.accept(t, l, NULL) == -EAGAIN && hear().ack == 1);
}

static void
congestion_is_told_both_ways(void)
{
	int l = listener(), s;
	struct seg heard;

	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_ECN, 1) == 0);
	CHECK(SAY(.flags = SYN | ECE | CWR, .mss = 1000, .sack_ok = true) == 0);
	heard = hear();
	CHECK(heard.flags == (SYN | ACK | ECE) && heard.ecn == 0);
	now_us += 20000;
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 1) == 0);
	s = lib.accept(t, l, NULL);
	CHECK(s >= 0 && SAY(.flags = ACK, .seq = 1, .ack = 1, .len = 1000, .ecn = 3) == 0);
	heard = wait_to_hear();
	CHECK(heard.ack == 1001 &&
	      heard.flags & ECE); /* RFC 3168 6.1.3: until the peer has reacted */
	CHECK(SAY(.flags = ACK | CWR, .seq = 1001, .ack = 1, .len = 1000, .ecn = 2) == 0);
	CHECK(SAY(.flags = ACK, .seq = 2001, .ack = 1, .len = 1000, .ecn = 2) == 0);
	heard = wait_to_hear();
	CHECK(!(heard.flags & ECE) && reads(s, 1, 3000));
	while (wait_to_hear().flags)
		;
	CHECK(writes(s, 1, 3000));
	for (unsigned i = 0; i < 3; i++) {
		heard = hear();
		CHECK(heard.seq == 1 + 1000 * i && heard.ecn == 2 && !(heard.flags & CWR));
	}
	CHECK(SAY(.flags = ACK | ECE, .seq = 3001, .ack = 3001) == 0 && writes(s, 3001, 1000));
	heard = hear();
	CHECK(heard.seq == 3001 && heard.flags & CWR);
	CHECK(SAY(.flags = ACK, .seq = 3001, .ack = 4001) == 0);
}

static void
keep_alive_finds_a_dead_peer(void)
{
	int s = accepted(listener());
	uint64_t from_us = now_us;

	CHECK(s >= 0 &&
	      lib.set_option(t, s, FAIRLEAD_TCP_OPTION_KEEP_ALIVE_INTERVAL_MS, 1000) == 0);
	CHECK(lib.set_option(t, s, FAIRLEAD_TCP_OPTION_KEEP_ALIVE_PROBES, 3) == 0);
	CHECK(lib.set_option(t, s, FAIRLEAD_TCP_OPTION_KEEP_ALIVE_IDLE_MS, 10000) == 0);
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 1, .len = 1) == 0 && reads(s, 1, 1));
	while (wait_to_hear().flags && now_us - from_us < SECOND)
		;
	CHECK(now_us - from_us >= 10 * SECOND &&
	      now_us - from_us < 11 * SECOND); /* the first probe */
	while (wait_to_hear().flags)
		CHECK(now_us - from_us < 20 * SECOND);
	CHECK(lib.error(t, s) == -ETIMEDOUT);
}

static void
options_are_kept_and_checked(void)
{
	int l = listener(), s;
	uint32_t value = 0;

	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_NODELAY, 0) == 0);
	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_CONGESTION, 1) == 0);
	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_RECEIVE_BUFFER, 65536) == 0);
	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_RECEIVE_BUFFER, 1) == -EINVAL);
	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_DELAYED_ACK_US, 500000) == -EINVAL);
	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_ECN, 2) == -EINVAL);
	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_KEEP_ALIVE_PROBES, 255) == 0);
	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTION_KEEP_ALIVE_PROBES, 256) == -EINVAL);
	CHECK(lib.set_option(t, l, FAIRLEAD_TCP_OPTIONS, 0) == -ENOPROTOOPT);
	s = accepted(l);
	CHECK(s >= 0 && s != l);
	CHECK(lib.get_option(t, s, FAIRLEAD_TCP_OPTION_NODELAY, &value) == 0 && value == 0);
	CHECK(lib.get_option(t, s, FAIRLEAD_TCP_OPTION_CONGESTION, &value) == 0 && value == 1);
	CHECK(lib.get_option(t, s, FAIRLEAD_TCP_OPTION_RECEIVE_BUFFER, &value) == 0 &&
	      value == 65536);
	CHECK(lib.set_option(t, s, FAIRLEAD_TCP_OPTION_NODELAY, 1) ==
	      0); /* its own, not the listener's */
	CHECK(lib.get_option(t, l, FAIRLEAD_TCP_OPTION_NODELAY, &value) == 0 && value == 0);
	CHECK(lib.get_option(t, l, FAIRLEAD_TCP_OPTIONS, &value) == -ENOPROTOOPT);
}

static void
fields_have_names_and_words(void)
{
	int s = accepted(listener());
	struct fairlead_tcp_field field;
	uint32_t count = 0;

	CHECK(s >= 0 && lib.field_named(t, s, "state", now_us, &field) == 0);
	CHECK(field.text && strcmp(field.text, "ESTABLISHED") == 0);
	CHECK(lib.field_named(t, s, "mss", now_us, &field) == 0 && field.value == 1000 &&
	      !field.text);
	CHECK(lib.field_named(t, s, "close_reason", now_us, &field) == 0 &&
	      field.value == UINT64_MAX && !field.text);
	CHECK(lib.field_named(t, s, "no-such-field", now_us, &field) == -ENOENT);
	while (lib.field(t, s, count, now_us, &field) == 0) {
		CHECK(field.name && field.unit);
		count++;
	}
	CHECK(count > 40 && lib.field(t, s, count, now_us, &field) == -ENOENT);
}

static void
handles_are_checked(void)
{
	struct fairlead_tcp_address a = address(false, 80), bad = { .family = 5 },
				    any = { .family = v6 ? 6 : 4 }, many = any;
	int s = lib.socket(t), anywhere = lib.socket(t);
	char byte;

	CHECK(s >= 0 && lib.close(t, s + 2, now_us) == -EBADF &&
	      lib.close(t, -1, now_us) == -EBADF);
	many.bytes[0] = v6 ? 0xff : 224;
	CHECK(lib.bind(t, anywhere, &many) == -EINVAL && lib.bind(t, anywhere, &any) == 0 &&
	      lib.connect(t, anywhere, &a, now_us) == -EINVAL);
	CHECK(lib.read(t, 1000, &byte, 1, now_us) == -EBADF && lib.poll(t, 255) == -EBADF);
	CHECK(lib.read(t, s, &byte, 1, now_us) == -ENOTCONN &&
	      lib.write(t, s, &byte, 1, now_us) == -ENOTCONN);
	CHECK(lib.listen(t, s, 1) == -EINVAL && lib.connect(t, s, &a, now_us) == -EINVAL);
	CHECK(lib.bind(t, s, &bad) == -EINVAL && lib.bind(t, s, &a) == 0 &&
	      lib.bind(t, s, &a) == -EINVAL);
	CHECK(lib.listen(t, s, 1) == 0 && lib.bind(t, lib.socket(t), &a) == -EADDRINUSE);
	while ((s = lib.socket(t)) >= 0)
		CHECK(s < 255);
	CHECK(s == -EMFILE);
}

/* Answers what came last. */
static struct seg
opens(uint16_t from_port)
{
	peer_port = from_port;
	SAY(.flags = SYN, .mss = 1000);
	if (hear().flags != (SYN | ACK))
		return (struct seg){ 0 };
	SAY(.flags = ACK, .seq = 1, .ack = 1);
	return hear();
}

static void
full_backlog_resets(void)
{
	struct fairlead_tcp_address local = address(false, 80), peer;
	int l = lib.socket(t);

	CHECK(lib.bind(t, l, &local) == 0 && lib.listen(t, l, 2) == 0);
	CHECK(!opens(5000).flags && !opens(5001).flags && lib.open_count(t) == 2);
	CHECK(opens(5002).flags == (RST | ACK) && lib.open_count(t) == 2);
	CHECK(lib.accept(t, l, &peer) >= 0 && peer.port == 5000);
	CHECK(!opens(5003).flags && lib.open_count(t) == 3);
	CHECK(lib.accept(t, l, &peer) >= 0 && peer.port == 5001);
	CHECK(lib.accept(t, l, &peer) >= 0 && peer.port == 5003);
	CHECK(lib.accept(t, l, &peer) == -EAGAIN);
}

static void
closed_listener_resets_who_waits(void)
{
	int l = listener();

	CHECK(!opens(5000).flags && lib.poll(t, l) == FAIRLEAD_TCP_READABLE);
	CHECK(lib.close(t, l, now_us) == 0 && lib.poll(t, l) == -EBADF);
	CHECK(hear().flags == (RST | ACK) && lib.open_count(t) == 0);
}

/* 0.0.0.0 is of IPv4 alone, and whoever has said an address comes before who has said any. */
static void
any_address_is_of_its_family_and_comes_last(void)
{
	struct fairlead_tcp_address any = { .family = 4, .port = 80 }, local = address(false, 80);
	int all = lib.socket(t), one = lib.socket(t);

	CHECK(lib.bind(t, all, &any) == 0 && lib.bind(t, one, &local) == 0);
	CHECK(lib.listen(t, all, 4) == 0);
	peer_port = 4999;
	SAY(.flags = SYN, .mss = 1000);
	CHECK(hear().flags == (v6 ? RST | ACK : SYN | ACK));
	CHECK(lib.close(t, all, now_us) == 0 && lib.listen(t, one, 4) == 0);
	all = lib.socket(t); /* its number is the lower one again */
	CHECK(all < one && lib.bind(t, all, &any) == 0 && lib.listen(t, all, 4) == 0);
	CHECK(!opens(5000).flags && lib.accept(t, all, NULL) == -EAGAIN &&
	      lib.accept(t, one, NULL) >= 0);
}

/* The core has at least 64 bytes of text in a full segment, whatever the path. */
static void
no_datagram_is_longer_than_the_smallest_mtu(void)
{
	struct fairlead_tcp_settings settings = { .seed = 1, .packets = 512, .mtu_bytes = 127 };
	struct fairlead_tcp *small;
	uint32_t got = 0;
	int s;

	CHECK(lib.new(&settings, now_us, &small) == -EINVAL);
	settings.mtu_bytes = 128;
	lib.free(t);
	t = NULL;
	if (lib.new(&settings, now_us, &t) != 0)
		abort();
	s = accepted(listener());
	CHECK(s >= 0 && last_len <= 128 && writes(s, 1, 300));
	for (struct seg heard = hear(); heard.flags; heard = hear()) {
		CHECK(heard.flags != UINT32_MAX && last_len <= 128);
		got += heard.len;
	}
	CHECK(got == 300);
}

static void
empty_pool_only_delays(void)
{
	int s = accepted(listener());
	uint8_t bytes[8192];
	long taken;

	for (uint32_t k = 0; k < sizeof bytes; k++)
		bytes[k] = pattern(101 + k);
	CHECK(s >= 0);
	lib.hide_packets(t, 512);
	CHECK(lib.write(t, s, "x", 1, now_us) == -EAGAIN &&
	      SAY(.flags = ACK, .seq = 1, .ack = 1) == -ENOBUFS);
	lib.hide_packets(t, 0);
	CHECK(writes(s, 1, 100) && hears(ACK, 1, 100, 1));
	CHECK(SAY(.flags = ACK, .seq = 1, .ack = 101) == 0 && hears_nothing());
	lib.hide_packets(t, 510); /* not enough for all of it */
	taken = lib.write(t, s, bytes, sizeof bytes, now_us);
	CHECK(taken > 0 && taken < (long)sizeof bytes);
	lib.hide_packets(t, 0);
	CHECK(hears(ACK, 101, 1000, 1));
}

static void
small_buffer_keeps_the_datagram(void)
{
	uint8_t small[30];

	SAY(.flags = ACK, .seq = 1, .ack = 1);
	CHECK(lib.packet_out(t, small, sizeof small, now_us) == -EMSGSIZE);
	CHECK(lib.packet_out(t, small, sizeof small, now_us) == -EMSGSIZE && hear().flags == RST &&
	      hears_nothing());
}

/* ---- two stacks ---- */

#define WIRE_PACKETS 512u
#define TRANSFER     (1u << 20)

struct flying {
	uint64_t due_us;
	unsigned to;
	uint32_t len;
	uint8_t bytes[1500];
};

static struct flying wire[WIRE_PACKETS];
static unsigned wire_count;
static uint64_t wire_hash, chance;

static uint32_t
random_below(uint32_t limit)
{
	chance = chance * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(chance >> 33) % limit;
}

/* Every 50th is lost, every 20th is late; 10 ms each way. */
static void
onto_the_wire(struct fairlead_tcp *from, unsigned to)
{
	struct flying *f = &wire[wire_count];
	long len;

	while ((len = lib.packet_out(from, f->bytes, sizeof f->bytes, now_us)) > 0) {
		for (long i = 0; i < len; i++)
			wire_hash = (wire_hash ^ f->bytes[i]) * 1099511628211u;
		if (random_below(50) == 0 || wire_count + 1 == WIRE_PACKETS)
			continue;
		f->len = (uint32_t)len;
		f->to = to;
		f->due_us = now_us + 10000 + (random_below(20) ? 0 : 3000);
		f = &wire[++wire_count];
	}
}

static uint64_t
off_the_wire(struct fairlead_tcp *stacks[2])
{
	uint64_t next_us = now_us + SECOND;

	for (unsigned i = 0; i < wire_count;) {
		if (wire[i].due_us > now_us) {
			next_us = wire[i].due_us < next_us ? wire[i].due_us : next_us;
			i++;
			continue;
		}
		(void)lib.packet_in(stacks[wire[i].to], wire[i].bytes, wire[i].len, now_us);
		memmove(&wire[i], &wire[i + 1], (--wire_count - i) * sizeof wire[0]);
	}
	return next_us;
}

/* Answers what has gone over the wire, as a number; 0: it did not all arrive. */
static uint64_t
transfer(uint64_t seed)
{
	struct fairlead_tcp_settings settings = { .seed = seed, .packets = 2048 };
	struct fairlead_tcp_address client = { .family = 4, .bytes = { 10, 0, 0, 1 } },
				    server = { .family = 4, .bytes = { 10, 0, 0, 2 }, .port = 80 };
	struct fairlead_tcp *stacks[2];
	uint32_t sent = 0, got = 0;
	int s, l, a = -1;
	bool eof = false;

	now_us = SECOND;
	wire_count = 0;
	wire_hash = 14695981039346656037u;
	chance = 1;
	if (lib.new(&settings, now_us, &stacks[0]) || lib.new(&settings, now_us, &stacks[1]))
		return 0;
	l = lib.socket(stacks[1]);
	s = lib.socket(stacks[0]);
	if (lib.bind(stacks[1], l, &server) || lib.listen(stacks[1], l, 1) ||
	    lib.bind(stacks[0], s, &client) || lib.connect(stacks[0], s, &server, now_us))
		return 0;
	for (unsigned turns = 0; turns < 200000 && now_us < 600 * (uint64_t)SECOND && !eof;
	     turns++) {
		uint64_t next_us = off_the_wire(stacks);
		uint8_t bytes[4096];
		long n;

		for (unsigned i = 0; i < 2; i++) {
			lib.advance(stacks[i], now_us);
			lib.check(stacks[i]);
		}
		for (n = 1; sent < TRANSFER && n > 0; sent += n > 0 ? (uint32_t)n : 0) {
			for (unsigned i = 0; i < sizeof bytes; i++)
				bytes[i] = pattern(sent + i);
			n = lib.write(stacks[0], s, bytes,
				      sizeof bytes < TRANSFER - sent ? sizeof bytes
								     : TRANSFER - sent,
				      now_us);
		}
		if (sent == TRANSFER)
			lib.shutdown(stacks[0], s, now_us);
		if (a < 0)
			a = lib.accept(stacks[1], l, NULL);
		while (a >= 0 && (n = lib.read(stacks[1], a, bytes, sizeof bytes, now_us)) > 0)
			for (long i = 0; i < n; i++)
				if (bytes[i] != pattern(got++))
					return 0;
		eof = a >= 0 && n == 0;
		onto_the_wire(stacks[0], 1);
		onto_the_wire(stacks[1], 0);
		for (unsigned i = 0; i < 2; i++)
			if (lib.next_us(stacks[i]) < next_us)
				next_us = lib.next_us(stacks[i]);
		for (unsigned i = 0; i < wire_count; i++)
			if (wire[i].due_us < next_us)
				next_us = wire[i].due_us;
		now_us = next_us > now_us ? next_us : now_us + 1;
	}
	lib.free(stacks[0]);
	lib.free(stacks[1]);
	return eof && got == TRANSFER ? wire_hash : 0;
}

static void
megabyte_crosses_a_lossy_wire(void)
{
	uint64_t first = transfer(1);

	CHECK(first != 0);
	CHECK(transfer(1) == first); /* the same seed, the same bytes */
	CHECK(transfer(2) != first);
}

/* ---- all of it ---- */

static void
run(const char *name, void (*conversation)(void), bool over_v6)
{
	unsigned before = failures;

	v6 = over_v6;
	begin(1);
	conversation();
	end(name);
	if (failures == before)
		printf("ok driver %s%s\n", name, over_v6 ? "_v6" : "");
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*conversation)(void);
	} all[] = {
#define T(name) { #name, name }
		T(passive_open_is_accepted),
		T(active_open_connects),
		T(reset_of_our_syn_refuses),
		T(hard_icmp_error_ends_an_open_and_a_soft_one_does_not),
		T(unanswered_syn_backs_off_and_ends),
		T(data_goes_both_ways),
		T(lone_segment_is_acknowledged_late),
		T(lost_segment_is_sent_again_in_time),
		T(sacked_hole_is_filled_at_once),
		T(data_behind_a_hole_is_sacked),
		T(closed_window_is_probed),
		T(our_fin_comes_first),
		T(peers_fin_comes_first),
		T(both_fins_cross),
		T(reset_ends_the_connection),
		T(close_with_abort_resets),
		T(stranger_is_reset_and_damage_dropped),
		T(congestion_is_told_both_ways),
		T(fast_open_takes_text_with_the_syn),
		T(keep_alive_finds_a_dead_peer),
		T(options_are_kept_and_checked),
		T(fields_have_names_and_words),
		T(handles_are_checked),
		T(full_backlog_resets),
		T(closed_listener_resets_who_waits),
		T(any_address_is_of_its_family_and_comes_last),
		T(no_datagram_is_longer_than_the_smallest_mtu),
		T(empty_pool_only_delays),
		T(small_buffer_keeps_the_datagram),
		T(megabyte_crosses_a_lossy_wire),
#undef T
	};
	void *so = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!so) {
		printf("FAIL driver load: %s\n", argc == 2 ? dlerror() : "which library?");
		return 1;
	}
#define X(name)                                                                                    \
	*(void **)&lib.name = dlsym(so, "fairlead_tcp_" #name);                                    \
	if (!lib.name) {                                                                           \
		printf("FAIL driver load: no fairlead_tcp_" #name "\n");                           \
		return 1;                                                                          \
	}
	FUNCTIONS(X)
#undef X
	if (lib.version() != FAIRLEAD_TCP_VERSION) {
		printf("FAIL driver load: version %d\n", lib.version());
		return 1;
	}
	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
		for (unsigned over_v6 = 0; over_v6 < 2; over_v6++)
			run(all[i].name, all[i].conversation, over_v6);
	return failures != 0;
}
