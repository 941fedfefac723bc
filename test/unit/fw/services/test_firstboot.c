/*
 * The admin's password from the console to /etc/shadow, in a root directory of the test's own; the program with a pipe
 * and with a terminal as its console. Which partition grows.
 */
#include <crypt.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "fw/services/admin.h"
#include "fw/services/grow.h"
#include "test/unit/unit.h"

static char root[64], program[256];

static void
put(const char *name, const char *text)
{
	char path[256], *slash;
	int fd;

	snprintf(path, sizeof path, "%s/%s", root, name);
	for (slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static const char *
get(const char *name)
{
	static char text[4096];
	char path[256];
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "%s/%s", root, name);
	fd = open(path, O_RDONLY);
	len = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	text[len > 0 ? len : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static void
begin(void)
{
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 40);

	ASSERT(len > 0);
	program[len] = '\0';
	strcpy(strrchr(program, '/'), "/../fairlead-firstboot");
	strcpy(root, "/tmp/fairlead-firstboot-XXXXXX");
	ASSERT(mkdtemp(root));
	put("etc/shadow", "root:!*:20000::::::\nadmin:!*:20000::::::\nsshd:!*:20000::::::\n");
	put("run/fairlead/x", "");
	put("config/auth/x", "");
}

static void
finish(void)
{
	char command[96];

	snprintf(command, sizeof command, "rm -rf %s", root);
	ASSERT(system(command) == 0);
}

static void
passwords_that_can_not_be_are_refused(void)
{
	char text[ADMIN_PASSWORD_MAX + 2];

	CU_ASSERT_PTR_NOT_NULL(admin_password_refused(""));
	CU_ASSERT_PTR_NOT_NULL(admin_password_refused("seven-7"));
	CU_ASSERT_PTR_NULL(admin_password_refused("eight-88"));
	CU_ASSERT_PTR_NOT_NULL(admin_password_refused("aaaaaaaaaa"));
	CU_ASSERT_PTR_NOT_NULL(admin_password_refused("with\ttab-in"));
	CU_ASSERT_PTR_NULL(admin_password_refused("gr\xc3\xbc\xc3\x9f gott"));
	for (size_t i = 0; i <= ADMIN_PASSWORD_MAX; i++)
		text[i] = (char)('a' + i % 26);
	text[ADMIN_PASSWORD_MAX + 1] = '\0';
	CU_ASSERT_PTR_NOT_NULL(admin_password_refused(text));
	text[ADMIN_PASSWORD_MAX] = '\0';
	CU_ASSERT_PTR_NULL(admin_password_refused(text));
}

static void
hash_is_of_the_password_and_salted(void)
{
	char one[ADMIN_HASH_BYTES], two[ADMIN_HASH_BYTES];

	CU_ASSERT(admin_hash("correct horse", one) && admin_hash("correct horse", two));
	CU_ASSERT_STRING_NOT_EQUAL(one, two);
	CU_ASSERT_EQUAL(strncmp(one, "$y$", 3), 0);
	CU_ASSERT_STRING_EQUAL(crypt("correct horse", one), one);
	CU_ASSERT_STRING_NOT_EQUAL(crypt("correct horsf", one), one);
}

static void
stored_hash_that_is_cut_or_foreign_is_none(void)
{
	char hash[ADMIN_HASH_BYTES], got[ADMIN_HASH_BYTES], text[512];
	struct stat st;
	char path[128];

	begin();
	CU_ASSERT_FALSE(admin_read_hash(root, got));
	ASSERT(admin_hash("correct horse", hash));
	CU_ASSERT(admin_write_hash(root, hash));
	CU_ASSERT(admin_read_hash(root, got));
	CU_ASSERT_STRING_EQUAL(got, hash);
	snprintf(path, sizeof path, "%s" ADMIN_HASH_FILE, root);
	CU_ASSERT(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	for (size_t len = 0; len <= strlen(hash); len++) {
		snprintf(text, sizeof text, "%.*s", (int)len, hash);
		put("config/auth/admin.shadow", text);
		CU_ASSERT_FALSE(admin_read_hash(root, got));
	}
	snprintf(text, sizeof text, "%s:0:\n", hash);
	put("config/auth/admin.shadow", text);
	CU_ASSERT_FALSE(admin_read_hash(root, got));
	snprintf(text, sizeof text, "%s\nroot::\n", hash);
	put("config/auth/admin.shadow", text);
	CU_ASSERT_FALSE(admin_read_hash(root, got));
	put("config/auth/admin.shadow", "\n");
	CU_ASSERT_FALSE(admin_read_hash(root, got));
	finish();
}

static void
shadow_keeps_others_and_has_one_admin(void)
{
	begin();
	CU_ASSERT(admin_compose_shadow(root, NULL));
	CU_ASSERT_STRING_EQUAL(get("etc/shadow"), "root:!*:20000::::::\nsshd:!*:20000::::::\n"
						  "admin:*::0:99999:7:::\n");
	CU_ASSERT(admin_compose_shadow(root, "$y$hash"));
	CU_ASSERT(admin_compose_shadow(root, "$y$other"));
	CU_ASSERT_STRING_EQUAL(get("etc/shadow"), "root:!*:20000::::::\nsshd:!*:20000::::::\n"
						  "admin:$y$other::0:99999:7:::\n");
	finish();
}

/* What the program says, with these lines typed. */
static int
boot(const char *typed, char *said, size_t said_bytes)
{
	char input[128], command[800];
	FILE *out;
	size_t len;

	snprintf(input, sizeof input, "%s/typed", root);
	put("typed", typed);
	snprintf(command, sizeof command, "%s --root %s --no-devices < %s 2>&1", program, root,
		 input);
	out = popen(command, "r");
	ASSERT(out);
	len = fread(said, 1, said_bytes - 1, out);
	said[len] = '\0';
	return WEXITSTATUS(pclose(out));
}

static void
first_boot_asks_until_it_has_a_password(void)
{
	char said[4096], hash[ADMIN_HASH_BYTES];

	begin();
	CU_ASSERT_EQUAL(boot("short\ncorrect horse\ncorrect house\ncorrect horse\ncorrect horse\n",
			     said, sizeof said),
			0);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "New password for admin: "));
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "it is too short"));
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "they are not equal"));
	CU_ASSERT_PTR_NULL(strstr(said, "correct"));
	CU_ASSERT(admin_read_hash(root, hash));
	CU_ASSERT_STRING_EQUAL(crypt("correct horse", hash), hash);
	CU_ASSERT_PTR_NOT_NULL(strstr(get("etc/shadow"), hash));
	CU_ASSERT_STRING_EQUAL(get("run/fairlead/sshd.conf"), "PasswordAuthentication yes\n");
	/* the next boot: nobody is asked, and etc is a fresh one */
	put("etc/shadow", "admin:!*:20000::::::\n");
	CU_ASSERT_EQUAL(boot("", said, sizeof said), 0);
	CU_ASSERT_STRING_EQUAL(said, "");
	CU_ASSERT_PTR_NOT_NULL(strstr(get("etc/shadow"), hash));
	finish();
}

