/*
 * The log partition takes what the disk has left: an image is as small as it can be, disks are not.
 */
#include "fw/services/grow.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECTORS_OF_MIB  2048u
#define GPT_ENTRIES     1024 /* bytes: where the table begins */
#define GPT_ENTRY_BYTES 128

/* The superblock of ext4 (fs/ext4/ext4.h of the kernel), little-endian. */
#define SUPER_AT             1024
#define SUPER_BYTES          1024
#define SUPER_BLOCKS         0x4
#define SUPER_LOG_BLOCK_SIZE 0x18 /* of 1 KiB */
#define SUPER_MAGIC          0x38
#define SUPER_INCOMPAT       0x60
#define SUPER_BLOCKS_HIGH    0x150
#define MAGIC                0xef53
#define INCOMPAT_64BIT       0x80

static bool read_number(uint64_t *out, const char *dir, const char *file);
static bool is_labelled(const char *dir);
static uint64_t file_system_bytes(const char *partition);
static uint32_t get32(const uint8_t *at);
static bool grow_partition(const struct grow_disk *disk, const char **why);
static bool tell_kernel(const struct grow_disk *disk);
static bool run(char *const argv[], const char *input);

bool
grow_find(const char *sys_dir, const char *disk, struct grow_disk *out)
{
	const char *name = strrchr(disk, '/') ? strrchr(disk, '/') + 1 : disk;
	uint64_t disk_sectors, last_end = 0, own_end = 0, start, sectors, number;
	char dir[256], path[512];
	struct dirent *entry;
	DIR *open_dir;

	memset(out, 0, sizeof *out);
	snprintf(dir, sizeof dir, "%s/class/block/%s", sys_dir, name);
	open_dir = strlen(disk) < sizeof out->disk ? opendir(dir) : NULL;
	if (!open_dir || !read_number(&disk_sectors, dir, "size")) {
		if (open_dir)
			closedir(open_dir);
		return false;
	}
	while ((entry = readdir(open_dir))) {
		if (strncmp(entry->d_name, name, strlen(name)) != 0 ||
		    strlen(entry->d_name) > sizeof out->partition - 8)
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (!read_number(&number, path, "partition") ||
		    !read_number(&start, path, "start") || !read_number(&sectors, path, "size"))
			continue;
		last_end = start + sectors > last_end ? start + sectors : last_end;
		if (!is_labelled(path))
			continue;
		own_end = start + sectors;
		out->number = (uint32_t)number;
		out->partition_bytes = sectors * 512;
		snprintf(out->partition, sizeof out->partition, "/dev/%.20s", entry->d_name);
	}
	closedir(open_dir);
	strcpy(out->disk, disk);
	if (out->number == 0 || own_end != last_end || own_end > disk_sectors)
		return false;
	out->free_mib = (disk_sectors - own_end) / SECTORS_OF_MIB;
	return true;
}

static bool
is_labelled(const char *dir)
{
	char path[600], line[128];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof path, "%s/uevent", dir);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file))
		found |= strcmp(line, "PARTNAME=" GROW_LABEL "\n") == 0;
	if (file)
		fclose(file);
	return found;
}

static bool
read_number(uint64_t *out, const char *dir, const char *name)
{
	char path[600], text[32] = "";
	FILE *file;
	bool ok;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	file = fopen(path, "re");
	ok = file && fgets(text, sizeof text, file) && text[0] >= '0' && text[0] <= '9';
	if (file)
		fclose(file);
	*out = strtoull(text, NULL, 10);
	return ok;
}

bool
grow_needed(const struct grow_disk *disk)
{
	uint64_t bytes = file_system_bytes(disk->partition);

	return disk->free_mib >= GROW_SPARE_MIB ||
	       (bytes && bytes < disk->partition_bytes &&
		(disk->partition_bytes - bytes) >> 20 >= GROW_SPARE_MIB);
}

