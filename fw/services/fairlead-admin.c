/*
 * fairlead-admin: stores a new password of admin. The command line, which has no rights of its own, asks for it through a
 * socket that root and admin alone may open. systemd starts this when somebody does, with the listening socket as its input;
 * it answers one after the other and ends when nobody asks for a while.
 *
 *   fairlead-admin [--root DIR]      for tests
 *
 * The request is a hash: the password itself never leaves the program that it was typed into. Exit status: 0, 1 no socket,
 * 2 wrong usage.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "fw/services/admin.h"

#define LISTENER STDIN_FILENO
#define WAIT_S   5 /* for the next one, and for what it has to say */

static void answer(const char *root, int fd);
static const char *store(const char *root, const struct admin_request *request, ssize_t bytes);
static void log_asker(int fd, const char *what);

int
main(int argc, char **argv)
{
	struct pollfd listener = { .fd = LISTENER, .events = POLLIN };
	const char *root = "";

	if (argc == 3 && strcmp(argv[1], "--root") == 0)
		root = argv[2];
	else if (argc != 1)
		return 2;
	while (poll(&listener, 1, WAIT_S * 1000) > 0) {
		int fd = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return 1;
		answer(root, fd);
		close(fd);
	}
	return 0;
}

static void
answer(const char *root, int fd)
{
	struct timeval limit = { .tv_sec = WAIT_S };
	struct admin_reply reply = { .version = ADMIN_VERSION };
	struct admin_request request;
	const char *why;
	ssize_t bytes;

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	bytes = recv(fd, &request, sizeof request, MSG_TRUNC);
	why = store(root, &request, bytes);
	explicit_bzero(&request, sizeof request);
	reply.stored = !why;
	snprintf(reply.text, sizeof reply.text, "%s", why ? why : "");
	log_asker(fd, why ? why : "admin has a new password");
	(void)send(fd, &reply, sizeof reply, MSG_NOSIGNAL);
}

/* NULL: it is; else why not. */
static const char *
store(const char *root, const struct admin_request *request, ssize_t bytes)
{
	if (bytes < (ssize_t)sizeof request->version || request->version != ADMIN_VERSION ||
	    bytes != (ssize_t)sizeof *request)
		return "the command line is of another version";
	if (!memchr(request->hash, '\0', sizeof request->hash) || !admin_hash_usable(request->hash))
		return ADMIN_HASH_WRONG;
	if (!admin_write_hash(root, request->hash))
		return "it can't be stored on the config partition; the old one stays";
	if (!admin_compose_shadow(root, request->hash))
		return "it counts from the next restart on only: /etc/shadow can't be written";
	if (!admin_compose_sshd(root, true))
		return "it counts, but sshd's configuration can't be written";
	return NULL;
}

static void
log_asker(int fd, const char *what)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof peer;

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	fprintf(stderr, "fairlead-admin: asked by user %u (process %d): %s\n", (unsigned)peer.uid,
		(int)peer.pid, what);
}
