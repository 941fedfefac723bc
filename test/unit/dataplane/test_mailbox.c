/*
 * The mailbox socket against peers that do it right, wrong, slowly or not at all.
 */
#include "dataplane/mailbox.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "test/unit/unit.h"

struct desk { /* answers after as many questions as it was told to leave open */
	unsigned asked, open;
	unsigned changes; /* how often it was asked for another number than the time before */
	struct mailbox_request last;
};

/* Requests from some index on wait for each other. */
static unsigned
line(void *context, const struct mailbox_request *request)
{
	return request->from;
}

static bool
answer(void *context, const struct mailbox_request *request, struct mailbox_reply *reply)
{
	struct desk *desk = context;

	desk->asked++;
	desk->changes += desk->last.number != request->number;
	desk->last = *request;
	if (desk->open > 0) {
		desk->open--;
		return false;
	}
	memset(reply, 0, sizeof *reply);
	reply->version = MAILBOX_VERSION;
	reply->count = 7;
	return true;
}

static struct desk desk;
static const struct mailbox_handler handler = { .line = line, .answer = answer, .context = &desk };
static struct mailbox *mailbox;
static char path[64];

static void
open_mailbox(void)
{
	desk = (struct desk){ 0 };
	snprintf(path, sizeof path, "/tmp/fairlead-mailbox-%d", (int)getpid());
	CU_ASSERT_EQUAL_FATAL(mailbox_open(path, &handler, &mailbox), ERR_ok);
}

static int
dial(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 5 };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	strcpy(name.sun_path, path);
	CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	mailbox_poll(mailbox, 0);
	return fd;
}

static const struct mailbox_request good = { .version = MAILBOX_VERSION,
					     .kind = MAILBOX_ADOPT,
					     .number = 5 };

static void
test_request_is_answered(void)
{
	struct mailbox_reply reply;
	int fd;

	open_mailbox();
	fd = dial();
	CU_ASSERT_EQUAL(send(fd, &good, sizeof good, 0), sizeof good);
	mailbox_poll(mailbox, 0);
	CU_ASSERT_EQUAL(recv(fd, &reply, sizeof reply, 0), sizeof reply);
	CU_ASSERT_EQUAL(reply.count, 7);
	CU_ASSERT_EQUAL(desk.last.number, 5);
	close(fd);
	mailbox_close(mailbox);
	CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
}

static void
test_pending_request_is_asked_again_until_answered(void)
{
	struct mailbox_reply reply;
	int fd;

	open_mailbox();
	desk.open = 3;
	fd = dial();
	CU_ASSERT_EQUAL(send(fd, &good, sizeof good, 0), sizeof good);
	mailbox_poll(mailbox, 0);
	CU_ASSERT_TRUE(recv(fd, &reply, sizeof reply, MSG_DONTWAIT) < 0 && errno == EAGAIN);
	for (int i = 0; i < 3; i++)
		mailbox_poll(mailbox, 0);
	CU_ASSERT_EQUAL(recv(fd, &reply, sizeof reply, MSG_DONTWAIT), sizeof reply);
	CU_ASSERT_EQUAL(desk.asked, 4);
	close(fd);
	mailbox_close(mailbox);
}

static void
test_request_of_another_version_is_refused_unasked(void)
{
	struct mailbox_request other = good;
	struct mailbox_reply reply;
	int fd;

	other.version++;
	open_mailbox();
	fd = dial();
	CU_ASSERT_EQUAL(send(fd, &other, sizeof other, 0), sizeof other);
	mailbox_poll(mailbox, 0);
	CU_ASSERT_EQUAL(recv(fd, &reply, sizeof reply, 0), sizeof reply);
	CU_ASSERT_EQUAL(reply.err, ERR_version);
	CU_ASSERT_EQUAL(desk.asked, 0);
	close(fd);
	mailbox_close(mailbox);
}

static void
test_request_of_wrong_size_loses_its_connection_only(void)
{
	char big[2 * sizeof(struct mailbox_request)] = { 0 };
	struct mailbox_reply reply;
	int wrong, right;

	open_mailbox();
	for (size_t size = 1; size <= sizeof big; size += 7) {
		if (size == sizeof good)
			continue;
		wrong = dial();
		right = dial();
		CU_ASSERT_EQUAL(send(wrong, big, size, 0), (ssize_t)size);
		CU_ASSERT_EQUAL(send(right, &good, sizeof good, 0), sizeof good);
		mailbox_poll(mailbox, 0);
		CU_ASSERT_EQUAL(recv(wrong, &reply, sizeof reply, 0), 0);
		CU_ASSERT_EQUAL(recv(right, &reply, sizeof reply, 0), sizeof reply);
		close(wrong);
		close(right);
		mailbox_poll(mailbox, 0);
	}
	mailbox_close(mailbox);
}

static void
test_peer_beyond_the_places_is_turned_away(void)
{
	int fds[40], turned_away = 0, served = 0;
	struct mailbox_reply reply;

	open_mailbox();
	for (int i = 0; i < 40; i++)
		fds[i] = dial();
	for (int i = 0; i < 40; i++)
		send(fds[i], &good, sizeof good, MSG_NOSIGNAL);
	mailbox_poll(mailbox, 0);
	for (int i = 0; i < 40; i++) {
		ssize_t len = recv(fds[i], &reply, sizeof reply, 0);

		served += len == (ssize_t)sizeof reply;
		turned_away += len <= 0;
		close(fds[i]);
	}
	CU_ASSERT_EQUAL(served, 16);
	CU_ASSERT_EQUAL(turned_away, 24);
	mailbox_close(mailbox);
}

