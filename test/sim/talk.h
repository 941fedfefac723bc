/*
 * Says fixed bytes over one connection and keeps what comes back: for peers that do not keep to the rules.
 */
#ifndef TEST_SIM_TALK_H
#define TEST_SIM_TALK_H

#include "test/sim/stream.h"

#define TALK_ANSWER_MAX 8192u

struct talk {
	struct app app;
	uint32_t id; /* TCP_NONE: not (any more) connected */
	const char *text;
	uint32_t len, said;
	struct stream_pace pace;
	bool half_close; /* FIN behind the text */
	bool keep;       /* leave it open when the peer closes (then talk_end) */
	char answer[TALK_ANSWER_MAX + 1];
	uint32_t answer_len; /* bytes that came, kept or not */
	bool open, eof, closed;
	enum tcp_close_reason reason; /* when closed */
	uint64_t open_us, eof_us;
};

/* Connects and says the len bytes of text (borrowed). Gives; lives as long as the host. */
struct talk *talk_new(struct host *host, const struct endpoint *to, const char *text, uint32_t len,
		      struct stream_pace pace, bool half_close);
/* For world_run: the connection is over, in whatever way. */
bool talk_done(void *talk);
/* Ends it now, with a reset or in order. */
void talk_end(struct talk *talk, bool reset);
/* The status of the answer's first line; 0: none. */
unsigned talk_status(const struct talk *talk);

#endif
