/*
 * fairlead-dataplane: the poll-mode process. Reads its arguments, starts DPDK's environment layer
 * with one lcore for the control thread and one for each worker, and leaves the rest to control.c.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rte_eal.h>

#include "dataplane/control.h"
#include "fw/abi/files.h"
#include "fw/base/version.h"

#define DEFAULT_MBUFS    131071u
#define DEFAULT_CONNS    32768u
#define DEFAULT_SESSIONS 32768u
#define DEFAULT_MEM_MB   1024u
#define DEFAULT_SLEEP_US 500u
#define PCI_MAX          (2 * LIMIT_PORTS) /* NICs: bonds have several */
#define PCI_TEXT         16u               /* 0000:03:00.0 */

struct arguments {
	struct control_options control;
	bool no_huge;
	unsigned mem_mb;
	uint32_t cpu_count; /* 0: those that we may use, in their order */
	int cpus[LIMIT_WORKERS + 1];
	unsigned pci_count;
	char pci[PCI_MAX][PCI_TEXT]; /* addresses of the NICs that ports name */
};

static void add_nics(struct arguments *args, const char *spec);

static volatile bool stop;

static void
on_signal(int number)
{
	stop = true;
}

static const char usage[] =
    "usage: fairlead-dataplane --port NAME=SPEC [--port ...] [options]\n"
    "  --port NAME=SPEC    a front-panel port: af_xdp:iface=IF, "
    "memif:socket=PATH,role=client|server, ring:NAME, pci:ADDRESS;\n"
    "                      all but af_xdp may end in ,mtu=9000, which sizes the packet buffers\n"
    "  --fault NAME:SPEC   faults on that port, for tests: loss=2%,delay=20ms,...\n"
    "  --run-dir DIR       sockets and shared files (default " FILES_RUN_DIR ")\n"
    "  --workers N         polling cores (default 1, at most 16)\n"
    "  --cpus A,B,...      processors: of the control thread, then of each worker (default: the "
    "first ones allowed)\n"
    "  --mbufs N           packet buffers (default 131071)\n"
    "  --conns N           TCP connections a worker (default 32768)\n"
    "  --sessions N        sessions a worker (default 32768)\n"
    "  --mem-mb N          memory taken at start (default 1024)\n"
    "  --no-huge           plain pages instead of huge ones\n"
    "  --idle-sleep-us N   an idle worker's longest sleep (default 500)\n"
    "  --spin              never sleep, not even when idle\n";

static void
refuse(const char *what, const char *argument)
{
	fprintf(stderr, "fairlead-dataplane: %s: %s\n%s", what, argument, usage);
	exit(2);
}

static uint32_t
number(const char *text, uint32_t min, uint32_t max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);
	char range[64];

	snprintf(range, sizeof range, "not a number from %u to %u", min, max);
	if (*text < '0' || *text > '9' || *end || value < min || value > max)
		refuse(range, text);
	return (uint32_t)value;
}

static void
add_port(struct arguments *args, char *text)
{
	struct control_options *o = &args->control;
	char *equals = strchr(text, '=');

	if (!equals || equals == text)
		refuse("a port is NAME=SPEC", text);
	if (o->port_count == LIMIT_PORTS)
		refuse("too many ports", text);
	*equals = '\0';
	for (uint32_t i = 0; i < o->port_count; i++)
		if (strcmp(o->port[i].name, text) == 0)
			refuse("this port is there already", text);
	o->port[o->port_count++] = (struct control_port){ .name = text, .spec = equals + 1 };
	add_nics(args, equals + 1);
}

/* A port's NIC, or those of a bond's members: DPDK is to look at no other device of the machine. */
static void
add_nics(struct arguments *args, const char *spec)
{
	for (; spec; spec = strchr(spec, ';')) {
		spec += *spec == ';';
		if (strncmp(spec, "pci:", 4) != 0)
			continue;
		if (args->pci_count == PCI_MAX)
			refuse("too many NICs", spec);
		snprintf(args->pci[args->pci_count++], PCI_TEXT, "%.*s",
			 (int)strcspn(spec + 4, ",;"), spec + 4);
	}
}

