/*
 * The sub-agent: FAIRLEAD-MIB at a Net-SNMP master, over AgentX (RFC 2741).
 */
#ifndef MGMT_SNMP_AGENT_H
#define MGMT_SNMP_AGENT_H

#include <signal.h>
#include <stdbool.h>

/*
 * Registers and answers until *stop is set by a signal that is blocked but while it waits with
 * wait_mask. A master that is not there, or goes, is tried again all the time. Borrows all. False:
 * Net-SNMP refused to begin.
 */
bool agent_run(const char *run_dir, const char *agentx, const volatile sig_atomic_t *stop,
	       const sigset_t *wait_mask);

#endif
