/* Opens held.txt, which it may not have, and ends with 0 when it was given, else with the errno. No libc file functions: it is small. */
#include "p1.h"

int main(void)
{
	static const char name[] = "held.txt";
	uint32_t fd;

	return p1_path_open(4, 1, name, sizeof name - 1, 0, P1_READ, 0, 0, &fd);
}
