/* banned.h - functions that nobody here calls; forced into every file by the Makefile (-include). */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef strcpy
#undef strcat
#undef strtok
#undef strncpy
#undef sprintf
#undef atoi
#undef system
#undef realpath

#define BANNED(f) sorry_##f##_is_banned
#define strcpy(...)	BANNED(strcpy)
#define strcat(...)	BANNED(strcat)
#define strtok(...)	BANNED(strtok)
#define strncpy(...)	BANNED(strncpy)
#define sprintf(...)	BANNED(sprintf)
#define atoi(...)	BANNED(atoi)
#define system(...)	BANNED(system)
#define realpath(...)	BANNED(realpath)

#endif
