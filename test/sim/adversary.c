/*
 * The adversary: connections as it sees them, a normal way to go on, and the moves. RFC 9293 and kin, broken on purpose.
 */
#include "test/sim/adversary.h"

#include <stdlib.h>
#include <string.h>

#include "test/sim/nic.h"

#define FOES        16u
#define SEGMENT_MAX 1200u /* bytes of payload, options beside them */
#define SEG_ECE     0x40u
#define SEG_CWR     0x80u
#define NEVER       UINT64_MAX
/* Moves of a handshake: drawn when it begins. */
#define OPENINGS                                                                                   \
	(UINT64_C(1) << MOVE_half_open | UINT64_C(1) << MOVE_syn_flood |                           \
	 UINT64_C(1) << MOVE_syn_both)

/* A connection from its end. */
struct foe {
	bool used, accepted, open;
	bool frozen, silent, endless; /* reads nothing, says nothing, never sends a FIN */
	bool fin_sent, stamps, sacks;
	struct endpoint local, remote;
	uint32_t iss, snd_una, snd_nxt; /* RFC 9293 3.3.1 */
	uint32_t rcv_nxt, rcv_max, irs; /* rcv_max: behind all that came */
	uint32_t peer_window, mss;
	uint16_t window;      /* that it offers, unscaled */
	uint32_t stamp, echo; /* its own clock, the peer's */
	uint64_t moves, wake_us, end_us;
	uint64_t calm_until_us; /* does not answer at once before */
};

/* A segment to be sent. */
struct shot {
	uint32_t seq, ack, len;
	uint8_t flags;
	uint16_t window;
	bool garbled; /* other content than the stream has there */
	bool stampless;
	uint32_t stamp;
	uint32_t blocks[8], block_count; /* SACK */
};

struct adversary {
	struct raw *raw;
	struct adversary_plan plan;
	struct rng rng;
	struct foe foes[FOES];
	uint32_t opened, open;
	uint16_t next_port;
	bool stopped;
};

static void
heard(struct raw *raw, const struct addr *from, const struct segment *segment, uint64_t now_us);
static void woken(struct raw *raw, uint64_t now_us);
static struct foe *foe_new(struct adversary *a, const struct endpoint *local,
			   const struct endpoint *remote, uint64_t now_us);
static void call(struct adversary *a, uint64_t now_us);
static void
answer_call(struct adversary *a, const struct endpoint *local, const struct endpoint *remote,
	    const struct segment *segment, uint64_t now_us);
static void
take_in(struct adversary *a, struct foe *foe, const struct segment *segment, uint64_t now_us);
static void read_options(struct foe *foe, const struct segment *segment);
static void act(struct adversary *a, struct foe *foe, uint64_t now_us);
static void go_on(struct adversary *a, struct foe *foe, uint64_t now_us);
static void say(struct adversary *a, struct foe *foe);
static void finish(struct adversary *a, struct foe *foe);
static void move(struct adversary *a, struct foe *foe, enum move move);
static void move_ack(struct adversary *a, struct foe *foe, enum move move, struct shot *shot);
static void move_sack(struct adversary *a, struct foe *foe, enum move move, struct shot *shot);
static void move_data(struct adversary *a, struct foe *foe, enum move move, struct shot *shot);
static void move_control(struct adversary *a, struct foe *foe, enum move move, struct shot *shot);
static void move_options(struct adversary *a, struct foe *foe);
static void syn(struct adversary *a, struct foe *foe, uint8_t flags);
static struct shot shot_of(const struct foe *foe);
static void fire(struct adversary *a, const struct foe *foe, const struct shot *shot);
static void
build(struct adversary *a, const struct foe *foe, const struct shot *shot, struct frame *f);
static void count(struct adversary *a, enum move move);

static const struct raw_ops adversary_ops = { .segment = heard, .wake = woken };

static uint32_t
below(struct adversary *a, uint32_t limit)
{
	return rng_below(&a->rng, limit);
}

static bool
chance(struct adversary *a, uint32_t percent)
{
	return below(a, 100) < percent;
}

