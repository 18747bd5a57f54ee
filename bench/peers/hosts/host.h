// What an engine gives to be measured inside one process; host_main.c does the timing.
//
// Each engine with a C or C++ interface has one file that defines these functions: `ours` by the
// embedding API (bench/inside/ours_host.cc), wasmtime by the library in its wheel, wasm3 by its
// sources. A host has one engine with one set of options; errors are texts in hostError.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct HostModule HostModule;
typedef struct HostInstance HostInstance;
typedef struct HostFunction HostFunction;

/// One line saying why the last call failed.
extern char hostError[400];

/// Takes the options of the mode ("winch", "fuel"); false for one it does not know.
bool hostSetup(char** options, int count);
/// Engine and version, one line.
const char* hostVersion(void);
/// Decodes and validates only; false: not valid, or this engine has no such step.
bool hostValidate(const uint8_t* bytes, size_t size);
/// All the work up to code that can run, for every function; null when it fails. The bytes stay.
HostModule* hostCompile(const uint8_t* bytes, size_t size);
/// What the engine does by itself before a run, which may leave functions to their first calls.
HostModule* hostLoad(const uint8_t* bytes, size_t size);
void hostFreeModule(HostModule* module);
/// A new instance in a world of its own. The only import is env.step, i32 -> i32, which adds one.
HostInstance* hostInstantiate(HostModule* module);
void hostFreeInstance(HostInstance* instance);
/// An export of type i32 -> i32; null when there is none. Lives as long as the instance.
HostFunction* hostFunction(HostInstance* instance, const char* name);
/// Calls it; false when it trapped.
bool hostCall(HostFunction* function, int32_t argument, int32_t* result);
/// Runs a WASI program to its end; returns its exit code, or -1 with hostError. `dirs` are
/// HOST::GUEST, `envs` NAME=VALUE, both ended by null.
int hostRun(HostModule* module, int argc, char** argv, char** dirs, char** envs);

#ifdef __cplusplus
}
#endif
