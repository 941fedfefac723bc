/*
 * Frames that can be recognised (see port_test.h).
 */
#include "test/unit/drivers/port/port_test.h"

#include <rte_mbuf.h>

#include "drivers/port/port.h"
#include "test/unit/unit.h"

static uint8_t
byte_at(uint32_t number, uint32_t i)
{
	return (uint8_t)(number * 31 + i * 7 + (i >> 8));
}

struct rte_mbuf *
frame_numbered(uint32_t number, uint32_t len_bytes)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(unit_mbufs());
	uint8_t *at;

	ASSERT(frame && len_bytes > 18);
	at = (uint8_t *)rte_pktmbuf_append(frame, (uint16_t)len_bytes);
	ASSERT(at);
	for (uint32_t i = 0; i < len_bytes; i++)
		at[i] = byte_at(number, i);
	memset(at, 0xff,
	       6); /* to everybody, from 02:..., an EtherType for experiments (RFC 5342) */
	memcpy(at + 6, "\x02port\x00\x88\xb5", 8);
	memcpy(at + 14, &number, 4);
	return frame;
}

uint32_t
frame_number(struct rte_mbuf *frame)
{
	uint8_t bytes[2048];
	uint32_t number = UINT32_MAX, len = rte_pktmbuf_pkt_len(frame);
	const uint8_t *at = len < sizeof bytes ? rte_pktmbuf_read(frame, 0, len, bytes) : NULL;

	if (at && len > 18)
		memcpy(&number, at + 14, 4);
	for (uint32_t i = 18; at && i < len; i++)
		if (at[i] != byte_at(number, i))
			number = UINT32_MAX;
	rte_pktmbuf_free(frame);
	return number;
}

struct rte_mbuf *
frame_chained(struct rte_mbuf *frame)
{
	struct rte_mbuf *chain = NULL;
	uint32_t len = rte_pktmbuf_pkt_len(frame), third = len / 3;

	for (int i = 2; i >= 0; i--) {
		uint32_t from = (uint32_t)i * third, bytes = i == 2 ? len - from : third;
		struct rte_mbuf *part = rte_pktmbuf_alloc(unit_mbufs());

		ASSERT(part);
		memcpy(rte_pktmbuf_append(part, (uint16_t)bytes),
		       rte_pktmbuf_mtod_offset(frame, char *, from), bytes);
		if (chain)
			ASSERT(rte_pktmbuf_chain(part, chain) == 0);
		chain = part;
	}
	rte_pktmbuf_free(frame);
	return chain;
}

void
port_send(struct port *port, struct rte_mbuf *frame, uint64_t now_us)
{
	CU_ASSERT_EQUAL_FATAL(port_tx(port, 0, &frame, 1, now_us), 1);
}

uint32_t
port_receive(struct port *port, uint64_t now_us)
{
	struct rte_mbuf *frame;

	return port_rx(port, 0, &frame, 1, now_us) ? frame_number(frame) : FRAME_NONE;
}

unsigned
mbufs_in_use(void)
{
	return rte_mempool_in_use_count(unit_mbufs());
}
