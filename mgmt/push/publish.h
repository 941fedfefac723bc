/*
 * Publishing: a model becomes the configuration that runs, or nothing changes.
 */
#ifndef MGMT_PUSH_PUBLISH_H
#define MGMT_PUSH_PUBLISH_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/abi/files.h"
#include "fw/base/err.h"
#include "mgmt/model/model.h"

#define PUBLISH_TEXT_BYTES 512

struct publisher {
	char run_dir[FILES_PATH_MAX];
	unsigned timeout_ms;  /* for the data plane's answer */
	uint64_t last_number; /* no number is used twice while the run directory lives */
};

/* Makes the directories where missing. ERR_io, ERR_too_long. Copies run_dir. */
enum err publish_open(struct publisher *publisher, const char *run_dir, unsigned timeout_ms)
    __attribute__((warn_unused_result));
/*
 * Compiles and publishes a valid model. said always gets a sentence: what happened, or why not. On
 * anything but ERR_ok the configuration that ran before still runs and config/current still names
 * it.
 */
enum err publish(struct publisher *publisher, const struct model *model, uint64_t now_unix_s,
		 char said[PUBLISH_TEXT_BYTES]) __attribute__((warn_unused_result));

#endif
