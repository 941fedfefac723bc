/*
 * Values for scripts: of the image's making, of the tests' machine. One a line, so that a shell reads them in a loop.
 */
#include <string.h>

#include "drivers/board/board.h"
#include "fw/base/assert.h"

static void print_words(const struct board_words *words, FILE *out);
static void print_cpus(const struct board_numbers *workers, FILE *out);

static void
print_name(const struct board *board, FILE *out)
{
	fprintf(out, "%s\n", board->top.name);
}

static void
print_description(const struct board *board, FILE *out)
{
	fprintf(out, "%s\n", board->top.description);
}

static void
print_tested_on(const struct board *board, FILE *out)
{
	fprintf(out, "%s\n", board->top.tested_on);
}

static void
print_console(const struct board *board, FILE *out)
{
	fprintf(out, "%s %u\n", board->console.device, board->console.baud);
}

static void
print_kernel_arguments(const struct board *board, FILE *out)
{
	const struct board_huge_pages *pages = &board->huge_pages;

	fprintf(out, "console=tty0\nconsole=%s,%un8\n", board->console.device, board->console.baud);
	fputs("net.ifnames=0\npanic=10\n", out);
	/* Workers' cores run nothing but workers; their timers and callbacks go elsewhere. */
	fputs("isolcpus=managed_irq,domain,", out);
	print_cpus(&board->cores.workers, out);
	fputs("nohz_full=", out);
	print_cpus(&board->cores.workers, out);
	fputs("rcu_nocbs=", out);
	print_cpus(&board->cores.workers, out);
	fprintf(out, "irqaffinity=%u\n", board->cores.management);
	/*
	 * Small ones are asked for at boot by fairlead-board: on the command line they would cost the kernel its random place
	 * in memory. Pages of 1 GiB are not to be had later.
	 */
	if (pages->size_kib != 2048)
		fprintf(out, "default_hugepagesz=1G\nhugepagesz=1G\nhugepages=%u\n", pages->count);
	print_words(&board->top.kernel_arguments, out);
}

static void
print_modules(const struct board *board, FILE *out)
{
	char word[BOARD_NAME_BYTES + 1];

	print_words(&board->top.modules, out);
	if (board->watchdog.line)
		fprintf(out, "%s\n", board_watchdog_module(board, word));
	print_words(&board->top.sensors, out);
}

static void
print_management_port(const struct board *board, FILE *out)
{
	fprintf(out, "%s\n", board->management_port.pci);
}

static void
print_ports(const struct board *board, FILE *out)
{
	for (uint32_t i = 0; i < board->ports_count; i++)
		fprintf(out, "%s %s\n", board->ports[i].name, board->ports[i].pci);
}

static void
print_management_core(const struct board *board, FILE *out)
{
	fprintf(out, "%u\n", board->cores.management);
}

static void
print_worker_cores(const struct board *board, FILE *out)
{
	for (uint32_t i = 0; i < board->cores.workers.count; i++)
		fprintf(out, "%u\n", board->cores.workers.number[i]);
}

static void
print_qat(const struct board *board, FILE *out)
{
	char word[BOARD_NAME_BYTES + 1];

	for (uint32_t i = 0; i < board->qat_count; i++)
		fprintf(out, "%s %s\n", board_qat_type(&board->qat[i], word), board->qat[i].pci);
}

static void
print_partitions(const struct board *board, FILE *out)
{
	fprintf(out, "boot %u\nroot %u\nconfig %u\nlog %u\n", board->partitions.boot_mib,
		board->partitions.root_mib, board->partitions.config_mib,
		board->partitions.log_mib);
}

static void
print_qemu_arguments(const struct board *board, FILE *out)
{
	const struct board_qemu *qemu = &board->qemu;

	if (!qemu->line)
		return;
	fprintf(out, "-machine\n%s\n-cpu\n%s\n-m\n%u\n-smp\n%u\n", qemu->machine, qemu->cpu,
		qemu->memory_mib, board->cores.workers.count + 1);
	for (uint32_t i = 0; i < qemu->devices.count; i++)
		fprintf(out, "-device\n%s\n", qemu->devices.word[i]);
}

static void
print_qemu_disk(const struct board *board, FILE *out)
{
	if (board->qemu.line)
		fprintf(out, "%s\n", board->qemu.disk);
}

/* On the root bus a slot is the device's number. */
static void
print_qemu_nics(const struct board *board, FILE *out)
{
	if (!board->qemu.line)
		return;
	fprintf(out, "mgmt0 0x%.2s %s\n", board->management_port.pci + 8,
		board->qemu.management_nic);
	for (uint32_t i = 0; i < board->ports_count; i++)
		fprintf(out, "%s 0x%.2s %s\n", board->ports[i].name, board->ports[i].pci + 8,
			board->qemu.nic);
}

static const struct key {
	const char *name, *help;
	void (*print)(const struct board *board, FILE *out);
} keys[] = {
	{ "name", "the board", print_name },
	{ "description", "the board, for people", print_description },
	{ "tested-on", "what it ran on; empty: never on hardware", print_tested_on },
	{ "console", "DEVICE BAUD", print_console },
	{ "kernel-arguments", "all of them, those that follow from the board among them",
	  print_kernel_arguments },
	{ "modules", "kernel modules to load", print_modules },
	{ "management-port", "PCI", print_management_port },
	{ "ports", "NAME PCI, a line each", print_ports },
	{ "management-core", "number", print_management_core },
	{ "worker-cores", "numbers", print_worker_cores },
	{ "qat", "TYPE PCI", print_qat },
	{ "partitions", "boot, root, config, log with their MiB", print_partitions },
	{ "qemu-arguments", "words for QEMU, without disk and NICs; none: no machine stands for it",
	  print_qemu_arguments },
	{ "qemu-disk", "the disk's device; add ,drive=ID", print_qemu_disk },
	{ "qemu-nics", "NAME SLOT DEVICE; add ,addr=SLOT,netdev=ID", print_qemu_nics },
};

bool
board_print(const struct board *board, const char *key, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].name, key) == 0) {
			keys[i].print(board, out);
			return true;
		}
	}
	return false;
}

void
board_print_keys(FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		fprintf(out, "  %-18s%s\n", keys[i].name, keys[i].help);
}

static void
print_words(const struct board_words *words, FILE *out)
{
	for (uint32_t i = 0; i < words->count; i++)
		fprintf(out, "%s\n", words->word[i]);
}

static void
print_cpus(const struct board_numbers *workers, FILE *out)
{
	for (uint32_t i = 0; i < workers->count; i++)
		fprintf(out, "%s%u", i ? "," : "", workers->number[i]);
	fputc('\n', out);
}
