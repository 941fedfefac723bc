/*
 * Readings of sensors and lights, from a directory tree in the place of /sys.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/board/board_sensors.h"
#include "fw/base/assert.h"
#include "test/unit/unit.h"

#define MOST 8u

static char dir[64];
static struct board_host host;
static struct board_reading got[MOST];

static void
put(const char *name, const char *text)
{
	char path[256], *slash;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	for (slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
link_to(const char *name, const char *target)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	ASSERT(symlink(target, path) == 0);
}

static void
begin(void)
{
	strcpy(dir, "/tmp/fairlead-sensors-XXXXXX");
	ASSERT(mkdtemp(dir));
	host = (struct board_host){ .sys_dir = dir };
	memset(got, 0, sizeof got);
}

static void
finish(void)
{
	char command[96];

	snprintf(command, sizeof command, "rm -rf %s", dir);
	ASSERT(system(command) == 0);
}

static unsigned
sensor(const char *module)
{
	return board_sensor_read(&host, module, got, MOST);
}

static void
expect(unsigned i, const char *label, const char *reading, const char *unit)
{
	CU_ASSERT_STRING_EQUAL(got[i].label, label);
	CU_ASSERT_STRING_EQUAL(got[i].reading, reading);
	CU_ASSERT_STRING_EQUAL(got[i].unit, unit);
}

static void
readings_have_the_kernels_scale_and_order(void)
{
	begin();
	put("class/hwmon/hwmon0/name", "nct6798\n");
	put("class/hwmon/hwmon0/device/x", "");
	put("class/hwmon/hwmon0/device/driver.d/x", "");
	link_to("class/hwmon/hwmon0/device/driver", "../../../drivers/nct6775");
	put("class/hwmon/hwmon0/temp10_input", "-5250\n");
	put("class/hwmon/hwmon0/temp2_input", "61000\n");
	put("class/hwmon/hwmon0/temp2_label", "CPUTIN\n");
	put("class/hwmon/hwmon0/temp2_max", "80000\n");
	put("class/hwmon/hwmon0/fan1_input", "1180\n");
	put("class/hwmon/hwmon0/in0_input", "1072\n");
	put("class/hwmon/hwmon0/power1_input", "12345678\n");
	put("class/hwmon/hwmon0/intrusion0_input", "1\n"); /* not known */
	CU_ASSERT_EQUAL_FATAL(sensor("nct6775"), 5);
	expect(0, "fan1", "1180", "rpm");
	expect(1, "in0", "1.07", "V");
	expect(2, "power1", "12.3", "W");
	expect(3, "CPUTIN", "61.0", "C");
	expect(4, "temp10", "-5.2", "C");
	CU_ASSERT_EQUAL(sensor("nct6798"), 0); /* the module counts, not the part */
	finish();
}

static void
chips_of_one_module_come_one_by_one(void)
{
	begin();
	put("class/hwmon/hwmon10/name", "jc42\n");
	put("class/hwmon/hwmon10/temp1_input", "31000\n");
	put("class/hwmon/hwmon9/name", "jc42\n");
	put("class/hwmon/hwmon9/temp1_input", "30000\n");
	put("class/hwmon/hwmon3/name", "other\n");
	put("class/hwmon/hwmon3/temp1_input", "1\n");
	CU_ASSERT_EQUAL_FATAL(sensor("jc42"), 2);
	expect(0, "temp1", "30.0", "C");
	expect(1, "temp1", "31.0", "C");
	finish();
}

static void
sensor_that_says_nothing_is_unreadable_or_absent(void)
{
	begin();
	CU_ASSERT_EQUAL(sensor("coretemp"), 0);
	put("class/hwmon/hwmon0/name", "coretemp\n");
	CU_ASSERT_EQUAL(sensor("coretemp"), 0);
	put("class/hwmon/hwmon0/temp1_input", "");
	put("class/hwmon/hwmon0/temp2_input", "hot\n");
	CU_ASSERT_EQUAL_FATAL(sensor("coretemp"), 2);
	expect(0, "temp1", "unreadable", "C");
	expect(1, "temp2", "unreadable", "C");
	for (unsigned i = 3; i < 20; i++) {
		char name[64];

		snprintf(name, sizeof name, "class/hwmon/hwmon0/temp%u_input", i);
		put(name, "1000\n");
	}
	CU_ASSERT_EQUAL(sensor("coretemp"), 19); /* more than there is room for */
	finish();
}

static void
light_is_off_on_or_in_between(void)
{
	const struct board_led led = { .path = "/sys/class/leds/status" };
	char state[BOARD_READING_BYTES];

	begin();
	CU_ASSERT_FALSE(board_led_read(&host, &led, state));
	put("class/leds/status/brightness", "0\n");
	CU_ASSERT_TRUE(board_led_read(&host, &led, state));
	CU_ASSERT_STRING_EQUAL(state, "off");
	put("class/leds/status/brightness", "1\n");
	CU_ASSERT_TRUE(board_led_read(&host, &led, state));
	CU_ASSERT_STRING_EQUAL(state, "on");
	put("class/leds/status/max_brightness", "255\n");
	CU_ASSERT_TRUE(board_led_read(&host, &led, state));
	CU_ASSERT_STRING_EQUAL(state, "1 of 255");
	finish();
}

CU_TestInfo test_board_sensors[] = {
	{ "sensors_readings_have_the_kernels_scale_and_order",
	  readings_have_the_kernels_scale_and_order },
	{ "sensors_chips_of_one_module_come_one_by_one", chips_of_one_module_come_one_by_one },
	{ "sensors_that_says_nothing_is_unreadable_or_absent",
	  sensor_that_says_nothing_is_unreadable_or_absent },
	{ "led_light_is_off_on_or_in_between", light_is_off_on_or_in_between },
	CU_TEST_INFO_NULL,
};
