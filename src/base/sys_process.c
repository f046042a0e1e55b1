/*
 * sys_process.c - the system calls on our own processes and what they run on; see sys.h.
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#ifdef __x86_64__
#include <sys/platform/x86.h>
#endif

#include "base/fault.h"

int sys_pid(void)
{
	return getpid();
}

uint32_t sys_euid(void)
{
	return geteuid();
}

bool sys_is_privileged(void)
{
	return getauxval(AT_SECURE) != 0;
}

int sys_dup_to(int fd, int to)
{
	int made;

	if (fault_here("dup3"))
		return -EIO;
	if (fd == to)
		return to;
	made = dup3(fd, to, to > 2 ? O_CLOEXEC : 0);
	return made < 0 ? -errno : made;
}

void sys_close_from(int least)
{
	closefrom(least);
}

bool sys_is_terminal(int fd)
{
	struct termios modes;

	return tcgetattr(fd, &modes) == 0;
}

int sys_default(int sig)
{
	struct sigaction now, plain = { .sa_handler = SIG_DFL };

	if (sigaction(sig, NULL, &now) < 0)
		return -errno;
	if (now.sa_handler == SIG_IGN)
		return 0;
	return sigaction(sig, &plain, NULL) < 0 ? -errno : 0;
}

uint64_t sys_stack_room(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

#ifdef __x86_64__
/* From the C library's table: cpuid itself traps on many virtual machines. */
struct text sys_cpu(char *buf, size_t size)
{
	size_t len = 0;

	for (unsigned leaf = 0; leaf <= CPUID_INDEX_14_ECX_0; leaf++) {
		const struct cpuid_feature *feature = __x86_get_cpuid_feature_leaf(leaf);

		if (len + sizeof feature->active_array > size)
			break;
		memcpy(buf + len, feature->active_array, sizeof feature->active_array);
		len += sizeof feature->active_array;
	}
	return (struct text){ buf, len };
}
#else
struct text sys_cpu(char *buf, size_t size)
{
	unsigned long words[2] = { getauxval(AT_HWCAP), getauxval(AT_HWCAP2) };

	if (sizeof words > size)
		return (struct text){ 0 };
	memcpy(buf, words, sizeof words);
	return (struct text){ buf, sizeof words };
}
#endif
