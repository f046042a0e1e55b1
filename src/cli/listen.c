/*
 * listen.c - the sockets of --listen, opened before the run.
 *
 * Addresses, no names (but localhost): looking one up would be an access of its own,
 * and a static program cannot do it as the system does.
 */
#include "cli/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static in_port_t port_of(const union address *address)
{
	return address->any.sa_family == AF_INET6 ? address->v6.sin6_port : address->v4.sin_port;
}

static bool read_port(const char *text, in_port_t *out)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || port > 65535)
		return false;
	*out = htons((uint16_t)port);
	return true;
}

/* The length of the address, or 0. */
static socklen_t read_address(const char *host, in_port_t port, union address *out)
{
	if (strcmp(host, "localhost") == 0)
		host = "127.0.0.1";
	*out = (union address){ 0 };
	if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = port;
		return sizeof out->v4;
	}
	if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = port;
		return sizeof out->v6;
	}
	return 0;
}

/* WHERE as ADDRESS:PORT or [ADDRESS]:PORT. The length of the address, or 0. */
static socklen_t read_where(const char *where, union address *out)
{
	const char *colon = strrchr(where, ':');
	size_t len = colon ? (size_t)(colon - where) : 0;
	char host[INET6_ADDRSTRLEN + 1];
	in_port_t port;
	bool brackets = len >= 2 && where[0] == '[' && where[len - 1] == ']';

	if (!colon || !read_port(colon + 1, &port) || len >= sizeof host)
		return 0;
	snprintf(host, sizeof host, "%.*s", (int)(brackets ? len - 2 : len), where + brackets);
	if (!brackets && strchr(host, ':'))
		return 0;	/* where does it end? */
	return read_address(host, port, out);
}

static int refused(const char *where, const char *why, int status)
{
	fputs("wask: --listen ", stderr);
	put_shown(where);
	fprintf(stderr, ": %s\n", why);
	return -status;
}

/* The system chose the port: who is to connect must be told. */
static void say_chosen(const char *where, int fd)
{
	union address address = { 0 };
	socklen_t len = sizeof address;
	char host[INET6_ADDRSTRLEN];
	bool v6;

	if (getsockname(fd, &address.any, &len) < 0)
		return;
	v6 = address.any.sa_family == AF_INET6;
	if (!inet_ntop(address.any.sa_family, v6 ? (void *)&address.v6.sin6_addr : (void *)&address.v4.sin_addr, host, sizeof host))
		return;
	fputs("wask: --listen ", stderr);
	put_shown(where);
	fprintf(stderr, v6 ? ": it is [%s]:%u\n" : ": it is %s:%u\n", host, (unsigned)ntohs(port_of(&address)));
}

int listen_open(const char *where)
{
	union address address;
	socklen_t len = read_where(where, &address);
	int fd, on = 1;

	if (!len)
		return refused(where, "it is ADDRESS:PORT, for instance 127.0.0.1:8080, [::1]:8080 or localhost:8080", STATUS_USAGE);
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return refused(where, strerror(errno), STATUS_NOT_RUNNABLE);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, &address.any, len) < 0 || listen(fd, BACKLOG) < 0) {
		int status = refused(where, strerror(errno), STATUS_NOT_RUNNABLE);

		close(fd);
		return status;
	}
	if (port_of(&address) == 0)
		say_chosen(where, fd);
	return fd;
}
