/*
 * Finds disk and partitions: /sys/class/block names the devices, the partition table names the partitions.
 *
 * The kernel has read the table too; a partition is used only where it agrees with us in number, start and length.
 */
#include "images/initramfs/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SYS_BLOCK "/sys/class/block"
#define BOOTED_FROM                                                                                \
	"/sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

enum {
	BLANK_LEN = 8192, /* bytes: the superblock of ext4 lies within */
	VARIABLE_LEN_MAX = 128,
	VARIABLE_HEAD_LEN = 4, /* attributes */
};

static bool booted_guid(uint8_t guid[GPT_GUID_LEN]);
static const char *judge(const struct disk *disk, const char *label, const uint8_t *booted);
static void note(char *why, size_t size_bytes, const char *name, const char *what);
static bool may_be_disk(const char *name);
static enum gpt_result open_disk(const char *name, struct disk *disk);
static enum gpt_result read_table(int fd, uint64_t lba, uint64_t sector_count, struct disk *disk);
static bool read_at(int fd, uint64_t offset_bytes, void *bytes, size_t len_bytes);
static bool
kernel_agrees(const struct disk *disk, const char *name, const struct gpt_partition *partition);
static bool sys_number(const char *name, const char *what, uint64_t *number);

bool
disk_find(const char *label, struct disk *disk, char *why, size_t why_size_bytes)
{
	static struct disk candidate;
	uint8_t booted[GPT_GUID_LEN];
	bool known = booted_guid(booted);
	struct dirent **names = NULL;
	int count = scandir(SYS_BLOCK, &names, NULL, alphasort);
	int candidates = 0;
	int i;

	disk->name[0] = '\0';
	why[0] = '\0';
	for (i = 0; i < count; i++) {
		enum gpt_result result;
		const char *wrong;

		if (!may_be_disk(names[i]->d_name))
			continue;
		result = open_disk(names[i]->d_name, &candidate);
		wrong = result == GPT_OK ? judge(&candidate, label, known ? booted : NULL)
					 : gpt_result_text(result);
		if (wrong != NULL)
			note(why, why_size_bytes, names[i]->d_name, wrong);
		else if (candidates++ == 0)
			*disk = candidate;
	}
	while (count > 0)
		free(names[--count]);
	free(names);
	if (why[0] == '\0')
		snprintf(why, why_size_bytes, "no disk at all");
	disk->by_firmware = known && candidates == 1;
	disk->candidates = candidates;
	return candidates > 0;
}

/* NULL, or why it is not the disk. */
static const char *
judge(const struct disk *disk, const char *label, const uint8_t *booted)
{
	struct gpt_partition partition;
	enum gpt_result result;

	if (booted != NULL &&
	    gpt_find_guid(&disk->header, disk->entries, booted, &partition) != GPT_OK)
		return "not the partition that the firmware booted";
	result = gpt_find_label(&disk->header, disk->entries, label, &partition);
	return result == GPT_OK ? NULL : gpt_result_text(result);
}

/* Each disk that was looked at is worth a word: the one that should have been it is among them. */
static void
note(char *why, size_t size_bytes, const char *name, const char *what)
{
	size_t len = strlen(why);

	snprintf(why + len, size_bytes - len, "%s%s has %s", len > 0 ? ", " : "", name, what);
}

/* systemd's stub writes the variable. Without it (no UEFI, or another loader) the label has to do. */
static bool
booted_guid(uint8_t guid[GPT_GUID_LEN])
{
	uint8_t variable[VARIABLE_LEN_MAX];
	int fd = open(BOOTED_FROM, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, variable, sizeof(variable));
	close(fd);
	return len > VARIABLE_HEAD_LEN &&
	       gpt_guid_from_utf16(variable + VARIABLE_HEAD_LEN, (size_t)len - VARIABLE_HEAD_LEN,
				   guid);
}

/* Not partitions, nor what the kernel makes itself. */
static bool
may_be_disk(const char *name)
{
	static const char *const others[] = { ".",  "dm-", "loop", "ram", "sr",
					      "fd", "md",  "zram", "nbd" };
	char path[sizeof(SYS_BLOCK) + 300];
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strncmp(name, others[i], strlen(others[i])) == 0)
			return false;
	if (strlen(name) >= DISK_NAME_LEN)
		return false;
	snprintf(path, sizeof(path), SYS_BLOCK "/%s/partition", name);
	return access(path, F_OK) != 0;
}

