/*
 * Board files: those of the tree are right; each wrong one is refused with its line and what would be right.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/board/board.h"
#include "drivers/board/board_schema.h"
#include "fw/base/assert.h"
#include "test/unit/unit.h"

static const char good[] = "version = 1;\n"
			   "name = \"b\"; description = \"a board\"; tested-on = \"\";\n"
			   "console = { device = \"ttyS0\"; baud = 115200; };\n"
			   "management-port = { pci = \"0000:01:00.0\"; };\n"
			   "ports = (\n"
			   "  { name = \"p0\"; pci = \"0000:02:00.0\"; },\n"
			   "  { name = \"p1\"; pci = \"0000:02:00.1\"; mtu-bytes = 9000; }\n"
			   ");\n"
			   "cores = { management = 0; workers = [ 1, 2 ]; };\n"
			   "huge-pages = { count = 1024; };\n"
			   "qat = ( { pci = \"0000:03:00.0\"; type = \"c62x\"; } );\n"
			   "watchdog = { module = \"iTCO_wdt\"; timeout-s = 30; };\n"
			   "leds = ( { name = \"status\"; path = \"/sys/class/leds/s\"; } );\n"
			   "modules = [ \"igb\" ];\n"
			   "kernel-arguments = [ \"iommu=pt\" ];\n"
			   "partitions = { boot-mib = 64; root-mib = 128; config-mib = 16; "
			   "log-mib = 16; };\n";

static struct board board;
static struct board_errors errors;

static bool
load(const char *text, size_t len)
{
	memset(&errors, 0, sizeof errors);
	return board_parse(text, len, &board, &errors) && board_check(&board, &errors);
}

/* The good text with its first `from` made `to`. */
static bool
load_changed(const char *from, const char *to)
{
	char text[2 * sizeof good];
	const char *at = strstr(good, from);

	ASSERT(at && strlen(to) < sizeof good);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	return load(text, strlen(text));
}

static void
board_of_the_tree_is_right(void)
{
	glob_t found;

	CU_ASSERT_EQUAL_FATAL(glob("board/*/board.conf", 0, NULL, &found), 0);
	CU_ASSERT(found.gl_pathc >= 4);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char folder[BOARD_WORD_BYTES + 32];

		memset(&errors, 0, sizeof errors);
		CU_ASSERT(board_load(found.gl_pathv[i], &board, &errors));
		board_errors_print(&errors, found.gl_pathv[i], stderr);
		snprintf(folder, sizeof folder, "board/%s/board.conf", board.top.name);
		CU_ASSERT_STRING_EQUAL(folder, found.gl_pathv[i]);
		/* only the virtual machine has run so far */
		CU_ASSERT((board.top.tested_on[0] != '\0') == (board.qemu.line != 0));
	}
	globfree(&found);
}

static void
board_fields_are_read(void)
{
	char word[BOARD_NAME_BYTES + 1];

	CU_ASSERT_FATAL(load(good, sizeof good - 1));
	CU_ASSERT_STRING_EQUAL(board.console.device, "ttyS0");
	CU_ASSERT_STRING_EQUAL(board.management_port.pci, "0000:01:00.0");
	CU_ASSERT_EQUAL(board.ports_count, 2);
	CU_ASSERT_STRING_EQUAL(board.ports[1].name, "p1");
	CU_ASSERT_EQUAL(board.ports[0].mtu_bytes, 1500);
	CU_ASSERT_EQUAL(board.ports[1].mtu_bytes, 9000);
	CU_ASSERT_FALSE(board.ports[1].optional);
	CU_ASSERT_EQUAL(board.ports[1].line, 7);
	CU_ASSERT_EQUAL(board.cores.workers.count, 2);
	CU_ASSERT_EQUAL(board.cores.workers.number[1], 2);
	CU_ASSERT_EQUAL(board.huge_pages.size_kib, 2048);
	CU_ASSERT_EQUAL(board.top.idle, BOARD_IDLE_POLL);
	CU_ASSERT_STRING_EQUAL(board_qat_type(&board.qat[0], word), "c62x");
	CU_ASSERT_STRING_EQUAL(board_watchdog_module(&board, word), "iTCO_wdt");
	CU_ASSERT_STRING_EQUAL(board.top.modules.word[0], "igb");
	CU_ASSERT_EQUAL(board.qemu.line, 0);
}

