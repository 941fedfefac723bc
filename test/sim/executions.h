/*
 * Which requests have been begun by a server, of all servers that share the book: one that must not be repeated (RFC 9110 9.2.2)
 * may be begun once only, on whatever connection it comes.
 */
#ifndef TEST_SIM_EXECUTIONS_H
#define TEST_SIM_EXECUTIONS_H

#include "test/sim/world.h"

struct executions;

/* Gives an empty book for the life of the world. */
struct executions *executions_new(struct world *world);
/* A server has read the head of request id; fails the story when it may not be repeated and was begun before. */
void executions_add(struct executions *book, uint64_t id, const char *method);
/* How many were begun more than once. */
uint64_t executions_repeated(const struct executions *book);
/* Whether a request of this method may be repeated. */
bool executions_may_repeat(const char *method);

#endif