struct adversary *
adversary_new(struct world *world, const char *name, struct port *end, const char *v4,
	      const char *v6, const uint8_t peer_mac[6], const struct adversary_plan *plan)
{
	struct adversary *a = calloc(1, sizeof *a);

	ASSERT(a);
	a->plan = *plan;
	if (!a->plan.moves)
		a->plan.moves = ADVERSARY_ALL;
	ASSERT(plan->parallel <= FOES / 2);
	rng_init(&a->rng, world_seed(world));
	a->raw = raw_new(world, name, end, v4, v6, peer_mac);
	a->raw->ops = &adversary_ops;
	a->raw->owner = a;
	a->raw->wake_us = world->now_us + 1;
	a->next_port = (uint16_t)(10000 + below(a, 20000));
	return a;
}

bool
adversary_done(void *arg)
{
	const struct adversary *a = arg;

	return a->opened == a->plan.conns && a->open == 0;
}

void
adversary_again(struct adversary *adversary, uint64_t moves, uint32_t conns)
{
	adversary->plan.moves = moves;
	adversary->plan.conns += conns;
	adversary->raw->wake_us = adversary->raw->node.world->now_us + 1;
}

void
adversary_stop(struct adversary *adversary)
{
	adversary->stopped = true;
	adversary->raw->wake_us = NEVER;
}

uint32_t
adversary_heard(const struct adversary *adversary)
{
	return adversary->raw->segments;
}

static void
heard(struct raw *raw, const struct addr *from, const struct segment *segment, uint64_t now_us)
{
	struct adversary *a = raw->owner;
	struct endpoint local = { .addr = addr_is_v4(from) ? raw->v4 : raw->v6,
				  .port = segment->dst_port };
	struct endpoint remote = { .addr = *from, .port = segment->src_port };

	if (a->stopped)
		return;
	for (struct foe *foe = a->foes; foe < a->foes + FOES; foe++)
		if (foe->used && endpoint_equal(&foe->local, &local) &&
		    endpoint_equal(&foe->remote, &remote)) {
			take_in(a, foe, segment, now_us);
			return;
		}
	if (a->plan.listens == local.port && (segment->flags & (SEG_SYN | SEG_ACK)) == SEG_SYN)
		answer_call(a, &local, &remote, segment, now_us);
}

static void
woken(struct raw *raw, uint64_t now_us)
{
	struct adversary *a = raw->owner;
	uint64_t next_us = NEVER;

	while (a->opened < a->plan.conns && a->open < a->plan.parallel)
		call(a, now_us);
	for (struct foe *foe = a->foes; foe < a->foes + FOES; foe++) {
		if (!foe->used)
			continue;
		if (foe->end_us <= now_us)
			finish(a, foe);
		else if (foe->wake_us <= now_us)
			act(a, foe, now_us);
		if (foe->used)
			next_us = min_u64(next_us, min_u64(foe->wake_us, foe->end_us));
	}
	if (a->opened < a->plan.conns && a->open < a->plan.parallel)
		next_us = now_us + 1 + below(a, 100000);
	raw->wake_us = next_us;
}

/* Acts again soon, or late. */
static void
rest(struct adversary *a, struct foe *foe, uint64_t now_us)
{
	foe->wake_us = now_us + 1 + below(a, 1u << (4 + below(a, 20)));
	a->raw->wake_us = min_u64(a->raw->wake_us, foe->wake_us);
}

static struct foe *
foe_new(struct adversary *a, const struct endpoint *local, const struct endpoint *remote,
	uint64_t now_us)
{
	struct foe *foe = a->foes;

	while (foe < a->foes + FOES && foe->used)
		foe++;
	if (foe == a->foes + FOES)
		return NULL;
	*foe = (struct foe){ .used = true, .local = *local, .remote = *remote };
	foe->iss = chance(a, 30) ? 0u - below(a, 3000) : (uint32_t)rng_next(&a->rng);
	foe->snd_una = foe->snd_nxt = foe->iss;
	foe->window = (uint16_t)(chance(a, 50) ? 65535 : below(a, 65536));
	foe->stamps = chance(a, 60);
	foe->sacks = chance(a, 70);
	foe->stamp = (uint32_t)rng_next(&a->rng);
	foe->mss = 536;
	/* A temper: a few moves that it likes, not all of them at once. */
	foe->moves = a->plan.moves & rng_next(&a->rng) & rng_next(&a->rng);
	if (!foe->moves)
		foe->moves = a->plan.moves;
	foe->end_us = now_us + 1000 + rng_next(&a->rng) % (a->plan.age_us + 1);
	rest(a, foe, now_us);
	a->open++;
	return foe;
}

