/*
 * fairlead-firstboot: before anybody can log in. At each boot: host keys are made where there are none, the log
 * partition grows if the disk has room, /etc/shadow and a piece of sshd's configuration are composed. Where there is no
 * admin password it asks for one on its terminal, the console, until it has one.
 *
 *   fairlead-firstboot [--root DIR] [--no-devices]     both for tests
 *
 * What fails is said on the terminal and the rest goes on. Exit status: 0, or 1 when the password can't be read.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/services/admin.h"
#include "fw/services/grow.h"
#include "fw/services/secret.h"

#define KEYGEN "/usr/bin/ssh-keygen"

static const char *root = "";
static bool no_devices;
static char unsaved[ADMIN_HASH_BYTES]; /* of a password that could not be stored */

static bool read_options(int argc, char **argv);
static void make_host_key(const char *type);
static bool key_valid(const char *path);
static bool run(char *const argv[]);
static void grow_log(void);
static bool known_hash(char hash[ADMIN_HASH_BYTES]);
static void compose(void);
static bool ask_for_password(void);
static bool disk_name(char out[32]);
static void say(const char *what);

int
main(int argc, char **argv)
{
	char hash[ADMIN_HASH_BYTES];

	if (!read_options(argc, argv))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* what is typed at the console ends nothing */
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTSTP, SIG_IGN);
	if (!no_devices) {
		make_host_key("ed25519");
		make_host_key("ecdsa");
		grow_log();
	}
	compose();
	while (!known_hash(hash))
		if (!ask_for_password())
			return 1;
	compose();
	return 0;
}

static bool
read_options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "root", required_argument, NULL, 'r' },
		{ "no-devices", no_argument, NULL, 'n' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'r')
			root = optarg;
		else if (option == 'n')
			no_devices = true;
		else
			return false;
	}
	return optind == argc;
}

/* Under another name first: a power cut leaves no half of one. */
static void
make_host_key(const char *type)
{
	char path[256], fresh[264], public_key[272], fresh_public[272];
	char *argv[] = { (char *)KEYGEN, (char *)"-q", (char *)"-t", (char *)type,
			 (char *)"-N",   (char *)"",   (char *)"-C", (char *)"",
			 (char *)"-f",   fresh,        NULL };

	snprintf(path, sizeof path, "%s/config/ssh/ssh_host_%s_key", root, type);
	snprintf(fresh, sizeof fresh, "%s.new", path);
	snprintf(public_key, sizeof public_key, "%s.pub", path);
	snprintf(fresh_public, sizeof fresh_public, "%s.pub", fresh);
	if (key_valid(path))
		return;
	(void)unlink(fresh);
	(void)unlink(fresh_public);
	if (!run(argv) || rename(fresh_public, public_key) != 0 || rename(fresh, path) != 0)
		say("an SSH host key can't be made");
	sync();
}

static bool
key_valid(const char *path)
{
	char *argv[] = { (char *)KEYGEN, (char *)"-l", (char *)"-f", (char *)path, NULL };
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > 0 && run(argv);
}

static bool
run(char *const argv[])
{
	char *const environment[] = { (char *)"PATH=/usr/sbin:/usr/bin", (char *)"HOME=/", NULL };
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;
	bool ok;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	ok = posix_spawn(&pid, argv[0], &actions, NULL, argv, environment) == 0;
	posix_spawn_file_actions_destroy(&actions);
	while (ok && waitpid(pid, &status, 0) < 0)
		ok = errno == EINTR;
	return ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
grow_log(void)
{
	struct grow_disk disk;
	const char *why;
	char name[32];

	if (!disk_name(name) || !grow_find("/sys", name, &disk) || !grow_needed(&disk))
		return;
	if (!grow_do(&disk, &why)) {
		say("the log partition stays as it is:");
		say(why);
	}
}

/* As the initramfs has left it. */
static bool
disk_name(char out[32])
{
	char path[256];
	FILE *file;
	bool ok;

	snprintf(path, sizeof path, "%s/run/fairlead/disk", root);
	file = fopen(path, "re");
	ok = file && fgets(out, 32, file);
	if (file)
		fclose(file);
	if (ok)
		out[strcspn(out, "\n")] = '\0';
	return ok && out[0];
}

static bool
known_hash(char hash[ADMIN_HASH_BYTES])
{
	if (admin_read_hash(root, hash))
		return true;
	strcpy(hash, unsaved);
	return unsaved[0] != '\0';
}

static void
compose(void)
{
	char hash[ADMIN_HASH_BYTES];
	bool has = known_hash(hash);

	if (!admin_compose_shadow(root, has ? hash : NULL))
		say("/etc/shadow can't be written; nobody can log in by password");
	if (!admin_compose_sshd(root, has))
		say("sshd's configuration can't be written; it takes keys only");
	explicit_bzero(hash, sizeof hash);
}

/* Once; false: nobody can answer any more. */
static bool
ask_for_password(void)
{
	char password[SECRET_BYTES], hash[ADMIN_HASH_BYTES];
	enum secret answer;
	const char *why;

	say("\nadmin has no password yet; until there is one, nobody can log in.");
	answer = secret_ask(STDIN_FILENO, stdout, password, &why);
	if (answer == SECRET_REFUSED) {
		printf("This can't be the password: %s.\n", why);
		fflush(stdout);
	} else if (answer == SECRET_TAKEN && !admin_hash(password, hash)) {
		say("The kernel gave no randomness for it; try again.");
		sleep(2);
	} else if (answer == SECRET_TAKEN && !admin_write_hash(root, hash)) {
		say("The password can't be stored on the config partition: it counts until the "
		    "next restart only.");
		strcpy(unsaved, hash);
	}
	explicit_bzero(password, sizeof password);
	explicit_bzero(hash, sizeof hash);
	return answer != SECRET_CLOSED;
}

static void
say(const char *what)
{
	puts(what);
	fflush(stdout);
}
