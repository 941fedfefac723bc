/*
 * fairlead-snmp: answers FAIRLEAD-MIB to an AgentX master from the files of the run directory.
 *
 *   fairlead-snmp [--run-dir DIR] --agentx ADDRESS
 *
 * ADDRESS as Net-SNMP writes it: unix:/run/fairlead/agentx.sock, tcp:localhost:705. It needs
 * neither mgmtd nor a data plane to run, nor the master to be there first. SIGTERM ends it. Exit
 * status: 0 ended by a signal, 1 failed, 2 wrong usage.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "fw/abi/files.h"
#include "fw/base/version.h"
#include "mgmt/snmp/agent.h"

static volatile sig_atomic_t stop;

static bool read_options(int argc, char **argv, const char **run_dir, const char **agentx);
static bool catch_signals(sigset_t *wait_mask);
static void on_signal(int number);

int
main(int argc, char **argv)
{
	const char *run_dir = FILES_RUN_DIR, *agentx = NULL;
	sigset_t wait_mask;

	if (!read_options(argc, argv, &run_dir, &agentx))
		return 2;
	if (!catch_signals(&wait_mask) || !agent_run(run_dir, agentx, &stop, &wait_mask)) {
		fprintf(stderr, "fairlead-snmp: cannot start\n");
		return 1;
	}
	return 0;
}

static bool
read_options(int argc, char **argv, const char **run_dir, const char **agentx)
{
	static const struct option known[] = {
		{ "run-dir", required_argument, NULL, 'r' },
		{ "agentx", required_argument, NULL, 'x' },
		{ "version", no_argument, NULL, 'v' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'r') {
			*run_dir = optarg;
		} else if (option == 'x') {
			*agentx = optarg;
		} else if (option == 'v') {
			printf("fairlead-snmp %s\n", fairlead_version);
			exit(0);
		} else {
			return false;
		}
	}
	if (*agentx && optind == argc)
		return true;
	fprintf(stderr, "usage: fairlead-snmp [--run-dir DIR] --agentx ADDRESS\n");
	return false;
}

/* Blocked but while the agent waits, so that none is missed between a look at stop and the wait. */
static bool
catch_signals(sigset_t *wait_mask)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	if (sigprocmask(SIG_BLOCK, &ours, wait_mask) != 0)
		return false;
	sigdelset(wait_mask, SIGTERM);
	sigdelset(wait_mask, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	return sigaction(SIGTERM, &action, NULL) == 0 && sigaction(SIGINT, &action, NULL) == 0;
}

static void
on_signal(int number)
{
	stop = 1;
}
