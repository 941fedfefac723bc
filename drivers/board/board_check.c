/*
 * What must hold between the parts of a board: nothing sits or is called the same twice, no core has two masters, and
 * the data plane's memory fits.
 */
#include <string.h>

#include "drivers/board/board.h"
#include "fw/base/assert.h"

#define LEDS          "/sys/class/leds/"
#define ADDRESSES_MAX (1 + BOARD_PORTS + BOARD_QAT)

/* Each PCI address with who has it. */
struct taken {
	struct board_errors *errors;
	uint32_t count;
	struct {
		const char *pci, *what;
	} at[ADDRESSES_MAX];
};

static void check_addresses(const struct board *board, struct board_errors *errors);
static void take(struct taken *taken, const char *pci, const char *what, uint32_t line);
static void check_ports(const struct board *board, struct board_errors *errors);
static void check_cores(const struct board *board, struct board_errors *errors);
static void check_huge_pages(const struct board *board, struct board_errors *errors);
static void check_console(const struct board *board, struct board_errors *errors);
static void check_kernel_arguments(const struct board *board, struct board_errors *errors);
static void check_names(const struct board *board, struct board_errors *errors);

bool
board_check(const struct board *board, struct board_errors *errors)
{
	uint32_t before = errors->count;

	check_addresses(board, errors);
	check_ports(board, errors);
	check_cores(board, errors);
	check_huge_pages(board, errors);
	check_console(board, errors);
	check_kernel_arguments(board, errors);
	check_names(board, errors);
	return errors->count == before;
}

static void
check_addresses(const struct board *board, struct board_errors *errors)
{
	struct taken taken = { .errors = errors };

	take(&taken, board->management_port.pci, "the management port",
	     board->management_port.line);
	for (uint32_t i = 0; i < board->ports_count; i++)
		take(&taken, board->ports[i].pci, board->ports[i].name, board->ports[i].line);
	for (uint32_t i = 0; i < board->qat_count; i++)
		take(&taken, board->qat[i].pci, "an accelerator", board->qat[i].line);
}

static void
take(struct taken *taken, const char *pci, const char *what, uint32_t line)
{
	for (uint32_t i = 0; i < taken->count; i++)
		if (strcmp(taken->at[i].pci, pci) == 0)
			board_refuse(taken->errors, line,
				     "%s: %s has %s already; give each device to one", what,
				     taken->at[i].what, pci);
	ASSERT(taken->count < ADDRESSES_MAX);
	taken->at[taken->count].pci = pci;
	taken->at[taken->count++].what = what;
}

static void
check_ports(const struct board *board, struct board_errors *errors)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (board->ports_count == 0)
		board_refuse(errors, 0, "ports is empty; a load balancer has one at least");
	for (uint32_t i = 0; i < board->ports_count; i++) {
		const struct board_port *port = &board->ports[i];

		if (port->name[strspn(port->name, allowed)] || strchr("-_.", port->name[0]))
			board_refuse(errors, port->line,
				     "\"%s\" is no name; must be letters, digits, '-', '_' and "
				     "'.', a letter or digit first",
				     port->name);
		if (strcmp(port->name, "mgmt0") == 0 || strcmp(port->name, "lo") == 0)
			board_refuse(errors, port->line,
				     "a port can't be called \"%s\"; the kernel has that",
				     port->name);
		for (uint32_t k = 0; k < i; k++)
			if (strcmp(board->ports[k].name, port->name) == 0)
				board_refuse(errors, port->line,
					     "port \"%s\" is there twice, first in line %u; give "
					     "each its own name",
					     port->name, board->ports[k].line);
	}
}

static void
check_cores(const struct board *board, struct board_errors *errors)
{
	const struct board_numbers *workers = &board->cores.workers;

	for (uint32_t i = 0; i < workers->count; i++) {
		if (workers->number[i] == board->cores.management)
			board_refuse(errors, board->cores.line,
				     "core %u is both management's and a worker's; a worker polls "
				     "and leaves nothing",
				     workers->number[i]);
		for (uint32_t k = 0; k < i; k++)
			if (workers->number[k] == workers->number[i])
				board_refuse(errors, board->cores.line,
					     "core %u has two workers; give each its own",
					     workers->number[i]);
	}
}

