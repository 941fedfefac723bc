/*
 * HTTP/1 messages as the simulated clients and servers read them: written apart from dataplane/http on purpose, so that
 * the two check each other. Reads a head, then checks the body against a pattern while it passes.
 */
#ifndef TEST_SIM_MESSAGE_H
#define TEST_SIM_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#define MESSAGE_HEAD_MAX 4096u

enum message_step { MESSAGE_HEAD, MESSAGE_BODY, MESSAGE_DONE };
enum message_framing { MESSAGE_NO_BODY, MESSAGE_LENGTH, MESSAGE_CHUNKED, MESSAGE_UNTIL_CLOSE };

struct message {
	enum message_step step;
	char head[MESSAGE_HEAD_MAX + 1];
	uint32_t head_len;
	bool request;      /* set by who reads */
	bool head_request; /* set by who reads: the response to a HEAD */
	uint64_t key;      /* of the body; set by who reads once the head is there */
	/* from the head */
	char method[16], target[200];
	unsigned status, minor;
	bool keep_alive;
	enum message_framing framing;
	uint64_t length; /* MESSAGE_LENGTH */
	/* of the body */
	uint64_t body_done; /* payload bytes, all of them right */
	uint64_t left;      /* of the body or chunk */
	uint8_t chunk_state;
	char line[32]; /* chunk size */
	uint32_t line_len;
};

void message_init(struct message *m, bool request);
/* Reads on; answers how many bytes it took, stopping behind the head and behind the message; -1: malformed or wrong. */
int64_t message_feed(struct message *m, const char *bytes, uint32_t len);
/* The connection ended: whether the message is complete with that. */
bool message_eof(struct message *m);
/* The value of a field into out; false if there is none. */
bool message_field(const struct message *m, const char *name, char *out, uint32_t out_bytes);

#endif
