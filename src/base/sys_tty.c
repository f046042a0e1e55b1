/*
 * sys_tty.c - the system calls on terminals, and on signals while one is in use;
 * see sys.h.
 */
#include "base/sys.h"

#include <errno.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "base/fault.h"

#define FAULT(call) do { if (fault_here(call)) return -EIO; } while (0)
#define RESULT(value) ((value) < 0 ? -errno : (value))

int sys_tcgetattr(int fd, struct termios *out)
{
	FAULT("tcgetattr");
	return tcgetattr(fd, out) < 0 ? -errno : 0;
}

int sys_tcsetattr(int fd, const struct termios *modes)
{
	int result;

	FAULT("tcsetattr");
	do
		result = tcsetattr(fd, TCSANOW, modes);
	while (result < 0 && errno == EINTR);
	return RESULT(result);
}

int sys_tcflush(int fd)
{
	FAULT("tcflush");
	return tcflush(fd, TCIFLUSH) < 0 ? -errno : 0;
}

int sys_tcgetpgrp(int fd)
{
	int group;

	FAULT("tcgetpgrp");
	group = tcgetpgrp(fd);
	return RESULT(group);
}

int sys_tcgetsid(int fd)
{
	int session;

	FAULT("tcgetsid");
	session = tcgetsid(fd);
	return RESULT(session);
}

int sys_tty_dev(int fd, uint64_t *out)
{
	unsigned dev;

	FAULT("TIOCGDEV");
	if (ioctl(fd, TIOCGDEV, &dev) < 0)
		return -errno;
	*out = dev;
	return 0;
}

int sys_tty_size(int fd, unsigned short out[2])
{
	struct winsize size;

	FAULT("TIOCGWINSZ");
	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		return -errno;
	out[0] = size.ws_row;
	out[1] = size.ws_col;
	return 0;
}

/* Pseudo terminals have the majors 136 to 143 and a directory of their own. */
int sys_open_tty(uint64_t dev)
{
	const unsigned pts = 136, pts_end = 144;
	const unsigned major_number = major(dev), minor_number = minor(dev);
	struct stat st;
	char path[64];
	int fd, err;

	if (major_number >= pts && major_number < pts_end)
		snprintf(path, sizeof path, "/dev/pts/%u", (major_number - pts) * 256 + minor_number);
	else
		snprintf(path, sizeof path, "/dev/char/%u:%u", major_number, minor_number);
	fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	err = sys_fstat(fd, &st);
	if (err == 0 && S_ISCHR(st.st_mode) && st.st_rdev == dev)
		return fd;
	sys_close(fd);
	return err < 0 ? err : -ENXIO;
}

int sys_try_lock(int fd)
{
	int result;

	FAULT("flock");
	do
		result = flock(fd, LOCK_EX | LOCK_NB);
	while (result < 0 && errno == EINTR);
	return RESULT(result);
}

int sys_getpgrp(void)
{
	return getpgrp();
}

int sys_hold_signals(const sigset_t *set, sigset_t *old)
{
	return -pthread_sigmask(SIG_BLOCK, set, old);
}

int sys_set_signals(const sigset_t *set)
{
	return -pthread_sigmask(SIG_SETMASK, set, NULL);
}

int sys_pending_signals(sigset_t *out)
{
	return sigpending(out) < 0 ? -errno : 0;
}

bool sys_is_ignored(int sig)
{
	struct sigaction now;

	return sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int sys_signalfd(const sigset_t *set)
{
	int fd;

	FAULT("signalfd");
	fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	return RESULT(fd);
}
