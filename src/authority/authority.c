/* authority.c - the public face of the door: a jump to whichever it is. */
#include "authority/authority.h"

#include "authority/door.h"

int authority_put(struct authority *authority, const struct need *need)
{
	return authority->ops->put(authority, need);
}

int authority_take(struct authority *authority, bool block, struct answer *out)
{
	int result;

	*out = ANSWER_NO;
	result = authority->ops->take(authority, block, out);
	if (result < 0)
		*out = ANSWER_NO;
	return result;
}

void authority_cancel(struct authority *authority)
{
	authority->ops->cancel(authority);
}

int authority_fd(const struct authority *authority)
{
	return authority->ops->fd(authority);
}

int authority_tally(struct authority *authority, const struct tally *tally)
{
	return authority->ops->tally(authority, tally);
}

int authority_end(struct authority *authority, const struct end *end)
{
	return authority->ops->end(authority, end);
}

void authority_free(struct authority *authority)
{
	if (authority)
		authority->ops->free(authority);
}
