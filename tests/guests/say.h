/*
 * say.h - what a guest under test says: one line a thing it tried, "NAME: RESULT".
 *
 * The host that runs it is compared line by line with another, so a result is an
 * errno's name or a number that does not depend on the machine.
 */
#ifndef SAY_H
#define SAY_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SAY_ERRNOS \
	E(EACCES) E(EBADF) E(EEXIST) E(EFAULT) E(EFBIG) E(EINVAL) E(EIO) E(EISDIR) E(ELOOP) E(EMFILE) E(EMLINK) \
	E(ENAMETOOLONG) E(ENOENT) E(ENOSYS) E(ENOTDIR) E(ENOTEMPTY) E(ENOTSUP) E(ENXIO) E(EPERM) E(EPIPE) \
	E(EROFS) E(ESPIPE) E(EXDEV) E(EAGAIN) E(EILSEQ) E(EOVERFLOW) E(ENOTCAPABLE) E(EBUSY) E(ETXTBSY) E(ENODEV)

static const char *say_errno(int number)
{
	static char other[24];

	if (number == 0)
		return "ok";
#define E(name) if (number == name) return #name;
	SAY_ERRNOS
#undef E
	snprintf(other, sizeof other, "errno %d", number);
	return other;
}

__attribute__((format(printf, 2, 3)))
static void say(const char *name, const char *format, ...)
{
	va_list args;

	printf("%s: ", name);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* A libc call that returns negative with errno, or what it counts. */
#define TRY(name, call) do { \
	long tried = (long)(call); \
	if (tried < 0) say(name, "%s", say_errno(errno)); else say(name, "%ld", tried); \
} while (0)

#endif
