/*
 * What the board's sensors and lights say now, as the kernel has it below /sys.
 */
#ifndef DRIVERS_BOARD_BOARD_SENSORS_H
#define DRIVERS_BOARD_BOARD_SENSORS_H

#include "drivers/board/board_host.h"

#define BOARD_LABEL_BYTES   32u
#define BOARD_READING_BYTES 48u

struct board_reading {
	char label[BOARD_LABEL_BYTES];     /* what it measures: the chip's word, or the kernel's */
	char reading[BOARD_READING_BYTES]; /* "47.5"; "unreadable" */
	const char *unit;                  /* "C" */
};

/*
 * The readings of all chips that this hwmon module has found, chip by chip. Returns how many there are, of which at most
 * max are filled in; 0: the module found none, or is not loaded.
 */
unsigned board_sensor_read(const struct board_host *host, const char *module,
			   struct board_reading *out, unsigned max);
/* "off", "on" or how bright. False: the kernel has no such light. */
bool board_led_read(const struct board_host *host, const struct board_led *led,
		    char out[BOARD_READING_BYTES]);

#endif
