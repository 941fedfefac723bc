/*
 * Disks and their partitions as init sees them: by /sys/class/block, with the partition table read by ourselves.
 */
#ifndef IMAGES_INITRAMFS_DISK_H
#define IMAGES_INITRAMFS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "images/initramfs/gpt.h"

enum {
	DISK_NAME_LEN = 256, /* what a folder may hold */
	DISK_PATH_LEN = 264,
};

struct disk {
	char name[DISK_NAME_LEN]; /* as in /sys/class/block */
	char path[DISK_PATH_LEN]; /* its device file */
	uint32_t sector_len_bytes;
	struct gpt_header header;
	uint8_t entries[GPT_ENTRIES_LEN_MAX];
	bool second_table; /* read from the disk's end, for the one at its start is damaged */
	bool by_firmware;  /* the firmware said which disk was booted, and only one it can be */
	int candidates;    /* how many disks it can be: a copy of a disk has its GUIDs too */
};

/*
 * Finds the disk we were booted from: the one with the partition that the EFI variable LoaderDevicePartUUID names, else the
 * first one (by name) that has a partition of that label. False with a reason, in which each disk that was seen has its own.
 */
bool disk_find(const char *label, struct disk *disk, char *why, size_t why_size_bytes);

/* The device file of a disk's partition by its label, if the kernel sees that partition as the table has it. False with a reason. */
bool disk_partition(const struct disk *disk, const char *label, char path[DISK_PATH_LEN], char *why,
		    size_t why_size_bytes);

/* Reads from a device file. False with errno set, also where the device ends before. */
bool disk_read(const char *path, uint64_t offset_bytes, void *bytes, size_t len_bytes);

/* Length of a device file in bytes, 0 if it can't be had. */
uint64_t disk_len_bytes(const char *path);

/* Whether a partition begins with nothing but zeros where a file system would say what it is. */
bool disk_is_blank(const char *path);

#endif
