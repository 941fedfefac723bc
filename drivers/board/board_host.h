/*
 * The machine that a board is compared with: what stands under /sys, and what can be asked of the kernel. Tests put a
 * directory tree and functions of their own in its place.
 */
#ifndef DRIVERS_BOARD_BOARD_HOST_H
#define DRIVERS_BOARD_BOARD_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/board/board.h"
#include "fw/abi/files.h"

struct board_host {
	const char *sys_dir; /* "/sys" */
	const char *dev_dir; /* "/dev" */
	const char *run_dir; /* status and environment are written here */
	void *context;       /* of the functions */
	/* False: there is none, or no device for it. */
	bool (*load_module)(void *context, const char *name);
	/* Each false: errno says why. */
	bool (*write_file)(void *context, const char *path, const char *text);
	bool (*rename_interface)(void *context, const char *from, const char *to);
	/* Gives a device file to the data plane's user. */
	bool (*give_device)(void *context, const char *path);
	void (*wait_ms)(void *context, unsigned ms);
};

/* The real one (board_kernel.c). run_dir is borrowed. */
struct board_host board_host_kernel(const char *run_dir);

/* What is known of a device. */
struct board_device {
	bool present;
	char driver[BOARD_NAME_BYTES + 1]; /* empty: none */
	uint32_t vendor, device, class;    /* PCI numbers */
	bool is_network;
	int numa_node;   /* -1: not known */
	int iommu_group; /* -1: none */
};

/* Looks a PCI device up. */
struct board_device board_host_device(const struct board_host *host, const char *pci);
/* The kernel's interface of a PCI device, "" if it has none. Returns out. */
const char *
board_host_interface(const struct board_host *host, const char *pci, char out[FILES_PATH_MAX]);
/* Whether the processor is there and online. */
bool board_host_has_cpu(const struct board_host *host, uint32_t cpu);
/*
 * One line of a file, path as for printf; without its newline. False: there is none, or it is longer.
 */
bool board_host_read(char *out, size_t out_bytes, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

/* The last name of a link's target. False: there is none, or it is longer. */
bool board_host_link(char *out, size_t out_bytes, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Makes the machine what the board says, as far as it goes; never gives up. Writes run_dir/board.status, a line for
 * each thing that is missing (empty: nothing is), and run_dir/board.env, the data plane's arguments. Returns the
 * number of lines in board.status.
 */
unsigned board_apply(const struct board *board, const struct board_host *host);
/*
 * The same when the file was refused: the status with its errors, no environment, and the management port if that much of
 * the file can be read (board: what was parsed).
 */
unsigned board_apply_nothing(const struct board *board, const struct board_errors *errors,
			     const char *name, const struct board_host *host);

#define BOARD_STATUS "board.status" /* below the run directory */
#define BOARD_ENV    "board.env"

#endif
