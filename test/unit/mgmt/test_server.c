/* mgmtd's socket: good and bad requests, and peers that misbehave; committing text. */
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/commit.h"
#include "mgmt/push/ask.h"
#include "mgmt/push/request.h"
#include "mgmt/server.h"
#include "test/unit/unit.h"

#define GOOD                                                                                       \
	"version = 1; ports = ( { name = \"p\"; addresses = [ \"10.0.0.1/8\" ]; } );"              \
	"pools = ( { name = \"web\"; members = ( { address = \"10.0.1.1\"; port = 80; } ); } );"
#define BAD "version = 1;\npools = ( { name = \"web\"; } );\n"

struct mgmtd {
	struct publisher publisher;
	struct candidate candidate;
	char run_dir[64];
	int fd;
	pthread_t thread;
	unsigned answers;
};

static void *
answer(void *argument)
{
	struct mgmtd *mgmtd = argument;
	struct pollfd poll_fd = { .fd = mgmtd->fd, .events = POLLIN };

	for (; mgmtd->answers > 0; mgmtd->answers--) {
		ASSERT(poll(&poll_fd, 1, 10000) == 1);
		server_answer(mgmtd->fd, &mgmtd->candidate);
	}
	return NULL;
}

static void
start(struct mgmtd *mgmtd, unsigned answers)
{
	*mgmtd = (struct mgmtd){ .answers = answers };
	snprintf(mgmtd->run_dir, sizeof mgmtd->run_dir, "/tmp/fairlead-unit-XXXXXX");
	ASSERT(mkdtemp(mgmtd->run_dir));
	ASSERT(publish_open(&mgmtd->publisher, mgmtd->run_dir, 100) == ERR_ok);
	candidate_init(&mgmtd->candidate, &mgmtd->publisher, NULL);
	ASSERT(server_open(mgmtd->run_dir, &mgmtd->fd) == ERR_ok);
	ASSERT(pthread_create(&mgmtd->thread, NULL, answer, mgmtd) == 0);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	return remove(path);
}

