/*
 * show board, show accelerators: what the board file names, and what of it is here. Read from the board file and /sys, so
 * that it works when nothing else does.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/board/board_sensors.h"
#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "mgmt/cli/table.h"

#define FIRMWARE     "/usr/lib/firmware/"
#define READINGS_MAX 128u /* of one module: a core each, and more */

static struct board *load(struct cli *cli);
static struct board_host host_of(const struct cli *cli);
static void
add_device(struct table *table, const struct board_host *host, const char *name, const char *pci);
static void
print_sensors(struct cli *cli, const struct board *board, const struct board_host *host);
static void print_leds(struct cli *cli, const struct board *board, const struct board_host *host);
static void
add_accelerator(struct table *table, const struct board_host *host, const struct board_qat *qat);
static unsigned functions_of(const struct board_host *host, const char *pci);
static bool has_firmware(const char *type);

enum cli_code
cmd_show_board(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "NAME", "PCI", "PRESENT", "ID", "DRIVER", ">NUMA" };
	struct board *board = load(cli);
	struct board_host host = host_of(cli);
	struct table table;

	if (!board)
		return CLI_FAILED;
	fprintf(cli->out, "board        %s: %s\n", board->top.name, board->top.description);
	fprintf(cli->out, "tested-on    %s\n",
		board->top.tested_on[0] ? board->top.tested_on : "never run on hardware");
	fprintf(cli->out, "console      %s %u\n", board->console.device, board->console.baud);
	fprintf(cli->out, "cores        management %u, workers", board->cores.management);
	for (uint32_t i = 0; i < board->cores.workers.count; i++)
		fprintf(cli->out, " %u", board->cores.workers.number[i]);
	fprintf(cli->out, "\nhuge-pages   %u of %u KiB\n\n", board->huge_pages.count,
		board->huge_pages.size_kib);
	table_init(&table, heads, ARRAY_SIZE(heads));
	add_device(&table, &host, "mgmt0", board->management_port.pci);
	for (uint32_t i = 0; i < board->ports_count; i++)
		add_device(&table, &host, board->ports[i].name, board->ports[i].pci);
	table_print(&table, cli->out);
	print_sensors(cli, board, &host);
	print_leds(cli, board, &host);
	(void)cli_print_status(cli);
	free(board);
	return CLI_OK;
}

/* Gives it; NULL, and said so. */
static struct board *
load(struct cli *cli)
{
	const char *path = cli->board_file ? cli->board_file : BOARD_FILE;
	struct board *board = calloc(1, sizeof *board);
	struct board_errors errors = { 0 };

	if (board && board_load(path, board, &errors))
		return board;
	if (access(path, F_OK) != 0)
		fprintf(cli->err, "there is no board file %s: this is no appliance\n", path);
	else
		board_errors_print(&errors, path, cli->err);
	free(board);
	return NULL;
}

static struct board_host
host_of(const struct cli *cli)
{
	return (struct board_host){ .sys_dir = cli->sys_dir ? cli->sys_dir : "/sys",
				    .run_dir = cli->run_dir };
}

static void
add_device(struct table *table, const struct board_host *host, const char *name, const char *pci)
{
	struct board_device device = board_host_device(host, pci);

	table_add(table, "%s", name);
	table_add(table, "%s", pci);
	table_add(table, "%s", device.present ? "yes" : "no");
	if (device.present)
		table_add(table, "%04x:%04x", device.vendor, device.device);
	else
		table_add(table, "%s", "");
	table_add(table, "%s", device.driver);
	if (device.numa_node >= 0)
		table_add(table, "%d", device.numa_node);
	else
		table_add(table, "%s", "");
}

/* A line for each reading of each hwmon module that the board names. */
static void
print_sensors(struct cli *cli, const struct board *board, const struct board_host *host)
{
	static const char *const heads[] = { "SENSOR", ">READING", "UNIT", "OF" };
	struct board_reading readings[READINGS_MAX];
	struct table table;

	if (board->top.sensors.count == 0)
		return;
	fputc('\n', cli->out);
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < board->top.sensors.count; i++) {
		const char *module = board->top.sensors.word[i];
		unsigned count = board_sensor_read(host, module, readings, READINGS_MAX);

		for (unsigned k = 0; k < count && k < READINGS_MAX; k++) {
			table_add(&table, "%s", module);
			table_add(&table, "%s", readings[k].reading);
			table_add(&table, "%s", readings[k].unit);
			table_add(&table, "%s", readings[k].label);
		}
		if (count == 0) {
			table_add(&table, "%s", module);
			table_add(&table, "absent");
			table_add(&table, "%s", "");
			table_add(&table, "%s", "");
		}
	}
	table_print(&table, cli->out);
}

