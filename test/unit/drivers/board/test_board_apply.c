/*
 * What a board makes of a machine: a directory tree stands for /sys, and functions for the kernel that binds devices
 * when it is asked to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/board/board_host.h"
#include "fw/base/assert.h"
#include "test/unit/unit.h"

#define DEVICES "sys/bus/pci/devices"

/* The machine; what was asked of it. */
static struct machine {
	char dir[64];
	char sys[80], dev[80], run[80];
	char missing_module[32];
	char renamed[64];
	char given[16][FILES_PATH_MAX];
	unsigned given_count;
	unsigned waited_ms;
	char refuses[16]; /* the device that vfio-pci does not take */
} machine;

static struct board board;
static struct board_errors errors;

static void
put(const char *name, const char *text)
{
	char path[FILES_PATH_MAX], *slash;
	int fd;

	snprintf(path, sizeof path, "%s/%s", machine.dir, name);
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
put_link(const char *name, const char *target)
{
	char path[FILES_PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", machine.dir, name);
	(void)unlink(path);
	ASSERT(symlink(target, path) == 0);
}

static void
add_device(const char *pci, const char *driver, const char *group)
{
	char path[160];

	snprintf(path, sizeof path, DEVICES "/%s/vendor", pci);
	put(path, "0x8086\n");
	snprintf(path, sizeof path, DEVICES "/%s/device", pci);
	put(path, "0x1521\n");
	snprintf(path, sizeof path, DEVICES "/%s/class", pci);
	put(path, "0x020000\n");
	snprintf(path, sizeof path, DEVICES "/%s/driver_override", pci);
	put(path, "(null)\n");
	if (driver) {
		char target[64];

		/* a driver's folder, in which its unbind lies */
		snprintf(path, sizeof path, "sys/bus/pci/drivers/%s/unbind", driver);
		put(path, "");
		snprintf(target, sizeof target, "../../drivers/%s", driver);
		snprintf(path, sizeof path, DEVICES "/%s/driver", pci);
		put_link(path, target);
	}
	if (group) {
		char target[64];

		snprintf(path, sizeof path, DEVICES "/%s/iommu_group", pci);
		snprintf(target, sizeof target, "../../../../kernel/iommu_groups/%s", group);
		put_link(path, target);
	}
}

/* As the kernel: unbind takes the driver away, a probe gives it to the one of driver_override. */
static bool
write_file(void *context, const char *path, const char *text)
{
	char name[160], override[32];
	const char *last = strrchr(path, '/');
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (fd < 0)
		return false;
	ASSERT(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	snprintf(name, sizeof name, DEVICES "/%s/driver", text);
	if (strcmp(last, "/unbind") == 0) {
		char link[FILES_PATH_MAX];

		snprintf(link, sizeof link, "%s/%s", machine.dir, name);
		ASSERT(unlink(link) == 0);
	} else if (strcmp(last, "/drivers_probe") == 0 && strcmp(text, machine.refuses) != 0) {
		ASSERT(board_host_read(override, sizeof override,
				       "%s/" DEVICES "/%s/driver_override", machine.dir, text));
		if (strcmp(override, "vfio-pci") == 0)
			put_link(name, "../../drivers/vfio-pci");
	}
	return true;
}

static bool
load_module(void *context, const char *name)
{
	errno = ENOENT;
	return strcmp(name, machine.missing_module) != 0;
}

static bool
rename_interface(void *context, const char *from, const char *to)
{
	snprintf(machine.renamed, sizeof machine.renamed, "%s %s", from, to);
	return true;
}

static bool
give_device(void *context, const char *path)
{
	ASSERT(machine.given_count < ARRAY_SIZE(machine.given));
	snprintf(machine.given[machine.given_count++], FILES_PATH_MAX, "%s", path);
	return true;
}

static void
wait_ms(void *context, unsigned ms)
{
	machine.waited_ms += ms;
}

static struct board_host
host(void)
{
	return (struct board_host){ .sys_dir = machine.sys,
				    .dev_dir = machine.dev,
				    .run_dir = machine.run,
				    .write_file = write_file,
				    .load_module = load_module,
				    .rename_interface = rename_interface,
				    .give_device = give_device,
				    .wait_ms = wait_ms };
}

/* Everything that the reference board names. */
static void
machine_make(void)
{
	memset(&machine, 0, sizeof machine);
	strcpy(machine.dir, "/tmp/fairlead-board-XXXXXX");
	ASSERT(mkdtemp(machine.dir));
	snprintf(machine.sys, sizeof machine.sys, "%s/sys", machine.dir);
	snprintf(machine.dev, sizeof machine.dev, "%s/dev", machine.dir);
	snprintf(machine.run, sizeof machine.run, "%s/run", machine.dir);
	put("run/x", "");
	put("sys/bus/pci/drivers_probe", "");
	put("sys/devices/system/cpu/online", "0-1\n");
	put("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "544\n");
	put("sys/class/watchdog/watchdog0/identity", "i6300ESB timer\n");
	add_device("0000:00:10.0", "virtio-pci", "1");
	put(DEVICES "/0000:00:10.0/virtio0/net/eth0/address", "");
	add_device("0000:00:11.0", "virtio-pci", "2");
	add_device("0000:00:12.0", NULL, "3");
	memset(&errors, 0, sizeof errors);
	ASSERT(board_load("board/qemu-q35/board.conf", &board, &errors));
}

static void
machine_remove(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf %s", machine.dir);
	ASSERT(system(command) == 0);
}

static const char *
file(const char *name)
{
	static char text[4][2048];
	static unsigned next;
	char *out = text[next++ % 4], path[FILES_PATH_MAX];
	ssize_t len;
	int fd;

	snprintf(path, sizeof path, "%s/%s", machine.run, name);
	fd = open(path, O_RDONLY);
	len = fd < 0 ? 0 : read(fd, out, 2047);
	out[len > 0 ? len : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return out;
}

static unsigned
apply(void)
{
	struct board_host h = host();

	return board_apply(&board, &h);
}

static const char *
driver_of(const char *pci)
{
	static struct board_device device;
	struct board_host h = host();

	device = board_host_device(&h, pci);
	return device.driver;
}

static void
apply_everything_there_says_nothing(void)
{
	machine_make();
	CU_ASSERT_EQUAL(apply(), 0);
	CU_ASSERT_STRING_EQUAL(file(BOARD_STATUS), "");
	CU_ASSERT_STRING_EQUAL(machine.renamed, "eth0 mgmt0");
	CU_ASSERT_EQUAL(machine.given_count, 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(machine.given[2], "/dev/net/tun"));
	CU_ASSERT_PTR_NOT_NULL(strstr(machine.given[0], "/dev/vfio/2"));
	CU_ASSERT_PTR_NOT_NULL(strstr(machine.given[1], "/dev/vfio/3"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(file(BOARD_ENV), "FL_DATAPLANE_ARGS=\"--port p0=pci:0000:00:11.0 --port "
				    "p1=pci:0000:00:12.0 --port p2=absent:0000:00:13.0 --workers 1 "
				    "--cpus 0,1 --mem-mb 1024\"\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "FL_CONSOLE_DEVICE=ttyS0\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "FL_WATCHDOG_TIMEOUT_S=60\n"));
	machine_remove();
}

static void
apply_again_changes_nothing(void)
{
	char before[2048];

	machine_make();
	CU_ASSERT_EQUAL(apply(), 0);
	strcpy(before, file(BOARD_ENV));
	CU_ASSERT_EQUAL(apply(), 0);
	CU_ASSERT_STRING_EQUAL(file(BOARD_ENV), before);
	machine_remove();
}

static void
apply_missing_port_is_said_and_absent(void)
{
	machine_make();
	strcpy(board.ports[1].pci, "0000:00:15.0");
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_STRING_EQUAL(file(BOARD_STATUS), "port p1: no PCI device 0000:00:15.0\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "p0=pci:0000:00:11.0 --port "
						       "p1=absent:0000:00:15.0"));
	machine_remove();
}

static void
apply_port_without_iommu_is_said(void)
{
	char path[160];

	machine_make();
	snprintf(path, sizeof path, "%s/" DEVICES "/0000:00:12.0/iommu_group", machine.dir);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_STATUS), "has no IOMMU group"));
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "p1=absent:"));
	machine_remove();
}

