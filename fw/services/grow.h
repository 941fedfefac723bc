/*
 * Whether the last partition of the boot disk can grow, and its growing.
 */
#ifndef FW_SERVICES_GROW_H
#define FW_SERVICES_GROW_H

#include <stdbool.h>
#include <stdint.h>

#define GROW_LABEL     "log"
#define GROW_SPARE_MIB 16u /* at the disk's end; less is not worth the risk */

struct grow_disk {
	char disk[32];      /* "/dev/vda" */
	char partition[32]; /* "/dev/vda7" */
	uint32_t number;
	uint64_t free_mib; /* behind it */
	uint64_t partition_bytes;
};

/*
 * Finds the partition of that label on the disk by sys_dir (/sys). False: there is none, or it is not the last one.
 */
bool grow_find(const char *sys_dir, const char *disk, struct grow_disk *out);
/*
 * Whether there is something to do: room behind the partition, or a file system shorter than it is, as a power cut between
 * the two leaves it.
 */
bool grow_needed(const struct grow_disk *disk);
/* Grows partition and file system by sfdisk(8) and resize2fs(8). False: why lends a constant that says which failed. */
bool grow_do(const struct grow_disk *disk, const char **why);

#endif
