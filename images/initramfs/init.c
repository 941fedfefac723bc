/*
 * The first process of the box: from the kernel to systemd. Static, alone in the initramfs beside the kernel's modules.
 *
 * In order: file systems of the kernel; modules; the disk that we were booted from; the root partition through dm-verity;
 * an overlay in memory on it; config and log partitions; systemd. Whatever is wrong with the root ends here, with words on
 * each console and a restart after half a minute. Whatever is wrong with config or log does not: memory takes
 * their place, and /run/fairlead/boot.status has a line that says so.
 *
 * Leaves out: choosing between slots A and B (the boot loader's part), keys and signatures, growing partitions.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "images/initramfs/cmdline.h"
#include "images/initramfs/disk.h"
#include "images/initramfs/dm.h"
#include "images/initramfs/verity.h"

#define NEW_ROOT "/sysroot"
#define STATUS   "/run/fairlead/boot.status"
#define FSCK_LOG "/run/fairlead/e2fsck.log"

/* What lies on the config partition may be anything: a link leads nowhere, and nobody waits at a pipe. */
#define PLAIN_FILE (O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
#define DATA_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

enum {
	CMDLINE_LEN = 4096,
	LABEL_LEN = 40,
	WHY_LEN = 640,
	DISK_WAIT_S = 60,
	RESTART_WAIT_S = 30,
};

struct boot {
	char cmdline[CMDLINE_LEN];
	char root_label[LABEL_LEN];
	char root_hash[VERITY_HASH_TEXT_LEN + 1];
	uint64_t hash_offset_bytes;
	struct disk disk;
	struct verity verity;
	char root_partition[DISK_PATH_LEN];
};

static void mount_kernel(void);
static void read_arguments(struct boot *boot);
static void load_modules(void);
static void load_module(const char *path);
static void find_disk(struct boot *boot);
static void map_root(struct boot *boot);
static void mount_root(const struct boot *boot);
static void move_kernel(void);
static void mount_data(const struct boot *boot, const char *label, const char *where);
static bool mount_partition(const struct boot *boot, const char *label, const char *where,
			    char *why, size_t why_size_bytes);
static bool repair(const char *label, const char *device);
static int run_in_root(const char *program, const char *option, const char *argument);
static void write_disk(const struct boot *boot);
static void keep_machine_id(void);
static bool machine_id_ok(const char *text);
static bool write_file(const char *path, const char *text);
static void switch_root(void) __attribute__((noreturn));
static void remove_below(int dir, dev_t device);
static void mount_at(const char *source, const char *where, const char *type, unsigned long flags,
		     const char *data);
