/*
 * TCP Fast Open, the server's side (RFC 7413): a SYN may bring the request with it, if its sender has
 * shown in an earlier handshake that its address is its own. The proof is a cookie, a keyed hash of the
 * address that we gave it then. Listen.c asks here about each SYN of a virtual server whose profile has
 * fast_open; the application is told of the connection before the handshake is complete.
 *
 * Cookies change every 12 hours (4.1.2): the hash is over the number of the period too, this one and the
 * last are good, and who comes with the last gets the new one.
 *
 * Limits (5.1): a quarter of the places for half-open connections; what a RST has ended, as a reflected
 * attack's victims would, keeps its place for a minute. Beyond, and while SYN cookies are given, a SYN is
 * an ordinary one, whose text comes again.
 *
 * Left out: sending before the handshake is complete (4.2.2 MAY), the client's side, remembering what
 * paths fail (a client's duty: ours answers every SYN, with or without the option), the experimental
 * option.
 */
#include "dataplane/tcp/tcp_priv.h"

#define PERIOD_US     (12ull * 3600 * 1000000)
#define COOKIE_BYTES  8u
#define PENDING_SHARE 4u /* of half_open_max */
#define SLOT_US       8000000u

static bool is_good(const struct tcp *tcp, const struct tcp_options *opt, const struct addr *remote,
		    uint64_t period);
static bool has_room(struct tcp *tcp, uint64_t now_us);
static void age(struct tcp *tcp, uint64_t now_us);

static uint64_t
cookie(const struct tcp *tcp, const struct addr *remote, uint64_t period)
{
	uint64_t words[3] = { remote->word[0], remote->word[1], period };

	return siphash(&tcp->fast_open_key, words, sizeof words);
}

uint64_t
tcp_fast_open_cookie(const struct tcp *tcp, const struct addr *remote, uint64_t now_us)
{
	return cookie(tcp, remote, now_us / PERIOD_US);
}

bool
tcp_fast_open_syn(struct tcp *tcp, struct tcp_conn *c, const struct tcp_segment *seg,
		  uint64_t now_us)
{
	uint64_t period = now_us / PERIOD_US;
	bool fresh = is_good(tcp, &seg->opt, &c->remote.addr, period);

	if (!fresh) {
		c->flags |= CONN_FAST_OPEN_COOKIE;
		tcp->stats->counter[COUNTER_tcp_fast_open_cookies]++;
	}
	if (seg->len == 0)
		return false;
	if ((!fresh && !(period && is_good(tcp, &seg->opt, &c->remote.addr, period - 1))) ||
	    !has_room(tcp, now_us)) {
		tcp->stats->counter[COUNTER_tcp_fast_opens_refused]++;
		return false;
	}
	tcp->fast_open_pending++;
	tcp->stats->counter[COUNTER_tcp_fast_opens]++;
	c->flags |= CONN_FAST_OPEN | CONN_OPENED;
	tcp_conn_event(tcp, c, TCP_EVENT_OPEN);
	return true;
}

static bool
is_good(const struct tcp *tcp, const struct tcp_options *opt, const struct addr *remote,
	uint64_t period)
{
	return opt->fast_open_len == COOKIE_BYTES && opt->fast_open == cookie(tcp, remote, period);
}

static bool
has_room(struct tcp *tcp, uint64_t now_us)
{
	uint32_t taken = tcp->fast_open_pending;

	if (tcp_cookie_flood(tcp))
		return false;
	age(tcp, now_us);
	for (uint32_t i = 0; i < TCP_FAST_OPEN_SLOTS; i++)
		taken += tcp->fast_open_resets[i];
	return taken < max_u32(tcp->settings.half_open_max / PENDING_SHARE, 1);
}

/* Resets are counted in slots of time; those of a minute ago are forgotten. */
static void
age(struct tcp *tcp, uint64_t now_us)
{
	uint64_t slot = now_us / SLOT_US;

	if (slot - tcp->fast_open_slot > TCP_FAST_OPEN_SLOTS)
		tcp->fast_open_slot = slot - TCP_FAST_OPEN_SLOTS;
	while (tcp->fast_open_slot < slot)
		tcp->fast_open_resets[++tcp->fast_open_slot % TCP_FAST_OPEN_SLOTS] = 0;
}

void
tcp_fast_open_end(struct tcp *tcp, struct tcp_conn *c, bool reset)
{
	if (!(c->flags & CONN_FAST_OPEN))
		return;
	c->flags &= ~(uint32_t)CONN_FAST_OPEN;
	tcp->fast_open_pending--;
	if (!reset)
		return;
	age(tcp, c->received_us);
	tcp->fast_open_resets[tcp->fast_open_slot % TCP_FAST_OPEN_SLOTS]++;
}
