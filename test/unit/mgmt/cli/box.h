/*
 * A run directory as a running appliance has it, whose counters and health a test can write, and
 * the command line over it.
 */
#ifndef TEST_UNIT_MGMT_CLI_BOX_H
#define TEST_UNIT_MGMT_CLI_BOX_H

#include <pthread.h>

#include "fw/abi/mailbox.h"
#include "fw/abi/tap.h"
#include "mgmt/cli/cli.h"
#include "mgmt/model/model.h"

struct box {
	char run_dir[FILES_PATH_MAX];
	struct file_map stats_map, health_map;
	struct stats *stats;
	struct health_table *health;
	uint64_t monitor_hash;
	struct endpoint member[5];
	uint64_t owner[5];
	uint32_t vs_slot; /* of the first virtual server */
	char *out, *err;  /* of the last command */
	/* the data plane's socket */
	int listening;
	pthread_t thread;
	uint32_t conns;
	bool endless;
	const void *tap_bytes; /* records that a capture or trace gets, at its first look */
	uint32_t tap_len;
	uint64_t tap_lost;
	bool tap_ended;       /* the data plane has ended it of its own accord */
	struct tap_plan plan; /* that was asked for last */
	unsigned tap_starts, tap_stops;
	const struct mailbox_reply *pages; /* answers to what show interfaces and its kin ask */
	uint32_t page_count, page_next;
	const struct ping_answer
	    *pongs; /* what probes are answered, in turn and from the start again */
	uint32_t pong_count, pings;
	struct ping_plan ping; /* that was asked for last */
	const char *refusal;   /* of what is said of members; NULL: it is done */
	/* mgmtd's socket */
	int mgmtd_listening;
	pthread_t mgmtd_thread;
	uint32_t edits;
	char lines[4096];  /* EDITs that were taken, each with its newline */
	uint32_t rollback; /* the last one's number */
};

/*
 * Members: .11 up, fd00::12 down, .13 not probed; .14 in a pool without a monitor, .15 its backup.
 */
void box_open(struct box *box);
void box_close(struct box *box);
enum cli_code box_run(struct box *box, const char *line);
/* Lines as from a pipe. */
enum cli_code box_batch_text(struct box *box, const char *lines);
enum cli_code box_batch(struct box *box, FILE *in);
size_t box_lines(const struct box *box);
/* Whether a line of the text begins so; prints what there is if not. */
bool box_has_line(const char *text, const char *line);
/*
 * Answers as the data plane: members' administrative states go to the health table, and so many
 * connections are on each worker; endless: `next` does not grow.
 */
void box_serve_dataplane(struct box *box, uint32_t conns, bool endless);
void box_stop_serving(struct box *box);
/* Answers as mgmtd would; a line with "wrong" in it is refused. */
void box_serve_mgmtd(struct box *box);
void box_stop_mgmtd(struct box *box);

#endif
