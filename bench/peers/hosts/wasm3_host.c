// wasm3 behind host.h, built from the sources that PyPI's pywasm3 carries.
//
// Its WASI is as much as the corpus asks for: arguments, standard output and error, a clock, exit;
// there are no files. hostCompile parses and then compiles every function; a run leaves that to first
// calls, as wasm3 does. It has no validation and no SIMD.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host.h"
#include "wasm3.h"

enum { kStack = 1 << 20, kBadDescriptor = 8, kNotSupported = 52, kSeekOnPipe = 70 };

struct HostModule {
  const uint8_t* bytes;
  uint32_t size;
};

struct HostInstance {
  IM3Environment environment;
  IM3Runtime runtime;
  IM3Module module;
};

static int guestArgc;
static char** guestArgv;
static int exitCode;

static bool failed(M3Result result) {
  if (result == m3Err_none) return false;
  snprintf(hostError, sizeof hostError, "%s", result);
  return true;
}

bool hostSetup(char** options, int count) {
  (void)options;
  return count == 0;
}

const char* hostVersion(void) { return "wasm3 " M3_VERSION; }

bool hostValidate(const uint8_t* bytes, size_t size) {
  (void)bytes;
  (void)size;
  snprintf(hostError, sizeof hostError, "wasm3 does not validate");
  return false;
}

static void release(HostInstance* instance) {
  if (instance->runtime != NULL) m3_FreeRuntime(instance->runtime);
  if (instance->environment != NULL) m3_FreeEnvironment(instance->environment);
  free(instance);
}

static HostInstance* load(const HostModule* module) {
  HostInstance* out = calloc(1, sizeof *out);
  out->environment = m3_NewEnvironment();
  out->runtime = m3_NewRuntime(out->environment, kStack, NULL);
  if (failed(m3_ParseModule(out->environment, &out->module, module->bytes, module->size))) {
    release(out);
    return NULL;
  }
  if (failed(m3_LoadModule(out->runtime, out->module))) {
    m3_FreeModule(out->module);
    release(out);
    return NULL;
  }
  return out;
}

static m3ApiRawFunction(step) {
  (void)runtime;
  (void)_ctx;
  (void)_mem;
  m3ApiReturnType(int32_t);
  m3ApiGetArg(int32_t, value);
  m3ApiReturn(value + 1);
}

// An import that is not there is no error: wasm3 fails where it is called.
static bool bind(HostInstance* instance, const char* module, const char* name, const char* type, M3RawCall function) {
  M3Result result = m3_LinkRawFunction(instance->module, module, name, type, function);
  return result == m3Err_functionLookupFailed || !failed(result);
}

HostModule* hostLoad(const uint8_t* bytes, size_t size) {
  HostModule* module = calloc(1, sizeof *module);
  *module = (HostModule){bytes, (uint32_t)size};
  return module;
}

HostModule* hostCompile(const uint8_t* bytes, size_t size) {
  HostModule* module = hostLoad(bytes, size);
  HostInstance* instance = load(module);
  if (instance == NULL || failed(m3_CompileModule(instance->module))) {
    free(module);
    return NULL;
  }
  release(instance);
  return module;
}

void hostFreeModule(HostModule* module) { free(module); }

HostInstance* hostInstantiate(HostModule* module) {
  HostInstance* instance = load(module);
  if (instance != NULL && bind(instance, "env", "step", "i(i)", step)) return instance;
  if (instance != NULL) release(instance);
  return NULL;
}

void hostFreeInstance(HostInstance* instance) { release(instance); }

HostFunction* hostFunction(HostInstance* instance, const char* name) {
  IM3Function found = NULL;
  return failed(m3_FindFunction(&found, instance->runtime, name)) ? NULL : (HostFunction*)found;
}

bool hostCall(HostFunction* function, int32_t argument, int32_t* result) {
  const void* arguments[] = {&argument};
  const void* results[] = {result};
  IM3Function called = (IM3Function)function;
  return m3_Call(called, 1, arguments) == m3Err_none && m3_GetResults(called, 1, results) == m3Err_none;
}

// --- the WASI of the corpus -----------------------------------------------------------------------

#define AT(TYPE, offset) ((TYPE*)m3ApiOffsetToPtr(offset))
#define WASI(NAME) static m3ApiRawFunction(NAME)
#define UNUSED() ((void)runtime, (void)_ctx, (void)_mem)

WASI(argsSizesGet) {
  UNUSED();
  m3ApiReturnType(uint32_t);
  m3ApiGetArg(uint32_t, countAt);
  m3ApiGetArg(uint32_t, sizeAt);
  uint32_t size = 0;
  for (int i = 0; i < guestArgc; i++) size += (uint32_t)strlen(guestArgv[i]) + 1;
  *AT(uint32_t, countAt) = (uint32_t)guestArgc;
  *AT(uint32_t, sizeAt) = size;
  m3ApiReturn(0);
}

