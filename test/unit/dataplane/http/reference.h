/*
 * A second HTTP/1 parser, slow and obvious, for comparing: it splits a head into lines and looks at each by the
 * grammar of RFC 9112 and by the rules of dataplane/http/README.md. Only accepts or refuses, without saying why.
 */
#ifndef TEST_UNIT_DATAPLANE_HTTP_REFERENCE_H
#define TEST_UNIT_DATAPLANE_HTTP_REFERENCE_H

#include "dataplane/http/http.h"

struct reference_field {
	struct str name, value;
	bool hop_by_hop;
};

struct reference_head {
	struct str method, target, host, reason;
	unsigned status, minor_version;
	bool keep_alive, expect_continue;
	enum http_framing framing;
	uint64_t content_length;
	unsigned field_count;
	struct reference_field field[HTTP_FIELDS_MAX];
};

bool reference_request(struct str bytes, struct reference_head *head);
bool reference_response(struct str bytes, bool to_head_request, struct reference_head *head);

/* The length of a whole chunked body at the start of bytes, 0 if there is none; payload gets what it says (room for all of bytes). */
size_t reference_chunked(struct str bytes, char *payload, size_t *payload_bytes);

#endif
