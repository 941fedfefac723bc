/*
 * Boot time: the machine becomes what the board says. Each step says what is missing and leaves the rest to the next
 * one, so that a box with a dead card still forwards on the others and its management is reached.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/board/board_host.h"

#define INTERFACE_WAIT_MS 5000u /* a driver's probe */
#define STEP_MS           100u
#define MANAGEMENT        "mgmt0"
#define LEAST_MEMORY_MIB  128u

struct apply {
	const struct board *board;
	const struct board_host *host;
	FILE *status; /* a text in memory */
	unsigned missing;
	uint32_t workers;
	bool shares_core; /* a worker has management's, and must not poll all of it away */
	char cpus[LIMIT_WORKERS * 5 + 8];
	uint32_t memory_mib;
	bool bound[BOARD_PORTS];
};

static void say(struct apply *apply, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void load_modules(struct apply *apply);
static void load(struct apply *apply, const char *module, const char *what);
static void name_management_port(struct apply *apply);
static void bind_ports(struct apply *apply);
static bool bind_port(struct apply *apply, const struct board_port *board_port);
static bool bind_vfio(struct apply *apply, const char *pci, const char *driver);
static bool has_vfio(const struct apply *apply, const char *pci);
static void give_tun(struct apply *apply);
static void give_group(struct apply *apply, const char *port, const char *pci, int group);
static bool ask(struct apply *apply, const char *text, const char *path, ...)
    __attribute__((format(printf, 3, 4)));
static void choose_cores(struct apply *apply);
static void take_huge_pages(struct apply *apply);
static void look_at_accelerators(struct apply *apply);
static unsigned give_accelerator(struct apply *apply, const char *pci);
static void look_at_watchdog(struct apply *apply);
static void write_environment(struct apply *apply);
static void write_port(const struct apply *apply, uint32_t index, FILE *out);
static void
write_text(const struct board_host *host, const char *name, const char *text, size_t len);

unsigned
board_apply(const struct board *board, const struct board_host *host)
{
	struct apply apply = { .board = board, .host = host };
	char *text = NULL;
	size_t len = 0;

	apply.status = open_memstream(&text, &len);
	if (!apply.status)
		return 1;
	load_modules(&apply);
	take_huge_pages(&apply);
	choose_cores(&apply);
	name_management_port(&apply);
	bind_ports(&apply);
	give_tun(&apply);
	look_at_accelerators(&apply);
	look_at_watchdog(&apply);
	write_environment(&apply);
	fclose(apply.status);
	write_text(host, BOARD_STATUS, text, len);
	free(text);
	return apply.missing;
}

unsigned
board_apply_nothing(const struct board *board, const struct board_errors *errors, const char *name,
		    const struct board_host *host)
{
	struct apply apply = { .board = board, .host = host };
	char path[FILES_PATH_MAX], *text = NULL;
	size_t len = 0;
	FILE *status = open_memstream(&text, &len);

	if (!status)
		return 1;
	if (files_path(path, host->run_dir, BOARD_ENV))
		(void)unlink(path); /* of a start before */
	fprintf(status, "The board file is wrong; the data plane is not started:\n");
	board_errors_print(errors, name, status);
	apply.status = status;
	for (uint32_t i = 0; i < board->top.modules.count; i++)
		load(&apply, board->top.modules.word[i], "the board names it");
	if (board->management_port.pci[0])
		name_management_port(&apply);
	fclose(status);
	write_text(host, BOARD_STATUS, text, len);
	free(text);
	return errors->count + 1;
}

static void
say(struct apply *apply, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(apply->status, format, args);
	va_end(args);
	fputc('\n', apply->status);
	apply->missing++;
}

static void
load_modules(struct apply *apply)
{
	const struct board *board = apply->board;
	char word[BOARD_NAME_BYTES + 1];

	load(apply, "vfio-pci", "the data ports can't be used");
	load(apply, "tun", "services of the box on data ports can't be used");
	for (uint32_t i = 0; i < board->top.modules.count; i++)
		load(apply, board->top.modules.word[i], "the board names it");
	for (uint32_t i = 0; i < board->top.sensors.count; i++)
		load(apply, board->top.sensors.word[i], "its sensors are not read");
	if (board->watchdog.line)
		load(apply, board_watchdog_module(board, word),
		     "no watchdog resets a box that hangs");
}

static void
load(struct apply *apply, const char *module, const char *what)
{
	if (!apply->host->load_module(apply->host->context, module))
		say(apply, "kernel module %s: can't be loaded; %s", module, what);
}

/* Those of the command line are there already; more are asked for where memory allows. */
static void
take_huge_pages(struct apply *apply)
{
	const struct board_huge_pages *pages = &apply->board->huge_pages;
	char path[FILES_PATH_MAX], text[32];
	unsigned long have = 0;
	uint64_t mib, need_mib = board_memory_mib(apply->board);

	snprintf(path, sizeof path, "%s/kernel/mm/hugepages/hugepages-%ukB/nr_hugepages",
		 apply->host->sys_dir, pages->size_kib);
	if (board_host_read(text, sizeof text, "%s", path))
		have = strtoul(text, NULL, 10);
	if (have < pages->count) {
		snprintf(text, sizeof text, "%u", pages->count);
		(void)apply->host->write_file(apply->host->context, path, text);
		if (board_host_read(text, sizeof text, "%s", path))
			have = strtoul(text, NULL, 10);
	}
	mib = (uint64_t)have * pages->size_kib / 1024;
	if (have < pages->count)
		say(apply, "huge pages: %lu of %u KiB, the board wants %u; the data plane %s", have,
		    pages->size_kib, pages->count,
		    mib < need_mib + BOARD_SPARE_MIB ? "does not start with so few"
						     : "gets less memory");
	apply->memory_mib = mib > BOARD_SPARE_MIB + LEAST_MEMORY_MIB
				? (uint32_t)(mib - BOARD_SPARE_MIB)
				: LEAST_MEMORY_MIB;
}

static void
choose_cores(struct apply *apply)
{
	const struct board_cores *cores = &apply->board->cores;
	uint32_t management = cores->management;
	size_t len;

	if (!board_host_has_cpu(apply->host, management)) {
		say(apply, "core %u, management's, is not there; core 0 is taken", management);
		management = 0;
	}
	len = (size_t)snprintf(apply->cpus, sizeof apply->cpus, "%u", management);
	for (uint32_t i = 0; i < cores->workers.count; i++) {
		uint32_t cpu = cores->workers.number[i];

		if (!board_host_has_cpu(apply->host, cpu)) {
			say(apply, "core %u, a worker's, is not there; one worker less", cpu);
			continue;
		}
		len += (size_t)snprintf(apply->cpus + len, sizeof apply->cpus - len, ",%u", cpu);
		apply->workers++;
		apply->shares_core |= cpu == management;
	}
	if (apply->workers > 0)
		return;
	say(apply, "no core of a worker is there; one worker shares core %u with management",
	    management);
	snprintf(apply->cpus + len, sizeof apply->cpus - len, ",%u", management);
	apply->workers = 1;
	apply->shares_core = true;
}

static void
name_management_port(struct apply *apply)
{
	const char *pci = apply->board->management_port.pci;
	char interface[FILES_PATH_MAX] = "";

	if (!board_host_device(apply->host, pci).present) {
		say(apply, "management port: no PCI device %s; " MANAGEMENT " is missing", pci);
		return;
	}
	for (unsigned ms = 0; ms < INTERFACE_WAIT_MS; ms += STEP_MS) {
		board_host_interface(apply->host, pci, interface);
		if (interface[0])
			break;
		apply->host->wait_ms(apply->host->context, STEP_MS);
	}
	if (!interface[0])
		say(apply, "management port %s: no driver took it; " MANAGEMENT " is missing", pci);
	else if (strcmp(interface, MANAGEMENT) != 0 &&
		 !apply->host->rename_interface(apply->host->context, interface, MANAGEMENT))
		say(apply, "management port %s: %s can't be renamed to " MANAGEMENT ": %s", pci,
		    interface, strerror(errno));
}

static void
bind_ports(struct apply *apply)
{
	for (uint32_t i = 0; i < apply->board->ports_count; i++)
		apply->bound[i] = bind_port(apply, &apply->board->ports[i]);
}

static bool
bind_port(struct apply *apply, const struct board_port *board_port)
{
	const char *port = board_port->name, *pci = board_port->pci;
	struct board_device device = board_host_device(apply->host, pci);

	if (!device.present) {
		if (!board_port->optional)
			say(apply, "port %s: no PCI device %s", port, pci);
		return false;
	}
	if (!device.is_network) {
		say(apply,
		    "port %s: %s is no NIC (PCI class %06x) and left alone; mend the board file",
		    port, pci, device.class);
		return false;
	}
	if (device.iommu_group < 0) {
		say(apply, "port %s: %s has no IOMMU group; switch VT-d or AMD-Vi on in the BIOS",
		    port, pci);
		return false;
	}
	if (!bind_vfio(apply, pci, device.driver)) {
		device = board_host_device(apply->host, pci);
		say(apply, "port %s: %s can't be given to vfio-pci; %s has it", port, pci,
		    device.driver[0] ? device.driver : "no driver");
		return false;
	}
	give_group(apply, port, pci, device.iommu_group);
	return true;
}

/* driver_override first, so that no other driver takes it in between. */
static bool
bind_vfio(struct apply *apply, const char *pci, const char *driver)
{
	if (has_vfio(apply, pci))
		return true;
	(void)ask(apply, "vfio-pci", "bus/pci/devices/%s/driver_override", pci);
	if (driver[0])
		(void)ask(apply, pci, "bus/pci/devices/%s/driver/unbind", pci);
	(void)ask(apply, pci, "bus/pci/drivers_probe");
	return has_vfio(apply, pci);
}

static bool
has_vfio(const struct apply *apply, const char *pci)
{
	return strcmp(board_host_device(apply->host, pci).driver, "vfio-pci") == 0;
}

static void
give_group(struct apply *apply, const char *port, const char *pci, int group)
{
	char path[FILES_PATH_MAX];

	snprintf(path, sizeof path, "%s/vfio/%d", apply->host->dev_dir, group);
	if (!apply->host->give_device(apply->host->context, path))
		say(apply, "port %s: %s of %s can't be given to the data plane: %s", port, path,
		    pci, strerror(errno));
}

/* For services of the box on data ports. Without the module there is none, which was said. */
static void
give_tun(struct apply *apply)
{
	char path[FILES_PATH_MAX];

	snprintf(path, sizeof path, "%s/net/tun", apply->host->dev_dir);
	if (!apply->host->give_device(apply->host->context, path) && errno != ENOENT)
		say(apply, "%s can't be given to the data plane: %s", path, strerror(errno));
}

static bool
ask(struct apply *apply, const char *text, const char *format, ...)
{
	char name[FILES_PATH_MAX], path[FILES_PATH_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof name, format, args);
	va_end(args);
	return files_path(path, apply->host->sys_dir, name) &&
	       apply->host->write_file(apply->host->context, path, text);
}

static void
look_at_accelerators(struct apply *apply)
{
	for (uint32_t i = 0; i < apply->board->qat_count; i++) {
		const struct board_qat *qat = &apply->board->qat[i];
		struct board_device device = board_host_device(apply->host, qat->pci);
		char type[BOARD_NAME_BYTES + 1];

		board_qat_type(qat, type);
		if (!device.present)
			say(apply, "accelerator %s: no PCI device %s; the cores do its work", type,
			    qat->pci);
		else if (!device.driver[0])
			say(apply, "accelerator %s: no driver took %s; the cores do its work", type,
			    qat->pci);
		else if (give_accelerator(apply, qat->pci) == 0)
			say(apply,
			    "accelerator %s: %s has no virtual function that can be given to the "
			    "data plane; the cores do its work",
			    type, qat->pci);
	}
}

/*
 * Its virtual functions are what a process without rights can open: each has its own IOMMU group, while the device itself stays
 * with the kernel's driver. Returns how many there are now.
 */
static unsigned
give_accelerator(struct apply *apply, const char *pci)
{
	char text[32], function[BOARD_NAME_BYTES + 1], path[FILES_PATH_MAX];
	unsigned given = 0;

	if (!board_host_read(text, sizeof text, "%s/bus/pci/devices/%s/sriov_numvfs",
			     apply->host->sys_dir, pci))
		return 0;
	if (strtoul(text, NULL, 10) == 0 &&
	    board_host_read(text, sizeof text, "%s/bus/pci/devices/%s/sriov_totalvfs",
			    apply->host->sys_dir, pci)) {
		(void)ask(apply, "0", "bus/pci/devices/%s/sriov_drivers_autoprobe", pci);
		(void)ask(apply, text, "bus/pci/devices/%s/sriov_numvfs", pci);
	}
	for (unsigned i = 0;
	     board_host_link(function, sizeof function, "%s/bus/pci/devices/%s/virtfn%u",
			     apply->host->sys_dir, pci, i);
	     i++) {
		struct board_device device = board_host_device(apply->host, function);

		if (device.iommu_group < 0 || !bind_vfio(apply, function, device.driver))
			continue;
		snprintf(path, sizeof path, "%s/vfio/%d", apply->host->dev_dir, device.iommu_group);
		given += apply->host->give_device(apply->host->context, path);
	}
	return given;
}

static void
look_at_watchdog(struct apply *apply)
{
	char text[64];

	if (apply->board->watchdog.line &&
	    !board_host_read(text, sizeof text, "%s/class/watchdog/watchdog0/identity",
			     apply->host->sys_dir))
		say(apply, "watchdog %s: there is none; a box that hangs stays as it is",
		    board_watchdog_module(apply->board, text));
}

/* Read by systemd: NAME="words". */
static void
write_environment(struct apply *apply)
{
	const struct board *board = apply->board;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	fprintf(out, "FL_CONSOLE_DEVICE=%s\nFL_CONSOLE_BAUD=%u\n", board->console.device,
		board->console.baud);
	if (board->watchdog.line)
		fprintf(out, "FL_WATCHDOG_TIMEOUT_S=%u\n", board->watchdog.timeout_s);
	fprintf(out, "FL_DATAPLANE_ARGS=\"");
	for (uint32_t i = 0; i < board->ports_count; i++)
		write_port(apply, i, out);
	fprintf(out, "--workers %u --cpus %s --mem-mb %u%s\"\n", apply->workers, apply->cpus,
		apply->memory_mib,
		board->top.idle == BOARD_IDLE_POLL && !apply->shares_core ? " --spin" : "");
	fclose(out);
	write_text(apply->host, BOARD_ENV, text, len);
	free(text);
}

/* A port without a device stays in the configuration, with its link down. */
static void
write_port(const struct apply *apply, uint32_t index, FILE *out)
{
	const struct board_port *port = &apply->board->ports[index];

	if (apply->bound[index])
		fprintf(out, "--port %s=pci:%s", port->name, port->pci);
	else
		fprintf(out, "--port %s=absent:%s", port->name, port->pci);
	if (port->mtu_bytes != 1500)
		fprintf(out, ",mtu=%u", port->mtu_bytes);
	fputc(' ', out);
}

static void
write_text(const struct board_host *host, const char *name, const char *text, size_t len)
{
	char path[FILES_PATH_MAX];

	if (!files_path(path, host->run_dir, name) || files_write_atomic(path, text, len) != ERR_ok)
		fprintf(stderr, "fairlead-board: can't write %s/%s: %s\n", host->run_dir, name,
			strerror(errno));
}