static bool
likes(struct adversary *a, const struct foe *foe, enum move move, uint32_t percent)
{
	return (foe->moves & UINT64_C(1) << move) && chance(a, percent);
}

static void
call(struct adversary *a, uint64_t now_us)
{
	bool v4 = addr_is_v4(&a->plan.to.addr);
	struct endpoint local = { .addr = v4 ? a->raw->v4 : a->raw->v6, .port = a->next_port++ };
	struct foe *foe = foe_new(a, &local, &a->plan.to, now_us);

	ASSERT(foe);
	a->opened++;
	if (a->next_port < 10000)
		a->next_port = 10000;
	if (likes(a, foe, MOVE_syn_flood, 30)) {
		count(a, MOVE_syn_flood);
		for (unsigned i = 0; i < 30; i++) {
			struct foe other = *foe;

			other.local.port = (uint16_t)(1024 + below(a, 60000));
			other.iss = (uint32_t)rng_next(&a->rng);
			syn(a, &other, SEG_SYN);
		}
	}
	syn(a, foe, SEG_SYN);
	foe->snd_nxt = foe->iss + 1;
	if (likes(a, foe, MOVE_half_open, 30)) {
		count(a, MOVE_half_open);
		foe->silent = true;
	}
}

static void
answer_call(struct adversary *a, const struct endpoint *local, const struct endpoint *remote,
	    const struct segment *segment, uint64_t now_us)
{
	struct foe *foe = foe_new(a, local, remote, now_us);

	if (!foe)
		return;
	foe->accepted = true;
	foe->irs = segment->seq;
	foe->rcv_nxt = foe->rcv_max = segment->seq + 1;
	read_options(foe, segment);
	if (likes(a, foe, MOVE_syn_both, 50)) {
		count(a, MOVE_syn_both);
		syn(a, foe, SEG_SYN);
	}
	if (likes(a, foe, MOVE_half_open, 30)) {
		count(a, MOVE_half_open);
		foe->silent = true;
		return;
	}
	syn(a, foe, SEG_SYN | SEG_ACK);
	foe->snd_nxt = foe->iss + 1;
}

static void
take_in(struct adversary *a, struct foe *foe, const struct segment *segment, uint64_t now_us)
{
	uint32_t end = segment->seq + segment->payload_len + (segment->flags & SEG_FIN ? 1 : 0);

	if (segment->flags & SEG_RST) {
		foe->used = false;
		a->open--;
		a->raw->wake_us = min_u64(a->raw->wake_us, now_us + 1);
		return;
	}
	if (foe->silent)
		return;
	foe->peer_window = segment->window;
	read_options(foe, segment);
	if (segment->flags & SEG_SYN) {
		foe->irs = segment->seq;
		foe->rcv_nxt = foe->rcv_max = segment->seq + 1;
		end = foe->rcv_nxt;
	}
	if ((segment->flags & SEG_ACK) && (int32_t)(segment->ack - foe->snd_una) > 0 &&
	    (int32_t)(segment->ack - foe->snd_nxt) <= 0) {
		foe->snd_una = segment->ack;
		foe->open = true;
	}
	if ((int32_t)(end - foe->rcv_max) > 0)
		foe->rcv_max = end;
	if (!foe->frozen && segment->seq == foe->rcv_nxt)
		foe->rcv_nxt = end;
	if (now_us < foe->calm_until_us) { /* or both would talk for ever */
		rest(a, foe, now_us);
		return;
	}
	foe->calm_until_us = now_us + below(a, segment->payload_len ? 300 : 20000);
	act(a, foe, now_us);
}

