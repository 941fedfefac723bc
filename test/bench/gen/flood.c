/* SYNs by the clock: see flood.h. */
#include "test/bench/gen/flood.h"

#include <rte_ip.h>
#include <string.h>

#define SOURCE_NET  0xc6120000u /* 198.18.0.0 */
#define SOURCE_MASK 0x0001ffffu
#define PORT_FIRST  1024u
#define SEED        11u
#define TURN_MAX    32u /* SYNs: a flood that was held up catches up without holding up the load */

/* MSS 1460, SACK permitted, timestamps, window scale 7 */
static const uint8_t options_linux[FLOOD_OPTIONS_BYTES] = { 2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0,
							    0, 1, 0, 0,    0, 0, 1, 3,  3, 7 };

static bool is_on(struct flood *flood, uint64_t now_ns, uint64_t answered);
static void vary(struct flood *flood, struct flood_syn *syn);

void
flood_init(struct flood *flood, struct side *side, const struct gen_options *options)
{
	struct frame_tcp *head = &flood->syn.head;

	*flood = (struct flood){
		.side = side,
		.rate = options->flood,
		.has_mac = options->flood_has_mac,
		.beat_ns = options->flood_beat_ms * 1000000ull,
	};
	rng_init(&flood->rng, SEED);
	*head = (struct frame_tcp){
		.ether.type = be16_from(FRAME_TYPE_IPV4),
		.version_ihl = 0x45,
		.total_bytes = be16_from(sizeof flood->syn - FRAME_ETHER_BYTES),
		.hops = 64,
		.protocol = FRAME_PROTOCOL_TCP,
		.to = be32_from(options->flood_target),
		.to_port = be16_from(options->flood_port),
		.offset = (FRAME_TCP_BYTES + FLOOD_OPTIONS_BYTES) / 4 << 4,
		.flags = TCP_SYN,
		.window = be16_from(64240),
	};
	memcpy(head->ether.to, options->flood_mac, sizeof head->ether.to);
	memcpy(head->ether.from, side->mac, sizeof head->ether.from);
	memcpy(flood->syn.options, options_linux, sizeof options_linux);
}

bool
flood_turn(struct flood *flood, uint64_t now_ns, uint64_t answered)
{
	struct flood_syn *syn;
	unsigned n = 0;

	if (!flood->rate || !is_on(flood, now_ns, answered))
		return false;
	if (flood->due_ns == 0)
		flood->due_ns = (double)now_ns;
	for (; n < TURN_MAX && flood->due_ns <= (double)now_ns; n++) {
		syn = side_frame(flood->side, sizeof *syn);
		if (!syn)
			break;
		vary(flood, syn);
		flood->due_ns += 1e9 / flood->rate;
		flood->sent++;
	}
	return n > 0;
}

/* Each beat begins with the clock's, and nothing is made up for in it. */
static bool
is_on(struct flood *flood, uint64_t now_ns, uint64_t answered)
{
	bool on = !flood->beat_ns || now_ns / flood->beat_ns % 2;

	flood->answered[flood->on] += answered - flood->answered_before;
	flood->answered_before = answered;
	if (on != flood->on)
		flood->due_ns = 0;
	flood->on = on;
	return on;
}

static void
vary(struct flood *flood, struct flood_syn *syn)
{
	uint64_t random = rng_next(&flood->rng);
	struct frame_tcp *head = &syn->head;

	*syn = flood->syn;
	if (!flood->has_mac)
		memcpy(head->ether.to, flood->side->peer_mac, sizeof head->ether.to);
	head->from = be32_from(SOURCE_NET | ((uint32_t)random & SOURCE_MASK));
	head->from_port =
	    be16_from((uint16_t)(PORT_FIRST + (random >> 17) % (UINT16_MAX - PORT_FIRST)));
	head->seq = be32_from((uint32_t)(random >> 32));
	head->sum = (be16){ 0 };
	head->ip_sum = (be16){ 0 };
	memcpy(&head->ip_sum, &(uint16_t){ rte_ipv4_cksum((void *)&head->version_ihl) }, 2);
	memcpy(&head->sum,
	       &(uint16_t){ rte_ipv4_udptcp_cksum((void *)&head->version_ihl, &head->from_port) },
	       2);
}