static void
stop(struct mgmtd *mgmtd)
{
	pthread_join(mgmtd->thread, NULL);
	close(mgmtd->fd);
	candidate_free(&mgmtd->candidate);
	ASSERT(nftw(mgmtd->run_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

static int
text_fd(const char *text)
{
	int fd = memfd_create("text", 0);

	ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return fd;
}

static enum err
request(const struct mgmtd *mgmtd, uint32_t version, uint32_t kind, const char *text,
	struct reply *reply)
{
	struct request out = { .version = version, .kind = kind, .name = "my.conf" };
	int fd = text ? text_fd(text) : -1;
	size_t received = 0;
	enum err err = ask(mgmtd->run_dir, FILES_MGMTD_SOCKET, 5000, &out, sizeof out, fd, reply,
			   sizeof *reply, &received);

	if (fd >= 0)
		close(fd);
	CU_ASSERT(err != ERR_ok || received == sizeof *reply);
	return err;
}

static bool
exists(const struct mgmtd *mgmtd, const char *name)
{
	char path[FILES_PATH_MAX];

	ASSERT(files_path(path, mgmtd->run_dir, name));
	return access(path, F_OK) == 0;
}

static void
load_publishes_and_check_does_not(void)
{
	struct mgmtd mgmtd;
	struct reply reply;

	start(&mgmtd, 2);
	CU_ASSERT_EQUAL(request(&mgmtd, REQUEST_VERSION, REQUEST_CHECK, GOOD, &reply), ERR_ok);
	CU_ASSERT_EQUAL(reply.err, ERR_ok);
	CU_ASSERT_STRING_EQUAL(reply.text, "my.conf: good; ports 1, routes 0, monitors 0, tcp "
					   "profiles 0, pools 1, members 1, virtual servers 0");
	CU_ASSERT_FALSE(exists(&mgmtd, FILES_CONFIG_CURRENT));
	CU_ASSERT_EQUAL(request(&mgmtd, REQUEST_VERSION, REQUEST_LOAD, GOOD, &reply), ERR_ok);
	CU_ASSERT_EQUAL(reply.err, ERR_ok);
	CU_ASSERT_TRUE(exists(&mgmtd, FILES_CONFIG_CURRENT));
	stop(&mgmtd);
}

static void
bad_text_is_answered_with_its_errors(void)
{
	struct mgmtd mgmtd;
	struct reply reply;

	start(&mgmtd, 1);
	CU_ASSERT_EQUAL(request(&mgmtd, REQUEST_VERSION, REQUEST_LOAD, BAD, &reply), ERR_ok);
	CU_ASSERT_EQUAL(reply.err, ERR_invalid);
	CU_ASSERT_STRING_EQUAL(
	    reply.text,
	    "my.conf:2: pool members: is missing; write \"members = ...\", the servers");
	CU_ASSERT_FALSE(exists(&mgmtd, FILES_CONFIG_CURRENT));
	stop(&mgmtd);
}

static void
nonsense_is_answered_with_an_error(void)
{
	struct mgmtd mgmtd;
	struct reply reply;

	start(&mgmtd, 3);
	CU_ASSERT_EQUAL(request(&mgmtd, REQUEST_VERSION + 1, REQUEST_LOAD, GOOD, &reply), ERR_ok);
	CU_ASSERT_EQUAL(reply.err, ERR_version);
	CU_ASSERT_EQUAL(request(&mgmtd, REQUEST_VERSION, 99, GOOD, &reply), ERR_ok);
	CU_ASSERT_EQUAL(reply.err, ERR_invalid);
	CU_ASSERT_EQUAL(request(&mgmtd, REQUEST_VERSION, REQUEST_LOAD, NULL, &reply), ERR_ok);
	CU_ASSERT_EQUAL(reply.err, ERR_invalid);
	CU_ASSERT_FALSE(exists(&mgmtd, FILES_CONFIG_CURRENT));
	stop(&mgmtd);
}

static void
pipe_as_a_text_is_refused_without_waiting(void)
{
	struct request out = { .version = REQUEST_VERSION, .kind = REQUEST_LOAD, .name = "pipe" };
	struct mgmtd mgmtd;
	struct reply reply;
	size_t received;
	int ends[2];

	ASSERT(pipe(ends) == 0);
	start(&mgmtd, 1);
	CU_ASSERT_EQUAL(ask(mgmtd.run_dir, FILES_MGMTD_SOCKET, 5000, &out, sizeof out, ends[0],
			    &reply, sizeof reply, &received),
			ERR_ok);
	CU_ASSERT_STRING_EQUAL(reply.text, "pipe: is no regular file");
	stop(&mgmtd);
	close(ends[0]);
	close(ends[1]);
}

static unsigned
open_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The room for one has room for two: that of alignment. */
static void
several_descriptors_are_closed_again(void)
{
	struct request out = { .version = REQUEST_VERSION, .kind = REQUEST_VALIDATE };
	union {
		char bytes[CMSG_SPACE(3 * sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec data = { &out, sizeof out };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control };
	int passed[3];
	unsigned before;
	struct mgmtd mgmtd;
	struct reply reply;

	start(&mgmtd, 3);
	for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
		passed[i] = mgmtd.fd;
	before = open_descriptors();
	for (size_t count = 1; count <= ARRAY_SIZE(passed); count++) {
		struct sockaddr_un at = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

		snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", mgmtd.run_dir,
			 FILES_MGMTD_SOCKET);
		ASSERT(connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		control.align = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS,
						  .cmsg_len = CMSG_LEN(count * sizeof(int)) };
		memcpy(CMSG_DATA(&control.align), passed, count * sizeof(int));
		ASSERT(sendmsg(fd, &message, MSG_NOSIGNAL) == sizeof out);
		CU_ASSERT_EQUAL(recv(fd, &reply, sizeof reply, 0), sizeof reply);
		CU_ASSERT_EQUAL(recv(fd, &reply, sizeof reply, 0), 0); /* mgmtd is done with it */
		close(fd);
	}
	pthread_join(mgmtd.thread, NULL);
	CU_ASSERT_EQUAL(open_descriptors(), before);
	ASSERT(pthread_create(&mgmtd.thread, NULL, answer, &mgmtd) == 0);
	stop(&mgmtd);
}

static void
silent_peer_costs_its_time_limit_and_no_more(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct timespec from, to;
	struct mgmtd mgmtd;
	struct reply reply;
	int silent = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	start(&mgmtd, 2);
	snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", mgmtd.run_dir, FILES_MGMTD_SOCKET);
	ASSERT(connect(silent, (struct sockaddr *)&at, sizeof at) == 0);
	clock_gettime(CLOCK_MONOTONIC, &from);
	CU_ASSERT_EQUAL(request(&mgmtd, REQUEST_VERSION, REQUEST_CHECK, GOOD, &reply), ERR_ok);
	clock_gettime(CLOCK_MONOTONIC, &to);
	CU_ASSERT_EQUAL(reply.err, ERR_ok);
	CU_ASSERT(to.tv_sec - from.tv_sec >= 1); /* the silent one was first */
	stop(&mgmtd);
	close(silent);
}

static void
short_request_is_dropped_and_its_descriptor_closed(void)
{
	struct mgmtd mgmtd;
	struct reply reply;
	size_t received;
	int probe = dup(0), fd = text_fd(GOOD), again;

	close(probe);
	start(&mgmtd, 1);
	CU_ASSERT_EQUAL(ask(mgmtd.run_dir, FILES_MGMTD_SOCKET, 5000, "short", 5, fd, &reply,
			    sizeof reply, &received),
			ERR_closed);
	close(fd);
	stop(&mgmtd);
	again = dup(0);
	CU_ASSERT_EQUAL(again, probe); /* the lowest free descriptor is what it was */
	close(again);
}

/* Gives the text that came, which may be NULL. */
static char *
must_ask(const struct mgmtd *mgmtd, struct request request, int fd, enum err expected,
	 struct reply *reply)
{
	char *text;

	CU_ASSERT_EQUAL_FATAL(ask_mgmtd(mgmtd->run_dir, 5000, &request, fd, reply, &text), ERR_ok);
	if (reply->err != expected)
		printf("%u: %s\n", request.kind, reply->text);
	CU_ASSERT_EQUAL(reply->err, expected);
	return text;
}

static void
expect_text(const struct mgmtd *mgmtd, uint32_t kind, const char *expected)
{
	struct reply reply;
	char *text = must_ask(mgmtd, (struct request){ .kind = kind }, -1, ERR_ok, &reply);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	CU_ASSERT_STRING_EQUAL(text, expected);
	CU_ASSERT_EQUAL(reply.text_bytes, strlen(expected));
	free(text);
}

static void
candidate_is_edited_compared_and_committed(void)
{
	struct request edit = { .kind = REQUEST_EDIT, .line = "set pool web method maglev" };
	struct mgmtd mgmtd;
	struct reply reply;
	char *text;
	int fd = text_fd(GOOD);

	start(&mgmtd, 13);
	CU_ASSERT_PTR_NULL(
	    must_ask(&mgmtd, (struct request){ .kind = REQUEST_LOAD }, fd, ERR_ok, &reply));
	close(fd);
	CU_ASSERT_PTR_NULL(must_ask(&mgmtd, edit, -1, ERR_ok, &reply));
	CU_ASSERT_EQUAL(reply.edits, 1);
	CU_ASSERT_STRING_EQUAL(reply.text, "");
	snprintf(edit.line, sizeof edit.line, "set pool web methud maglev");
	CU_ASSERT_PTR_NULL(must_ask(&mgmtd, edit, -1, ERR_invalid, &reply));
	CU_ASSERT_STRING_EQUAL(reply.text,
			       "pool: no such field: \"methud\"; did you mean \"method\"?");
	CU_ASSERT_EQUAL(reply.edits, 1);
	CU_ASSERT_PTR_NULL(
	    must_ask(&mgmtd, (struct request){ .kind = REQUEST_ALIVE }, -1, ERR_ok, &reply));
	CU_ASSERT(reply.edits == 1 && reply.text[0] == '\0');
	expect_text(&mgmtd, REQUEST_COMPARE, "+ set pool web method maglev\n");
	expect_text(&mgmtd, REQUEST_SET_LINES,
		    "set port p\nset port p address 10.0.0.1/8\nset pool web method maglev\n"
		    "set pool web member 10.0.1.1:80\n");
	text = must_ask(&mgmtd, (struct request){ .kind = REQUEST_CANDIDATE }, -1, ERR_ok, &reply);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "method = \"maglev\";"));
	free(text);
	must_ask(&mgmtd, (struct request){ .kind = REQUEST_VALIDATE }, -1, ERR_ok, &reply);
	must_ask(&mgmtd, (struct request){ .kind = REQUEST_COMMIT }, -1, ERR_ok, &reply);
	CU_ASSERT_EQUAL(reply.edits, 0);
	expect_text(&mgmtd, REQUEST_COMPARE, "");
	text = must_ask(&mgmtd, (struct request){ .kind = REQUEST_HISTORY }, -1, ERR_ok, &reply);
	CU_ASSERT_EQUAL(strncmp(text, "0 2 ", 4), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n1 1 "));
	free(text);
	must_ask(&mgmtd, (struct request){ .kind = REQUEST_ROLLBACK, .number = 1 }, -1, ERR_ok,
		 &reply);
	CU_ASSERT_EQUAL(reply.edits, 1);
	expect_text(&mgmtd, REQUEST_COMPARE, "- set pool web method maglev\n");
	stop(&mgmtd);
}

/* More than a socket takes at once. */
static void
large_answers_come_whole(void)
{
	char text[64 * 1024], *lines;
	struct mgmtd mgmtd;
	struct reply reply;
	size_t len = 0;
	int fd;

	len += (size_t)sprintf(text, "version = 1; ports = ( { name = \"p\"; addresses = [ "
				     "\"10.0.0.1/8\" ]; } ); pools = (");
	for (unsigned i = 0; i < 600; i++)
		len += (size_t)sprintf(text + len,
				       "%s{ name = \"a-pool-of-some-servers-%03u\"; members = ( { "
				       "address = \"10.0.1.1\"; port = 80; } ); }",
				       i ? "," : "", i);
	sprintf(text + len, ");");
	start(&mgmtd, 2);
	fd = text_fd(text);
	must_ask(&mgmtd, (struct request){ .kind = REQUEST_LOAD }, fd, ERR_ok, &reply);
	close(fd);
	lines = must_ask(&mgmtd, (struct request){ .kind = REQUEST_SET_LINES }, -1, ERR_ok, &reply);
	CU_ASSERT_EQUAL(strlen(lines), reply.text_bytes);
	CU_ASSERT(reply.text_bytes > 3 * REQUEST_TEXT_BYTES);
	CU_ASSERT_PTR_NOT_NULL(strstr(lines, "set pool a-pool-of-some-servers-599\n"));
	free(lines);
	stop(&mgmtd);
}

static void
line_without_an_end_is_cut_and_refused(void)
{
	struct request edit = { .kind = REQUEST_EDIT };
	struct mgmtd mgmtd;
	struct reply reply;

	memset(edit.line, 'a', sizeof edit.line);
	start(&mgmtd, 1);
	must_ask(&mgmtd, edit, -1, ERR_invalid, &reply);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.text, "is no change; must be set ... or delete ..."));
	stop(&mgmtd);
}

static void
socket_is_for_its_owner_and_group_only(void)
{
	struct mgmtd mgmtd;
	char path[FILES_PATH_MAX];
	struct stat st;

	start(&mgmtd, 0);
	ASSERT(files_path(path, mgmtd.run_dir, FILES_MGMTD_SOCKET));
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 0777, 0660);
	stop(&mgmtd);
}

CU_TestInfo test_server[] = {
	{ "server_load_publishes_and_check_does_not", load_publishes_and_check_does_not },
	{ "server_bad_text_is_answered_with_its_errors", bad_text_is_answered_with_its_errors },
	{ "server_nonsense_is_answered_with_an_error", nonsense_is_answered_with_an_error },
	{ "server_pipe_as_a_text_is_refused_without_waiting",
	  pipe_as_a_text_is_refused_without_waiting },
	{ "server_several_descriptors_are_closed_again", several_descriptors_are_closed_again },
	{ "server_silent_peer_costs_its_time_limit_and_no_more",
	  silent_peer_costs_its_time_limit_and_no_more },
	{ "server_short_request_is_dropped_and_its_descriptor_closed",
	  short_request_is_dropped_and_its_descriptor_closed },
	{ "server_candidate_is_edited_compared_and_committed",
	  candidate_is_edited_compared_and_committed },
	{ "server_large_answers_come_whole", large_answers_come_whole },
	{ "server_line_without_an_end_is_cut_and_refused", line_without_an_end_is_cut_and_refused },
	{ "server_socket_is_for_its_owner_and_group_only", socket_is_for_its_owner_and_group_only },
	CU_TEST_INFO_NULL,
};
