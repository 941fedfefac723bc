/*
 * The asking side of both sockets of the run directory.
 */
#include "mgmt/push/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "fw/abi/files.h"

static enum err
connect_to(const char *run_dir, const char *socket_name, unsigned timeout_ms, int *fd);
static enum err
receive_reply(int fd, void *reply, size_t reply_bytes, size_t *received, int *reply_fd);
static enum err read_passed(int fd, size_t text_bytes, char **text);
static enum err from_errno(void);

/* Gives *reply_fd, -1 if none came. */
static enum err
exchange(const char *run_dir, const char *socket_name, unsigned timeout_ms, const void *request,
	 size_t request_bytes, int passed_fd, void *reply, size_t reply_bytes, size_t *received,
	 int *reply_fd)
{
	int fd;
	enum err err = connect_to(run_dir, socket_name, timeout_ms, &fd);

	*reply_fd = -1;
	if (err != ERR_ok)
		return err;
	if (!ask_send(fd, request, request_bytes, passed_fd))
		err = from_errno();
	if (err == ERR_ok)
		err = receive_reply(fd, reply, reply_bytes, received, reply_fd);
	close(fd);
	return err;
}

enum err
ask(const char *run_dir, const char *socket_name, unsigned timeout_ms, const void *request,
    size_t request_bytes, int passed_fd, void *reply, size_t reply_bytes, size_t *received)
{
	int reply_fd;
	enum err err = exchange(run_dir, socket_name, timeout_ms, request, request_bytes, passed_fd,
				reply, reply_bytes, received, &reply_fd);

	if (reply_fd >= 0)
		close(reply_fd);
	return err;
}

enum err
ask_mgmtd(const char *run_dir, unsigned timeout_ms, struct request *request, int passed_fd,
	  struct reply *reply, char **text)
{
	size_t received = 0;
	int reply_fd;
	enum err err;

	if (text)
		*text = NULL;
	memset(reply, 0, sizeof *reply);
	request->version = REQUEST_VERSION;
	err = exchange(run_dir, FILES_MGMTD_SOCKET, timeout_ms, request, sizeof *request, passed_fd,
		       reply, sizeof *reply, &received, &reply_fd);
	if (err == ERR_ok &&
	    (received < sizeof reply->version || reply->version != REQUEST_VERSION))
		err = ERR_version;
	else if (err == ERR_ok && (received != sizeof *reply || reply->err >= ERR_COUNT))
		err = ERR_corrupt;
	reply->text[sizeof reply->text - 1] = '\0';
	if (err == ERR_ok && text && reply_fd >= 0)
		err = read_passed(reply_fd, reply->text_bytes, text);
	if (reply_fd >= 0)
		close(reply_fd);
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

bool
ask_send(int fd, const void *bytes, size_t len, int passed_fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec data = { (void *)bytes, len };
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
	return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)len;
}

static enum err
receive_reply(int fd, void *reply, size_t reply_bytes, size_t *received, int *reply_fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec data = { reply, reply_bytes };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof control.bytes };
	ssize_t got;

	do
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return from_errno();
	*reply_fd = ask_take_descriptor(&message);
	*received = (size_t)got;
	return got == 0 ? ERR_closed : ERR_ok;
}

int
ask_take_descriptor(struct msghdr *message)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(message);
	size_t count;
	int fd = -1;

	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
		return -1;
	count = (head->cmsg_len - CMSG_LEN(0)) / sizeof fd;
	for (size_t i = 0; i < count; i++) {
		if (fd >= 0)
			close(fd);
		memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
	}
	return fd;
}

/* mgmtd sealed nothing, but it is trusted to leave alone what it gave away. */
static enum err
read_passed(int fd, size_t text_bytes, char **out)
{
	size_t size = 0;
	ssize_t got = 0;
	char *text = malloc(text_bytes + 1);

	if (!text)
		return ERR_no_memory;
	while (size < text_bytes &&
	       ((got = pread(fd, text + size, text_bytes - size, (off_t)size)) > 0 ||
		(got < 0 && errno == EINTR)))
		size += got > 0 ? (size_t)got : 0;
	text[size] = '\0';
	if (size == text_bytes) {
		*out = text;
		return ERR_ok;
	}
	free(text);
	return got < 0 ? ERR_io : ERR_corrupt;
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
