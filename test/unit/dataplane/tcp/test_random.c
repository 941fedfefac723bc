/*
 * A peer that says anything: random, nearly valid segments in random order with a random application
 * and random pressure. Nothing may be asserted, lost or leaked, and what is read is what was sent.
 */
#include "test/unit/dataplane/tcp/tcp_fixture.h"

#include "fw/base/rng.h"

#include <stdio.h>

static struct rng rng;

static uint32_t
near(uint32_t value)
{
	static const int32_t steps[] = {
		0, 0, 0, 0, 1, -1, 2, 500, 1000, -1000, 3000, 60000, 65536
	};
	uint32_t jump = rng_next(&rng) % 50 ? 0 : (uint32_t)rng_next(&rng);
	uint32_t at = value + (uint32_t)steps[rng_below(&rng, ARRAY_SIZE(steps))] + jump;

	return at ? at : 1; /* 0 would be the default */
}

static void
any_segment(void)
{
	static const uint8_t flags[] = { ACK, ACK, ACK,       ACK,       ACK,
					 ACK, ACK, ACK | PSH, ACK,       ACK,
					 SYN, RST, ACK | FIN, ACK | SYN, NO_FLAGS };
	static const uint32_t lens[] = { 0, 0, 0, 1, 10, 500, 1000, 1400 };
	static const uint32_t windows[] = { 0, 0, ZERO_WINDOW, ZERO_WINDOW, 1, 1000, 30000, 65535 };
	const struct tcp_conn *c = conn();
	struct seg s = {
		.flags = flags[rng_below(&rng, ARRAY_SIZE(flags))],
		.seq = near(rng_below(&rng, 2) ? peer.snd : c->rcv_nxt - c->irs),
		.ack = near(rng_below(&rng, 2) ? peer.rcv : c->snd_una - c->iss),
		.len = lens[rng_below(&rng, ARRAY_SIZE(lens))],
		.window = windows[rng_below(&rng, ARRAY_SIZE(windows))],
	};

	if ((s.flags & (SYN | RST)) && rng_below(&rng, 8))
		s.flags = ACK;
	if (peer.sack && !(s.flags & SYN) && rng_below(&rng, 3) == 0) {
		s.sack_count = 1 + rng_below(&rng, peer.ts ? 3 : 4);
		for (uint32_t i = 0; i < s.sack_count; i++) {
			uint32_t start = c->snd_una - c->iss + 500 * rng_below(&rng, 40);

			s.sack[i] = (struct tcp_range){ near(start),
							near(start + 500 * rng_below(&rng, 20)) };
		}
	}
	if (rng_below(&rng, 20) == 0)
		s.ts = (uint32_t)rng_next(&rng);
	s.no_ts = rng_below(&rng, 50) == 0;
	(void)rx(s);
}

/* False when the connection is gone. */
static bool
any_step(void)
{
	switch (rng_below(&rng, 16)) {
	case 0:
		if (tcp_send_space(tcp, id) && tcp->keep_left > 100)
			app_send(1 + rng_below(&rng, 8000));
		break;
	case 1:
	case 2:
		got();
		break;
	case 3:
		pass_us(rng_below(&rng, 2) ? rng_below(&rng, 300000) : rng_below(&rng, 9000000));
		break;
	case 4:
		if (rng_below(&rng, 20) == 0)
			tcp_shutdown(tcp, id, now_us);
		break;
	case 5:
		tcp_set_pressure(tcp, rng_below(&rng, 4) ? 10 : rng_below(&rng, 101));
		break;
	case 6:
		if (rng_below(&rng, 100) == 0) {
			tcp_release(tcp, id, now_us);
			return false;
		}
		break;
	case 7:
	case 8:
	case 9:
		tx_all();
		break;
	default:
		any_segment();
	}
	tcp_set_pressure(tcp, rng_below(&rng, 2) ? tcp->pressure_percent : 10);
	events();
	return state() != TCP_CLOSED;
}

static void
run(uint64_t seed)
{
	static void (*const factories[])(void) = { established, connected, close_wait, fin_wait_1 };
	bool owned;

	rng_init(&rng, seed);
	start_defaults();
	settings.segments = 16 + rng_below(&rng, 200);
	settings.profile.receive_buffer_bytes = 4096 + rng_below(&rng, 200000);
	start();
	peer.sack = rng_below(&rng, 4);
	peer.ts = rng_below(&rng, 2);
	peer.scale = (int)rng_below(&rng, 9) - 1;
	factories[rng_below(&rng, ARRAY_SIZE(factories))]();
	owned = true;
	for (unsigned i = 0; i < 400 && owned; i++) {
		owned = any_step();
		if (!owned)
			break;
	}
	if (pool_is_used(&tcp->conns, id) && !(conn()->flags & CONN_RELEASED))
		tcp_release(tcp, id, now_us);
	/* Whatever happened, it ends: linger, TIME-WAIT, nobody answers. */
	tcp_set_pressure(tcp, 10);
	for (unsigned i = 0; i < 100; i++) {
		tx_all();
		pass_us(SECOND);
	}
	tx_all();
	finish();
}

static void
random_peer_breaks_nothing(void)
{
	for (uint64_t seed = 1; seed <= 800; seed++) {
		unsigned before = CU_get_number_of_failures();

		run(seed);
		if (CU_get_number_of_failures() != before) {
			printf("seed %lu\n", (unsigned long)seed);
			break;
		}
	}
}

CU_TestInfo test_random[] = {
	{ "random_peer_breaks_nothing", random_peer_breaks_nothing },
	CU_TEST_INFO_NULL,
};