static void
add_fault(struct arguments *args, char *text)
{
	char *colon = strchr(text, ':');

	if (!colon)
		refuse("a fault is NAME:SPEC", text);
	*colon = '\0';
	for (uint32_t i = 0; i < args->control.port_count; i++) {
		if (strcmp(args->control.port[i].name, text) == 0) {
			args->control.port[i].fault = colon + 1;
			return;
		}
	}
	refuse("no such port (give --port before --fault)", text);
}

static void
add_cpus(struct arguments *args, char *text)
{
	char *rest = NULL;

	for (char *one = strtok_r(text, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		if (args->cpu_count == LIMIT_WORKERS + 1)
			refuse("too many processors", one);
		args->cpus[args->cpu_count++] = (int)number(one, 0, CPU_SETSIZE - 1);
	}
	if (args->cpu_count == 0)
		refuse("no processor given", "--cpus is empty");
}

static void
read_arguments(struct arguments *args, int argc, char **argv)
{
	enum {
		PORT,
		FAULT,
		RUN_DIR,
		WORKERS,
		CPUS,
		MBUFS,
		CONNS,
		SESSIONS,
		MEM_MB,
		NO_HUGE,
		IDLE_SLEEP,
		SPIN,
		VERSION,
		HELP
	};
	static const struct option options[] = {
		{ "port", required_argument, NULL, PORT },
		{ "fault", required_argument, NULL, FAULT },
		{ "run-dir", required_argument, NULL, RUN_DIR },
		{ "workers", required_argument, NULL, WORKERS },
		{ "cpus", required_argument, NULL, CPUS },
		{ "mbufs", required_argument, NULL, MBUFS },
		{ "conns", required_argument, NULL, CONNS },
		{ "sessions", required_argument, NULL, SESSIONS },
		{ "mem-mb", required_argument, NULL, MEM_MB },
		{ "no-huge", no_argument, NULL, NO_HUGE },
		{ "idle-sleep-us", required_argument, NULL, IDLE_SLEEP },
		{ "spin", no_argument, NULL, SPIN },
		{ "version", no_argument, NULL, VERSION },
		{ "help", no_argument, NULL, HELP },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case PORT:
			add_port(args, optarg);
			break;
		case FAULT:
			add_fault(args, optarg);
			break;
		case RUN_DIR:
			args->control.run_dir = optarg;
			break;
		case WORKERS:
			args->control.workers = number(optarg, 1, LIMIT_WORKERS);
			break;
		case CPUS:
			add_cpus(args, optarg);
			break;
		case MBUFS:
			args->control.mbufs = number(optarg, 1024, 1u << 24);
			break;
		case CONNS:
			args->control.conns = number(optarg, 16, 1u << 24);
			break;
		case SESSIONS:
			args->control.sessions = number(optarg, 16, 1u << 24);
			break;
		case MEM_MB:
			args->mem_mb = number(optarg, 64, 1u << 20);
			break;
		case NO_HUGE:
			args->no_huge = true;
			break;
		case IDLE_SLEEP:
			args->control.idle_sleep_us = number(optarg, 1, 100000);
			break;
		case SPIN:
			args->control.spin = true;
			break;
		case VERSION:
			printf("fairlead-dataplane %s\n", fairlead_version);
			exit(0);
		case HELP:
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (optind < argc)
		refuse("not understood", argv[optind]);
	if (args->control.port_count == 0)
		refuse("no port given", "--port is missing");
}

/*
 * "0@0,1@1,2@0": the control thread on the first processor of --cpus, or else that we may use, workers on the next
 * ones, round and round. A board names them: it keeps workers' processors out of what others may use.
 */
static void
lcore_list(char *out, size_t out_bytes, const struct arguments *args)
{
	uint32_t workers = args->control.workers;
	cpu_set_t allowed;
	int cpus[CPU_SETSIZE], count = (int)args->cpu_count;
	size_t len = 0;

	memcpy(cpus, args->cpus, sizeof args->cpus);

	CPU_ZERO(&allowed);
	if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
		CPU_SET(0, &allowed);
	for (int cpu = 0; cpu < CPU_SETSIZE && args->cpu_count == 0; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			cpus[count++] = cpu;
	for (uint32_t i = 0; i <= workers && len < out_bytes; i++)
		len += (size_t)snprintf(out + len, out_bytes - len, "%s%u@%d", i ? "," : "", i,
					cpus[i % (uint32_t)count]);
}

static bool
start_eal(const struct arguments *args)
{
	char lcores[512], memory[16];
	char *argv[16 + 2 * PCI_MAX] = { (char *)"fairlead-dataplane",
					 (char *)"--no-telemetry",
					 (char *)"--log-level=warning",
					 (char *)"-m",
					 memory,
					 (char *)"--lcores",
					 lcores };
	int argc = 7;

	lcore_list(lcores, sizeof lcores, args);
	snprintf(memory, sizeof memory, "%u", args->mem_mb);
	/* DPDK 24.11 refuses --in-memory without huge pages; without shared files the effect is the same */
	argv[argc++] = (char *)(args->no_huge ? "--no-huge" : "--in-memory");
	if (args->no_huge)
		argv[argc++] = (char *)"--no-shconf";
	if (!args->pci_count)
		argv[argc++] = (char *)"--no-pci";
	for (unsigned i = 0; i < args->pci_count; i++) {
		argv[argc++] = (char *)"-a";
		argv[argc++] = (char *)(uintptr_t)args->pci[i];
	}
	return rte_eal_init(argc, argv) >= 0;
}

/* Also to the console. DPDK has said more on stderr. */
static void
say_not_started(const struct arguments *args)
{
	char path[FILES_PATH_MAX], text[256];

	snprintf(text, sizeof text,
		 "fairlead-dataplane: DPDK's environment layer did not start%s\n",
		 args->no_huge     ? ""
		 : args->pci_count ? "; are there enough huge pages, and a NIC that can be used?"
				   : "; are there enough huge pages? (--no-huge does without)");
	fputs(text, stderr);
	if (files_path(path, args->control.run_dir, FILES_DATAPLANE_STATUS) &&
	    files_write_atomic(path, text, strlen(text)))
		fprintf(stderr, "fairlead-dataplane: can't write %s: %s\n", path, strerror(errno));
}

int
main(int argc, char **argv)
{
	struct arguments args = {
		.control = { .run_dir = FILES_RUN_DIR,
			     .workers = 1,
			     .mbufs = DEFAULT_MBUFS,
			     .conns = DEFAULT_CONNS,
			     .sessions = DEFAULT_SESSIONS,
			     .idle_sleep_us = DEFAULT_SLEEP_US },
		.mem_mb = DEFAULT_MEM_MB,
	};
	struct sigaction action = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };
	struct control *control;

	read_arguments(&args, argc, argv);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGPIPE, &ignore, NULL); /* a log that nobody reads any more ends nothing */
	if (mkdir(args.control.run_dir, 0755) != 0 && errno != EEXIST) {
		fprintf(stderr, "fairlead-dataplane: can't make %s: %s\n", args.control.run_dir,
			strerror(errno));
		return 1;
	}
	/* A second one would take over the socket and wipe the counters of the first. */
	if (files_lock(args.control.run_dir, FILES_DATAPLANE_LOCK) != ERR_ok) {
		fprintf(stderr,
			"fairlead-dataplane: another one serves %s, or no lock can be made there\n",
			args.control.run_dir);
		return 1;
	}
	if (!start_eal(&args)) {
		say_not_started(&args);
		return 1;
	}
	if (control_create(&args.control, &control) != ERR_ok)
		return 1;
	fprintf(stderr, "fairlead-dataplane %s: %u ports, %u workers, ready\n", fairlead_version,
		args.control.port_count, args.control.workers);
	control_run(control, &stop);
	control_destroy(control);
	rte_eal_cleanup();
	return 0;
}
