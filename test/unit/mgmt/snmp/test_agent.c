/*
 * fairlead-snmp as a process below Debian's snmpd on a free port of the loopback interface: what
 * snmpget and snmpbulkwalk see, and what the agent outlives.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "test/unit/mgmt/snmp/place.h"
#include "test/unit/unit.h"

#define OBJECTS    "1.3.6.1.4.1.8072.9999.9999.1.1"
#define DATA_PLANE OBJECTS ".1.2.0"
#define MANY       10000
#define ANSWER_MAX (64u << 20)

struct world {
	struct place place;
	unsigned port;
	pid_t master, agent;
	uint64_t cpu_us; /* of the process that ended last */
	char *said;      /* by the last query */
};

static pid_t
start(const struct world *world, const char *log, const char *const argv[])
{
	char path[128];
	pid_t pid;

	snprintf(path, sizeof path, "%s/%s", world->place.run_dir, log);
	fflush(stdout); /* not a second time, by the child */
	pid = fork();
	if (pid == 0) {
		setenv("MIBS", "", 1);
		setenv("SNMP_PERSISTENT_DIR", world->place.run_dir, 1);
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* Net-SNMP frees little at its end */
		ASSERT(freopen(path, "a", stderr) && freopen("/dev/null", "w", stdout));
		execvp(argv[0], (char *const *)argv);
		_exit(126);
	}
	return pid;
}

static void
end(struct world *world, pid_t *pid, int signal_number)
{
	struct rusage used;
	int status;

	if (*pid == 0)
		return;
	kill(*pid, signal_number);
	ASSERT(wait4(*pid, &status, 0, &used) == *pid);
	if (signal_number == SIGTERM)
		CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	world->cpu_us = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
			(uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
	*pid = 0;
}

static void
start_master(struct world *world)
{
	char config[128], listening[128];
	FILE *out;

	snprintf(config, sizeof config, "%s/snmpd.conf", world->place.run_dir);
	snprintf(listening, sizeof listening, "udp:127.0.0.1:%u", world->port);
	out = fopen(config, "w");
	ASSERT(out);
	fprintf(out, "rocommunity public\nmaster agentx\nagentXSocket unix:%s/agentx.sock\n",
		world->place.run_dir);
	fclose(out);
	world->master = start(world, "snmpd.log",
			      (const char *const[]){ "snmpd", "-f", "-C", "-c", config, "-Le", "-I",
						     "vacm_conf", listening, NULL });
}

static void
start_agent(struct world *world)
{
	char path[512], agentx[128];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 32);

	ASSERT(len > 0);
	path[len] = '\0';
	*strrchr(path, '/') = '\0';
	strcpy(strrchr(path, '/') + 1, "fairlead-snmp");
	snprintf(agentx, sizeof agentx, "unix:%s/agentx.sock", world->place.run_dir);
	world->agent = start(world, "agent.log",
			     (const char *const[]){ path, "--run-dir", world->place.run_dir,
						    "--agentx", agentx, NULL });
}

/* The tool's output for one OID, into world->said. */
static void
query(struct world *world, const char *tool, const char *oid)
{
	char line[512];
	size_t len;
	FILE *in;

	snprintf(line, sizeof line, "MIBS= %s -v2c -cpublic -t1 -r0 %s -OnqU 127.0.0.1:%u %s 2>&1",
		 tool, strcmp(tool, "snmpget") == 0 ? "" : "-Cc", world->port, oid);
	in = popen(line, "r");
	ASSERT(in);
	len = fread(world->said, 1, ANSWER_MAX - 1, in);
	world->said[len] = '\0';
	pclose(in);
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Whether the answer to a get ends so, within ten seconds. */
static bool
answers(struct world *world, const char *oid, const char *value)
{
	size_t len, want = strlen(value);

	for (uint64_t until = now_ms() + 10000; now_ms() < until; usleep(50000)) {
		query(world, "snmpget", oid);
		len = strcspn(world->said, "\n");
		if (len >= want && memcmp(world->said + len - want, value, want) == 0)
			return true;
	}
	printf("%s is not %s: %s\n", oid, value, world->said);
	return false;
}

/* The values that a walk brought: not the line that says that nothing follows. */
static size_t
cells(const char *text)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, "." OBJECTS)); at++)
		count++;
	for (const char *at = text; (at = strstr(at, "No ")); at++)
		count--;
	return count;
}

