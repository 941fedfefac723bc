/*
 * Bodies on their way out.
 */
#include "test/sim/body.h"

#include <rte_common.h>
#include <stdio.h>
#include <string.h>

#include "test/sim/pattern.h"

#define PIECE_BYTES   4096u
#define FRAMING_BYTES 24u /* a chunk's size, its line ends and the last chunk */

static uint32_t
send_piece(struct body *body, struct host *host, uint32_t id, uint32_t n, uint64_t now_us);

void
body_init(struct body *body, uint64_t key, uint64_t total, bool chunked)
{
	*body = (struct body){ .key = key, .total = total, .chunked = chunked };
	body->finished = total == 0 && !chunked;
}

uint32_t
body_send(struct body *body, struct host *host, uint32_t id, uint32_t budget, uint64_t now_us)
{
	uint32_t sent = 0;

	body->starved = false;
	while (!body->finished && budget) {
		uint32_t space = tcp_send_space(host->tcp, id);
		uint64_t left = body->total - body->done;
		uint32_t n, limit = body->chunk_bytes ? body->chunk_bytes
				    : body->chunked   ? 1500u
						      : PIECE_BYTES;

		if (space <= FRAMING_BYTES)
			break;
		n = (uint32_t)min_u64(left, min_u64(min_u64(budget, space - FRAMING_BYTES),
						    min_u64(limit, PIECE_BYTES)));
		if (!send_piece(body, host, id, n, now_us)) {
			body->starved = true;
			break;
		}
		sent += n;
		budget -= n;
	}
	return sent;
}

/* With the last bytes of a chunked body goes the last chunk. */
static uint32_t
send_piece(struct body *body, struct host *host, uint32_t id, uint32_t n, uint64_t now_us)
{
	char piece[PIECE_BYTES + FRAMING_BYTES];
	uint32_t len = 0;

	if (body->chunked && n)
		len = (uint32_t)sprintf(piece, "%x\r\n", n);
	pattern_fill(body->key, body->done, piece + len, n);
	len += n;
	if (body->chunked && n)
		len += (uint32_t)sprintf(piece + len, "\r\n");
	if (body->chunked && body->done + n == body->total)
		len += (uint32_t)sprintf(piece + len, "0\r\n\r\n");
	if (tcp_send_bytes(host->tcp, id, piece, len, now_us))
		return 0;
	body->done += n;
	body->finished = body->done == body->total;
	return len;
}
