/*
 * TCP options, in and out: MSS (RFC 9293 3.2), window scale and timestamps (RFC 7323), SACK
 * permitted and SACK (RFC 2018), Fast Open (RFC 7413). Parsing is strict: a known option of a wrong length, or one that
 * goes past the header, makes the segment malformed. Unknown options are passed over (RFC 9293
 * MUST-6). Left out: user timeout, MD5 and AO.
 */
#include "dataplane/tcp/tcp_priv.h"

#include <string.h>

enum {
	KIND_END = 0,
	KIND_NOP = 1,
	KIND_MSS = 2,
	KIND_SCALE = 3,
	KIND_SACK_PERMITTED = 4,
	KIND_SACK = 5,
	KIND_TIMESTAMPS = 8,
	KIND_FAST_OPEN = 34
};

#define SCALE_MAX 14 /* RFC 7323 2.3 */

static bool parse_one(const uint8_t *at, uint32_t len, struct tcp_options *opt);
static void parse_fast_open(const uint8_t *at, uint32_t len, struct tcp_options *opt);
static bool parse_sack(const uint8_t *at, uint32_t len, struct tcp_options *opt);
static uint8_t *write_sack(uint8_t *at, struct tcp_conn *c, uint32_t room);
static void put_u32(uint8_t *at, uint32_t value);

static uint32_t
get_u32(const uint8_t *at)
{
	be32 wire;

	memcpy(&wire, at, sizeof wire);
	return be32_to(wire);
}

bool
tcp_opt_parse(const uint8_t *at, uint32_t len, struct tcp_options *opt)
{
	static const uint8_t padded_timestamps[4] = { KIND_NOP, KIND_NOP, KIND_TIMESTAMPS, 10 };

	opt->has = 0;
	opt->sack_count = 0;
	if (len == TCP_TS_BYTES && memcmp(at, padded_timestamps, 4) == 0)
		return parse_one(at + 2, 10, opt);
	while (len > 0 && at[0] != KIND_END) {
		uint32_t size = 1;

		if (at[0] != KIND_NOP) {
			if (len < 2 || at[1] < 2 || at[1] > len)
				return false;
			size = at[1];
			if (!parse_one(at, size, opt))
				return false;
		}
		at += size;
		len -= size;
	}
	return true;
}

static bool
parse_one(const uint8_t *at, uint32_t len, struct tcp_options *opt)
{
	switch (at[0]) {
	case KIND_MSS:
		if (len != 4)
			return false;
		opt->has |= OPT_MSS;
		opt->mss = (uint16_t)(at[2] << 8 | at[3]);
		return true;
	case KIND_SCALE:
		if (len != 3)
			return false;
		opt->has |= OPT_SCALE;
		opt->scale = at[2] > SCALE_MAX ? SCALE_MAX : at[2];
		return true;
	case KIND_SACK_PERMITTED:
		opt->has |= OPT_SACK_PERMITTED;
		return len == 2;
	case KIND_SACK:
		return parse_sack(at, len, opt);
	case KIND_TIMESTAMPS:
		if (len != 10)
			return false;
		opt->has |= OPT_TIMESTAMPS;
		opt->ts_value = get_u32(at + 2);
		opt->ts_echo = get_u32(at + 6);
		return true;
	case KIND_FAST_OPEN:
		parse_fast_open(at, len, opt);
		return true;
	default:
		return true;
	}
}

/* RFC 7413 4.1.1: with any other length it MUST be ignored. */
static void
parse_fast_open(const uint8_t *at, uint32_t len, struct tcp_options *opt)
{
	if (len != 2 && (len < 6 || len > 18 || len % 2))
		return;
	opt->has |= OPT_FAST_OPEN;
	opt->fast_open_len = (uint8_t)(len - 2);
	if (opt->fast_open_len == sizeof opt->fast_open)
		memcpy(&opt->fast_open, at + 2, sizeof opt->fast_open);
}

static bool
parse_sack(const uint8_t *at, uint32_t len, struct tcp_options *opt)
{
	uint32_t count = (len - 2) / 8;

	if ((len - 2) % 8 || count == 0 || count > TCP_SACK_BLOCKS)
		return false;
	for (uint32_t i = 0; i < count; i++)
		opt->sack[i] =
		    (struct tcp_range){ get_u32(at + 2 + i * 8), get_u32(at + 6 + i * 8) };
	opt->sack_count = (uint8_t)count;
	return true;
}

/*
 * On a SYN we offer everything; on a SYN,ACK what the peer offered (RFC 7323 2.2, 3.2; RFC 2018
 * 2).
 */
