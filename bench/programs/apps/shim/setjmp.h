// Stand-in for <setjmp.h> in both builds of the two script engines: the workloads raise no error,
// and the wasm build must not need exception handling. A jump ends the program.
#pragma once

#include <stdlib.h>

typedef int jmp_buf[1];

#define setjmp(buffer) ((void)(buffer), 0)
#define longjmp(buffer, value) ((void)(buffer), (void)(value), abort())
