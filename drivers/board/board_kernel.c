/*
 * What fairlead-board asks of the running kernel: module by modprobe(8), the name of an interface by netdevice(7).
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "drivers/board/board_host.h"
#include "fw/base/assert.h"

#define MODPROBE       "/usr/sbin/modprobe"
#define DATAPLANE_USER "fairlead-dp"

static bool write_file(void *context, const char *path, const char *text);
static bool load_module(void *context, const char *name);
static bool rename_interface(void *context, const char *from, const char *to);
static bool give_device(void *context, const char *path);
static void wait_ms(void *context, unsigned ms);

struct board_host
board_host_kernel(const char *run_dir)
{
	return (struct board_host){
		.sys_dir = "/sys",
		.dev_dir = "/dev",
		.run_dir = run_dir,
		.write_file = write_file,
		.load_module = load_module,
		.rename_interface = rename_interface,
		.give_device = give_device,
		.wait_ms = wait_ms,
	};
}

static bool
write_file(void *context, const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return ok;
}

static bool
load_module(void *context, const char *name)
{
	char *const argv[] = { (char *)MODPROBE, (char *)"-q", (char *)"--", (char *)name, NULL };
	char *const environment[] = { NULL };
	int status;
	pid_t pid;

	errno = posix_spawn(&pid, MODPROBE, NULL, NULL, argv, environment);
	if (errno != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The kernel renames only what is down. */
static bool
rename_interface(void *context, const char *from, const char *to)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;
	struct ifreq request = { 0 };
	bool ok;

	if (fd < 0)
		return false;
	ASSERT(strlen(from) < IFNAMSIZ && strlen(to) < IFNAMSIZ); /* names of interfaces */
	strcpy(request.ifr_name, from);
	ok = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
	request.ifr_flags &= ~IFF_UP;
	ok = ok && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
	strcpy(request.ifr_newname, to);
	ok = ok && ioctl(fd, SIOCSIFNAME, &request) == 0;
	error = errno;
	close(fd);
	errno = error;
	return ok;
}

static bool
give_device(void *context, const char *path)
{
	struct passwd *user = getpwnam(DATAPLANE_USER);

	if (!user) {
		errno = ENOENT;
		return false;
	}
	return chown(path, user->pw_uid, (gid_t)-1) == 0 && chmod(path, 0600) == 0;
}

static void
wait_ms(void *context, unsigned ms)
{
	struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}
