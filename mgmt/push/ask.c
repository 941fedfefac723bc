/*
 * The asking side of both sockets of the run directory.
 */
#include "mgmt/push/ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "fw/abi/files.h"

static enum err
connect_to(const char *run_dir, const char *socket_name, unsigned timeout_ms, int *fd);
static enum err send_request(int fd, const void *request, size_t request_bytes, int passed_fd);
static enum err receive_reply(int fd, void *reply, size_t reply_bytes, size_t *received);
static enum err from_errno(void);

enum err
ask(const char *run_dir, const char *socket_name, unsigned timeout_ms, const void *request,
    size_t request_bytes, int passed_fd, void *reply, size_t reply_bytes, size_t *received)
{
	int fd;
	enum err err = connect_to(run_dir, socket_name, timeout_ms, &fd);

	if (err != ERR_ok)
		return err;
	err = send_request(fd, request, request_bytes, passed_fd);
	if (err == ERR_ok)
		err = receive_reply(fd, reply, reply_bytes, received);
	close(fd);
	return err;
}

enum err
ask_dataplane(const char *run_dir, unsigned timeout_ms, const struct mailbox_request *request,
	      struct mailbox_reply *reply)
{
	size_t received = 0;
	enum err err;

	memset(reply, 0, sizeof *reply);
	err = ask(run_dir, FILES_DATAPLANE_SOCKET, timeout_ms, request, sizeof *request, -1, reply,
		  sizeof *reply, &received);
	if (err != ERR_ok)
		return err;
	if (received < offsetof(struct mailbox_reply, conn))
		return ERR_corrupt;
	if (reply->version != MAILBOX_VERSION)
		return ERR_version;
	if (reply->err >= ERR_COUNT || reply->count > MAILBOX_CONNS_BATCH ||
	    received < offsetof(struct mailbox_reply, conn) + reply->count * sizeof reply->conn[0])
		return ERR_corrupt;
	reply->text[sizeof reply->text - 1] = '\0';
	return ERR_ok;
}

enum err
ask_set_timeout(int fd, unsigned timeout_ms)
{
	struct timeval limit = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0)
		return ERR_io;
	return ERR_ok;
}

static enum err
connect_to(const char *run_dir, const char *socket_name, unsigned timeout_ms, int *out)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int len = snprintf(to.sun_path, sizeof to.sun_path, "%s/%s", run_dir, socket_name);
	enum err err;
	int fd;

	if (len <= 0 || len >= (int)sizeof to.sun_path)
		return ERR_too_long;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_io;
	err = ask_set_timeout(fd, timeout_ms);
	if (err == ERR_ok && connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		err = from_errno();
	if (err == ERR_ok)
		*out = fd;
	else
		close(fd);
	return err;
}

static enum err
send_request(int fd, const void *request, size_t request_bytes, int passed_fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec data = { (void *)request, request_bytes };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (passed_fd >= 0) {
		struct cmsghdr *head;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof passed_fd);
		memcpy(CMSG_DATA(head), &passed_fd, sizeof passed_fd);
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)request_bytes ? ERR_ok
									     : from_errno();
}

static enum err
receive_reply(int fd, void *reply, size_t reply_bytes, size_t *received)
{
	ssize_t got;

	do
		got = recv(fd, reply, reply_bytes, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return from_errno();
	*received = (size_t)got;
	return got == 0 ? ERR_closed : ERR_ok;
}

static enum err
from_errno(void)
{
	switch (errno) {
	case ENOENT:
	case ECONNREFUSED:
		return ERR_not_found;
	case EAGAIN:
	case EINPROGRESS:
		return ERR_busy;
	case EPIPE:
	case ECONNRESET:
		return ERR_closed;
	default:
		return ERR_io;
	}
}
