/*
 * A run directory of its own for a test, models from text, and a data plane that answers as told.
 */
#ifndef TEST_UNIT_MGMT_PUSH_FIXTURE_H
#define TEST_UNIT_MGMT_PUSH_FIXTURE_H

#include <pthread.h>

#include "fw/abi/files.h"
#include "fw/abi/mailbox.h"
#include "mgmt/model/model.h"

/* A new directory below /tmp; the same buffer until the next call. */
const char *fixture_run_dir(void);
/* Removes it and what is in it. */
void fixture_remove(const char *run_dir);
/* ASSERTs that the text is good. Gives the model. */
struct model fixture_model(const char *text);
/* Whether run_dir/name exists. */
bool fixture_exists(const char *run_dir, const char *name);
/* What config/current names; 0: nothing. */
uint64_t fixture_current(const char *run_dir);

enum fake_answer {
	FAKE_OK,
	FAKE_REFUSE,    /* ERR_no_port, "port p7 does not exist" */
	FAKE_SILENT,    /* takes the request and says nothing */
	FAKE_HANG_UP,   /* takes the request and closes */
	FAKE_CUT,       /* half a reply */
	FAKE_OLD,       /* another version */
	FAKE_COUNT_LIES /* says more connections than it sends */
};

struct fake {
	enum fake_answer answer;
	unsigned refusals; /* so many are refused before that */
	int listening;
	pthread_t thread;
	uint64_t adopted;     /* the last number that it was asked to adopt */
	bool file_was_there;  /* config/N could be mapped and was good at that time */
	uint64_t current_was; /* what config/current named at that time */
	unsigned requests;
	char run_dir[FILES_PATH_MAX];
	struct file_map stats; /* where it says what it runs, if fake_runs was called */
};

/* Listens on run_dir/dataplane.sock and answers in a thread until fake_stop. */
void fake_start(struct fake *fake, const char *run_dir, enum fake_answer answer);
void fake_stop(struct fake *fake);
/*
 * From now on it has a stats file, as a data plane that lives (this process) and runs this
 * generation, and says there what it adopts. Before fake_stop.
 */
void fake_runs(struct fake *fake, uint64_t generation);
/* A stats file as a data plane with this pid that runs this generation leaves it. */
void fixture_write_stats(const char *run_dir, uint32_t pid, uint64_t generation);

#endif