/* Whoever is to mend the config partition must be able to log in. */
static void
password_that_can_not_be_stored_counts_until_the_restart(void)
{
	char said[4096], path[128];

	begin();
	snprintf(path, sizeof path, "%s" ADMIN_HASH_FILE, root);
	ASSERT(mkdir(path, 0700) == 0);
	CU_ASSERT_EQUAL(boot("correct horse\ncorrect horse\n", said, sizeof said), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, "until the next restart only"));
	CU_ASSERT_PTR_NOT_NULL(strstr(get("etc/shadow"), "admin:$y$"));
	CU_ASSERT_STRING_EQUAL(get("run/fairlead/sshd.conf"), "PasswordAuthentication yes\n");
	finish();
}

static void
nobody_to_answer_leaves_no_password(void)
{
	char said[4096];

	begin();
	CU_ASSERT_EQUAL(boot("correct horse\n", said, sizeof said), 1);
	CU_ASSERT_STRING_EQUAL(get("config/auth/admin.shadow"), "");
	CU_ASSERT_PTR_NOT_NULL(strstr(get("etc/shadow"), "admin:*:"));
	CU_ASSERT_STRING_EQUAL(get("run/fairlead/sshd.conf"), "PasswordAuthentication no\n");
	finish();
}

static size_t
read_until(int fd, char *said, size_t len, size_t room, const char *what)
{
	while (!strstr(said, what) && len < room - 1) {
		ssize_t got = read(fd, said + len, room - 1 - len);

		if (got <= 0)
			break;
		len += (size_t)got;
		said[len] = '\0';
	}
	return len;
}