static void
test_peer_that_leaves_before_the_answer_frees_its_place(void)
{
	struct mailbox_reply reply;
	int fd;

	open_mailbox();
	for (int i = 0; i < 40; i++) {
		desk.open = 1;
		fd = dial();
		CU_ASSERT_EQUAL(send(fd, &good, sizeof good, 0), sizeof good);
		mailbox_poll(mailbox, 0);
		close(fd);
		mailbox_poll(mailbox, 0);
	}
	fd = dial();
	CU_ASSERT_EQUAL(send(fd, &good, sizeof good, 0), sizeof good);
	mailbox_poll(mailbox, 0);
	CU_ASSERT_EQUAL(recv(fd, &reply, sizeof reply, 0), sizeof reply);
	close(fd);
	mailbox_close(mailbox);
}

/* Two adoptions at once: each is asked to its end, so neither undoes what the other has begun. */
static void
test_requests_of_one_line_are_answered_one_after_the_other(void)
{
	struct mailbox_request first = good, second = good;
	struct mailbox_reply reply;
	int fds[2];

	first.from = second.from = 1;
	second.number = 6;
	open_mailbox();
	desk.open = 5;
	fds[1] = dial(); /* whose place comes first, but not its request */
	fds[0] = dial();
	CU_ASSERT_EQUAL(send(fds[0], &first, sizeof first, 0), sizeof first);
	mailbox_poll(mailbox, 0);
	CU_ASSERT_EQUAL(send(fds[1], &second, sizeof second, 0), sizeof second);
	for (int i = 0; i < 4; i++) {
		mailbox_poll(mailbox, 0);
		CU_ASSERT_EQUAL(desk.last.number, 5);
	}
	for (int i = 0; i < 4; i++)
		mailbox_poll(mailbox, 0);
	for (int i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(recv(fds[i], &reply, sizeof reply, MSG_DONTWAIT), sizeof reply);
	CU_ASSERT_EQUAL(desk.last.number, 6);
	CU_ASSERT_EQUAL(desk.changes, 2);
	close(fds[0]);
	close(fds[1]);
	mailbox_close(mailbox);
}

/* A peer that has gone does not hold up those behind it. */
static void
test_line_moves_on_when_its_first_has_left(void)
{
	struct mailbox_request request = good;
	struct mailbox_reply reply;
	int fds[2];

	request.from = 1;
	open_mailbox();
	desk.open = 2;
	for (int i = 0; i < 2; i++) {
		fds[i] = dial();
		CU_ASSERT_EQUAL(send(fds[i], &request, sizeof request, 0), sizeof request);
		mailbox_poll(mailbox, 0);
	}
	close(fds[0]);
	for (int i = 0; i < 4; i++)
		mailbox_poll(mailbox, 0);
	CU_ASSERT_EQUAL(recv(fds[1], &reply, sizeof reply, MSG_DONTWAIT), sizeof reply);
	close(fds[1]);
	mailbox_close(mailbox);
}

static void
test_requests_of_different_lines_do_not_wait_for_each_other(void)
{
	struct mailbox_request stuck = good, free_one = good;
	struct mailbox_reply reply;
	int fds[2];

	stuck.from = 1;
	free_one.from = 2;
	open_mailbox();
	fds[0] = dial();
	fds[1] = dial();
	desk.open = 1;
	CU_ASSERT_EQUAL(send(fds[0], &stuck, sizeof stuck, 0), sizeof stuck);
	mailbox_poll(mailbox, 0);
	desk.open = 0;
	CU_ASSERT_EQUAL(send(fds[1], &free_one, sizeof free_one, 0), sizeof free_one);
	mailbox_poll(mailbox, 0);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(recv(fds[i], &reply, sizeof reply, MSG_DONTWAIT), sizeof reply);
		close(fds[i]);
	}
	mailbox_close(mailbox);
}

static void
test_path_too_long_is_refused(void)
{
	char longest[300];

	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	CU_ASSERT_EQUAL(mailbox_open(longest, &handler, &mailbox), ERR_too_long);
}

CU_TestInfo test_mailbox[] = {
	{ "request_is_answered", test_request_is_answered },
	{ "pending_request_is_asked_again_until_answered",
	  test_pending_request_is_asked_again_until_answered },
	{ "request_of_another_version_is_refused_unasked",
	  test_request_of_another_version_is_refused_unasked },
	{ "request_of_wrong_size_loses_its_connection_only",
	  test_request_of_wrong_size_loses_its_connection_only },
	{ "peer_beyond_the_places_is_turned_away", test_peer_beyond_the_places_is_turned_away },
	{ "peer_that_leaves_before_the_answer_frees_its_place",
	  test_peer_that_leaves_before_the_answer_frees_its_place },
	{ "requests_of_one_line_are_answered_one_after_the_other",
	  test_requests_of_one_line_are_answered_one_after_the_other },
	{ "line_moves_on_when_its_first_has_left", test_line_moves_on_when_its_first_has_left },
	{ "requests_of_different_lines_do_not_wait_for_each_other",
	  test_requests_of_different_lines_do_not_wait_for_each_other },
	{ "path_too_long_is_refused", test_path_too_long_is_refused },
	CU_TEST_INFO_NULL,
};