static void status(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void on_consoles(const char *text);
static bool read_file(const char *path, char *text, size_t size_bytes);

int
main(void)
{
	static struct boot boot;

	mount_kernel();
	say("starting");
	read_arguments(&boot);
	load_modules();
	find_disk(&boot);
	map_root(&boot);
	mount_root(&boot);
	move_kernel();
	write_disk(&boot);
	mount_data(&boot, "config", NEW_ROOT "/config");
	mount_data(&boot, "log", NEW_ROOT "/log");
	keep_machine_id();
	switch_root();
}

/* Nothing can be said before /dev is there. */
static void
mount_kernel(void)
{
	umask(022);
	mount_at("devtmpfs", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755");
	mount_at("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_at("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_at("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	if (mkdir("/run/fairlead", 0755) != 0)
		fail("/run can't be used: %s", strerror(errno));
	close(open(STATUS, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static void
read_arguments(struct boot *boot)
{
	if (!read_file("/proc/cmdline", boot->cmdline, sizeof(boot->cmdline)))
		fail("the kernel's command line can't be read");
	if (!cmdline_value(boot->cmdline, "fairlead.root", boot->root_label,
			   sizeof(boot->root_label)))
		fail("the kernel's command line has no fairlead.root=");
	if (!cmdline_value(boot->cmdline, "fairlead.roothash", boot->root_hash,
			   sizeof(boot->root_hash)) ||
	    !verity_root_hash_ok(boot->root_hash))
		fail("the kernel's command line has no fairlead.roothash= of 64 digits");
	if (!cmdline_number(boot->cmdline, "fairlead.hashoffset", &boot->hash_offset_bytes))
		fail("the kernel's command line has no fairlead.hashoffset=");
}

/* In the list each module stands after those that it needs. */
static void
load_modules(void)
{
	FILE *list = fopen("/modules.list", "re");
	char path[256];

	if (list == NULL)
		fail("the list of kernel modules is missing");
	while (fgets(path, sizeof(path), list) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		load_module(path);
	}
	fclose(list);
}

/* A module may not fit the machine; what then is missing is seen later. */
static void
load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		say("kernel module %s: %s", path, strerror(errno));
		return;
	}
	if (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST && errno != ENODEV)
		say("kernel module %s: %s", path, strerror(errno));
	close(fd);
}

/* Disks may come late: USB, or a machine under load. */
static void
find_disk(struct boot *boot)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	char why[WHY_LEN];
	int tries;

	if (access("/sys/firmware/efi/efivars", F_OK) == 0)
		(void)mount("efivarfs", "/sys/firmware/efi/efivars", "efivarfs",
			    MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	for (tries = 0; tries < DISK_WAIT_S * 10; tries++) {
		if (disk_find(boot->root_label, &boot->disk, why, sizeof(why)))
			break;
		nanosleep(&pause, NULL);
	}
	(void)umount("/sys/firmware/efi/efivars");
	if (boot->disk.name[0] == '\0')
		fail("no disk with a partition \"%s\" after %d s: %s", boot->root_label,
		     DISK_WAIT_S, why);
	say("%s is the disk (%s)", boot->disk.name,
	    boot->disk.by_firmware ? "named by the firmware" : "found by label");
	if (boot->disk.candidates > 1)
		status("disk: %d disks have a partition %s, and the firmware does not say which "
		       "one was booted; %s is used",
		       boot->disk.candidates, boot->root_label, boot->disk.name);
	if (boot->disk.second_table)
		status(
		    "disk: the partition table at the start of %s is damaged; the one at its end "
		    "is used",
		    boot->disk.name);
}

/* First with errors for whoever reads a bad block, so that mounting can fail with words of ours. */
static void
map_root(struct boot *boot)
{
	uint8_t superblock[VERITY_SUPERBLOCK_LEN];
	char table[VERITY_TABLE_LEN_MAX];
	char why[256];
	const char *wrong;
	char path[64];

	if (!disk_partition(&boot->disk, boot->root_label, boot->root_partition, why, sizeof(why)))
		fail("partition %s of %s: %s", boot->root_label, boot->disk.name, why);
	if (!disk_read(boot->root_partition, boot->hash_offset_bytes, superblock,
		       sizeof(superblock)))
		fail("partition %s (%s): the hash tree can't be read: %s", boot->root_label,
		     boot->root_partition, strerror(errno));
	wrong = verity_parse(superblock, boot->hash_offset_bytes,
			     disk_len_bytes(boot->root_partition), &boot->verity);
	if (wrong != NULL)
		fail("partition %s (%s): %s", boot->root_label, boot->root_partition, wrong);
	if (!verity_table(&boot->verity, boot->root_partition, boot->root_hash, VERITY_EIO, table,
			  sizeof(table)))
		fail("partition %s: the table of dm-verity is too long", boot->root_label);
	if (!dm_create("root", verity_sector_count(&boot->verity), "verity", table, path,
		       sizeof(path)))
		fail("partition %s (%s): dm-verity: %s", boot->root_label, boot->root_partition,
		     strerror(errno));
	if (mount(path, "/lower", "squashfs", MS_RDONLY | MS_NODEV | MS_NOSUID, NULL) != 0)
		fail("partition %s (%s) can't be trusted or is no squashfs: %s\n"
		     "It is not what its hash on the kernel's command line says (dm-verity).",
		     boot->root_label, boot->root_partition, strerror(errno));
}

/* From here on a bad block stops the kernel, which says so and restarts: half a root would be worse than none. */
static void
mount_root(const struct boot *boot)
{
	char table[VERITY_TABLE_LEN_MAX];

	if (!verity_table(&boot->verity, boot->root_partition, boot->root_hash, VERITY_PANIC, table,
			  sizeof(table)) ||
	    !dm_replace("root", verity_sector_count(&boot->verity), "verity", table))
		fail("partition %s: dm-verity can't be told to stop at a bad block: %s",
		     boot->root_label, strerror(errno));
	mount_at("tmpfs", "/upper", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=25%");
	if (mkdir("/upper/data", 0755) != 0 || mkdir("/upper/work", 0755) != 0)
		fail("memory for the overlay: %s", strerror(errno));
	mount_at("overlay", NEW_ROOT, "overlay", 0,
		 "lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work");
	say("root is %s of %s, checked by dm-verity", boot->root_label, boot->disk.name);
}

static void
move_kernel(void)
{
	static const char *const places[] = { "/dev", "/proc", "/sys", "/run" };
	char to[64];
	char aside[64];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(to, sizeof(to), NEW_ROOT "%s", places[i]);
		if (mount(places[i], to, NULL, MS_MOVE, NULL) != 0)
			fail("%s can't be moved: %s", places[i], strerror(errno));
		/*
		 * The old paths lead there: the functions below still say /dev and /run. The kernel's own initramfs has
		 * files in /dev, so the folder is put aside.
		 */
		snprintf(aside, sizeof(aside), "%s.old", places[i]);
		if (rename(places[i], aside) != 0 || symlink(to, places[i]) != 0)
			fail("%s can't lead to the root: %s", places[i], strerror(errno));
	}
}

/* For whoever grows partitions or writes the boot state later. */
static void
write_disk(const struct boot *boot)
{
	char text[DISK_PATH_LEN + 1];

	snprintf(text, sizeof(text), "%s\n", boot->disk.path);
	(void)write_file("/run/fairlead/disk", text);
}

/* Nothing here stops the boot. */
static void
mount_data(const struct boot *boot, const char *label, const char *where)
{
	char why[WHY_LEN];

	if (mount_partition(boot, label, where, why, sizeof(why)))
		return;
	status("%s: %s; memory takes its place, nothing in it outlives a restart", label, why);
	if (mount("tmpfs", where, "tmpfs", DATA_FLAGS, "mode=0755,size=10%") != 0)
		status("%s: no memory for it either: %s", label, strerror(errno));
}

/* False with a reason. */
static bool
mount_partition(const struct boot *boot, const char *label, const char *where, char *why,
		size_t why_size_bytes)
{
	char device[DISK_PATH_LEN];
	char wrong[256];

	if (!disk_partition(&boot->disk, label, device, wrong, sizeof(wrong)))
		snprintf(why, why_size_bytes, "partition %s of %s: %s", label, boot->disk.name,
			 wrong);
	else if (!repair(label, device))
		snprintf(why, why_size_bytes, "partition %s is %s", device,
			 disk_is_blank(device) ? "empty" : "damaged beyond repair");
	else if (mount(device, where, "ext4", DATA_FLAGS, "errors=remount-ro") != 0)
		snprintf(why, why_size_bytes, "partition %s does not mount: %s", device,
			 strerror(errno));
	else
		return true;
	return false;
}

/*
 * By the root's own e2fsck, which can be trusted by now. First what is safe; then all, which may lose something. A partition
 * whose first blocks are gone is not lost: ext4 has its superblock in other places too.
 */
static bool
repair(const char *label, const char *device)
{
	int code = run_in_root("/usr/sbin/e2fsck", "-p", device);

	if (code >= 0 && code < 4)
		return true;
	say("%s: partition %s is checked in full, which may take minutes", label, device);
	code = run_in_root("/usr/sbin/e2fsck", "-y", device);
	if (code < 0 || code >= 4)
		return false;
	status("%s: partition %s was damaged and has been repaired; something in it may be lost",
	       label, device);
	return true;
}

static int
run_in_root(const char *program, const char *option, const char *argument)
{
	pid_t child = fork();
	int code;

	if (child < 0)
		return -1;
	if (child == 0) {
		int log = open(FSCK_LOG, O_WRONLY | O_CREAT | O_APPEND, 0644);

		if (log >= 0 && dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0 &&
		    chroot(NEW_ROOT) == 0 && chdir("/") == 0)
			execl(program, program, option, argument, (char *)NULL);
		_exit(127);
	}
	if (waitpid(child, &code, 0) != child || !WIFEXITED(code))
		return -1;
	return WEXITSTATUS(code);
}

/* The box's identity (machine-id(5)) is drawn once and kept with the configuration; the journal is filed under it. */
static void
keep_machine_id(void)
{
	uint8_t random[16];
	char text[40];
	size_t i;

	if (!read_file(NEW_ROOT "/config/machine-id", text, sizeof(text)) || !machine_id_ok(text)) {
		if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
			return;
		random[6] = (uint8_t)((random[6] & 0x0f) | 0x40); /* RFC 9562, version 4 */
		random[8] = (uint8_t)((random[8] & 0x3f) | 0x80);
		for (i = 0; i < sizeof(random); i++)
			snprintf(text + 2 * i, 3, "%02x", random[i]);
		memcpy(text + 2 * sizeof(random), "\n", 2);
		(void)write_file(NEW_ROOT "/config/machine-id", text);
	}
	(void)write_file(NEW_ROOT "/etc/machine-id", text);
}

static bool
machine_id_ok(const char *text)
{
	return strspn(text, "0123456789abcdef") == 32 && strcmp(text + 32, "\n") == 0 &&
	       strspn(text, "0") < 32;
}

static bool
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | PLAIN_FILE, 0644);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fsync(fd) == 0;
	return close(fd) == 0 && ok;
}

/*
 * The initramfs's own files are freed, and only when all has gone well: a failure before still has its consoles. The mounts
 * below the overlay stay.
 */
static void
switch_root(void)
{
	char *const arguments[] = { "systemd", NULL };
	char *const environment[] = { NULL };
	struct stat here;
	int old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	say("starting systemd");
	if (old < 0 || fstat(old, &here) != 0)
		fail("the initramfs: %s", strerror(errno));
	if (chdir(NEW_ROOT) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 ||
	    chdir("/") != 0)
		fail("the root can't be switched to: %s", strerror(errno));
	remove_below(old, here.st_dev);
	execve("/usr/lib/systemd/systemd", arguments, environment);
	fail("systemd can't be started: %s", strerror(errno));
}

/* Takes dir. Stays on the file system: what is mounted in it is not ours to remove. */
static void
remove_below(int dir, dev_t device)
{
	DIR *entries = fdopendir(dir);
	struct dirent *entry;
	struct stat about;

	if (entries == NULL)
		return;
	while ((entry = readdir(entries)) != NULL) {
		int fd;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    fstatat(dir, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
		    about.st_dev != device)
			continue;
		if (!S_ISDIR(about.st_mode)) {
			(void)unlinkat(dir, entry->d_name, 0);
			continue;
		}
		fd = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			remove_below(fd, device);
	}
	closedir(entries);
}

static void
mount_at(const char *source, const char *where, const char *type, unsigned long flags,
	 const char *data)
{
	(void)mkdir(where, 0755);
	if (mount(source, where, type, flags, data) != 0)
		fail("%s at %s: %s", type, where, strerror(errno));
}

/* A line for whoever looks at the box later, on the console's login prompt and in `show board`. */
static void
status(const char *format, ...)
{
	int fd = open(STATUS, O_WRONLY | O_APPEND | O_CLOEXEC);
	char text[WHY_LEN + 128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	say("%s", text);
	if (fd < 0)
		return;
	dprintf(fd, "%s\n", text);
	close(fd);
}

/* To the kernel's log, which the consoles show. */
static void
say(const char *format, ...)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char text[WHY_LEN + 128];
	va_list arguments;

	if (fd < 0)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	dprintf(fd, "<5>fairlead-init: %s\n", text);
	close(fd);
}

/* fairlead.onfail=stop waits for somebody to look, otherwise the box tries again. */
static void
fail(const char *format, ...)
{
	static char text[1024];
	char cmdline[CMDLINE_LEN];
	char policy[16];
	bool stop;
	int len;
	va_list arguments;

	stop = read_file("/proc/cmdline", cmdline, sizeof(cmdline)) &&
	       cmdline_value(cmdline, "fairlead.onfail", policy, sizeof(policy)) &&
	       strcmp(policy, "stop") == 0;
	len = snprintf(text, sizeof(text), "\r\n*** Fairlead can't start ***\r\n");
	va_start(arguments, format);
	vsnprintf(text + len, sizeof(text) - (size_t)len, format, arguments);
	va_end(arguments);
	on_consoles(text);
	if (stop)
		on_consoles("\r\n*** Stopped (fairlead.onfail=stop). Switch off and on to try "
			    "again. ***\r\n");
	else
		on_consoles("\r\n*** Restarting in 30 s. ***\r\n");
	for (len = 0; stop || len < RESTART_WAIT_S; len++)
		sleep(1);
	(void)reboot(RB_AUTOBOOT);
	for (;;)
		sleep(1);
}

static void
on_consoles(const char *text)
{
	char active[256] = "console";
	char path[300];
	char *save = NULL;
	char *name;
	int fd;

	(void)read_file("/sys/class/tty/console/active", active, sizeof(active));
	for (name = strtok_r(active, " \n", &save); name != NULL;
	     name = strtok_r(NULL, " \n", &save)) {
		snprintf(path, sizeof(path), "/dev/%s", name);
		fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			continue;
		dprintf(fd, "%s", text);
		close(fd);
	}
}

static bool
read_file(const char *path, char *text, size_t size_bytes)
{
	int fd = open(path, O_RDONLY | PLAIN_FILE);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, size_bytes - 1);
	close(fd);
	if (len < 0)
		return false;
	text[len] = '\0';
	return true;
}