static void
terminal_does_not_echo_the_password(void)
{
	char said[4096] = "";
	size_t len = 0;
	int fd, status;
	pid_t pid;

	begin();
	pid = forkpty(&fd, NULL, NULL, NULL);
	ASSERT(pid >= 0);
	if (pid == 0) {
		execl(program, program, "--root", root, "--no-devices", NULL);
		_exit(9);
	}
	len = read_until(fd, said, len, sizeof said, "New password for admin: ");
	CU_ASSERT_EQUAL(write(fd, "correct horse\r", 14), 14);
	len = read_until(fd, said, len, sizeof said, "Again: ");
	CU_ASSERT_EQUAL(write(fd, "correct horse\r", 14), 14);
	read_until(fd, said, len, sizeof said, "never said");
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CU_ASSERT_PTR_NULL(strstr(said, "correct"));
	CU_ASSERT_PTR_NOT_NULL(strstr(get("run/fairlead/sshd.conf"), "yes"));
	close(fd);
	finish();
}

/* Types keys when it has said the prompt; what it said comes to all. */
static void
when_asked(int fd, const char *prompt, const char *keys, char all[8192])
{
	char said[2048] = "";

	read_until(fd, said, 0, sizeof said, prompt);
	CU_ASSERT_PTR_NOT_NULL(strstr(said, prompt));
	strncat(all, said, 8191 - strlen(all));
	CU_ASSERT_EQUAL(write(fd, keys, strlen(keys)), (ssize_t)strlen(keys));
}

/* It is the only one that can let anybody in. */
static void
terminal_can_not_end_the_question(void)
{
	static const char *const answers[] = { "\004", "\003", "half\003", "\034\r", "\032\r" };
	char all[8192] = "", too_long[700];
	int fd, status;
	pid_t pid;

	begin();
	memset(too_long, 'x', sizeof too_long);
	memcpy(too_long, "abcdef", 6);
	strcpy(too_long + sizeof too_long - 2, "\r");
	pid = forkpty(&fd, NULL, NULL, NULL);
	ASSERT(pid >= 0);
	if (pid == 0) {
		execl(program, program, "--root", root, "--no-devices", NULL);
		_exit(9);
	}
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		when_asked(fd, "New password for admin: ", answers[i], all);
	CU_ASSERT_PTR_NULL(strstr(all, "too long"));
	when_asked(fd, "New password for admin: ", too_long, all);
	when_asked(fd, "New password for admin: ", "correct horse\r", all);
	CU_ASSERT_PTR_NOT_NULL(strstr(all, "too long")); /* one answer, not several */
	when_asked(fd, "Again: ", "correct horse\r", all);
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CU_ASSERT_PTR_NULL(strstr(all, "abcdef"));
	CU_ASSERT_PTR_NULL(strstr(all, "half"));
	close(fd);
	finish();
}

static void
disk_of(uint64_t disk_mib, const char *last_label)
{
	char text[128];

	snprintf(text, sizeof text, "%llu\n", (unsigned long long)disk_mib * 2048);
	put("sys/class/block/vda/size", text);
	for (int i = 1; i <= 3; i++) {
		char name[64];

		snprintf(name, sizeof name, "sys/class/block/vda/vda%d/partition", i);
		snprintf(text, sizeof text, "%d\n", i);
		put(name, text);
		snprintf(name, sizeof name, "sys/class/block/vda/vda%d/start", i);
		snprintf(text, sizeof text, "%d\n", 2048 + (i - 1) * 64 * 2048);
		put(name, text);
		snprintf(name, sizeof name, "sys/class/block/vda/vda%d/size", i);
		put(name, "131072\n");
		snprintf(name, sizeof name, "sys/class/block/vda/vda%d/uevent", i);
		snprintf(text, sizeof text, "DEVTYPE=partition\nPARTNAME=%s\n",
			 i == 3 ? last_label : "config");
		put(name, text);
	}
}

static void
partition_that_grows_is_the_last_and_the_log(void)
{
	struct grow_disk disk;
	char sys[96];

	begin();
	snprintf(sys, sizeof sys, "%s/sys", root);
	CU_ASSERT_FALSE(grow_find(sys, "/dev/vda", &disk));
	disk_of(1024, "log");
	CU_ASSERT(grow_find(sys, "/dev/vda", &disk));
	CU_ASSERT_EQUAL(disk.number, 3);
	CU_ASSERT_EQUAL(disk.free_mib, 1024 - 3 * 64 - 1);
	CU_ASSERT_STRING_EQUAL(disk.partition, "/dev/vda3");
	CU_ASSERT_EQUAL(disk.partition_bytes, UINT64_C(64) << 20);
	disk_of(193, "log");
	CU_ASSERT(grow_find(sys, "/dev/vda", &disk));
	CU_ASSERT_EQUAL(disk.free_mib, 0);
	disk_of(1024, "data");
	CU_ASSERT_FALSE(grow_find(sys, "/dev/vda", &disk));
	put("sys/class/block/vda/vda2/uevent", "PARTNAME=log\n"); /* there is one behind it */
	CU_ASSERT_FALSE(grow_find(sys, "/dev/vda", &disk));
	finish();
}

