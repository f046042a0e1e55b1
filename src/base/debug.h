/* debug.h - is this a build that checks itself at some cost? (make SAN=1) */
#ifndef BASE_DEBUG_H
#define BASE_DEBUG_H

#ifdef WASK_DEBUG
enum { DEBUG_BUILD = 1 };
#else
enum { DEBUG_BUILD = 0 };
#endif

#endif
