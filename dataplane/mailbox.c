/*
 * Serving the mailbox socket: a few connections at a time, one request under way on each. A peer
 * that asks nonsense or does not read its reply loses its connection and nobody else notices.
 */
#include "dataplane/mailbox.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PEERS_MAX       16
#define PENDING_POLL_MS 1 /* while a worker's answer is awaited */

struct peer {
	int fd; /* -1: free */
	bool pending;
	unsigned line;     /* of the pending request */
	uint64_t sequence; /* of the pending request: lower ones came before */
	struct mailbox_request request;
};

struct mailbox {
	const struct mailbox_handler *handler;
	int listen_fd;
	uint64_t requests;
	struct peer peer[PEERS_MAX];
	struct mailbox_reply reply;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static void accept_peer(struct mailbox *mailbox);
static void read_request(struct mailbox *mailbox, struct peer *peer);
static bool must_wait(const struct mailbox *mailbox, const struct peer *peer);
static void try_answer(struct mailbox *mailbox, struct peer *peer);
static void hang_up(struct peer *peer);

static int
listen_at(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	strcpy(name.sun_path, path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || chmod(path, 0660) != 0 ||
	    listen(fd, PEERS_MAX) != 0) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

enum err
mailbox_open(const char *path, const struct mailbox_handler *handler, struct mailbox **out)
{
	struct mailbox *mailbox;

	if (strlen(path) >= sizeof mailbox->path)
		return ERR_too_long;
	mailbox = calloc(1, sizeof *mailbox);
	if (!mailbox)
		return ERR_no_memory;
	mailbox->handler = handler;
	strcpy(mailbox->path, path);
	for (unsigned i = 0; i < PEERS_MAX; i++)
		mailbox->peer[i].fd = -1;
	mailbox->listen_fd = listen_at(path);
	if (mailbox->listen_fd < 0) {
		free(mailbox);
		return ERR_io;
	}
	*out = mailbox;
	return ERR_ok;
}

void
mailbox_poll(struct mailbox *mailbox, int wait_ms)
{
	struct pollfd fds[1 + PEERS_MAX] = { { .fd = mailbox->listen_fd, .events = POLLIN } };
	bool pending = false;

	for (unsigned i = 0; i < PEERS_MAX; i++) {
		struct peer *peer = &mailbox->peer[i];

		fds[1 + i] =
		    (struct pollfd){ .fd = peer->pending ? -1 : peer->fd, .events = POLLIN };
		pending |= peer->pending;
	}
	if (poll(fds, 1 + PEERS_MAX,
		 pending && wait_ms > PENDING_POLL_MS ? PENDING_POLL_MS : wait_ms) < 0)
		return;
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		struct peer *peer = &mailbox->peer[i];

		if (peer->fd >= 0 && peer->pending)
			try_answer(mailbox, peer);
		else if (peer->fd >= 0 && fds[1 + i].revents)
			read_request(mailbox, peer);
	}
	if (fds[0].revents & POLLIN)
		accept_peer(mailbox);
}

/* With all places taken the new peer is turned away at once: it must not wait for ever. */
static void
accept_peer(struct mailbox *mailbox)
{
	int fd = accept4(mailbox->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (unsigned i = 0; i < PEERS_MAX; i++) {
		if (mailbox->peer[i].fd < 0) {
			mailbox->peer[i] = (struct peer){ .fd = fd };
			return;
		}
	}
	close(fd);
}

static void
read_request(struct mailbox *mailbox, struct peer *peer)
{
	ssize_t len = recv(peer->fd, &peer->request, sizeof peer->request, MSG_TRUNC);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len != (ssize_t)sizeof peer->request) {
		hang_up(peer);
		return;
	}
	peer->pending = true;
	peer->sequence = mailbox->requests++;
	peer->line = mailbox->handler->line(mailbox->handler->context, &peer->request);
	try_answer(mailbox, peer);
}

/* Behind another one in its line. */
static bool
must_wait(const struct mailbox *mailbox, const struct peer *peer)
{
	for (unsigned i = 0; peer->line && i < PEERS_MAX; i++) {
		const struct peer *other = &mailbox->peer[i];

		if (other->pending && other->line == peer->line && other->sequence < peer->sequence)
			return true;
	}
	return false;
}

static void
try_answer(struct mailbox *mailbox, struct peer *peer)
{
	struct mailbox_reply *reply = &mailbox->reply;

	if (must_wait(mailbox, peer))
		return;
	if (peer->request.version != MAILBOX_VERSION) {
		memset(reply, 0, sizeof *reply);
		reply->version = MAILBOX_VERSION;
		reply->err = ERR_version;
	} else if (!mailbox->handler->answer(mailbox->handler->context, &peer->request, reply)) {
		return;
	}
	peer->pending = false;
	if (send(peer->fd, reply, sizeof *reply, MSG_NOSIGNAL) != (ssize_t)sizeof *reply)
		hang_up(peer);
}

static void
hang_up(struct peer *peer)
{
	close(peer->fd);
	*peer = (struct peer){ .fd = -1 };
}

void
mailbox_close(struct mailbox *mailbox)
{
	for (unsigned i = 0; i < PEERS_MAX; i++)
		if (mailbox->peer[i].fd >= 0)
			close(mailbox->peer[i].fd);
	close(mailbox->listen_fd);
	unlink(mailbox->path);
	free(mailbox);
}