static void
check_huge_pages(const struct board *board, struct board_errors *errors)
{
	const struct board_huge_pages *pages = &board->huge_pages;
	uint64_t mib = (uint64_t)pages->size_kib * pages->count / 1024;
	uint32_t need_mib = board_memory_mib(board) + BOARD_SPARE_MIB;

	if (pages->size_kib != 2048 && pages->size_kib != 1048576)
		board_refuse(errors, pages->line,
			     "there are no huge pages of %u KiB; must be 2048 or 1048576",
			     pages->size_kib);
	else if (mib < need_mib)
		board_refuse(
		    errors, pages->line,
		    "%llu MiB of huge pages are too few; with these workers and the ports' "
		    "mtu-bytes the data plane needs %u: count %u or more",
		    (unsigned long long)mib, need_mib,
		    (need_mib * 1024 + pages->size_kib - 1) / pages->size_kib);
	else if (mib > BOARD_MEMORY_MAX)
		board_refuse(
		    errors, pages->line,
		    "%llu MiB of huge pages are more than the data plane can take; must be "
		    "%u or less: count %u or less",
		    (unsigned long long)mib, BOARD_MEMORY_MAX,
		    (uint32_t)((uint64_t)BOARD_MEMORY_MAX * 1024 / pages->size_kib));
	if (board->qemu.line && mib + 512 > board->qemu.memory_mib)
		board_refuse(errors, board->qemu.line,
			     "a machine of %u MiB has no room for %llu MiB of huge pages and 512 "
			     "for the rest",
			     board->qemu.memory_mib, (unsigned long long)mib);
}

/* As measured: 131,071 packet buffers, and 32,768 connections and sessions a worker. */
uint32_t
board_memory_mib(const struct board *board)
{
	uint32_t mib = 640 + 64 * board->cores.workers.count, mtu_bytes = 1500;

	for (uint32_t i = 0; i < board->ports_count; i++)
		if (board->ports[i].mtu_bytes > mtu_bytes)
			mtu_bytes = board->ports[i].mtu_bytes;
	return (mib > 1024 ? mib : 1024) + (mtu_bytes - 1500) / 8;
}

static void
check_console(const struct board *board, struct board_errors *errors)
{
	static const uint32_t speeds[] = { 9600, 19200, 38400, 57600, 115200, 230400 };
	const struct board_console *console = &board->console;
	bool known = false;

	if (strncmp(console->device, "tty", 3) != 0 || strchr(console->device, '/'))
		board_refuse(errors, console->line,
			     "\"%s\" is no serial device; must be like \"ttyS0\"", console->device);
	for (size_t i = 0; i < ARRAY_SIZE(speeds); i++)
		known |= speeds[i] == console->baud;
	if (!known)
		board_refuse(errors, console->line,
			     "%u is no speed of a serial line; must be 9600, 19200, 38400, 57600, "
			     "115200 or 230400",
			     console->baud);
}

/* What follows from the rest is said once. */
static void
check_kernel_arguments(const struct board *board, struct board_errors *errors)
{
	static const char *const derived[] = {
		"console=",    "isolcpus=",           "nohz_full=",   "rcu_nocbs=", "hugepages=",
		"hugepagesz=", "default_hugepagesz=", "irqaffinity=", "root=",      "init=",
		"fairlead."
	};

	for (uint32_t i = 0; i < board->top.kernel_arguments.count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(derived); k++)
			if (strncmp(board->top.kernel_arguments.word[i], derived[k],
				    strlen(derived[k])) == 0)
				board_refuse(errors, 0,
					     "kernel-arguments: \"%s\" follows from the rest of "
					     "the file or from the image; leave it out",
					     board->top.kernel_arguments.word[i]);
}

static void
check_names(const struct board *board, struct board_errors *errors)
{
	if (strchr(board->top.name, '/') || board->top.name[0] == '.')
		board_refuse(errors, 0,
			     "name: \"%s\" can't be a folder's; must be letters, "
			     "digits, '-' and '_'",
			     board->top.name);
	for (uint32_t i = 0; i < board->leds_count; i++) {
		const struct board_led *led = &board->leds[i];

		if (strncmp(led->path, LEDS, strlen(LEDS)) != 0 ||
		    strchr("/.", led->path[strlen(LEDS)]) || strchr(led->path + strlen(LEDS), '/'))
			board_refuse(errors, led->line,
				     "\"%s\" is no light; must be a name behind " LEDS, led->path);
		for (uint32_t k = 0; k < i; k++)
			if (strcmp(board->leds[k].name, led->name) == 0)
				board_refuse(errors, led->line,
					     "LED \"%s\" is there twice; give each its own name",
					     led->name);
	}
	for (uint32_t i = 0; i < board->top.modules.count; i++)
		if (strpbrk(board->top.modules.word[i], "/.="))
			board_refuse(errors, 0,
				     "modules: \"%s\" is no module's name; must be like \"igb\"",
				     board->top.modules.word[i]);
}