static void
read_options(struct foe *foe, const struct segment *segment)
{
	const uint8_t *at = segment->options;
	bool has_stamp = false;

	for (uint32_t i = 0; i < segment->options_len;) {
		uint32_t len = at[i] < 2 ? 1 : at[i + 1];

		if (at[i] == 0 || i + len > segment->options_len || !len)
			break;
		if (at[i] == 8 && len == 10) {
			has_stamp = true;
			foe->echo = (uint32_t)at[i + 2] << 24 | (uint32_t)at[i + 3] << 16 |
				    (uint32_t)at[i + 4] << 8 | at[i + 5];
		}
		if (at[i] == 2 && len == 4)
			foe->mss = (uint32_t)at[i + 2] << 8 | at[i + 3];
		i += len;
	}
	if ((segment->flags & SEG_SYN) && !has_stamp)
		foe->stamps = false;
}

static void
act(struct adversary *a, struct foe *foe, uint64_t now_us)
{
	if (foe->silent) {
		foe->wake_us = NEVER;
		return;
	}
	rest(a, foe, now_us);
	foe->stamp += 1 + below(a, 100);
	if (foe->open && (foe->moves & ~OPENINGS) && chance(a, 35)) {
		enum move drawn;

		do
			drawn = (enum move)below(a, MOVE_COUNT);
		while (!(foe->moves & ~OPENINGS & UINT64_C(1) << drawn));
		move(a, foe, drawn);
	}
	if (!foe->silent && chance(a, 80))
		go_on(a, foe, now_us);
}

/* As a peer would that means well, more or less. */
static void
go_on(struct adversary *a, struct foe *foe, uint64_t now_us)
{
	struct shot shot = shot_of(foe);

	if (!foe->open && !foe->accepted && foe->rcv_nxt == 0) {
		syn(a, foe, SEG_SYN);
		return;
	}
	if (foe->window < 1000 && !foe->frozen && chance(a, 10))
		foe->window = 65535;
	if (foe->snd_nxt - foe->snd_una > 1 && chance(a, 30))
		foe->snd_nxt = foe->fin_sent ? foe->snd_nxt : foe->snd_una; /* again */
	if (foe->open && !foe->fin_sent && foe->snd_nxt - foe->snd_una < foe->peer_window)
		say(a, foe);
	else
		fire(a, foe, &shot);
}

static void
say(struct adversary *a, struct foe *foe)
{
	struct shot shot = shot_of(foe);
	uint32_t room = foe->peer_window - (foe->snd_nxt - foe->snd_una);

	shot.len = 1 + below(a, (uint32_t)min_u64(room, SEGMENT_MAX));
	if (chance(a, 5) && !foe->endless) {
		shot.flags |= SEG_FIN;
		foe->fin_sent = true;
	}
	shot.flags |= SEG_PSH;
	fire(a, foe, &shot);
	foe->snd_nxt += shot.len + foe->fin_sent;
}

/* It has had enough of this one: in order, by a reset, or without a word. */
static void
finish(struct adversary *a, struct foe *foe)
{
	struct shot shot = shot_of(foe);

	if (!foe->silent && !foe->endless && !chance(a, 30)) {
		shot.flags = chance(a, 50) ? SEG_RST | SEG_ACK : SEG_FIN | SEG_ACK;
		fire(a, foe, &shot);
	}
	foe->used = false;
	a->open--;
}

static void
move(struct adversary *a, struct foe *foe, enum move move)
{
	struct shot shot = shot_of(foe);

	count(a, move);
	switch (move) {
	case MOVE_ack_in_advance:
	case MOVE_ack_beyond:
	case MOVE_ack_old:
	case MOVE_ack_split:
	case MOVE_ack_storm:
	case MOVE_window_shrink:
	case MOVE_window_zero:
	case MOVE_window_tiny:
	case MOVE_window_huge:
	case MOVE_congestion_lie:
		move_ack(a, foe, move, &shot);
		break;
	case MOVE_sack_lie:
	case MOVE_sack_renege:
	case MOVE_dsack_lie:
		move_sack(a, foe, move, &shot);
		break;
	case MOVE_overlap:
	case MOVE_tiny:
	case MOVE_islands:
	case MOVE_beyond:
	case MOVE_before:
	case MOVE_timestamp_back:
	case MOVE_timestamp_wild:
	case MOVE_timestamp_none:
	case MOVE_fin_early:
	case MOVE_fin_moved:
		move_data(a, foe, move, &shot);
		break;
	case MOVE_option_bomb:
		move_options(a, foe);
		break;
	default:
		move_control(a, foe, move, &shot);
		break;
	}
}