static void
print_leds(struct cli *cli, const struct board *board, const struct board_host *host)
{
	static const char *const heads[] = { "LED", "STATE" };
	char state[BOARD_READING_BYTES];
	struct table table;

	if (board->leds_count == 0)
		return;
	fputc('\n', cli->out);
	table_init(&table, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < board->leds_count; i++) {
		table_add(&table, "%s", board->leds[i].name);
		table_add(&table, "%s",
			  board_led_read(host, &board->leds[i], state) ? state : "absent");
	}
	table_print(&table, cli->out);
}

enum cli_code
cmd_show_accelerators(struct cli *cli, const struct cli_args *args)
{
	static const char *const heads[] = { "TYPE",  "PCI",      "PRESENT",    "DRIVER", "STATE",
					     ">NUMA", "FIRMWARE", ">FUNCTIONS", "USE" };
	struct board *board = load(cli);
	struct board_host host = host_of(cli);
	struct table table;

	if (!board)
		return CLI_FAILED;
	if (board->qat_count == 0) {
		fprintf(cli->out, "the board has no accelerator: the cores do all crypto\n");
	} else {
		table_init(&table, heads, ARRAY_SIZE(heads));
		for (uint32_t i = 0; i < board->qat_count; i++)
			add_accelerator(&table, &host, &board->qat[i]);
		table_print(&table, cli->out);
	}
	free(board);
	return CLI_OK;
}

static void
add_accelerator(struct table *table, const struct board_host *host, const struct board_qat *qat)
{
	struct board_device device = board_host_device(host, qat->pci);
	unsigned functions = functions_of(host, qat->pci);
	char type[BOARD_NAME_BYTES + 1], state[32] = "";
	bool up;

	board_qat_type(qat, type);
	if (!board_host_read(state, sizeof state, "%s/bus/pci/devices/%s/qat/state", host->sys_dir,
			     qat->pci))
		state[0] = '\0';
	up = strcmp(state, "up") == 0;
	table_add(table, "%s", type);
	table_add(table, "%s", qat->pci);
	table_add(table, "%s", device.present ? "yes" : "no");
	table_add(table, "%s", device.driver);
	table_add(table, "%s", state);
	if (device.numa_node >= 0)
		table_add(table, "%d", device.numa_node);
	else
		table_add(table, "%s", "");
	table_add(table, "%s", has_firmware(type) ? "installed" : "missing");
	table_add(table, "%u", functions);
	table_add(table, "%s",
		  up && functions  ? "ready; not used before TLS is there"
		  : device.present ? "none: the cores do its work"
				   : "none: it is not there, and the cores do its work");
}

/* Of its virtual functions, how many are the data plane's. */
static unsigned
functions_of(const struct board_host *host, const char *pci)
{
	char function[BOARD_NAME_BYTES + 1];
	unsigned count = 0;

	for (unsigned i = 0;
	     board_host_link(function, sizeof function, "%s/bus/pci/devices/%s/virtfn%u",
			     host->sys_dir, pci, i);
	     i++)
		count += strcmp(board_host_device(host, function).driver, "vfio-pci") == 0;
	return count;
}

/* Both files, as the kernel's drivers ask for them. */
static bool
has_firmware(const char *type)
{
	const char *name = strcmp(type, "dh895xcc") == 0 ? "895xcc" : type;
	char path[FILES_PATH_MAX], mmp[FILES_PATH_MAX];

	snprintf(path, sizeof path, FIRMWARE "qat_%s.bin", name);
	snprintf(mmp, sizeof mmp, FIRMWARE "qat_%s_mmp.bin", name);
	return access(path, R_OK) == 0 && access(mmp, R_OK) == 0;
}