/* The table at the disk's end counts where the one at its start is damaged; the kernel does so with its argument "gpt". */
static enum gpt_result
open_disk(const char *name, struct disk *disk)
{
	enum gpt_result first = GPT_NONE;
	enum gpt_result last;
	uint64_t len_bytes = 0;
	int sector_len = 0;
	int fd;

	disk->second_table = false;
	snprintf(disk->name, sizeof(disk->name), "%s", name);
	snprintf(disk->path, sizeof(disk->path), "/dev/%s", disk->name);
	fd = open(disk->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return GPT_NONE;
	if (ioctl(fd, BLKSSZGET, &sector_len) == 0 && ioctl(fd, BLKGETSIZE64, &len_bytes) == 0 &&
	    sector_len >= GPT_SECTOR_MIN && sector_len <= GPT_SECTOR_MAX) {
		disk->sector_len_bytes = (uint32_t)sector_len;
		first = read_table(fd, 1, len_bytes / disk->sector_len_bytes, disk);
		if (first != GPT_OK && len_bytes >= disk->sector_len_bytes) {
			last = read_table(fd, len_bytes / disk->sector_len_bytes - 1,
					  len_bytes / disk->sector_len_bytes, disk);
			disk->second_table = last == GPT_OK;
			first = last == GPT_OK ? last : first;
		}
	}
	close(fd);
	return first;
}

static enum gpt_result
read_table(int fd, uint64_t lba, uint64_t sector_count, struct disk *disk)
{
	uint8_t sector[GPT_SECTOR_MAX];
	enum gpt_result result;
	size_t len;

	if (!read_at(fd, lba * disk->sector_len_bytes, sector, disk->sector_len_bytes))
		return GPT_NONE;
	result = gpt_header_parse(sector, disk->sector_len_bytes, lba, sector_count, &disk->header);
	if (result != GPT_OK)
		return result;
	len = gpt_entries_len_bytes(&disk->header);
	if (!read_at(fd, disk->header.entries_lba * disk->sector_len_bytes, disk->entries, len))
		return GPT_BAD_HEADER;
	return gpt_entries_check(&disk->header, disk->entries, len);
}

static bool
read_at(int fd, uint64_t offset_bytes, void *bytes, size_t len_bytes)
{
	uint8_t *to = bytes;

	while (len_bytes > 0) {
		ssize_t len = pread(fd, to, len_bytes, (off_t)offset_bytes);

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0) {
			errno = len == 0 ? ENXIO : errno;
			return false;
		}
		to += len;
		offset_bytes += (uint64_t)len;
		len_bytes -= (size_t)len;
	}
	return true;
}

bool
disk_partition(const struct disk *disk, const char *label, char path[DISK_PATH_LEN], char *why,
	       size_t why_size_bytes)
{
	struct gpt_partition partition;
	enum gpt_result result = gpt_find_label(&disk->header, disk->entries, label, &partition);
	struct dirent **names = NULL;
	bool found = false;
	int count;

	if (result != GPT_OK) {
		snprintf(why, why_size_bytes, "%s", gpt_result_text(result));
		return false;
	}
	count = scandir(SYS_BLOCK, &names, NULL, alphasort);
	while (count > 0) {
		const char *name = names[--count]->d_name;

		if (!found && strncmp(name, disk->name, strlen(disk->name)) == 0 &&
		    strlen(name) < DISK_NAME_LEN && kernel_agrees(disk, name, &partition)) {
			snprintf(path, DISK_PATH_LEN, "/dev/%s", name);
			found = true;
		}
		free(names[count]);
	}
	free(names);
	if (!found)
		snprintf(why, why_size_bytes,
			 "the kernel does not see it as the partition table has it");
	return found;
}

/* /sys counts in sectors of 512 bytes whatever the disk's own are. */
static bool
kernel_agrees(const struct disk *disk, const char *name, const struct gpt_partition *partition)
{
	uint64_t scale = disk->sector_len_bytes / 512;
	uint64_t number;
	uint64_t start;
	uint64_t size;

	return sys_number(name, "partition", &number) && number == partition->number &&
	       sys_number(name, "start", &start) && start == partition->first_lba * scale &&
	       sys_number(name, "size", &size) &&
	       size == (partition->last_lba - partition->first_lba + 1) * scale;
}

static bool
sys_number(const char *name, const char *what, uint64_t *number)
{
	char path[sizeof(SYS_BLOCK) + 300];
	unsigned long long value;
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), SYS_BLOCK "/%s/%s", name, what);
	file = fopen(path, "re");
	if (file == NULL)
		return false;
	ok = fscanf(file, "%llu", &value) == 1;
	fclose(file);
	*number = ok ? value : 0;
	return ok;
}

bool
disk_read(const char *path, uint64_t offset_bytes, void *bytes, size_t len_bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;
	int saved;

	if (fd < 0)
		return false;
	ok = read_at(fd, offset_bytes, bytes, len_bytes);
	saved = errno;
	close(fd);
	errno = saved;
	return ok;
}

uint64_t
disk_len_bytes(const char *path)
{
	uint64_t len_bytes = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (ioctl(fd, BLKGETSIZE64, &len_bytes) != 0)
		len_bytes = 0;
	close(fd);
	return len_bytes;
}

bool
disk_is_blank(const char *path)
{
	static const uint8_t zeros[BLANK_LEN];
	static uint8_t bytes[BLANK_LEN];

	return disk_read(path, 0, bytes, sizeof(bytes)) && memcmp(bytes, zeros, sizeof(bytes)) == 0;
}
