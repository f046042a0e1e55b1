/* agent_wait - says on standard error that it waits, and waits until it is killed. */
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	fputs("waiting\n", stderr);
	for (;;)
		sleep(1000);
}