static void
move_ack(struct adversary *a, struct foe *foe, enum move move, struct shot *shot)
{
	unsigned times = 1;

	switch (move) {
	case MOVE_ack_in_advance: /* believes itself from now on */
		foe->rcv_nxt = foe->rcv_max + below(a, 3) * foe->mss;
		shot->ack = foe->rcv_nxt;
		break;
	case MOVE_ack_beyond:
		shot->ack += 1u << (10 + below(a, 22));
		break;
	case MOVE_ack_old:
		shot->ack -= 1 + below(a, 1u << (1 + below(a, 30)));
		break;
	case MOVE_ack_split:
		shot->ack -= 20;
		times = 20;
		break;
	case MOVE_ack_storm:
		times = 10 + below(a, 60);
		break;
	case MOVE_window_shrink:
		shot->window = foe->window = foe->window / 2;
		break;
	case MOVE_window_zero:
		shot->window = foe->window = 0;
		break;
	case MOVE_window_tiny:
		shot->window = foe->window = 1;
		break;
	case MOVE_window_huge:
		shot->window = foe->window = 65535;
		break;
	default: /* MOVE_congestion_lie */
		shot->flags |= (uint8_t)(below(a, 4) << 6);
		times = 1 + below(a, 10);
		break;
	}
	for (unsigned i = 0; i < times; i++) {
		shot->ack += move == MOVE_ack_split;
		fire(a, foe, shot);
	}
}

static void
move_sack(struct adversary *a, struct foe *foe, enum move move, struct shot *shot)
{
	uint32_t near = foe->rcv_nxt + foe->mss * (1 + below(a, 4));

	shot->block_count = 1 + below(a, 4);
	for (uint32_t i = 0; i < shot->block_count; i++) {
		uint32_t *block = &shot->blocks[2 * i];

		block[0] = near;
		block[1] = near + foe->mss;
		if (move == MOVE_sack_lie && chance(a, 60)) {
			block[0] =
			    foe->rcv_nxt + (uint32_t)rng_next(&a->rng) % (1u << (1 + below(a, 31)));
			block[1] = block[0] + below(a, 100000) - 50000;
		} else if (move == MOVE_dsack_lie) {
			block[0] = foe->rcv_nxt - 1 - below(a, 5000);
			block[1] = block[0] + 1 + below(a, 1500);
		}
		near += 2 * foe->mss;
	}
	for (unsigned i = 1 + below(a, 5); i > 0; i--)
		fire(a, foe, shot);
}

static void
move_data(struct adversary *a, struct foe *foe, enum move move, struct shot *shot)
{
	unsigned times = 1;
	uint32_t step = 0;

	shot->len = 1 + below(a, SEGMENT_MAX);
	switch (move) {
	case MOVE_overlap:
		shot->seq = foe->snd_una - below(a, 2000);
		shot->garbled = true;
		times = 3;
		step = 1 + below(a, 1000);
		break;
	case MOVE_tiny:
		shot->len = step = 1;
		times = 1 + (uint32_t)min_u64(below(a, 40), foe->peer_window);
		break;
	case MOVE_islands:
		shot->seq += 1 + below(a, 100);
		shot->len = 1;
		step = 2 + below(a, 50);
		times = 10 + below(a, 200);
		break;
	case MOVE_beyond:
		shot->seq = foe->snd_una + foe->peer_window - below(a, 100) +
			    below(a, 1u << (1 + below(a, 30)));
		break;
	case MOVE_before:
		shot->seq -= 1 + below(a, 1u << (1 + below(a, 30)));
		shot->garbled = true;
		break;
	case MOVE_timestamp_back:
		shot->stamp -= 1u << (1 + below(a, 31));
		break;
	case MOVE_timestamp_wild:
		shot->stamp = (uint32_t)rng_next(&a->rng);
		foe->echo = (uint32_t)rng_next(&a->rng);
		break;
	case MOVE_timestamp_none:
		shot->stampless = true;
		break;
	case MOVE_fin_early:
		shot->seq += 1 + below(a, 3000);
		shot->flags |= SEG_FIN;
		break;
	default: /* MOVE_fin_moved */
		shot->flags |= SEG_FIN;
		times = 4;
		step = 1 + below(a, 500);
		break;
	}
	for (unsigned i = 0; i < times; i++) {
		fire(a, foe, shot);
		shot->seq += step;
	}
	if (move == MOVE_tiny && !foe->fin_sent)
		foe->snd_nxt = shot->seq;
}