static bool
log_has(const struct world *world, const char *text, unsigned times)
{
	char path[128], *log = world->said;
	FILE *in;
	unsigned found = 0;

	snprintf(path, sizeof path, "%s/agent.log", world->place.run_dir);
	in = fopen(path, "r");
	ASSERT(in);
	log[fread(log, 1, ANSWER_MAX - 1, in)] = '\0';
	fclose(in);
	for (const char *at = log; (at = strstr(at, text)); at++)
		found++;
	if (found != times)
		printf("\"%s\" %u times, not %u, in:\n%s\n", text, found, times, log);
	return found == times;
}

/* One that nobody has at this moment. */
static unsigned
free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ASSERT(fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0);
	ASSERT(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void
world_open(struct world *world, const char *configuration)
{
	*world = (struct world){ .said = malloc(ANSWER_MAX), .port = free_port() };
	ASSERT(world->said);
	place_open(&world->place);
	place_commit(&world->place, configuration);
}

static void
world_close(struct world *world)
{
	end(world, &world->agent, SIGTERM);
	end(world, &world->master, SIGKILL);
	place_close(&world->place);
	free(world->said);
}

static void
walk_shows_scalars_and_rows_in_order(void)
{
	struct world world;
	const struct gen_member *member;

	world_open(&world, place_configuration);
	place_start_dataplane(&world.place);
	member = place_member(&world.place, 0);
	world.place.stats->worker[1].member[member->stats_slot][MEMBER_COUNTER_requests] =
	    UINT64_C(0x123456789a);
	start_master(&world);
	start_agent(&world);
	CU_ASSERT_TRUE(answers(&world, DATA_PLANE, " 1"));
	/* web is 3 letters, b is 1 */
	CU_ASSERT_TRUE(
	    answers(&world, OBJECTS ".4.1.104.3.119.101.98.1.4.10.0.1.11.80", " 78187493530"));
	query(&world, "snmpbulkwalk", OBJECTS ".4.1.5");
	CU_ASSERT_STRING_EQUAL(world.said,
			       "." OBJECTS ".4.1.5.1.98.1.4.10.0.1.14.80 4\n"
			       "." OBJECTS ".4.1.5.1.98.1.4.10.0.1.15.80 4\n"
			       "." OBJECTS ".4.1.5.3.119.101.98.1.4.10.0.1.9.80 3\n"
			       "." OBJECTS ".4.1.5.3.119.101.98.1.4.10.0.1.11.80 1\n"
			       "." OBJECTS ".4.1.5.3.119.101.98.2.16.253.0.0.0.0.0.0.0.0.0.0.0.0.0."
			       "0.18.8080 2\n");
	query(&world, "snmpbulkwalk", OBJECTS);
	CU_ASSERT_EQUAL(cells(world.said),
			11 + 2 * (6 + VS_COUNTER_COUNT) + 2 * 5 + 5 * (9 + MEMBER_COUNTER_COUNT));
	query(&world, "snmpwalk", OBJECTS);
	CU_ASSERT_EQUAL(cells(world.said),
			11 + 2 * (6 + VS_COUNTER_COUNT) + 2 * 5 + 5 * (9 + MEMBER_COUNTER_COUNT));
	world_close(&world);
}

static void
absent_and_restarted_master_is_found_and_said_once(void)
{
	struct world world;

	world_open(&world, place_configuration);
	place_start_dataplane(&world.place);
	start_agent(&world);
	usleep(2500000); /* it has tried twice */
	start_master(&world);
	CU_ASSERT_TRUE(answers(&world, DATA_PLANE, " 1"));
	end(&world, &world.master, SIGKILL);
	usleep(2500000);
	CU_ASSERT_TRUE(log_has(&world, "master has gone", 1));
	start_master(&world);
	CU_ASSERT_TRUE(answers(&world, DATA_PLANE, " 1"));
	CU_ASSERT_TRUE(log_has(&world, "master is there", 2));
	CU_ASSERT_TRUE(log_has(&world, "\n", 5));
	world_close(&world);
}

static void
data_plane_that_comes_and_goes_fills_and_empties_the_tables(void)
{
	struct world world;

	world_open(&world, place_configuration);
	start_master(&world);
	start_agent(&world);
	CU_ASSERT_TRUE(answers(&world, DATA_PLANE, " 2"));
	query(&world, "snmpwalk", OBJECTS);
	CU_ASSERT_EQUAL(cells(world.said), 2);
	query(&world, "snmpget", OBJECTS ".1.6.0");
	CU_ASSERT_PTR_NOT_NULL(strstr(world.said, "No Such Instance"));
	place_start_dataplane(&world.place);
	CU_ASSERT_TRUE(answers(&world, DATA_PLANE, " 1"));
	CU_ASSERT_TRUE(answers(&world, OBJECTS ".1.11.0", " 5"));
	place_stop_dataplane(&world.place);
	CU_ASSERT_TRUE(answers(&world, DATA_PLANE, " 2"));
	query(&world, "snmpbulkwalk", OBJECTS ".4");
	CU_ASSERT_EQUAL(cells(world.said), 0);
	place_start_dataplane(&world.place);
	CU_ASSERT_TRUE(answers(&world, OBJECTS ".1.11.0", " 5"));
	world_close(&world);
}

/* One pool with all of them: the worst for what depends on a member's pool. */
static char *
large_configuration(unsigned members)
{
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	ASSERT(out);
	fprintf(out, "version = 1; ports = ( { name = \"p0\"; addresses = [ \"10.0.0.1/8\" ]; } );"
		     "pools = ( { name = \"web\"; members = (");
	for (unsigned i = 0; i < members; i++)
		fprintf(out, "%s{ address = \"10.1.%u.%u\"; port = 80; }", i ? "," : "", i / 250,
			i % 250 + 1);
	fprintf(out, "); } );");
	fclose(out);
	return text;
}

/* The agent's processor time from its start to its end, with a walk over memberTraffic in between. */
static uint64_t
walk_us(unsigned members)
{
	char *configuration = large_configuration(members);
	struct world world;
	uint64_t from, used_us;

	world_open(&world, configuration);
	free(configuration);
	place_start_dataplane(&world.place);
	start_master(&world);
	start_agent(&world);
	CU_ASSERT_TRUE(answers(&world, DATA_PLANE, " 1"));
	from = now_ms();
	query(&world, "snmpbulkwalk", OBJECTS ".4.1.7");
	from = now_ms() - from;
	CU_ASSERT_EQUAL(cells(world.said), members);
	end(&world, &world.agent, SIGTERM);
	used_us = world.cpu_us;
	printf("note: a column of %u members walked in %u ms, %u us of them in the agent\n",
	       members, (unsigned)from, (unsigned)used_us);
	world_close(&world);
	return used_us;
}

/* Ten times the rows may take ten times as long, and half as much again for logarithms and noise. */
static void
walk_of_many_members_costs_by_the_row(void)
{
	uint64_t some = walk_us(MANY / 10), many = walk_us(MANY);

	CU_ASSERT_TRUE(many < 15 * some);
}

CU_TestInfo test_agent[] = {
	{ "walk_shows_scalars_and_rows_in_order", walk_shows_scalars_and_rows_in_order },
	{ "absent_and_restarted_master_is_found_and_said_once",
	  absent_and_restarted_master_is_found_and_said_once },
	{ "data_plane_that_comes_and_goes_fills_and_empties_the_tables",
	  data_plane_that_comes_and_goes_fills_and_empties_the_tables },
	{ "walk_of_many_members_costs_by_the_row", walk_of_many_members_costs_by_the_row },
	CU_TEST_INFO_NULL,
};
