/*
 * mgmtd's socket: one request at a time, each with a time limit.
 */
#ifndef MGMT_SERVER_H
#define MGMT_SERVER_H

#include "mgmt/candidate.h"

#define SERVER_PEER_TIMEOUT_MS 2000u /* to send a request, or to take the reply */

/*
 * Creates run_dir/mgmtd.sock, only for its owner; replaces a leftover. Gives *fd, not blocking.
 * ERR_io, ERR_too_long.
 */
enum err server_open(const char *run_dir, int *fd) __attribute__((warn_unused_result));
/* Accepts one connection, if there is one, and answers its request. Logs to stderr what it did. */
void server_answer(int fd, struct candidate *candidate);

#endif
