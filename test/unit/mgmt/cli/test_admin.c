/* The administrator's SSH keys; what is shown of a board. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fw/base/assert.h"
#include "mgmt/cli/cli.h"
#include "test/unit/unit.h"

#define ED "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIlG7Ucp1gF4ZqfVJHqGh0gcqPqAjpDd9nXQg1eqG2Xh"
#define EC                                                                                         \
	"ecdsa-sha2-nistp256 "                                                                     \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMRhAegSrcb4S5n7GDvxRqn1fGW6BnyAWMeF" \
	"ZR"                                                                                       \
	"yXHxux0041/hRTr7R1Vj2a60vBdeSm0LmbHFIdaAVbn7zjPCE="

static char dir[64], keys[96], board[96], sys[96];
static char *out, *err;

static void
begin(void)
{
	strcpy(dir, "/tmp/fairlead-admin-XXXXXX");
	ASSERT(mkdtemp(dir));
	snprintf(keys, sizeof keys, "%s/authorized_keys", dir);
	snprintf(board, sizeof board, "board/qemu-q35/board.conf");
	snprintf(sys, sizeof sys, "%s/sys", dir);
}

static void
finish(void)
{
	char command[96];

	snprintf(command, sizeof command, "rm -rf %s", dir);
	ASSERT(system(command) == 0);
	free(out);
	free(err);
	out = err = NULL;
}

static enum cli_code
say(const char *line)
{
	size_t out_bytes, err_bytes;
	struct cli cli = { .run_dir = dir, .board_file = board, .sys_dir = sys, .keys_file = keys };
	enum cli_code code;

	free(out);
	free(err);
	cli.out = open_memstream(&out, &out_bytes);
	cli.err = open_memstream(&err, &err_bytes);
	code = cli_line(&cli, line);
	fclose(cli.out);
	fclose(cli.err);
	return code;
}

static void
expect_file(const char *expected)
{
	char text[4096] = "";
	int fd = open(keys, O_RDONLY);

	CU_ASSERT(fd >= 0 && read(fd, text, sizeof text - 1) >= 0);
	CU_ASSERT_STRING_EQUAL(text, expected);
	if (fd >= 0)
		close(fd);
}

static void
keys_are_added_once_shown_and_deleted(void)
{
	begin();
	CU_ASSERT_EQUAL(say("show admin keys"), CLI_OK);
	CU_ASSERT_EQUAL(say("set admin key \"" ED " anna@desk\""), CLI_OK);
	expect_file(ED " anna@desk\n");
	CU_ASSERT_EQUAL(say("set admin key " EC), CLI_OK);
	CU_ASSERT_EQUAL(say("set admin key " ED " under another name"), CLI_OK);
	expect_file(ED " anna@desk\n" EC "\n");
	CU_ASSERT_EQUAL(say("show admin keys"), CLI_OK);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(out, "1  ssh-ed25519          jpDd9nXQg1eqG2Xh  anna@desk\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "2  ecdsa-sha2-nistp256  "));
	CU_ASSERT_EQUAL(say("delete admin key 1"), CLI_OK);
	expect_file(EC "\n");
	CU_ASSERT_EQUAL(say("delete admin key 2"), CLI_FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "there is no key 2; there are 1"));
	CU_ASSERT_EQUAL(say("delete admin key x"), CLI_FAILED);
	CU_ASSERT_EQUAL(say("delete admin key 1"), CLI_OK);
	expect_file("");
	finish();
}

static void
what_is_no_key_is_refused(void)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "set admin key hello", "is no type of a key" },
		{ "set admin key \"command=\\\"sh\\\" " ED "\"", "is no type of a key" },
		{ "set admin key ssh-ed25519", "second word is damaged" },
		{ "set admin key ssh-ed25519 AAAA", "second word is damaged" },
		{ "set admin key " ED "=", "second word is damaged" },
		{ "set admin key ssh-rsa "
		  "AAAAC3NzaC1lZDI1NTE5AAAAIIlG7Ucp1gF4ZqfVJHqGh0gcqPqAjpDd9nXQg1eqG2Xh",
		  "of another type" },
		/* cut, with four characters too few or the last string's length alone */
		{ "set admin key ssh-ed25519 "
		  "AAAAC3NzaC1lZDI1NTE5AAAAIIlG7Ucp1gF4ZqfVJHqGh0gcqPqAjpDd9nXQg1eq",
		  "second word is damaged" },
		{ "set admin key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
		  "second word is damaged" },
		{ "set admin key ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", "second word is damaged" },
		{ "set admin key " ED "AAAA", "second word is damaged" },
		{ "set admin key " ED " \"a\nssh-rsa AAAA\"", "not printable" },
		{ "set admin key " ED " \"a\x01z\"", "not printable" },
	};

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CU_ASSERT_EQUAL(say(rows[i].line), CLI_FAILED);
		CU_ASSERT_PTR_NOT_NULL(strstr(err, rows[i].says));
	}
	CU_ASSERT_NOT_EQUAL(access(keys, F_OK), 0);
	finish();
}

