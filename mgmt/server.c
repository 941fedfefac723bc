/*
 * The answering side of mgmtd.sock. A peer that says nothing or takes nothing costs its time limit;
 * one that says nonsense gets an error. Descriptors that come along are closed whatever happens.
 */
#include "mgmt/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fw/abi/files.h"
#include "mgmt/commit.h"
#include "mgmt/model/compare.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/request.h"
#include "mgmt/restore.h"

#define BACKLOG 8

static bool receive_request(int fd, struct request *request, int *passed_fd);
static int answer(struct candidate *candidate, const struct request *request, int passed_fd,
		  struct reply *reply);
static enum err
answer_text(struct candidate *candidate, const struct request *request, int fd, char *said);
static enum err
answer_candidate(struct candidate *candidate, const struct request *request, char *said);
static char *text_of(const struct candidate *candidate, uint32_t kind);
static int pass_text(char *text, struct reply *reply);

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
	mask = umask(0117);
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
server_answer(int listening_fd, struct candidate *candidate)
{
	struct reply reply = { .version = REQUEST_VERSION };
	struct request request;
	int passed_fd = -1, text_fd = -1;
	int fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (ask_set_timeout(fd, SERVER_PEER_TIMEOUT_MS) == ERR_ok &&
	    receive_request(fd, &request, &passed_fd)) {
		text_fd = answer(candidate, &request, passed_fd, &reply);
		if (!ask_send(fd, &reply, sizeof reply, text_fd))
			fprintf(stderr, "fairlead-mgmtd: a client did not take its reply: %s\n",
				strerror(errno));
	}
	if (passed_fd >= 0)
		close(passed_fd);
	if (text_fd >= 0)
		close(text_fd);
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
	request->line[sizeof request->line - 1] = '\0';
	return true;
}

/* Gives the text that goes along, -1: none. */
static int
answer(struct candidate *candidate, const struct request *request, int passed_fd,
       struct reply *reply)
{
	enum err err = ERR_ok;
	int text_fd = -1;

	if (request->version == REQUEST_VERSION && request->kind != REQUEST_EDIT &&
	    request->kind != REQUEST_ALIVE)
		restore_follow(candidate);
	if (request->version != REQUEST_VERSION) {
		err = ERR_version;
		snprintf(reply->text, sizeof reply->text,
			 "mgmtd speaks version %u of its protocol, the client %u", REQUEST_VERSION,
			 request->version);
	} else if (request->kind == REQUEST_LOAD || request->kind == REQUEST_CHECK) {
		err = answer_text(candidate, request, passed_fd, reply->text);
	} else if (request->kind == REQUEST_CANDIDATE || request->kind == REQUEST_SET_LINES ||
		   request->kind == REQUEST_COMPARE || request->kind == REQUEST_HISTORY) {
		text_fd = pass_text(text_of(candidate, request->kind), reply);
		if (text_fd < 0)
			err = ERR_no_memory;
	} else if (request->kind != REQUEST_ALIVE) {
		err = answer_candidate(candidate, request, reply->text);
	}
	reply->err = err;
	reply->edits = candidate->edits;
	return text_fd;
}

static enum err
answer_text(struct candidate *candidate, const struct request *request, int fd, char *said)
{
	enum err err;

	if (fd < 0) {
		snprintf(said, REQUEST_TEXT_BYTES, "the request came without a text");
		return ERR_invalid;
	}
	if (request->kind == REQUEST_CHECK)
		return commit_check(fd, request->name, said);
	err = commit_load(candidate, fd, request->name, "load", said);
	fprintf(stderr, "fairlead-mgmtd: load: %s\n", said);
	return err;
}

static enum err
answer_candidate(struct candidate *candidate, const struct request *request, char *said)
{
	enum err err;

	switch (request->kind) {
	case REQUEST_EDIT:
		return candidate_edit(candidate, request->line, said);
	case REQUEST_VALIDATE:
		return candidate_validate(candidate, said);
	case REQUEST_ROLLBACK:
		return candidate_rollback(candidate, request->number, said);
	case REQUEST_COMMIT:
		err = commit_candidate(candidate, said);
		fprintf(stderr, "fairlead-mgmtd: commit: %s\n", said);
		return err;
	default:
		snprintf(said, REQUEST_TEXT_BYTES, "no such request");
		return ERR_invalid;
	}
}

/* Gives a malloc'd string. */
static char *
text_of(const struct candidate *candidate, uint32_t kind)
{
	switch (kind) {
	case REQUEST_CANDIDATE:
		return model_save(&candidate->model);
	case REQUEST_SET_LINES:
		return model_set_lines(&candidate->model);
	case REQUEST_COMPARE:
		return model_compare(&candidate->running, &candidate->model);
	default:
		return candidate_history(candidate);
	}
}

/* Takes text. */
static int
pass_text(char *text, struct reply *reply)
{
	size_t len = text ? strlen(text) : 0, done = 0;
	int fd = text ? memfd_create("fairlead-text", MFD_CLOEXEC) : -1;
	ssize_t got = 1;

	while (fd >= 0 && done < len && (got = write(fd, text + done, len - done)) > 0)
		done += (size_t)got;
	free(text);
	reply->text_bytes = (uint32_t)len;
	if (fd >= 0 && done == len)
		return fd;
	if (fd >= 0)
		close(fd);
	reply->text_bytes = 0;
	snprintf(reply->text, sizeof reply->text, "out of memory");
	return -1;
}
