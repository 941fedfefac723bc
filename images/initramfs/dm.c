/*
 * The device mapper's ioctls (linux/dm-ioctl.h): create, load a table, resume.
 *
 * In the boot: init maps the root partition through dm-verity with them. Leaves out: several targets, events, removal.
 */
#include "images/initramfs/dm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { BUFFER_LEN = 4096 };

union dm_buffer {
	struct dm_ioctl head;
	char bytes[BUFFER_LEN];
};

static bool
load_and_resume(const char *name, uint64_t sector_count, const char *target, const char *table);
static bool
control(unsigned long command, union dm_buffer *buffer, const char *name, uint32_t flags);

bool
dm_create(const char *name, uint64_t sector_count, const char *target, const char *table,
	  char *path, size_t path_size_bytes)
{
	union dm_buffer buffer = { 0 };

	if (!control(DM_DEV_CREATE, &buffer, name, 0))
		return false;
	snprintf(path, path_size_bytes, "/dev/dm-%u", minor(buffer.head.dev));
	return load_and_resume(name, sector_count, target, table);
}

bool
dm_replace(const char *name, uint64_t sector_count, const char *target, const char *table)
{
	return load_and_resume(name, sector_count, target, table);
}

static bool
load_and_resume(const char *name, uint64_t sector_count, const char *target, const char *table)
{
	union dm_buffer buffer = { 0 };
	struct dm_target_spec *spec = (struct dm_target_spec *)(buffer.bytes + sizeof(buffer.head));
	size_t space = sizeof(buffer) - sizeof(buffer.head) - sizeof(*spec);

	if (strlen(table) >= space || strlen(target) >= sizeof(spec->target_type)) {
		errno = E2BIG;
		return false;
	}
	spec->length = sector_count;
	spec->next = sizeof(buffer) - sizeof(buffer.head);
	snprintf(spec->target_type, sizeof(spec->target_type), "%s", target);
	snprintf((char *)(spec + 1), space, "%s", table);
	buffer.head.target_count = 1;
	if (!control(DM_TABLE_LOAD, &buffer, name, DM_READONLY_FLAG))
		return false;
	memset(&buffer, 0, sizeof(buffer));
	return control(DM_DEV_SUSPEND, &buffer, name,
		       0); /* without the flag to suspend it resumes, with the new table */
}

static bool
control(unsigned long command, union dm_buffer *buffer, const char *name, uint32_t flags)
{
	int fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	int result;
	int saved;

	if (fd < 0)
		return false;
	buffer->head.version[0] = DM_VERSION_MAJOR;
	buffer->head.data_size = sizeof(*buffer);
	buffer->head.data_start = sizeof(buffer->head);
	buffer->head.flags = flags;
	snprintf(buffer->head.name, sizeof(buffer->head.name), "%s", name);
	result = ioctl(fd, command, buffer);
	saved = errno;
	close(fd);
	errno = saved;
	return result == 0;
}
