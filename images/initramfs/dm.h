/*
 * The device mapper by its ioctls: one mapped device, its table, put into service. For init, which has no libdevmapper.
 */
#ifndef IMAGES_INITRAMFS_DM_H
#define IMAGES_INITRAMFS_DM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Makes a read-only device of that name with a table of one target over sector_count sectors of 512 bytes and puts it into
 * service; path gets its device file (/dev/dm-N). False with errno set; what is half made stays.
 */
bool dm_create(const char *name, uint64_t sector_count, const char *target, const char *table,
	       char *path, size_t path_size_bytes);

/* Gives a device in service another table. False with errno set; then it works on with the old one. */
bool dm_replace(const char *name, uint64_t sector_count, const char *target, const char *table);

#endif
