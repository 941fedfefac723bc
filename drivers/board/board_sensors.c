/*
 * Reading hwmon chips (the kernel's Documentation/hwmon/sysfs-interface.rst) and LEDs. A chip belongs to the module whose
 * driver has it: chips' own names are as often those of the part that was found.
 */
#include "drivers/board/board_sensors.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "fw/base/assert.h"

#define INPUT "_input"

static bool is_of_module(const char *dir, const char *module);
static unsigned read_chip(const char *dir, struct board_reading *out, unsigned max, unsigned count);
static bool read_one(const char *dir, const char *input, struct board_reading *out);
static int is_chip(const struct dirent *entry);
static int is_input(const struct dirent *entry);

unsigned
board_sensor_read(const struct board_host *host, const char *module, struct board_reading *out,
		  unsigned max)
{
	char path[FILES_PATH_MAX], dir[FILES_PATH_MAX];
	struct dirent **chips;
	unsigned count = 0;
	int found;

	snprintf(path, sizeof path, "%s/class/hwmon", host->sys_dir);
	found = scandir(path, &chips, is_chip, versionsort);
	for (int i = 0; i < found; i++) {
		snprintf(dir, sizeof dir, "%.200s/%.40s", path, chips[i]->d_name);
		if (is_of_module(dir, module))
			count = read_chip(dir, out, max, count);
		free(chips[i]);
	}
	if (found >= 0)
		free(chips);
	return count;
}

static int
is_chip(const struct dirent *entry)
{
	return strncmp(entry->d_name, "hwmon", 5) == 0;
}

/* The driver's module; one that is built in has none, and then the driver's name counts. */
static bool
is_of_module(const char *dir, const char *module)
{
	char name[64];

	if (!board_host_link(name, sizeof name, "%s/device/driver/module", dir) &&
	    !board_host_link(name, sizeof name, "%s/device/driver", dir))
		return board_host_read(name, sizeof name, "%s/name", dir) &&
		       strcmp(name, module) == 0;
	for (size_t i = 0; name[i] || module[i]; i++)
		if (name[i] != module[i] && !(strchr("-_", name[i]) && strchr("-_", module[i])))
			return false;
	return true;
}

static unsigned
read_chip(const char *dir, struct board_reading *out, unsigned max, unsigned count)
{
	struct dirent **inputs;
	int found = scandir(dir, &inputs, is_input, versionsort);

	for (int i = 0; i < found; i++) {
		struct board_reading reading;

		if (read_one(dir, inputs[i]->d_name, &reading)) {
			if (count < max)
				out[count] = reading;
			count++;
		}
		free(inputs[i]);
	}
	if (found >= 0)
		free(inputs);
	return count;
}

static int
is_input(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > strlen(INPUT) && len < 24 &&
	       strcmp(entry->d_name + len - strlen(INPUT), INPUT) == 0;
}

/* False: of a kind that is not known. */
static bool
read_one(const char *dir, const char *input, struct board_reading *out)
{
	static const struct {
		const char *kind, *unit;
		double per_unit;
		int digits;
	} kinds[] = {
		{ "temp", "C", 1000, 1 }, { "fan", "rpm", 1, 0 },
		{ "in", "V", 1000, 2 },   { "power", "W", 1000000, 1 },
		{ "curr", "A", 1000, 2 }, { "humidity", "%", 1000, 1 },
	};
	int name_len = (int)(strlen(input) - strlen(INPUT));
	size_t kind_len = strcspn(input, "0123456789_"), k = 0;
	char text[32], *end;
	long value;

	while (k < ARRAY_SIZE(kinds) &&
	       (strlen(kinds[k].kind) != kind_len || memcmp(kinds[k].kind, input, kind_len) != 0))
		k++;
	if (k == ARRAY_SIZE(kinds))
		return false;
	if (!board_host_read(out->label, sizeof out->label, "%s/%.*s_label", dir, name_len,
			     input) ||
	    !out->label[0])
		snprintf(out->label, sizeof out->label, "%.*s", name_len, input);
	out->unit = kinds[k].unit;
	strcpy(out->reading, "unreadable");
	if (!board_host_read(text, sizeof text, "%s/%s", dir, input))
		return true;
	value = strtol(text, &end, 10);
	if (end != text && *end == '\0')
		snprintf(out->reading, sizeof out->reading, "%.*f", kinds[k].digits,
			 (double)value / kinds[k].per_unit);
	return true;
}

bool
board_led_read(const struct board_host *host, const struct board_led *led,
	       char out[BOARD_READING_BYTES])
{
	const char *name = strrchr(led->path, '/');
	char text[16], most[16];
	unsigned long is, max = 1;

	if (!name ||
	    !board_host_read(text, sizeof text, "%s/class/leds%s/brightness", host->sys_dir, name))
		return false;
	is = strtoul(text, NULL, 10);
	if (board_host_read(most, sizeof most, "%s/class/leds%s/max_brightness", host->sys_dir,
			    name))
		max = strtoul(most, NULL, 10);
	if (is == 0 || is >= max)
		strcpy(out, is ? "on" : "off");
	else
		snprintf(out, BOARD_READING_BYTES, "%lu of %lu", is, max);
	return true;
}