/* What is wrong, its line (0: of the whole), and words of the message. */
static const struct {
	const char *from, *to;
	uint32_t line;
	const char *says;
} wrong[] = {
	{ "version = 1;", "", 0, "version is missing" },
	{ "version = 1;", "version = 2;", 1, "version is 2; must be 1 to 1" },
	{ "version = 1;", "version = = 1;", 1, "syntax error; look here and in the line before" },
	{ "name = \"b\";", "name = \"b\"; name = \"c\";", 2, "there twice" },
	{ "name = \"b\";", "name = \"../b\";", 0, "can't be a folder's" },
	{ "name = \"b\";", "name = \"b c\";", 2, "holds a blank" },
	{ "name = \"b\";", "name = 7;", 2, "is no text" },
	{ "tested-on", "testedon", 0, "tested-on is missing" },
	{ "console =", "consoles =", 3, "no such word: \"consoles\"; there are version, name" },
	{ "console =", "consoles =", 0, "console is missing" },
	{ "{ device = \"ttyS0\"; baud = 115200; }", "\"ttyS0\"", 3, "must be console = { ... }" },
	{ "ttyS0", "/dev/sda", 3, "no serial device" },
	{ "115200", "115201", 3, "no speed of a serial line" },
	{ "115200", "-1", 3, "is -1; must be 1200 to" },
	{ "115200", "\"fast\"", 3, "is no number" },
	{ "0000:01:00.0", "01:00.0", 4, "no PCI address; must be like" },
	{ "0000:01:00.0", "0000:01:20.0", 4, "no PCI address" },
	{ "0000:01:00.0", "0000:01:00.8", 4, "no PCI address" },
	{ "0000:01:00.0", "0000:0A:00.0", 4, "in lower case" },
	{ "0000:01:00.0", "0000:02:00.1", 7, "p1: the management port has 0000:02:00.1" },
	{ "0000:03:00.0", "0000:02:00.0", 11, "an accelerator: p0 has 0000:02:00.0" },
	{ "\"p1\"", "\"p0\"", 7, "port \"p0\" is there twice, first in line 6" },
	{ "\"p1\"", "\"mgmt0\"", 7, "can't be called \"mgmt0\"" },
	{ "\"p1\"", "\"-x\"", 7, "is no name" },
	{ "\"p1\"", "\"a-name-of-16-char\"", 7, "has 17 characters; must have 1 to 15" },
	{ "mtu-bytes = 9000", "mtu-bytes = 9001", 7, "is 9001; must be 1280 to 9000" },
	{ "mtu-bytes = 9000", "mtu = 9000", 7, "no such word: \"mtu\"; there are name, pci" },
	{ "mtu-bytes = 9000", "optional = 1", 7, "must be true or false" },
	{ "workers = [ 1, 2 ]", "workers = [ 0, 2 ]", 9,
	  "core 0 is both management's and a worker's" },
	{ "workers = [ 1, 2 ]", "workers = [ 2, 2 ]", 9, "core 2 has two workers" },
	{ "workers = [ 1, 2 ]", "workers = [ ]", 9, "workers has 0; must have 1 to 16" },
	{ "workers = [ 1, 2 ]", "workers = [ 1024 ]", 9, "is 1024; must be 0 to 1023" },
	{ "workers = [ 1, 2 ]", "workers = 1", 9, "must be like [ 1, 2 ]" },
	{ "count = 1024", "count = 1012", 10, "the data plane needs 2025: count 1013 or more" },
	{ "count = 1024", "size-kib = 1048576; count = 1025", 10,
	  "can take; must be 1048576 or less: count 1024 or less" },
	{ "count = 1024", "size-kib = 4096; count = 1024", 10, "no huge pages of 4096 KiB" },
	{ "c62x", "c63x", 11, "must be one of c3xxx|c62x|dh895xcc" },
	{ "iTCO_wdt", "wdt", 12, "must be one of i6300esb|iTCO_wdt" },
	{ "timeout-s = 30", "timeout-s = 5", 12, "is 5; must be 20 to 600" },
	{ "/sys/class/leds/s", "/sys/class/leds/../x", 13, "is no light" },
	{ "/sys/class/leds/s", "/sys/class/leds/", 13, "is no light" },
	{ "/sys/class/leds/s", "/sys/class/leds/s/brightness", 13, "is no light" },
	{ "\"igb\"", "\"../igb\"", 0, "is no module's name" },
	{ "\"igb\"", "{ }", 14, "syntax error" },
	{ "iommu=pt", "isolcpus=1", 0, "follows from the rest" },
	{ "iommu=pt", "a b", 15, "holds a blank" },
	{ "iommu=pt", "a;b", 15, "holds a blank, a quote" },
	{ "root-mib = 128", "root-mib = 127", 16, "is 127; must be 128 to 65536" },
	{ "partitions =",
	  "qemu = { machine = \"q35\"; memory-mib = 2048; disk = \"d\"; "
	  "management-nic = \"n\"; nic = \"n\"; };\npartitions =",
	  16, "no room for 2048 MiB of huge pages" },
	{ "ports = (", "@include \"/etc/passwd\"\nports = (", 5, "@include is not accepted" },
};