/* A board file for another machine: there sits the disk's controller. */
static void
apply_device_that_is_no_nic_is_left_alone(void)
{
	machine_make();
	put(DEVICES "/0000:00:11.0/class", "0x010802\n");
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_STRING_EQUAL(file(BOARD_STATUS),
			       "port p0: 0000:00:11.0 is no NIC (PCI class 010802) and left alone; "
			       "mend the board file\n");
	CU_ASSERT_STRING_EQUAL(driver_of("0000:00:11.0"), "virtio-pci");
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "p0=absent:0000:00:11.0"));
	machine_remove();
}

static void
apply_port_that_vfio_refuses_is_said(void)
{
	machine_make();
	strcpy(machine.refuses, "0000:00:11.0");
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_STATUS), "can't be given to vfio-pci; no driver"));
	machine_remove();
}

static void
apply_missing_management_port_is_said(void)
{
	machine_make();
	strcpy(board.management_port.pci, "0000:00:16.0");
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_STRING_EQUAL(file(BOARD_STATUS), "management port: no PCI device 0000:00:16.0; "
						   "mgmt0 is missing\n");
	machine_remove();
	machine_make();
	add_device("0000:00:16.0", NULL, NULL);
	strcpy(board.management_port.pci, "0000:00:16.0");
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_STATUS), "no driver took it"));
	CU_ASSERT(machine.waited_ms >= 1000);
	machine_remove();
}

