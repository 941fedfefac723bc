/* Asking mgmtd: what a client makes of answers that are none. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/push/ask.h"
#include "test/unit/mgmt/push/fixture.h"
#include "test/unit/unit.h"

/* A mgmtd of one answer. */
struct peer {
	int listening, text_fd;
	size_t len;
	struct reply reply;
	pthread_t thread;
};

static void *
serve(void *argument)
{
	struct peer *peer = argument;
	int fd = accept(peer->listening, NULL, NULL);
	struct request request;

	ASSERT(fd >= 0 && recv(fd, &request, sizeof request, 0) == sizeof request);
	if (peer->len)
		ASSERT(ask_send(fd, &peer->reply, peer->len, peer->text_fd));
	close(fd);
	return NULL;
}

static enum err
ask_peer(struct peer *peer, char **text)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct request request = { .kind = REQUEST_COMPARE };
	const char *dir = fixture_run_dir();
	struct reply reply;
	enum err err;

	snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", dir, FILES_MGMTD_SOCKET);
	peer->listening = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	ASSERT(bind(peer->listening, (struct sockaddr *)&at, sizeof at) == 0 &&
	       listen(peer->listening, 1) == 0);
	ASSERT(pthread_create(&peer->thread, NULL, serve, peer) == 0);
	err = ask_mgmtd(dir, 2000, &request, -1, &reply, text);
	pthread_join(peer->thread, NULL);
	close(peer->listening);
	fixture_remove(dir);
	return err;
}

static struct peer
good_peer(const char *text)
{
	struct peer peer = { .len = sizeof peer.reply,
			     .text_fd = -1,
			     .reply.version = REQUEST_VERSION };

	if (!text)
		return peer;
	peer.text_fd = memfd_create("text", MFD_CLOEXEC);
	ASSERT(peer.text_fd >= 0 &&
	       write(peer.text_fd, text, strlen(text)) == (ssize_t)strlen(text));
	peer.reply.text_bytes = (uint32_t)strlen(text);
	return peer;
}

static void
text_comes_with_its_end(void)
{
	struct peer peer = good_peer("two\nlines\n");
	char *text;

	CU_ASSERT_EQUAL(ask_peer(&peer, &text), ERR_ok);
	CU_ASSERT_STRING_EQUAL(text, "two\nlines\n");
	free(text);
	CU_ASSERT_EQUAL(ask_peer(&peer, NULL), ERR_ok); /* and is not missed */
	close(peer.text_fd);
	peer = good_peer(NULL);
	CU_ASSERT_EQUAL(ask_peer(&peer, &text), ERR_ok);
	CU_ASSERT_PTR_NULL(text);
}

static void
text_shorter_than_said_is_refused(void)
{
	struct peer peer = good_peer("short");
	char *text;

	peer.reply.text_bytes++;
	CU_ASSERT_EQUAL(ask_peer(&peer, &text), ERR_corrupt);
	CU_ASSERT_PTR_NULL(text);
	close(peer.text_fd);
}

static void
answers_that_are_none_are_refused(void)
{
	struct peer peer = good_peer(NULL);
	char *text;

	peer.reply.version++;
	CU_ASSERT_EQUAL(ask_peer(&peer, &text), ERR_version);
	peer = good_peer(NULL);
	peer.len = 1;
	CU_ASSERT_EQUAL(ask_peer(&peer, &text), ERR_version);
	peer.len = sizeof peer.reply - 1;
	CU_ASSERT_EQUAL(ask_peer(&peer, &text), ERR_corrupt);
	peer = good_peer(NULL);
	peer.reply.err = ERR_COUNT;
	CU_ASSERT_EQUAL(ask_peer(&peer, &text), ERR_corrupt);
	peer.len = 0;
	CU_ASSERT_EQUAL(ask_peer(&peer, &text), ERR_closed);
}

CU_TestInfo test_ask[] = {
	{ "ask_text_comes_with_its_end", text_comes_with_its_end },
	{ "ask_text_shorter_than_said_is_refused", text_shorter_than_said_is_refused },
	{ "ask_answers_that_are_none_are_refused", answers_that_are_none_are_refused },
	CU_TEST_INFO_NULL,
};
