/*
 * guest.h - a guest for tests, over engine/fake.h: the test makes its calls.
 *
 * It stands in /nowhere with nothing given; stdio is what the test says. Behind the
 * door is a judge that counts and answers as ANSWER says. Offsets in guest memory are
 * the test's own.
 */
#ifndef TESTS_GUEST_H
#define TESTS_GUEST_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>

#include "authority/authority.h"
#include "engine/fake.h"
#include "test.h"
#include "wasi/abi.h"
#include "wasi/state.h"

enum { GUEST_MEMORY = 65536 };

struct test_guest {
	struct fake *fake;
	struct authority *authority;
	struct authority_server server;
	struct start start;
	struct text argv[3], env[2];
	unsigned needs;			/* that reached the judge */
	struct need last;		/* without its texts */
	char name[256];			/* of the last one */
	struct answer answer;		/* to the next; a descriptor in it is given once */
};

static int test_judge(void *self, const struct need *need, struct answer *out)
{
	struct test_guest *t = self;
	size_t n = need->name.len < sizeof t->name - 1 ? need->name.len : sizeof t->name - 1;

	t->needs++;
	t->last = *need;
	memcpy(t->name, need->name.at, n);
	t->name[n] = '\0';
	*out = t->answer;
	t->answer = ANSWER_NO;
	return 0;
}

static void test_tally(void *self, const struct tally *tally)
{
	(void)self;
	(void)tally;
}

/* A guest whose 0 to 2 are STDIO (-1: closed). Ends the test when it cannot be made. */
static void test_guest_new(struct test_guest *t, const int stdio[3], size_t size)
{
	struct guest_options options = { .start = &t->start, .stdio = { stdio[0], stdio[1], stdio[2] } };

	t->argv[0] = TEXT("prog");
	t->argv[1] = TEXT("");
	t->argv[2] = TEXT("a b");
	t->env[0] = TEXT("LANG=C");
	t->env[1] = TEXT("PWD=/nowhere/at/all");
	if (!t->start.argv.at) {
		t->start.argv = (struct texts){ t->argv, 3 };
		t->start.env = (struct texts){ t->env, 2 };
		t->start.mode = MODE_NEEDS;
		t->start.cwd = TEXT("/nowhere/at/all");
		t->start.generation_fd = -1;
	}
	t->answer = ANSWER_NO;
	t->needs = 0;
	t->server = (struct authority_server){ .self = t, .judge = test_judge, .tally = test_tally };
	t->authority = authority_local(&t->server);
	options.authority = t->authority;
	if (!t->authority || fake_new(&options, size, &t->fake) < 0) {
		puts("not ok no guest\n0 passed, 1 failed");
		exit(1);
	}
}

static void test_guest_free(struct test_guest *t)
{
	fake_free(t->fake);
	authority_free(t->authority);
	t->fake = NULL;
}

static struct guest_state *test_state(struct test_guest *t)
{
	return fake_guest(t->fake)->state;
}

static void put_u32(struct test_guest *t, uint32_t at, uint32_t value)
{
	memcpy(fake_memory(t->fake) + at, &value, sizeof value);
}

static void put_u64(struct test_guest *t, uint32_t at, uint64_t value)
{
	memcpy(fake_memory(t->fake) + at, &value, sizeof value);
}

static uint32_t get_u32(struct test_guest *t, uint32_t at)
{
	uint32_t value;

	memcpy(&value, fake_memory(t->fake) + at, sizeof value);
	return value;
}

static uint64_t get_u64(struct test_guest *t, uint32_t at)
{
	uint64_t value;

	memcpy(&value, fake_memory(t->fake) + at, sizeof value);
	return value;
}

static void put_iovec(struct test_guest *t, uint32_t at, uint32_t buf, uint32_t len)
{
	put_u32(t, at, buf);
	put_u32(t, at + 4, len);
}

static void put_bytes(struct test_guest *t, uint32_t at, const void *bytes, size_t n)
{
	memcpy(fake_memory(t->fake) + at, bytes, n);
}

static bool memory_is(struct test_guest *t, uint32_t at, const void *bytes, size_t n)
{
	return memcmp(fake_memory(t->fake) + at, bytes, n) == 0;
}

/* A host temporary file, already unlinked, open for reading and writing. */
static int test_file(const char *bytes)
{
	char path[] = "/tmp/wask-test-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd < 0 || unlink(path) < 0 || write(fd, bytes, strlen(bytes)) != (ssize_t)strlen(bytes) || lseek(fd, 0, SEEK_SET) < 0) {
		puts("not ok no temporary file\n0 passed, 1 failed");
		exit(1);
	}
	return fd;
}

/* As path_open would put it: FD passes to the guest; its number there. */
static uint32_t test_put_file(struct test_guest *t, int fd, uint64_t base, access_set access, uint16_t flags)
{
	struct file file = { .kind = FILE_REGULAR, .fd = fd, .filetype = WASI_FT_REG, .base = base, .access = access, .flags = flags };
	uint32_t number = UINT32_MAX;

	descriptors_put(test_state(t)->descriptors, &file, &number);
	return number;
}

/* Not every test uses every helper. */
static inline void test_guest_uses(void)
{
	(void)put_u64, (void)get_u64, (void)put_iovec, (void)put_bytes, (void)memory_is, (void)test_put_file, (void)test_file, (void)get_u32;
}

#endif
