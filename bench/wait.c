/* wait.c - says hello and waits for a byte: its host's memory can be looked at. */
#include <stdio.h>

int main(void)
{
	puts("hello");
	fflush(stdout);
	return getchar() == EOF;
}