static void
board_wrong_says_line_and_what_would_be_right(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		bool said = false;

		CU_ASSERT_FALSE(load_changed(wrong[i].from, wrong[i].to));
		for (uint32_t e = 0; e < errors.count; e++)
			said |= errors.error[e].line == wrong[i].line &&
				strstr(errors.error[e].text, wrong[i].says) != NULL;
		CU_ASSERT(said);
		if (!said) {
			fprintf(stderr, "%s -> %s, expected line %u: %s\n", wrong[i].from,
				wrong[i].to, wrong[i].line, wrong[i].says);
			board_errors_print(&errors, "got", stderr);
		}
	}
}

static void
board_too_long_is_refused(void)
{
	char *text = malloc(BOARD_TEXT_BYTES + 1);

	ASSERT(text);
	memset(text, '\n', BOARD_TEXT_BYTES + 1);
	memcpy(text, good, sizeof good - 1);
	CU_ASSERT(load(text, BOARD_TEXT_BYTES));
	CU_ASSERT_FALSE(load(text, BOARD_TEXT_BYTES + 1));
	free(text);
}

static void
board_deep_or_nul_is_refused(void)
{
	CU_ASSERT_FALSE(load("a = ((((((((((((((((((((1))))))))))))))))))));", 46));
	CU_ASSERT_PTR_NOT_NULL(strstr(errors.error[0].text, "brackets deep"));
	CU_ASSERT_FALSE(load("version\0= 1;", 12));
	CU_ASSERT_PTR_NOT_NULL(strstr(errors.error[0].text, "NUL"));
}

static void
board_more_than_fit_are_refused(void)
{
	char text[8192];
	size_t len = (size_t)snprintf(text, sizeof text, "ports = (");

	for (int i = 0; i <= (int)BOARD_PORTS; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
					"%s { name = \"p%d\"; pci = \"0000:04:%02x.0\"; }",
					i ? "," : "", i, i);
	snprintf(text + len, sizeof text - len, ");");
	CU_ASSERT_FALSE(load(text, strlen(text)));
	CU_ASSERT_EQUAL(board.ports_count, BOARD_PORTS);
	len = (size_t)snprintf(text, sizeof text, "modules = [ \"m\"");
	for (int i = 0; i < (int)BOARD_WORDS; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, ", \"m\"");
	snprintf(text + len, sizeof text - len, " ];");
	CU_ASSERT_FALSE(load(text, strlen(text)));
	CU_ASSERT_EQUAL(board.top.modules.count, 0);
}

