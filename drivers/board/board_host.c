/*
 * Reading /sys: PCI devices, their drivers and interfaces, processors. Nothing is changed here.
 */
#include "drivers/board/board_host.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PCI_CLASS_NETWORK 0x02

static uint32_t number_of(const char *text);
static bool first_interface(const char *dir, char out[FILES_PATH_MAX]);

struct board_device
board_host_device(const struct board_host *host, const char *pci)
{
	struct board_device device = { .numa_node = -1, .iommu_group = -1 };
	char text[64];

	if (!board_host_read(text, sizeof text, "%s/bus/pci/devices/%s/vendor", host->sys_dir, pci))
		return device;
	device.present = true;
	device.vendor = number_of(text);
	if (board_host_read(text, sizeof text, "%s/bus/pci/devices/%s/device", host->sys_dir, pci))
		device.device = number_of(text);
	if (board_host_read(text, sizeof text, "%s/bus/pci/devices/%s/class", host->sys_dir, pci))
		device.class = number_of(text);
	device.is_network = device.class >> 16 == PCI_CLASS_NETWORK;
	if (board_host_read(text, sizeof text, "%s/bus/pci/devices/%s/numa_node", host->sys_dir,
			    pci))
		device.numa_node = atoi(text);
	if (!board_host_link(device.driver, sizeof device.driver, "%s/bus/pci/devices/%s/driver",
			     host->sys_dir, pci))
		device.driver[0] = '\0';
	if (board_host_link(text, sizeof text, "%s/bus/pci/devices/%s/iommu_group", host->sys_dir,
			    pci))
		device.iommu_group = atoi(text);
	return device;
}

/* A virtio NIC's interface hangs below the virtio device, others' right below the PCI device. */
const char *
board_host_interface(const struct board_host *host, const char *pci, char out[FILES_PATH_MAX])
{
	char dir[FILES_PATH_MAX], below[FILES_PATH_MAX + 16];
	struct dirent *entry;
	bool found;
	DIR *open_dir;

	snprintf(dir, sizeof dir, "%s/bus/pci/devices/%s", host->sys_dir, pci);
	snprintf(below, sizeof below, "%s/net", dir);
	found = first_interface(below, out);
	open_dir = found ? NULL : opendir(dir);
	while (open_dir && !found && (entry = readdir(open_dir))) {
		if (strncmp(entry->d_name, "virtio", 6) != 0 || strlen(entry->d_name) > 15)
			continue;
		snprintf(below, sizeof below, "%.200s/%.15s/net", dir, entry->d_name);
		found = first_interface(below, out);
	}
	if (open_dir)
		closedir(open_dir);
	if (!found)
		out[0] = '\0';
	return out;
}

static bool
first_interface(const char *path, char out[FILES_PATH_MAX])
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		found = entry->d_name[0] != '.';
		if (found)
			snprintf(out, FILES_PATH_MAX, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* The kernel's list is like "0-3,8". */
bool
board_host_has_cpu(const struct board_host *host, uint32_t cpu)
{
	char text[512], *at = text;

	if (!board_host_read(text, sizeof text, "%s/devices/system/cpu/online", host->sys_dir))
		return true; /* nothing is known: try it */
	while (*at >= '0' && *at <= '9') {
		unsigned long first = strtoul(at, &at, 10), last = first;

		if (*at == '-')
			last = strtoul(at + 1, &at, 10);
		if (cpu >= first && cpu <= last)
			return true;
		at += *at == ',';
	}
	return false;
}

bool
board_host_read(char *out, size_t out_bytes, const char *format, ...)
{
	char path[FILES_PATH_MAX];
	va_list args;
	ssize_t len;
	int fd;

	va_start(args, format);
	vsnprintf(path, sizeof path, format, args);
	va_end(args);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	len = fd < 0 ? -1 : read(fd, out, out_bytes);
	if (fd >= 0)
		close(fd);
	if (len < 0 || (size_t)len == out_bytes)
		return false;
	out[len] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return true;
}

bool
board_host_link(char *out, size_t out_bytes, const char *format, ...)
{
	char path[FILES_PATH_MAX], target[FILES_PATH_MAX];
	const char *name;
	va_list args;
	ssize_t len;

	va_start(args, format);
	vsnprintf(path, sizeof path, format, args);
	va_end(args);
	len = readlink(path, target, sizeof target - 1);
	if (len < 0)
		return false;
	target[len] = '\0';
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	if (strlen(name) >= out_bytes)
		return false;
	strcpy(out, name);
	return true;
}

static uint32_t
number_of(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 0);
}
