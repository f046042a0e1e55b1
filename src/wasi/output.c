/*
 * output.c - the one function by which guest output leaves.
 *
 * On a terminal where questions may come only text passes: printable UTF-8,
 * newline, tab, CR, backspace and SGR (CSI ... m). All else is shown as \xNN, so
 * that nothing a guest prints can move, answer, hide or imitate a question (U02,
 * U04, U09, U18). A sequence is held until it is whole and then leaves in one
 * write: two streams on one terminal cannot make one together.
 */
#include <errno.h>

#include "base/escape.h"
#include "base/mem.h"
#include "base/sys.h"
#include "wasi/state.h"

enum { HELD = 64, CHUNK = 4096, ROOM = 4 * (CHUNK + HELD), STREAMS = 4 };

/* What of a sequence came so far: AT[0] is ESC or the first byte of a UTF-8 character. */
struct stream {
	int fd;
	size_t held, want;	/* WANT: bytes of the UTF-8 character; 0: an escape sequence */
	uint8_t at[HELD];
};

struct output {
	struct stream streams[STREAMS];		/* the last one is everybody else's */
	struct buf character;			/* escape_plain's */
	size_t len;
	char *out;				/* ROOM bytes; NULL until there is something to be sanitised */
};

struct output *output_new(const int stdio[3])
{
	struct output *output = mem_new(1, sizeof *output);

	for (int i = 0; output && i < STREAMS; i++)
		output->streams[i].fd = i < 3 ? stdio[i] : -1;
	return output;
}

void output_free(struct output *output)
{
	if (output) {
		buf_done(&output->character);
		mem_free(output->out);
	}
	mem_free(output);
}

static void put(struct output *output, const void *at, size_t n)
{
	memcpy(output->out + output->len, at, n);
	output->len += n;
}

static void put_escaped(struct output *output, uint8_t byte)
{
	static const char hex[] = "0123456789abcdef";

	put(output, (const char[]){ '\\', 'x', hex[byte >> 4], hex[byte & 15] }, 4);
}

static bool is_plain(uint8_t byte)
{
	return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\t' || byte == '\r' || byte == '\b';
}

/* How long the UTF-8 character is that BYTE begins; 0: it begins none. */
static size_t utf8_length(uint8_t byte)
{
	if (byte < 0xc2 || byte > 0xf4)
		return 0;
	return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/* What is held turned out to be no sequence: its bytes are shown, the text among them as it is. */
static void give_up(struct output *output, struct stream *stream)
{
	for (size_t i = 0; i < stream->held; i++) {
		if (is_plain(stream->at[i]))
			put(output, &stream->at[i], 1);
		else
			put_escaped(output, stream->at[i]);
	}
	stream->held = 0;
}

/* A whole character: escape_plain knows which are printable. */
static void put_character(struct output *output, struct stream *stream)
{
	buf_reset(&output->character);
	escape_plain(&output->character, (struct text){ (const char *)stream->at, stream->held });
	if (!buf_ok(&output->character) || output->character.len > 4 * HELD) {
		give_up(output, stream);
		return;
	}
	put(output, output->character.at, output->character.len);
	stream->held = 0;
}

static void begin(struct output *output, struct stream *stream, uint8_t byte)
{
	stream->want = utf8_length(byte);
	if (is_plain(byte))
		put(output, &byte, 1);
	else if (byte != 0x1b && stream->want == 0)
		put_escaped(output, byte);
	else
		stream->at[stream->held++] = byte;
}

/* Could BYTE continue what is held? SGR takes digits, ; and : and ends with m. */
static bool continues(const struct stream *stream, uint8_t byte)
{
	if (stream->want)
		return (byte & 0xc0) == 0x80;
	if (stream->held == 1)
		return byte == '[';
	return byte == 'm' || (byte >= '0' && byte <= ';');
}

static void step(struct output *output, struct stream *stream, uint8_t byte)
{
	if (stream->held && (stream->held == HELD || !continues(stream, byte)))
		give_up(output, stream);
	if (!stream->held) {
		begin(output, stream, byte);
		return;
	}
	stream->at[stream->held++] = byte;
	if (stream->want && stream->held == stream->want) {
		put_character(output, stream);
	} else if (!stream->want && byte == 'm') {
		put(output, stream->at, stream->held);
		stream->held = 0;
	}
}

/* Waits where the descriptor would not block and should have. 1: again; or -errno. */
static int output_wait(int fd, ssize_t error)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };

	if (error == -EINTR)
		return 1;
	if (error != -EAGAIN)
		return (int)error;
	for (;;) {
		int n = sys_ppoll(&wait, 1, NULL);

		if (n != -EINTR)
			return n < 0 ? n : 1;
	}
}