WASI(argsGet) {
  UNUSED();
  m3ApiReturnType(uint32_t);
  m3ApiGetArg(uint32_t, pointersAt);
  m3ApiGetArg(uint32_t, textAt);
  for (int i = 0; i < guestArgc; i++) {
    AT(uint32_t, pointersAt)[i] = textAt;
    strcpy(AT(char, textAt), guestArgv[i]);
    textAt += (uint32_t)strlen(guestArgv[i]) + 1;
  }
  m3ApiReturn(0);
}

WASI(environSizesGet) {
  UNUSED();
  m3ApiReturnType(uint32_t);
  m3ApiGetArg(uint32_t, countAt);
  m3ApiGetArg(uint32_t, sizeAt);
  *AT(uint32_t, countAt) = *AT(uint32_t, sizeAt) = 0;
  m3ApiReturn(0);
}

WASI(succeed) {
  UNUSED();
  m3ApiReturnType(uint32_t);
  m3ApiReturn(0);
}

WASI(badDescriptor) {
  UNUSED();
  m3ApiReturnType(uint32_t);
  m3ApiReturn(kBadDescriptor);
}

WASI(seekOnPipe) {
  UNUSED();
  m3ApiReturnType(uint32_t);
  m3ApiReturn(kSeekOnPipe);
}

WASI(clockTimeGet) {
  UNUSED();
  m3ApiReturnType(uint32_t);
  m3ApiGetArg(uint32_t, clock);
  m3ApiGetArg(uint64_t, precision);
  m3ApiGetArg(uint32_t, at);
  (void)precision;
  struct timespec t;
  clock_gettime(clock == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC, &t);
  *AT(uint64_t, at) = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
  m3ApiReturn(0);
}

WASI(fdFdstatGet) {
  UNUSED();
  m3ApiReturnType(uint32_t);
  m3ApiGetArg(uint32_t, descriptor);
  m3ApiGetArg(uint32_t, at);
  if (descriptor > 2) m3ApiReturn(kBadDescriptor);
  memset(AT(char, at), 0, 8);
  *AT(char, at) = 2;  // a character device, with every right
  memset(AT(char, at + 8), 0xff, 16);
  m3ApiReturn(0);
}

WASI(fdWrite) {
  UNUSED();
  m3ApiReturnType(uint32_t);
  m3ApiGetArg(uint32_t, descriptor);
  m3ApiGetArg(uint32_t, vectors);
  m3ApiGetArg(uint32_t, count);
  m3ApiGetArg(uint32_t, writtenAt);
  if (descriptor < 1 || descriptor > 2) m3ApiReturn(kBadDescriptor);
  uint32_t written = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t* vector = AT(uint32_t, vectors + 8 * i);
    written += (uint32_t)fwrite(AT(char, vector[0]), 1, vector[1], descriptor == 1 ? stdout : stderr);
  }
  *AT(uint32_t, writtenAt) = written;
  m3ApiReturn(0);
}

WASI(procExit) {
  UNUSED();
  m3ApiGetArg(uint32_t, code);
  exitCode = (int)code;
  m3ApiTrap(m3Err_trapExit);
}

int hostRun(HostModule* module, int argc, char** argv, char** dirs, char** envs) {
  if (dirs[0] != NULL || envs[0] != NULL) {
    snprintf(hostError, sizeof hostError, "this host has no files and no environment");
    return -1;
  }
  static const struct {
    const char *name, *type;
    M3RawCall function;
  } functions[] = {
      {"args_sizes_get", "i(ii)", argsSizesGet}, {"args_get", "i(ii)", argsGet},
      {"environ_sizes_get", "i(ii)", environSizesGet}, {"environ_get", "i(ii)", succeed},
      {"clock_time_get", "i(iIi)", clockTimeGet}, {"fd_fdstat_get", "i(ii)", fdFdstatGet},
      {"fd_fdstat_set_flags", "i(ii)", succeed}, {"fd_write", "i(iiii)", fdWrite},
      {"fd_read", "i(iiii)", badDescriptor}, {"fd_seek", "i(iIii)", seekOnPipe},
      {"fd_close", "i(i)", succeed}, {"fd_prestat_get", "i(ii)", badDescriptor},
      {"fd_prestat_dir_name", "i(iii)", badDescriptor}, {"proc_exit", "v(i)", procExit},
  };
  guestArgc = argc;
  guestArgv = argv;
  HostInstance* instance = load(module);
  if (instance == NULL) return -1;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    if (!bind(instance, "wasi_snapshot_preview1", functions[i].name, functions[i].type, functions[i].function)) return -1;
  }
  IM3Function start = NULL;
  if (failed(m3_FindFunction(&start, instance->runtime, "_start"))) return -1;
  M3Result result = m3_Call(start, 0, NULL);
  if (result == m3Err_trapExit) return exitCode;
  return failed(result) ? -1 : 0;
}