static void
move_control(struct adversary *a, struct foe *foe, enum move move, struct shot *shot)
{
	unsigned times = 1;
	struct frame f;

	switch (move) {
	case MOVE_reset_guess:
		times = 5 + below(a, 20);
		shot->flags = chance(a, 50) ? SEG_RST : SEG_RST | SEG_ACK;
		break;
	case MOVE_reset_exact:
		shot->flags = SEG_RST;
		foe->silent = true;
		break;
	case MOVE_syn_guess:
		shot->flags = chance(a, 70) ? SEG_SYN : SEG_SYN | SEG_ACK;
		shot->seq = chance(a, 30) ? foe->iss : (uint32_t)rng_next(&a->rng);
		break;
	case MOVE_flags_wild:
		shot->flags = (uint8_t)(below(a, 256) & ~(chance(a, 90) ? SEG_RST : 0u));
		shot->len = below(a, 20);
		break;
	case MOVE_urgent:
		shot->flags |= SEG_URG;
		shot->len = below(a, 20);
		break;
	case MOVE_never_reads:
		foe->frozen = true;
		shot->window = foe->window = 0;
		break;
	case MOVE_never_closes:
		foe->endless = true;
		break;
	case MOVE_silent:
		foe->silent = true;
		return;
	case MOVE_checksum_wrong:
		shot->len = 1 + below(a, 100);
		build(a, foe, shot, &f);
		f.byte[f.l4 + 16] ^= (uint8_t)(1u << below(a, 8));
		raw_send(a->raw, &f);
		return;
	default: /* those of a handshake have passed */
		return;
	}
	for (unsigned i = 0; i < times; i++) {
		if (move == MOVE_reset_guess)
			shot->seq = foe->snd_nxt + below(a, 1u << (1 + below(a, 31))) -
				    (chance(a, 20) ? 1u << 20 : 0);
		fire(a, foe, shot);
	}
}