static void
more_keys_than_fit_are_refused(void)
{
	begin();
	for (unsigned i = 0; i < 32; i++) {
		char line[256];

		snprintf(line, sizeof line, "set admin key %.*s%c%cAA n%u", (int)strlen(ED) - 4, ED,
			 i < 26 ? 'A' + i : 'a' + i - 26, 'A', i);
		CU_ASSERT_EQUAL(say(line), CLI_OK);
	}
	CU_ASSERT_EQUAL(say("set admin key " EC), CLI_FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "there are 32 keys"));
	finish();
}

static void
put(const char *name, const char *text)
{
	char path[256], *slash;
	int fd;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	for (slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ASSERT(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
link_to(const char *name, const char *target)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	ASSERT(symlink(target, path) == 0);
}

static void
board_shows_what_is_here_and_what_is_missing(void)
{
	begin();
	put("sys/bus/pci/devices/0000:00:11.0/vendor", "0x1af4\n");
	put("sys/bus/pci/devices/0000:00:11.0/device", "0x1041\n");
	put("board.status", "port p1: no PCI device 0000:00:12.0\n");
	CU_ASSERT_EQUAL(say("show board"), CLI_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "board        qemu-q35: QEMU q35"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\np0     0000:00:11.0  yes      1af4:1041  -"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\np1     0000:00:12.0  no       -          -"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\nport p1: no PCI device 0000:00:12.0\n"));
	CU_ASSERT_EQUAL(say("show accelerators"), CLI_OK);
	CU_ASSERT_STRING_EQUAL(out, "the board has no accelerator: the cores do all crypto\n");
	finish();
}

static void
board_shows_sensors_and_lights_or_that_they_are_absent(void)
{
	begin();
	snprintf(board, sizeof board, "board/xeon-d/board.conf");
	put("sys/class/hwmon/hwmon1/name", "coretemp\n");
	put("sys/class/hwmon/hwmon1/temp1_input", "47500\n");
	put("sys/class/hwmon/hwmon1/temp1_label", "Package id 0\n");
	put("sys/class/leds/status/brightness", "1\n");
	CU_ASSERT_EQUAL(say("show board"), CLI_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\ncoretemp     47.5  C     Package id 0\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\njc42       absent  -     -\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\nLED     STATE\nstatus  on\n"));
	ASSERT(unlink(strcat(strcpy((char[128]){ 0 }, sys), "/class/leds/status/brightness")) == 0);
	CU_ASSERT_EQUAL(say("show board"), CLI_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "\nstatus  absent\n"));
	finish();
}

static void
accelerators_show_state_and_absence(void)
{
	begin();
	snprintf(board, sizeof board, "board/xeon-d/board.conf");
	put("sys/bus/pci/devices/0000:b1:00.0/vendor", "0x8086\n");
	put("sys/bus/pci/devices/0000:b1:00.0/qat/state", "up\n");
	put("sys/bus/pci/devices/0000:b1:01.0/vendor", "0x8086\n");
	link_to("sys/bus/pci/devices/0000:b1:00.0/virtfn0", "../0000:b1:01.0");
	link_to("sys/bus/pci/devices/0000:b1:01.0/driver", "../../drivers/vfio-pci");
	put("sys/bus/pci/devices/0000:b2:00.0/vendor", "0x8086\n");
	CU_ASSERT_EQUAL(say("show accelerators"), CLI_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "c62x  0000:b1:00.0  yes      -       up "));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "1  ready; not used before TLS is there\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "0  none: the cores do its work\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "c62x  0000:b3:00.0  no "));
	CU_ASSERT_PTR_NOT_NULL(strstr(out, "none: it is not there"));
	finish();
}

static void
board_missing_or_wrong_is_said(void)
{
	begin();
	snprintf(board, sizeof board, "%s/none", dir);
	CU_ASSERT_EQUAL(say("show board"), CLI_FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "this is no appliance"));
	snprintf(board, sizeof board, "%s/board.conf", dir);
	put("board.conf", "version = 1;\n");
	CU_ASSERT_EQUAL(say("show accelerators"), CLI_FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err, "ports is missing"));
	finish();
}

CU_TestInfo test_admin[] = {
	{ "admin_keys_are_added_once_shown_and_deleted", keys_are_added_once_shown_and_deleted },
	{ "admin_what_is_no_key_is_refused", what_is_no_key_is_refused },
	{ "admin_more_keys_than_fit_are_refused", more_keys_than_fit_are_refused },
	{ "board_shows_what_is_here_and_what_is_missing",
	  board_shows_what_is_here_and_what_is_missing },
	{ "board_shows_sensors_and_lights_or_that_they_are_absent",
	  board_shows_sensors_and_lights_or_that_they_are_absent },
	{ "accelerators_show_state_and_absence", accelerators_show_state_and_absence },
	{ "board_missing_or_wrong_is_said", board_missing_or_wrong_is_said },
	CU_TEST_INFO_NULL,
};
