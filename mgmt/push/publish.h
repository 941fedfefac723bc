/*
 * Publishing: a model becomes the configuration that runs, or nothing changes.
 */
#ifndef MGMT_PUSH_PUBLISH_H
#define MGMT_PUSH_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/files.h"
#include "fw/abi/mailbox.h"
#include "fw/base/err.h"
#include "mgmt/model/model.h"

#define PUBLISH_TEXT_BYTES 512

/* The steps of a commit in their order; mgmt/store.c makes the first and the last but one. */
enum publish_step {
	PUBLISH_PREPARED, /* the store has the text under a name of no meaning */
	PUBLISH_WRITTEN,  /* config/N is there */
	PUBLISH_ADOPTED,  /* the data plane runs it, if there is one */
	PUBLISH_LINKED,   /* config/current names it */
	PUBLISH_RECORDED, /* it is part of the history */
	PUBLISH_TIDIED,   /* old generations are gone */
	PUBLISH_STORED,   /* the store's text is the new one */
	PUBLISH_STEP_COUNT
};

struct publisher {
	char run_dir[FILES_PATH_MAX];
	unsigned timeout_ms;  /* for the data plane's answer */
	uint64_t last_number; /* no number is used twice while the run directory lives */
	const char *origin;   /* of the next commit, a word for the history; NULL: "commit" */
	uint64_t number;      /* what config/current named after the last publish; 0: nothing */
	char note[MAILBOX_TEXT_BYTES]; /* what the data plane said with its yes; mostly nothing */
	uint64_t adopt_us; /* how long the data plane took to adopt it; 0: nobody was asked */
	void (*step)(enum publish_step done); /* for tests: called behind each; else NULL */
};

/* What the run directory says. */
struct publish_state {
	uint64_t current; /* what config/current names; 0: nothing */
	bool dataplane_lives;
	uint64_t running; /* in a living data plane; 0: none */
};

/* Makes the directories where missing. ERR_io, ERR_too_long. Copies run_dir. */
enum err publish_open(struct publisher *publisher, const char *run_dir, unsigned timeout_ms)
    __attribute__((warn_unused_result));
/*
 * Compiles and publishes a valid model. said always gets a sentence: what happened, or why not. On
 * anything but ERR_ok the configuration that ran before still runs and config/current still names
 * it; unless there was no answer (ERR_busy): then the data plane may adopt the new one yet.
 */
enum err publish(struct publisher *publisher, const struct model *model, uint64_t now_unix_s,
		 char said[PUBLISH_TEXT_BYTES]) __attribute__((warn_unused_result));
void publish_look(const struct publisher *publisher, struct publish_state *state);
/*
 * Ends what a killed publisher began: the data plane runs number, and now config/current and the
 * history say so. ERR_io.
 */
enum err
publish_finish(struct publisher *publisher, uint64_t number) __attribute__((warn_unused_result));
/* Tells whoever tests that a step is done. */
void publish_done(const struct publisher *publisher, enum publish_step step);

#endif