uint32_t
tcp_opt_write_syn(const struct tcp *tcp, const struct tcp_conn *c, uint64_t now_us, uint8_t *out)
{
	bool all = c->state == TCP_SYN_SENT;
	struct tcp_options offer = {
		.has = OPT_MSS,
		.mss = tcp_mss_own(tcp, c->profile, &c->remote.addr),
		.scale = c->rcv_scale,
		.ts_value = conn_ts_now(c, now_us),
		.ts_echo = c->ts_recent,
	};

	if (all || (c->flags & CONN_SCALE))
		offer.has |= OPT_SCALE;
	if (all || (c->flags & CONN_SACK))
		offer.has |= OPT_SACK_PERMITTED;
	if (all || (c->flags & CONN_TIMESTAMPS))
		offer.has |= OPT_TIMESTAMPS;
	/* what is lost once may have been lost for the option */
	if ((c->flags & (CONN_FAST_OPEN_COOKIE | CONN_SYN_RETRANSMITTED)) ==
	    CONN_FAST_OPEN_COOKIE) {
		offer.has |= OPT_FAST_OPEN;
		offer.fast_open = tcp_fast_open_cookie(tcp, &c->remote.addr, now_us);
	}
	return tcp_opt_write_offer(&offer, out);
}

uint32_t
tcp_opt_write_offer(const struct tcp_options *offer, uint8_t *out)
{
	uint8_t *at = out;

	*at++ = KIND_MSS;
	*at++ = 4;
	*at++ = (uint8_t)(offer->mss >> 8);
	*at++ = (uint8_t)offer->mss;
	if (offer->has & OPT_SCALE) {
		*at++ = KIND_NOP;
		*at++ = KIND_SCALE;
		*at++ = 3;
		*at++ = offer->scale;
	}
	if (offer->has & OPT_SACK_PERMITTED) {
		*at++ = KIND_NOP;
		*at++ = KIND_NOP;
		*at++ = KIND_SACK_PERMITTED;
		*at++ = 2;
	}
	if (offer->has & OPT_TIMESTAMPS)
		at = tcp_opt_write_timestamps(at, offer->ts_value, offer->ts_echo);
	if (offer->has & OPT_FAST_OPEN) {
		*at++ = KIND_NOP;
		*at++ = KIND_NOP;
		*at++ = KIND_FAST_OPEN;
		*at++ = 2 + sizeof offer->fast_open;
		memcpy(at, &offer->fast_open, sizeof offer->fast_open);
		at += sizeof offer->fast_open;
	}
	return (uint32_t)(at - out);
}

/* On all later segments; room: how many bytes of options the segment can bear. */
uint32_t
tcp_opt_write(struct tcp_conn *c, uint64_t now_us, uint32_t room, uint8_t *out)
{
	uint8_t *at = out;

	if (c->flags & CONN_TIMESTAMPS)
		at = tcp_opt_write_timestamps(at, conn_ts_now(c, now_us), c->ts_recent);
	if ((c->flags & CONN_SACK) && ((c->flags & CONN_DSACK) || c->flight->islands))
		at = write_sack(at, c, room - (uint32_t)(at - out));
	return (uint32_t)(at - out);
}

uint8_t *
tcp_opt_write_timestamps(uint8_t *at, uint32_t value, uint32_t echo)
{
	at[0] = at[1] = KIND_NOP;
	at[2] = KIND_TIMESTAMPS;
	at[3] = 10;
	put_u32(at + 4, value);
	put_u32(at + 8, echo);
	return at + TCP_TS_BYTES;
}

/* A duplicate is reported once, in front (RFC 2883 4); then the most recent blocks (RFC 2018 4). */
static uint8_t *
write_sack(uint8_t *at, struct tcp_conn *c, uint32_t room)
{
	struct tcp_range blocks[TCP_SACK_BLOCKS + 1];
	uint32_t count = 0, fit = room < 12 ? 0 : (room - 4) / 8;

	if (c->flags & CONN_DSACK)
		blocks[count++] = c->flight->dsack;
	for (uint32_t i = 0; i < TCP_SACK_BLOCKS; i++)
		if (c->flight->sack[i].start != c->flight->sack[i].end)
			blocks[count++] = c->flight->sack[i];
	count = min_u32(min_u32(count, fit), TCP_SACK_BLOCKS);
	if (count == 0)
		return at;
	c->flags &= ~(uint32_t)CONN_DSACK;
	*at++ = KIND_NOP;
	*at++ = KIND_NOP;
	*at++ = KIND_SACK;
	*at++ = (uint8_t)(2 + 8 * count);
	for (uint32_t i = 0; i < count; i++, at += 8) {
		put_u32(at, blocks[i].start);
		put_u32(at + 4, blocks[i].end);
	}
	return at;
}

static void
put_u32(uint8_t *at, uint32_t value)
{
	be32 wire = be32_from(value);

	memcpy(at, &wire, sizeof wire);
}