static int flush(struct output *output, int fd)
{
	size_t done = 0, len = output->len;

	output->len = 0;
	while (done < len) {
		ssize_t n = sys_write(fd, output->out + done, len - done);

		if (n > 0)
			done += (size_t)n;
		else if (output_wait(fd, n ? n : -EIO) < 0)
			return n ? (int)n : -EIO;
	}
	return 0;
}

static struct stream *stream_of(struct output *output, int fd)
{
	struct stream *stream = output->streams;

	while (stream < output->streams + STREAMS - 1 && stream->fd != fd)
		stream++;
	stream->fd = fd;
	return stream;
}

/* Counts the guest's bytes, not ours: those of whole pieces that left, or are held. */
static ssize_t write_text(struct output *output, int fd, const struct iovec *iov, int n)
{
	struct stream *stream = stream_of(output, fd);
	ssize_t done = 0;
	size_t piece = 0;
	int error;

	if (!output->out)
		output->out = mem_new(ROOM, 1);
	if (!output->out)
		return -ENOMEM;
	for (int i = 0; i < n; i++) {
		const uint8_t *at = iov[i].iov_base;

		for (size_t j = 0; j < iov[i].iov_len; j++) {
			step(output, stream, at[j]);
			if (++piece < CHUNK)
				continue;
			error = flush(output, fd);
			if (error < 0)
				return done ? done : error;
			done += (ssize_t)piece;
			piece = 0;
		}
	}
	error = flush(output, fd);
	if (error < 0)
		return done ? done : error;
	return done + (ssize_t)piece;
}

/* NONBLOCK is the guest's alone: the host descriptor is shared with whoever started us. */
static bool would_block(const struct file *file)
{
	struct pollfd now = { .fd = file->fd, .events = POLLOUT };

	return (file->flags & WASI_FD_NONBLOCK) && sys_ppoll(&now, 1, &(struct timespec){ 0 }) == 0;
}

ssize_t output_write(struct guest *guest, struct file *file, const struct iovec *iov, int n)
{
	struct iovec some;
	ssize_t done;

	if (would_block(file))
		return -EAGAIN;
	if (file->sanitise)
		return write_text(guest->state->output, file->fd, iov, n);
	while ((file->flags & WASI_FD_NONBLOCK) && n > 1 && iov->iov_len == 0)
		iov++, n--;
	if ((file->flags & WASI_FD_NONBLOCK) && n > 0) {	/* what a pipe that has room takes at once */
		some = (struct iovec){ iov->iov_base, iov->iov_len < CHUNK ? iov->iov_len : (size_t)CHUNK };
		iov = &some;
		n = 1;
	}
	for (;;) {
		int error;

		done = sys_writev(file->fd, iov, n);
		if (done >= 0)
			return done;
		error = output_wait(file->fd, done);
		if (error < 0)
			return error;
	}
}

void output_end(struct output *output)
{
	for (int i = 0; i < STREAMS; i++) {
		struct stream *stream = &output->streams[i];

		if (!stream->held)
			continue;
		give_up(output, stream);
		flush(output, stream->fd);
	}
}