static void
apply_missing_cores_leave_one_worker(void)
{
	machine_make();
	board.cores.workers.count = 2;
	board.cores.workers.number[1] = 7;
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_STATUS), "core 7, a worker's, is not there"));
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "--workers 1 --cpus 0,1 "));
	put("sys/devices/system/cpu/online", "0\n");
	CU_ASSERT_EQUAL(apply(), 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "--workers 1 --cpus 0,0 "));
	board.cores.management = 5;
	CU_ASSERT_EQUAL(apply(), 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_STATUS), "core 5, management's, is not there"));
	machine_remove();
}

/* Polling for ever, it would leave management half a core at best. */
static void
apply_worker_that_shares_a_core_sleeps(void)
{
	machine_make();
	board.top.idle = BOARD_IDLE_POLL;
	CU_ASSERT_EQUAL(apply(), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), " --spin\""));
	put("sys/devices/system/cpu/online", "0\n");
	CU_ASSERT_EQUAL(apply(), 2);
	CU_ASSERT_PTR_NULL(strstr(file(BOARD_ENV), "--spin"));
	/* management's is missing, and it goes where a worker is */
	put("sys/devices/system/cpu/online", "0-1\n");
	board.cores.management = 5;
	board.cores.workers.number[0] = 0;
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "--cpus 0,0 "));
	CU_ASSERT_PTR_NULL(strstr(file(BOARD_ENV), "--spin"));
	machine_remove();
}

static void
apply_missing_port_keeps_its_mtu(void)
{
	machine_make();
	board.ports[2].mtu_bytes = 9000;
	CU_ASSERT_EQUAL(apply(), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "p2=absent:0000:00:13.0,mtu=9000 "));
	machine_remove();
}

static void
apply_huge_pages_are_asked_for(void)
{
	machine_make();
	put("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "0\n");
	CU_ASSERT_EQUAL(apply(), 0); /* this kernel gives what is written */
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "--mem-mb 1024"));
	machine_remove();
}

static void
apply_too_few_huge_pages_are_said(void)
{
	char path[160];

	machine_make();
	snprintf(path, sizeof path, "%s/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
		 machine.sys);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_STATUS),
				      "huge pages: 0 of 2048 KiB, the board wants 544; "
				      "the data plane does not start with so few"));
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_ENV), "--mem-mb 128"));
	machine_remove();
}

static void
apply_missing_module_and_watchdog_are_said(void)
{
	char path[160];

	machine_make();
	strcpy(machine.missing_module, "i6300esb");
	snprintf(path, sizeof path, "%s/class/watchdog/watchdog0/identity", machine.sys);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(apply(), 2);
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(file(BOARD_STATUS), "kernel module i6300esb: can't be loaded"));
	CU_ASSERT_PTR_NOT_NULL(strstr(file(BOARD_STATUS), "watchdog i6300esb: there is none"));
	machine_remove();
}

static void
apply_accelerator_missing_is_harmless_and_said(void)
{
	machine_make();
	board.qat_count = 1;
	strcpy(board.qat[0].pci, "0000:03:00.0");
	CU_ASSERT_EQUAL(apply(), 1);
	CU_ASSERT_STRING_EQUAL(
	    file(BOARD_STATUS),
	    "accelerator c3xxx: no PCI device 0000:03:00.0; the cores do its work\n");
	add_device("0000:03:00.0", "c3xxx", NULL);
	CU_ASSERT_EQUAL(apply(), 1); /* an IOMMU that is off, a kernel without SR-IOV */
	CU_ASSERT_STRING_EQUAL(
	    file(BOARD_STATUS),
	    "accelerator c3xxx: 0000:03:00.0 has no virtual function that can be "
	    "given to the data plane; the cores do its work\n");
	machine_remove();
}

