/*
 * The answering side of mgmtd.sock. A peer that says nothing or takes nothing costs its time limit;
 * one that says nonsense gets an error. Descriptors that come along are closed whatever happens.
 */
#include "mgmt/server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fw/abi/files.h"
#include "mgmt/commit.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/request.h"

#define BACKLOG 8

static bool receive_request(int fd, struct request *request, int *passed_fd);
static void answer(struct publisher *publisher, const struct request *request, int passed_fd,
		   struct reply *reply);

enum err
server_open(const char *run_dir, int *out)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int len = snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", run_dir, FILES_MGMTD_SOCKET);
	mode_t mask;
	bool ok;
	int fd;

	if (len <= 0 || len >= (int)sizeof at.sun_path)
		return ERR_too_long;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return ERR_io;
	unlink(at.sun_path);
	mask = umask(0177);
	ok = bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, BACKLOG) == 0;
	umask(mask);
	if (!ok) {
		close(fd);
		return ERR_io;
	}
	*out = fd;
	return ERR_ok;
}

void
server_answer(int listening_fd, struct publisher *publisher)
{
	struct reply reply = { .version = REQUEST_VERSION };
	struct request request;
	int passed_fd = -1;
	int fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (ask_set_timeout(fd, SERVER_PEER_TIMEOUT_MS) == ERR_ok &&
	    receive_request(fd, &request, &passed_fd)) {
		answer(publisher, &request, passed_fd, &reply);
		if (send(fd, &reply, sizeof reply, MSG_NOSIGNAL) != sizeof reply)
			fprintf(stderr, "fairlead-mgmtd: a client did not take its reply: %s\n",
				strerror(errno));
	}
	if (passed_fd >= 0)
		close(passed_fd);
	close(fd);
}

static bool
receive_request(int fd, struct request *request, int *passed_fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec data = { request, sizeof *request };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof control.bytes };
	ssize_t got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

	if (got >= 0)
		*passed_fd = ask_take_descriptor(&message);
	if (got != (ssize_t)sizeof *request) {
		fprintf(stderr, "fairlead-mgmtd: a client sent no request (%zd bytes)\n", got);
		return false;
	}
	request->name[sizeof request->name - 1] = '\0';
	return true;
}

static void
answer(struct publisher *publisher, const struct request *request, int passed_fd,
       struct reply *reply)
{
	enum err err = ERR_invalid;

	if (request->version != REQUEST_VERSION) {
		err = ERR_version;
		snprintf(reply->text, sizeof reply->text,
			 "mgmtd speaks version %u of its protocol, the client %u", REQUEST_VERSION,
			 request->version);
	} else if (passed_fd < 0) {
		snprintf(reply->text, sizeof reply->text, "the request came without a text");
	} else if (request->kind == REQUEST_LOAD) {
		err = commit_load(publisher, passed_fd, request->name, reply->text);
		fprintf(stderr, "fairlead-mgmtd: load: %s\n", reply->text);
	} else if (request->kind == REQUEST_CHECK) {
		err = commit_check(passed_fd, request->name, reply->text);
	} else {
		snprintf(reply->text, sizeof reply->text, "no such request");
	}
	reply->err = err;
}
