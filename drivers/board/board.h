/*
 * A board file as plain structs: what board_parse.c makes of the text by board.tbl, and board_check.c judges. A
 * member has its row's name.
 */
#ifndef DRIVERS_BOARD_BOARD_H
#define DRIVERS_BOARD_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "fw/abi/limits.h"

#define BOARD_FILE       "/usr/share/fairlead/board.conf"
#define BOARD_TEXT_BYTES (64u << 10) /* the longest file that is looked at */
#define BOARD_WORD_BYTES 127u
#define BOARD_NAME_BYTES 31u
#define BOARD_PCI_BYTES  12u /* "0000:00:10.0" */
#define BOARD_WORDS      32u /* of one list */
#define BOARD_PORTS      LIMIT_PORTS
#define BOARD_QAT        8u
#define BOARD_LEDS       16u
#define BOARD_CPU_MAX    1023u
#define BOARD_SPARE_MIB  64u        /* of huge pages, beside what the data plane is told to take */
#define BOARD_MEMORY_MAX (1u << 20) /* MiB that it can be told to take */

struct board_words {
	uint32_t count;
	char word[BOARD_WORDS][BOARD_WORD_BYTES + 1];
};

struct board_numbers {
	uint32_t count;
	uint32_t number[LIMIT_WORKERS];
};

/* Each group begins with its line in the file, 0: it is not there. */
struct board_top {
	uint32_t line;
	uint32_t version;
	char name[BOARD_WORD_BYTES + 1], description[BOARD_WORD_BYTES + 1],
	    tested_on[BOARD_WORD_BYTES + 1];
	uint32_t idle; /* enum board_idle */
	struct board_words sensors, modules, kernel_arguments;
};

enum board_idle { BOARD_IDLE_POLL, BOARD_IDLE_SLEEP };

struct board_console {
	uint32_t line;
	char device[BOARD_NAME_BYTES + 1];
	uint32_t baud;
};

struct board_management_port {
	uint32_t line;
	char pci[BOARD_PCI_BYTES + 1];
};

struct board_port {
	uint32_t line;
	char name[LIMIT_PORT_NAME_BYTES + 1];
	char pci[BOARD_PCI_BYTES + 1];
	uint32_t optional; /* 0 or 1 */
	uint32_t mtu_bytes;
};

struct board_cores {
	uint32_t line;
	uint32_t management;
	struct board_numbers workers;
};

struct board_huge_pages {
	uint32_t line;
	uint32_t size_kib, count;
};

struct board_qat {
	uint32_t line;
	char pci[BOARD_PCI_BYTES + 1];
	uint32_t type; /* place in the schema's words */
};

struct board_watchdog {
	uint32_t line;
	uint32_t module; /* place in the schema's words */
	uint32_t timeout_s;
};

struct board_led {
	uint32_t line;
	char name[BOARD_NAME_BYTES + 1];
	char path[BOARD_WORD_BYTES + 1];
};

struct board_partitions {
	uint32_t line;
	uint32_t boot_mib, root_mib, config_mib, log_mib;
};

struct board_qemu {
	uint32_t line;
	char machine[BOARD_WORD_BYTES + 1], cpu[BOARD_WORD_BYTES + 1];
	uint32_t memory_mib;
	struct board_words devices;
	char disk[BOARD_WORD_BYTES + 1], management_nic[BOARD_WORD_BYTES + 1],
	    nic[BOARD_WORD_BYTES + 1];
};

struct board {
	struct board_top top;
	struct board_console console;
	struct board_management_port management_port;
	struct board_port ports[BOARD_PORTS];
	struct board_cores cores;
	struct board_huge_pages huge_pages;
	struct board_qat qat[BOARD_QAT];
	struct board_watchdog watchdog;
	struct board_led leds[BOARD_LEDS];
	struct board_partitions partitions;
	struct board_qemu qemu;
	uint32_t ports_count, qat_count, leds_count;
};

#define BOARD_ERRORS      20u
#define BOARD_ERROR_BYTES 320u

/* What is wrong with a file, in the order found. */
struct board_errors {
	uint32_t count; /* of error[] */
	uint32_t more;  /* found, but without room */
	struct {
		uint32_t line; /* 0: of the whole file */
		char text[BOARD_ERROR_BYTES];
	} error[BOARD_ERRORS];
};

/* "what is wrong; what would be right". Text from the file is made printable. */
void board_refuse(struct board_errors *errors, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "NAME:LINE: text" for each. */
void board_errors_print(const struct board_errors *errors, const char *name, FILE *out);

/* Text to board. False: errors says why. Borrows text. */
bool
board_parse(const char *text, size_t text_bytes, struct board *board, struct board_errors *errors);
/* What one row of the schema can't judge. False if it added errors. */
bool board_check(const struct board *board, struct board_errors *errors);
/* What the data plane needs to start, in MiB: its pools, by workers and by the largest packet. */
uint32_t board_memory_mib(const struct board *board);
/* A file, parsed and checked. */
bool board_load(const char *path, struct board *board, struct board_errors *errors);

/*
 * Values for scripts, one a line. False: there is no such key. Keys: board_print.c; board_print_keys writes their
 * names and meaning.
 */
bool board_print(const struct board *board, const char *key, FILE *out);
void board_print_keys(FILE *out);

/* Words of CHOICE fields. They return out. */
const char *board_watchdog_module(const struct board *board, char out[BOARD_NAME_BYTES + 1]);
const char *board_qat_type(const struct board_qat *qat, char out[BOARD_NAME_BYTES + 1]);

#endif