/* Its functions appear when they are asked for; a test has them there from the start. */
static void
apply_accelerator_has_its_functions_given(void)
{
	machine_make();
	board.qat_count = 1;
	strcpy(board.qat[0].pci, "0000:03:00.0");
	add_device("0000:03:00.0", "c3xxx", NULL);
	put(DEVICES "/0000:03:00.0/sriov_totalvfs", "16\n");
	put(DEVICES "/0000:03:00.0/sriov_numvfs", "0\n");
	put(DEVICES "/0000:03:00.0/sriov_drivers_autoprobe", "1\n");
	put_link(DEVICES "/0000:03:00.0/virtfn0", "../0000:03:01.0");
	put_link(DEVICES "/0000:03:00.0/virtfn1", "../0000:03:01.1");
	add_device("0000:03:01.0", NULL, "31");
	add_device("0000:03:01.1", NULL, "32");
	CU_ASSERT_EQUAL(apply(), 0);
	CU_ASSERT_STRING_EQUAL(driver_of("0000:03:00.0"), "c3xxx");
	CU_ASSERT_STRING_EQUAL(driver_of("0000:03:01.1"), "vfio-pci");
	CU_ASSERT_EQUAL(machine.given_count, 5);
	CU_ASSERT_PTR_NOT_NULL(strstr(machine.given[3], "/dev/vfio/31"));
	CU_ASSERT_PTR_NOT_NULL(strstr(machine.given[4], "/dev/vfio/32"));
	CU_ASSERT_STRING_EQUAL(file("../" DEVICES "/0000:03:00.0/sriov_numvfs"), "16");
	CU_ASSERT_STRING_EQUAL(file("../" DEVICES "/0000:03:00.0/sriov_drivers_autoprobe"), "0");
	machine_remove();
}

static void
apply_wrong_file_is_said_and_management_is_reached(void)
{
	struct board_host h;

	machine_make();
	h = host();
	memset(&errors, 0, sizeof errors);
	board_refuse(&errors, 7, "core 1 has two workers");
	put("run/" BOARD_ENV, "FL_DATAPLANE_ARGS=\"of another start\"\n");
	CU_ASSERT(board_apply_nothing(&board, &errors, "board.conf", &h) > 0);
	CU_ASSERT_STRING_EQUAL(file(BOARD_ENV), "");
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(file(BOARD_STATUS), "\nboard.conf:7: core 1 has two workers\n"));
	CU_ASSERT_STRING_EQUAL(file(BOARD_ENV), "");
	CU_ASSERT_STRING_EQUAL(machine.renamed, "eth0 mgmt0");
	CU_ASSERT_EQUAL(machine.given_count, 0);
	machine.renamed[0] = '\0';
	board.management_port.pci[0] = '\0';
	CU_ASSERT(board_apply_nothing(&board, &errors, "board.conf", &h) > 0);
	CU_ASSERT_STRING_EQUAL(machine.renamed, "");
	machine_remove();
}

CU_TestInfo test_board_apply[] = {
	{ "apply_everything_there_says_nothing", apply_everything_there_says_nothing },
	{ "apply_again_changes_nothing", apply_again_changes_nothing },
	{ "apply_missing_port_is_said_and_absent", apply_missing_port_is_said_and_absent },
	{ "apply_port_without_iommu_is_said", apply_port_without_iommu_is_said },
	{ "apply_device_that_is_no_nic_is_left_alone", apply_device_that_is_no_nic_is_left_alone },
	{ "apply_worker_that_shares_a_core_sleeps", apply_worker_that_shares_a_core_sleeps },
	{ "apply_missing_port_keeps_its_mtu", apply_missing_port_keeps_its_mtu },
	{ "apply_port_that_vfio_refuses_is_said", apply_port_that_vfio_refuses_is_said },
	{ "apply_missing_management_port_is_said", apply_missing_management_port_is_said },
	{ "apply_missing_cores_leave_one_worker", apply_missing_cores_leave_one_worker },
	{ "apply_huge_pages_are_asked_for", apply_huge_pages_are_asked_for },
	{ "apply_too_few_huge_pages_are_said", apply_too_few_huge_pages_are_said },
	{ "apply_missing_module_and_watchdog_are_said",
	  apply_missing_module_and_watchdog_are_said },
	{ "apply_accelerator_missing_is_harmless_and_said",
	  apply_accelerator_missing_is_harmless_and_said },
	{ "apply_accelerator_has_its_functions_given", apply_accelerator_has_its_functions_given },
	{ "apply_wrong_file_is_said_and_management_is_reached",
	  apply_wrong_file_is_said_and_management_is_reached },
	CU_TEST_INFO_NULL,
};
