#include "test/unit/mgmt/push/fixture.h"

#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fw/abi/generation.h"
#include "fw/abi/stats.h"
#include "fw/base/assert.h"

const char *
fixture_run_dir(void)
{
	static char dir[64];

	snprintf(dir, sizeof dir, "/tmp/fairlead-unit-XXXXXX");
	ASSERT(mkdtemp(dir));
	return dir;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	return remove(path);
}

void
fixture_remove(const char *run_dir)
{
	ASSERT(strncmp(run_dir, "/tmp/fairlead-unit-", 19) == 0);
	ASSERT(nftw(run_dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

struct model
fixture_model(const char *text)
{
	struct errors errors = { 0 };
	struct model model;

	if (!model_load(text, strlen(text), &model, &errors))
		fprintf(stderr, "%u: %s\n", errors.error[0].line, errors.error[0].text);
	ASSERT(errors.count == 0);
	return model;
}

bool
fixture_exists(const char *run_dir, const char *name)
{
	char path[FILES_PATH_MAX];

	ASSERT(files_path(path, run_dir, name));
	return access(path, F_OK) == 0;
}

uint64_t
fixture_current(const char *run_dir)
{
	char path[FILES_PATH_MAX], target[32] = "";

	ASSERT(files_path(path, run_dir, FILES_CONFIG_CURRENT));
	return readlink(path, target, sizeof target - 1) > 0 ? strtoull(target, NULL, 10) : 0;
}

static void
open_stats(const char *run_dir, uint32_t pid, uint64_t generation, struct file_map *map)
{
	char path[FILES_PATH_MAX];
	struct stats *stats;
	_Bool existed;

	ASSERT(files_lock(run_dir, FILES_DATAPLANE_LOCK) != ERR_io); /* ERR_busy: held already */
	ASSERT(files_path(path, run_dir, FILES_STATS));
	ASSERT(files_map_write(path, sizeof *stats, map, &existed) == ERR_ok);
	stats = map->base;
	stats->magic = STATS_MAGIC;
	stats->layout_hash = stats_layout_hash();
	stats->pid = pid;
	stats->generation = generation;
}

void
fixture_write_stats(const char *run_dir, uint32_t pid, uint64_t generation)
{
	struct file_map map;

	open_stats(run_dir, pid, generation, &map);
	files_unmap(&map);
}

static void
look_at_file(struct fake *fake)
{
	char name[32], path[FILES_PATH_MAX];
	struct file_map map;
	const char *where;

	snprintf(name, sizeof name, "config/%llu", (unsigned long long)fake->adopted);
	ASSERT(files_path(path, fake->run_dir, name));
	fake->file_was_there = files_map_read(path, &map) == ERR_ok &&
			       generation_check(map.base, map.size_bytes, &where) == ERR_ok;
	files_unmap(&map);
	fake->current_was = fixture_current(fake->run_dir);
}

static void
answer_one(struct fake *fake, int fd)
{
	struct mailbox_request request;
	struct mailbox_reply reply = { .version = MAILBOX_VERSION, .next = UINT32_MAX };
	size_t len = sizeof reply;
	enum fake_answer is = fake->answer;
	char dummy;

	if (recv(fd, &request, sizeof request, 0) != sizeof request)
		return;
	__atomic_add_fetch(&fake->requests, 1, __ATOMIC_RELAXED);
	if (fake->refusals > 0) {
		fake->refusals--;
		is = FAKE_REFUSE;
	}
	if (request.kind == MAILBOX_ADOPT) {
		fake->adopted = request.number;
		look_at_file(fake);
		if (is == FAKE_OK && fake->stats.base)
			((struct stats *)fake->stats.base)->generation = request.number;
	}
	switch (is) {
	case FAKE_OK:
		break;
	case FAKE_REFUSE:
		reply.err = ERR_no_port;
		snprintf(reply.text, sizeof reply.text, "port p7 does not exist");
		break;
	case FAKE_SILENT:
		recv(fd, &dummy, 1, 0); /* until the other side gives up */
		return;
	case FAKE_HANG_UP:
		return;
	case FAKE_CUT:
		len = 100;
		break;
	case FAKE_OLD:
		reply.version = MAILBOX_VERSION + 1;
		break;
	case FAKE_COUNT_LIES:
		reply.count = 2;
		len = offsetof(struct mailbox_reply, conn) + sizeof reply.conn[0];
		break;
	}
	ASSERT(send(fd, &reply, len, MSG_NOSIGNAL) == (ssize_t)len);
}

static void *
serve(void *argument)
{
	struct fake *fake = argument;
	int fd;

	while ((fd = accept(fake->listening, NULL, NULL)) >= 0) {
		answer_one(fake, fd);
		close(fd);
	}
	return NULL;
}

void
fake_start(struct fake *fake, const char *run_dir, enum fake_answer answer)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	*fake = (struct fake){ .answer = answer };
	snprintf(fake->run_dir, sizeof fake->run_dir, "%s", run_dir);
	snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", run_dir, FILES_DATAPLANE_SOCKET);
	unlink(at.sun_path);
	fake->listening = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	ASSERT(bind(fake->listening, (struct sockaddr *)&at, sizeof at) == 0 &&
	       listen(fake->listening, 4) == 0);
	ASSERT(pthread_create(&fake->thread, NULL, serve, fake) == 0);
}

void
fake_stop(struct fake *fake)
{
	shutdown(fake->listening, SHUT_RDWR);
	pthread_join(fake->thread, NULL);
	close(fake->listening);
	files_unmap(&fake->stats);
}

void
fake_runs(struct fake *fake, uint64_t generation)
{
	open_stats(fake->run_dir, (uint32_t)getpid(), generation, &fake->stats);
}