static void
board_errors_beyond_room_are_counted(void)
{
	memset(&errors, 0, sizeof errors);
	for (unsigned i = 0; i < BOARD_ERRORS + 3; i++)
		board_refuse(&errors, i, "bad \x01 %u", i);
	CU_ASSERT_EQUAL(errors.count, BOARD_ERRORS);
	CU_ASSERT_EQUAL(errors.more, 3);
	CU_ASSERT_STRING_EQUAL(errors.error[7].text, "bad ? 7");
}

static void
board_missing_file_is_refused(void)
{
	memset(&errors, 0, sizeof errors);
	CU_ASSERT_FALSE(board_load("/nowhere/board.conf", &board, &errors));
	CU_ASSERT_PTR_NOT_NULL(strstr(errors.error[0].text, "No such file"));
	memset(&errors, 0, sizeof errors);
	CU_ASSERT_FALSE(board_load("/", &board, &errors));
	CU_ASSERT_PTR_NOT_NULL(strstr(errors.error[0].text, "it is no file"));
}

static char *
printed(const char *key)
{
	static char text[4096];
	FILE *out = fmemopen(text, sizeof text, "w");

	ASSERT(out);
	memset(text, 0, sizeof text);
	CU_ASSERT(board_print(&board, key, out));
	fclose(out);
	return text;
}

static void
board_values_are_printed_a_line_each(void)
{
	CU_ASSERT_FATAL(load(good, sizeof good - 1));
	CU_ASSERT_STRING_EQUAL(printed("console"), "ttyS0 115200\n");
	CU_ASSERT_STRING_EQUAL(printed("ports"), "p0 0000:02:00.0\np1 0000:02:00.1\n");
	CU_ASSERT_STRING_EQUAL(printed("worker-cores"), "1\n2\n");
	CU_ASSERT_STRING_EQUAL(printed("modules"), "igb\niTCO_wdt\n");
	CU_ASSERT_STRING_EQUAL(printed("partitions"), "boot 64\nroot 128\nconfig 16\nlog 16\n");
	CU_ASSERT_STRING_EQUAL(printed("qemu-arguments"), "");
	CU_ASSERT_PTR_NOT_NULL(strstr(printed("kernel-arguments"), "\nnohz_full=1,2\n"));
	CU_ASSERT_PTR_NULL(strstr(printed("kernel-arguments"), "hugepages="));
	board.huge_pages.size_kib = 1048576;
	CU_ASSERT_PTR_NOT_NULL(strstr(printed("kernel-arguments"), "\nhugepages=1024\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed("kernel-arguments"), "\niommu=pt\n"));
	CU_ASSERT_FALSE(board_print(&board, "nothing", stderr));
	memset(&errors, 0, sizeof errors);
	CU_ASSERT_FATAL(board_load("board/qemu-q35/board.conf", &board, &errors));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed("qemu-nics"), "mgmt0 0x10 virtio-net-pci\np0 0x11 "));
	CU_ASSERT_PTR_NOT_NULL(strstr(printed("qemu-arguments"), "-device\nintel-iommu,"));
}

CU_TestInfo test_board_parse[] = {
	{ "board_of_the_tree_is_right", board_of_the_tree_is_right },
	{ "board_fields_are_read", board_fields_are_read },
	{ "board_wrong_says_line_and_what_would_be_right",
	  board_wrong_says_line_and_what_would_be_right },
	{ "board_too_long_is_refused", board_too_long_is_refused },
	{ "board_deep_or_nul_is_refused", board_deep_or_nul_is_refused },
	{ "board_more_than_fit_are_refused", board_more_than_fit_are_refused },
	{ "board_errors_beyond_room_are_counted", board_errors_beyond_room_are_counted },
	{ "board_missing_file_is_refused", board_missing_file_is_refused },
	{ "board_values_are_printed_a_line_each", board_values_are_printed_a_line_each },
	CU_TEST_INFO_NULL,
};
