/*
 * fairlead-admin as a process, in a root directory of the test's own: what it stores, and what it refuses.
 */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "fw/services/admin.h"
#include "test/unit/unit.h"

static char root[64];
static struct admin_reply reply;
static pid_t program;

static void program_start(void);

static void
begin(void)
{
	char command[160];

	strcpy(root, "/tmp/fairlead-admin-XXXXXX");
	ASSERT(mkdtemp(root));
	snprintf(command, sizeof command,
		 "cd %s && mkdir -p etc config/auth run/fairlead && "
		 "echo 'root:!*:20000::::::' >etc/shadow",
		 root);
	ASSERT(system(command) == 0);
	program_start();
}

static void
finish(void)
{
	char command[96];
	int status;

	kill(program, SIGTERM);
	ASSERT(waitpid(program, &status, 0) == program);

	snprintf(command, sizeof command, "rm -rf %s", root);
	ASSERT(system(command) == 0);
}

/* The program, with its socket as systemd gives it. */
static void
program_start(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	posix_spawn_file_actions_t actions;
	char exe[256];
	char *argv[] = { exe, (char *)"--root", root, NULL };
	ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 40);

	ASSERT(len > 0 && listener >= 0);
	exe[len] = '\0';
	strcpy(strrchr(exe, '/'), "/../fairlead-admin");
	snprintf(at.sun_path, sizeof at.sun_path, "%s/admin.sock", root);
	ASSERT(bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 4) == 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, listener, STDIN_FILENO);
	ASSERT(posix_spawn(&program, exe, &actions, NULL, argv, NULL) == 0);
	posix_spawn_file_actions_destroy(&actions);
	close(listener);
}

/* Whether it was stored; the answer is in reply. */
static bool
ask_for(const void *packet, size_t bytes)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof at.sun_path, "%s/admin.sock", root);
	ASSERT(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
	ASSERT(send(fd, packet, bytes, 0) == (ssize_t)bytes);
	memset(&reply, 0, sizeof reply);
	CU_ASSERT_EQUAL(recv(fd, &reply, sizeof reply, 0), (ssize_t)sizeof reply);
	CU_ASSERT_EQUAL(reply.version, ADMIN_VERSION);
	CU_ASSERT_EQUAL(reply.stored, reply.text[0] == '\0');
	close(fd);
	return reply.stored;
}

static bool
ask_hash(const char *hash)
{
	struct admin_request request = { .version = ADMIN_VERSION };

	snprintf(request.hash, sizeof request.hash, "%s", hash);
	return ask_for(&request, sizeof request);
}

static void
hash_is_stored_and_counts_at_once(void)
{
	char hash[ADMIN_HASH_BYTES], got[ADMIN_HASH_BYTES], path[128], text[1024] = "";
	struct stat st;
	FILE *file;

	begin();
	ASSERT(admin_hash("correct horse", hash));
	CU_ASSERT_TRUE(ask_hash(hash));
	CU_ASSERT(admin_read_hash(root, got));
	CU_ASSERT_STRING_EQUAL(got, hash);
	snprintf(path, sizeof path, "%s/etc/shadow", root);
	file = fopen(path, "r");
	CU_ASSERT(file && fread(text, 1, sizeof text - 1, file) > 0);
	fclose(file);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, hash));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "root:!*:"));
	CU_ASSERT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	ASSERT(admin_hash("another horse", hash));
	CU_ASSERT_TRUE(ask_hash(hash));
	CU_ASSERT(admin_read_hash(root, got));
	CU_ASSERT_STRING_EQUAL(got, hash);
	finish();
}

static void
what_is_no_hash_is_refused(void)
{
	static const char *const wrong[] = {
		"",
		"secret",
		"$1$abc$0123456789abcdefghijkl",
		"$y$",
		"*",
		"!",
		"$y$j9T$qqqqqqqqqqqqqqqqqqqqqq$0123456789", /* cut */
		"$y$j9T$:0:0:::::$LfaTlMMQPLCvUnSHhqpjGXoiyEHvbvEJXj4Y1fJk0Z8",
		"$y$j9T$a\nroot::0$LfaTlMMQPLCvUnSHhqpjGXoiyEHvbvEJXj4Y1fJk0Z8",
	};
	struct admin_request request = { .version = ADMIN_VERSION };
	char hash[ADMIN_HASH_BYTES], cut[ADMIN_HASH_BYTES];

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		CU_ASSERT_FALSE(ask_hash(wrong[i]));
		CU_ASSERT_PTR_NOT_NULL(strstr(reply.text, "no yescrypt hash"));
	}
	/* of no password at all: it would let everybody in */
	ASSERT(admin_hash("", hash));
	CU_ASSERT_FALSE(ask_hash(hash));
	ASSERT(admin_hash("correct horse", hash));
	snprintf(cut, sizeof cut, "%.*s", (int)strlen(hash) - 1, hash);
	CU_ASSERT_FALSE(ask_hash(cut));
	memset(request.hash, 'x', sizeof request.hash); /* without an end */
	CU_ASSERT_FALSE(ask_for(&request, sizeof request));
	CU_ASSERT_FALSE(ask_for(&request, 7));
	request.version = ADMIN_VERSION + 1;
	strcpy(request.hash, hash);
	CU_ASSERT_FALSE(ask_for(&request, sizeof request));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.text, "another version"));
	CU_ASSERT_FALSE(admin_read_hash(root, cut));
	finish();
}

static void
what_can_not_be_stored_is_said(void)
{
	char hash[ADMIN_HASH_BYTES], path[128];

	begin();
	ASSERT(admin_hash("correct horse", hash));
	snprintf(path, sizeof path, "%s" ADMIN_HASH_FILE, root);
	ASSERT(mkdir(path, 0700) == 0);
	CU_ASSERT_FALSE(ask_hash(hash));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.text, "the old one stays"));
	finish();
}

CU_TestInfo test_set_password[] = {
	{ "admin_hash_is_stored_and_counts_at_once", hash_is_stored_and_counts_at_once },
	{ "admin_what_is_no_hash_is_refused", what_is_no_hash_is_refused },
	{ "admin_what_can_not_be_stored_is_said", what_can_not_be_stored_is_said },
	CU_TEST_INFO_NULL,
};