/* A superblock and no more: what is needed to know how long an ext4 is. */
static void
file_system_of(const char *path, uint64_t blocks, bool wide)
{
	uint8_t bytes[2048] = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	for (int i = 0; i < 4; i++) {
		bytes[1024 + 0x4 + i] = (uint8_t)(blocks >> 8 * i);
		bytes[1024 + 0x150 + i] = (uint8_t)(blocks >> (32 + 8 * i));
	}
	bytes[1024 + 0x18] = 2; /* blocks of 4 KiB */
	bytes[1024 + 0x38] = 0x53;
	bytes[1024 + 0x39] = 0xef;
	bytes[1024 + 0x60] = wide ? 0x80 : 0;
	ASSERT(fd >= 0 && write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes);
	close(fd);
}

/* The power went when the partition had its new length and the file system not yet. */
static void
file_system_left_short_grows_later(void)
{
	struct grow_disk disk = { .partition = "/tmp/grow-XXXXXX",
				  .free_mib = 0,
				  .partition_bytes = UINT64_C(1024) << 20 };
	int fd = mkstemp(disk.partition);

	ASSERT(fd >= 0);
	close(fd);
	CU_ASSERT_FALSE(grow_needed(&disk)); /* nothing in it */
	file_system_of(disk.partition, 128 * 256, true);
	CU_ASSERT(grow_needed(&disk));
	file_system_of(disk.partition, 1024 * 256, true);
	CU_ASSERT_FALSE(grow_needed(&disk));
	disk.free_mib = GROW_SPARE_MIB;
	CU_ASSERT(grow_needed(&disk));
	disk.free_mib = GROW_SPARE_MIB - 1;
	CU_ASSERT_FALSE(grow_needed(&disk));
	file_system_of(disk.partition, 1010 * 256,
		       true); /* a piece too small for a group of blocks */
	CU_ASSERT_FALSE(grow_needed(&disk));
	file_system_of(disk.partition, 2048 * 256,
		       true); /* longer than its partition: not for us */
	CU_ASSERT_FALSE(grow_needed(&disk));
	/* Beyond 16 TiB the number of blocks has a high half, which is rubbish where the feature is not set. */
	disk.partition_bytes = UINT64_C(32) << 40;
	file_system_of(disk.partition, UINT64_C(8) << 30, true);
	CU_ASSERT_FALSE(grow_needed(&disk));
	file_system_of(disk.partition, (UINT64_C(8) << 30) - 4097, true);
	CU_ASSERT(grow_needed(&disk));
	file_system_of(disk.partition, UINT64_MAX, true);
	CU_ASSERT_FALSE(grow_needed(&disk));
	(void)unlink(disk.partition);
	CU_ASSERT_FALSE(grow_needed(&disk));
}

CU_TestInfo test_firstboot[] = {
	{ "firstboot_passwords_that_can_not_be_are_refused",
	  passwords_that_can_not_be_are_refused },
	{ "firstboot_hash_is_of_the_password_and_salted", hash_is_of_the_password_and_salted },
	{ "firstboot_stored_hash_that_is_cut_or_foreign_is_none",
	  stored_hash_that_is_cut_or_foreign_is_none },
	{ "firstboot_shadow_keeps_others_and_has_one_admin",
	  shadow_keeps_others_and_has_one_admin },
	{ "firstboot_asks_until_it_has_a_password", first_boot_asks_until_it_has_a_password },
	{ "firstboot_password_that_can_not_be_stored_counts_until_the_restart",
	  password_that_can_not_be_stored_counts_until_the_restart },
	{ "firstboot_nobody_to_answer_leaves_no_password", nobody_to_answer_leaves_no_password },
	{ "firstboot_terminal_does_not_echo_the_password", terminal_does_not_echo_the_password },
	{ "firstboot_terminal_can_not_end_the_question", terminal_can_not_end_the_question },
	{ "firstboot_partition_that_grows_is_the_last_and_the_log",
	  partition_that_grows_is_the_last_and_the_log },
	{ "firstboot_file_system_left_short_grows_later", file_system_left_short_grows_later },
	CU_TEST_INFO_NULL,
};