/* Options that are cut off, too short, too long, too many, or out of place. */
static void
move_options(struct adversary *a, struct foe *foe)
{
	static const struct {
		uint8_t at[40];
		uint32_t len;
	} bombs[] = {
		{ { 2, 0, 0, 0 }, 4 },
		{ { 2, 4, 0, 0 }, 4 },
		{ { 8, 255, 1, 1 }, 4 },
		{ { 1, 1, 1, 8 }, 4 },
		{ { 5, 9, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0 }, 12 },
		{ { 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2,
		    5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2, 5, 2 },
		  40 },
		{ { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
		  40 },
		{ { 3, 3, 255, 4, 2, 3, 3, 14, 2, 4, 255, 255, 4, 2, 1, 1 }, 16 },
		{ { 254, 2, 253, 2, 254, 2, 253, 2, 254, 2, 253, 2, 34, 2, 34, 4, 1, 1, 28, 4 },
		  20 },
		{ { 34, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 0 }, 20 },
	};
	uint32_t which = below(a, ARRAY_SIZE(bombs));
	struct segment segment = { .seq = foe->snd_nxt,
				   .ack = foe->rcv_nxt,
				   .src_port = foe->local.port,
				   .dst_port = foe->remote.port,
				   .window = foe->window,
				   .flags = chance(a, 70) ? SEG_ACK : SEG_SYN,
				   .options_len = bombs[which].len };
	struct frame f;

	memcpy(segment.options, bombs[which].at, segment.options_len);
	if (chance(a, 30))
		for (uint32_t i = 0; i < segment.options_len; i++)
			segment.options[i] = (uint8_t)below(a, 256);
	frame_tcp(a->raw, &f, &foe->remote.addr, &segment);
	raw_send(a->raw, &f);
}

static void
syn(struct adversary *a, struct foe *foe, uint8_t flags)
{
	static const uint16_t sizes[] = { 0, 1, 64, 536, 1200, 1460, 9000, 65535 };
	struct segment segment = { .seq = foe->iss,
				   .ack = flags & SEG_ACK ? foe->rcv_nxt : 0,
				   .src_port = foe->local.port,
				   .dst_port = foe->remote.port,
				   .window = foe->window,
				   .flags = flags };
	uint8_t *at = segment.options;
	struct frame f;

	if (chance(a, 90)) {
		uint16_t mss = chance(a, 50) ? 1460 : sizes[below(a, ARRAY_SIZE(sizes))];

		memcpy(at, (uint8_t[]){ 2, 4, (uint8_t)(mss >> 8), (uint8_t)mss }, 4);
		at += 4;
	}
	if (foe->stamps) {
		memcpy(at,
		       (uint8_t[]){ 1, 1, 8, 10, (uint8_t)(foe->stamp >> 24),
				    (uint8_t)(foe->stamp >> 16), (uint8_t)(foe->stamp >> 8),
				    (uint8_t)foe->stamp, (uint8_t)(foe->echo >> 24),
				    (uint8_t)(foe->echo >> 16), (uint8_t)(foe->echo >> 8),
				    (uint8_t)foe->echo },
		       12);
		at += 12;
	}
	if (foe->sacks) {
		memcpy(at, (uint8_t[]){ 1, 1, 4, 2 }, 4);
		at += 4;
	}
	if (chance(a, 50)) {
		memcpy(
		    at,
		    (uint8_t[]){ 1, 3, 3, (uint8_t)(chance(a, 80) ? below(a, 15) : below(a, 256)) },
		    4);
		at += 4;
	}
	if (chance(a, 20))
		segment.flags |= SEG_ECE | SEG_CWR;
	segment.options_len = (uint32_t)(at - segment.options);
	frame_tcp(a->raw, &f, &foe->remote.addr, &segment);
	raw_send(a->raw, &f);
}

static struct shot
shot_of(const struct foe *foe)
{
	return (struct shot){ .seq = foe->snd_nxt,
			      .ack = foe->rcv_nxt,
			      .flags = SEG_ACK,
			      .window = foe->window,
			      .stamp = foe->stamp };
}

static void
fire(struct adversary *a, const struct foe *foe, const struct shot *shot)
{
	struct frame f;

	build(a, foe, shot, &f);
	raw_send(a->raw, &f);
}

static uint8_t *
put32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
	return at + 4;
}

static void
build(struct adversary *a, const struct foe *foe, const struct shot *shot, struct frame *f)
{
	struct segment segment = { .seq = shot->seq,
				   .ack = shot->ack,
				   .src_port = foe->local.port,
				   .dst_port = foe->remote.port,
				   .window = shot->window,
				   .flags = shot->flags,
				   .payload_len = shot->len };
	uint8_t *at = segment.options, *payload;
	uint32_t blocks = shot->block_count;

	if (foe->stamps && !shot->stampless) {
		memcpy(at, (uint8_t[]){ 1, 1, 8, 10 }, 4);
		at = put32(put32(at + 4, shot->stamp), foe->echo);
		blocks = (uint32_t)min_u64(blocks, 3);
	}
	if (blocks) {
		memcpy(at, (uint8_t[]){ 1, 1, 5, (uint8_t)(2 + 8 * blocks) }, 4);
		at += 4;
		for (uint32_t i = 0; i < 2 * blocks; i++)
			at = put32(at, shot->blocks[i]);
	}
	segment.options_len = (uint32_t)(at - segment.options);
	frame_tcp(a->raw, f, &foe->remote.addr, &segment);
	payload = frame_payload(f);
	for (uint32_t i = 0; i < shot->len && a->plan.text_len; i++) {
		uint32_t place = shot->seq + i - foe->iss - 1;

		payload[i] =
		    shot->garbled ? (uint8_t)below(a, 256) : a->plan.text[place % a->plan.text_len];
	}
	if (shot->flags & SEG_URG)
		f->byte[f->l4 + 19] = (uint8_t)below(a, 256);
	frame_fix_l4(f);
}

static void
count(struct adversary *a, enum move move)
{
	a->raw->node.world->status->move[move]++;
}