/* 0: it can't be read, or is no ext4. */
static uint64_t
file_system_bytes(const char *partition)
{
	uint8_t super[SUPER_BYTES];
	int fd = open(partition, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok = fd >= 0 && pread(fd, super, sizeof super, SUPER_AT) == (ssize_t)sizeof super;
	uint64_t blocks;
	uint32_t shift;

	if (fd >= 0)
		close(fd);
	if (!ok || (get32(super + SUPER_MAGIC) & 0xffff) != MAGIC)
		return 0;
	blocks = get32(super + SUPER_BLOCKS);
	if (get32(super + SUPER_INCOMPAT) & INCOMPAT_64BIT)
		blocks |= (uint64_t)get32(super + SUPER_BLOCKS_HIGH) << 32;
	shift = get32(super + SUPER_LOG_BLOCK_SIZE);
	return shift <= 6 && blocks < UINT64_C(1) << 48 ? blocks << (10 + shift) : 0;
}

static uint32_t
get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Each step may be the last before a power cut: the next boot goes on from there. */
bool
grow_do(const struct grow_disk *disk, const char **why)
{
	char *resize[] = { (char *)"/usr/sbin/resize2fs", (char *)disk->partition, NULL };

	if (disk->free_mib >= GROW_SPARE_MIB && !grow_partition(disk, why))
		return false;
	*why = "its file system can't be made larger";
	return run(resize, "");
}

/* sfdisk moves the second table to the disk's end, then the partition's; the kernel is told for this one alone. */
static bool
grow_partition(const struct grow_disk *disk, const char **why)
{
	char number[12];
	char *move[] = { (char *)"/usr/sbin/sfdisk",
			 (char *)"--quiet",
			 (char *)"--no-tell-kernel",
			 (char *)"--relocate",
			 (char *)"gpt-bak-std",
			 (char *)disk->disk,
			 NULL };
	char *grow[] = { (char *)"/usr/sbin/sfdisk",
			 (char *)"--quiet",
			 (char *)"--no-reread",
			 (char *)"--no-tell-kernel",
			 (char *)"--force",
			 (char *)"-N",
			 number,
			 (char *)disk->disk,
			 NULL };

	snprintf(number, sizeof number, "%u", disk->number);
	*why = "the second partition table can't be moved to the disk's end";
	if (!run(move, ""))
		return false;
	*why = "the partition can't be made larger";
	if (!run(grow, ", +\n"))
		return false;
	*why = "the kernel does not take its new size";
	return tell_kernel(disk);
}

/* Its size as the table on the disk has it now (UEFI 2.10 section 5.3.3); of this one alone, as others are in use. */
static bool
tell_kernel(const struct grow_disk *disk)
{
	struct blkpg_partition partition = { .pno = (int)disk->number };
	struct blkpg_ioctl_arg order = { .op = BLKPG_RESIZE_PARTITION,
					 .datalen = sizeof partition,
					 .data = &partition };
	uint64_t lba[2] = { 0 }; /* first and last */
	int fd = open(disk->disk, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && pread(fd, lba, sizeof lba,
				   GPT_ENTRIES + (disk->number - 1) * GPT_ENTRY_BYTES + 32) ==
				 (ssize_t)sizeof lba;

	lba[0] = le64toh(lba[0]);
	lba[1] = le64toh(lba[1]);
	ok = ok && lba[1] > lba[0] && lba[1] < UINT64_C(1) << 48;
	if (ok) {
		partition.start = (long long)lba[0] * 512;
		partition.length = (long long)(lba[1] - lba[0] + 1) * 512;
		ok = ioctl(fd, BLKPG, &order) == 0;
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool
run(char *const argv[], const char *input)
{
	posix_spawn_file_actions_t actions;
	char *const environment[] = { (char *)"PATH=/usr/sbin:/usr/bin", NULL };
	int ends[2], status = -1;
	pid_t pid;
	bool ok;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	ok = posix_spawn(&pid, argv[0], &actions, NULL, argv, environment) == 0;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	ok = ok && write(ends[1], input, strlen(input)) == (ssize_t)strlen(input);
	close(ends[1]);
	while (ok && waitpid(pid, &status, 0) < 0)
		ok = errno == EINTR;
	return ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
