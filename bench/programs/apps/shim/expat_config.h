// Configuration for expat: no system random source, so that both builds hash alike.
#pragma once

#include <stddef.h>
#include <string.h>

#define BYTEORDER 1234
#define HAVE_ARC4RANDOM_BUF 1
#define XML_CONTEXT_BYTES 1024
#define XML_DTD 1
#define XML_NS 1

#define arc4random_buf benchFixedBytes
static inline void benchFixedBytes(void* out, size_t count) { memset(out, 0x5a, count); }
