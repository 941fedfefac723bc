/*
 * What the tests of heads share: parsing from memory that ends where the head ends, so that the sanitizer sees each
 * byte read too many.
 */
#ifndef TEST_UNIT_DATAPLANE_HTTP_HEADS_H
#define TEST_UNIT_DATAPLANE_HTTP_HEADS_H

#include "dataplane/http/http.h"
#include "fw/base/rng.h"

/* The slices in head are good until the next call. */
enum http_error heads_request(struct str text, struct http_head *head);
enum http_error heads_response(struct str text, enum http_method method, struct http_head *head);
/* The field with this name (exactly as written), NULL if there is none or more than one. */
const struct http_field *heads_field(const struct http_head *head, const char *name);

/* Good and bad heads to mutate and to cut into pieces; ends with an empty slice. */
extern const struct str heads_requests[], heads_responses[];

/* Changes text (cap bytes of room) a little: bytes, lines, known troublemakers. Answers the new length. */
size_t heads_mutate(struct rng *rng, char *text, size_t len, size_t cap);

#endif
