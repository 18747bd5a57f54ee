// wasmtime behind host.h: a C program on the library that PyPI's `wasmtime` wheel carries.
//
// The wheel has no headers, so what is used of its C interface is declared here; the layouts are those
// of the version that peers.json names. Options: cranelift (the default), winch; fuel, epoch (a deadline
// that does not come), checked (no guard memory), threads (compile with all cores), gc.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

typedef struct Opaque Config, Engine, ModuleObject, StoreObject, Context, Linker, Pre, Error, Trap, Type, ValueType, Wasi;
typedef struct {
  size_t size;
  char* data;
} ByteVector;
typedef struct {
  size_t size;
  ValueType** data;
} TypeVector;
typedef struct {
  uint64_t store;
  void* inner;
} Function;
typedef struct {
  uint64_t store;
  size_t inner;
} InstanceHandle;
typedef struct {
  uint8_t kind;
  union {
    Function function;
    uint64_t words[3];
  } of;
} External;
typedef union {
  int32_t i32;
  int64_t i64;
  uint8_t v128[16];
} Raw;
typedef Trap* (*RawCallback)(void* data, void* caller, Raw* values, size_t count);

enum { kCranelift = 1, kWinch = 2, kKindI32 = 0, kExternalFunction = 0 };

Config* wasm_config_new(void);
Engine* wasm_engine_new_with_config(Config*);
void wasmtime_config_strategy_set(Config*, uint8_t);
void wasmtime_config_consume_fuel_set(Config*, bool);
void wasmtime_config_epoch_interruption_set(Config*, bool);
void wasmtime_config_parallel_compilation_set(Config*, bool);
void wasmtime_config_memory_reservation_set(Config*, uint64_t);
void wasmtime_config_memory_reservation_for_growth_set(Config*, uint64_t);
void wasmtime_config_memory_guard_size_set(Config*, uint64_t);
void wasmtime_config_wasm_gc_set(Config*, bool);
void wasmtime_config_wasm_function_references_set(Config*, bool);
void wasmtime_config_wasm_exceptions_set(Config*, bool);
void wasmtime_config_wasm_tail_call_set(Config*, bool);
Error* wasmtime_module_new(Engine*, const uint8_t*, size_t, ModuleObject**);
Error* wasmtime_module_validate(Engine*, const uint8_t*, size_t);
void wasmtime_module_delete(ModuleObject*);
StoreObject* wasmtime_store_new(Engine*, void*, void (*)(void*));
Context* wasmtime_store_context(StoreObject*);
void wasmtime_store_delete(StoreObject*);
Error* wasmtime_context_set_fuel(Context*, uint64_t);
void wasmtime_context_set_epoch_deadline(Context*, uint64_t);
Error* wasmtime_context_set_wasi(Context*, Wasi*);
Linker* wasmtime_linker_new(Engine*);
Error* wasmtime_linker_define_wasi(Linker*);
Error* wasmtime_linker_define_func_unchecked(Linker*, const char*, size_t, const char*, size_t, Type*, RawCallback, void*,
                                             void (*)(void*));
Error* wasmtime_linker_instantiate(Linker*, Context*, ModuleObject*, InstanceHandle*, Trap**);
Error* wasmtime_linker_instantiate_pre(Linker*, ModuleObject*, Pre**);
Error* wasmtime_instance_pre_instantiate(Pre*, Context*, InstanceHandle*, Trap**);
void wasmtime_instance_pre_delete(Pre*);
bool wasmtime_instance_export_get(Context*, InstanceHandle*, const char*, size_t, External*);
Error* wasmtime_func_call_unchecked(Context*, Function*, Raw*, size_t, Trap**);
void wasmtime_error_message(Error*, ByteVector*);
bool wasmtime_error_exit_status(Error*, int*);
void wasmtime_error_delete(Error*);
void wasm_trap_message(Trap*, ByteVector*);
void wasm_trap_delete(Trap*);
ValueType* wasm_valtype_new(uint8_t);
Type* wasm_functype_new(TypeVector*, TypeVector*);
Wasi* wasi_config_new(void);
bool wasi_config_set_argv(Wasi*, size_t, const char**);
bool wasi_config_set_env(Wasi*, size_t, const char**, const char**);
void wasi_config_inherit_stdin(Wasi*);
void wasi_config_inherit_stdout(Wasi*);
void wasi_config_inherit_stderr(Wasi*);
bool wasi_config_preopen_dir(Wasi*, const char*, const char*, bool);

struct HostModule {
  ModuleObject* object;
  Pre* pre;  // made at the first instance
};

struct HostInstance {
  StoreObject* store;
  InstanceHandle handle;
};

struct HostFunction {
  Context* context;
  Function function;
};

static Engine* engine;
static Linker* linker;  // with env.step
static bool fuel, epoch;

static bool failed(Error* error, Trap* trap) {
  ByteVector text = {0, NULL};
  if (error != NULL) {
    wasmtime_error_message(error, &text);
    wasmtime_error_delete(error);
  } else if (trap != NULL) {
    wasm_trap_message(trap, &text);
    wasm_trap_delete(trap);
  } else {
    return false;
  }
  snprintf(hostError, sizeof hostError, "%.*s", (int)(text.size < 300 ? text.size : 300), text.data);
  for (char* c = hostError; *c != 0; c++) {
    if (*c == '\n') *c = ' ';
  }
  return true;
}

static Trap* step(void* data, void* caller, Raw* values, size_t count) {
  (void)data;
  (void)caller;
  (void)count;
  values[0].i32++;
  return NULL;
}

static Type* oneToOne(void) {
  ValueType* parameter = wasm_valtype_new(kKindI32);
  ValueType* result = wasm_valtype_new(kKindI32);
  TypeVector parameters = {1, &parameter}, results = {1, &result};
  // The vectors are taken over, and freed by the library's allocator, which is malloc.
  parameters.data = malloc(sizeof(ValueType*));
  results.data = malloc(sizeof(ValueType*));
  parameters.data[0] = parameter;
  results.data[0] = result;
  return wasm_functype_new(&parameters, &results);
}

bool hostSetup(char** options, int count) {
  Config* config = wasm_config_new();
  uint8_t strategy = kCranelift;
  bool parallel = false;
  for (int i = 0; i < count; i++) {
    const char* option = options[i];
    if (strcmp(option, "winch") == 0) {
      strategy = kWinch;
    } else if (strcmp(option, "fuel") == 0) {
      fuel = true;
    } else if (strcmp(option, "epoch") == 0) {
      epoch = true;
    } else if (strcmp(option, "threads") == 0) {
      parallel = true;
    } else if (strcmp(option, "checked") == 0) {
      wasmtime_config_memory_reservation_set(config, 0);
      wasmtime_config_memory_reservation_for_growth_set(config, 1 << 20);
      wasmtime_config_memory_guard_size_set(config, 0);
    } else if (strcmp(option, "gc") == 0) {
      wasmtime_config_wasm_function_references_set(config, true);
      wasmtime_config_wasm_gc_set(config, true);
      wasmtime_config_wasm_exceptions_set(config, true);
    } else if (strcmp(option, "cranelift") != 0) {
      snprintf(hostError, sizeof hostError, "no option %s", option);
      return false;
    }
  }
  wasmtime_config_strategy_set(config, strategy);
  wasmtime_config_consume_fuel_set(config, fuel);
  wasmtime_config_epoch_interruption_set(config, epoch);
  wasmtime_config_parallel_compilation_set(config, parallel);
  engine = wasm_engine_new_with_config(config);
  if (engine == NULL) {
    snprintf(hostError, sizeof hostError, "this library cannot do that");
    return false;
  }
  linker = wasmtime_linker_new(engine);
  return !failed(wasmtime_linker_define_func_unchecked(linker, "env", 3, "step", 4, oneToOne(), step, NULL, NULL), NULL);
}

const char* hostVersion(void) { return "wasmtime (version: see its wheel)"; }

bool hostValidate(const uint8_t* bytes, size_t size) { return !failed(wasmtime_module_validate(engine, bytes, size), NULL); }

HostModule* hostCompile(const uint8_t* bytes, size_t size) {
  HostModule* module = calloc(1, sizeof *module);
  if (!failed(wasmtime_module_new(engine, bytes, size, &module->object), NULL)) return module;
  free(module);
  return NULL;
}

HostModule* hostLoad(const uint8_t* bytes, size_t size) { return hostCompile(bytes, size); }

void hostFreeModule(HostModule* module) {
  if (module->pre != NULL) wasmtime_instance_pre_delete(module->pre);
  wasmtime_module_delete(module->object);
  free(module);
}

static Context* prepare(StoreObject* store) {
  Context* context = wasmtime_store_context(store);
  if (fuel) failed(wasmtime_context_set_fuel(context, (uint64_t)1 << 62), NULL);
  if (epoch) wasmtime_context_set_epoch_deadline(context, 1 << 20);
  return context;
}

HostInstance* hostInstantiate(HostModule* module) {
  if (module->pre == NULL && failed(wasmtime_linker_instantiate_pre(linker, module->object, &module->pre), NULL)) return NULL;
  HostInstance* instance = calloc(1, sizeof *instance);
  instance->store = wasmtime_store_new(engine, NULL, NULL);
  Trap* trap = NULL;
  Error* error = wasmtime_instance_pre_instantiate(module->pre, prepare(instance->store), &instance->handle, &trap);
  if (!failed(error, trap)) return instance;
  hostFreeInstance(instance);
  return NULL;
}

void hostFreeInstance(HostInstance* instance) {
  wasmtime_store_delete(instance->store);
  free(instance);
}

HostFunction* hostFunction(HostInstance* instance, const char* name) {
  External found;
  Context* context = wasmtime_store_context(instance->store);
  if (!wasmtime_instance_export_get(context, &instance->handle, name, strlen(name), &found) || found.kind != kExternalFunction) {
    snprintf(hostError, sizeof hostError, "no such function");
    return NULL;
  }
  HostFunction* out = malloc(sizeof *out);
  *out = (HostFunction){context, found.of.function};
  return out;
}

bool hostCall(HostFunction* function, int32_t argument, int32_t* result) {
  Raw values[1] = {{argument}};
  Trap* trap = NULL;
  Error* error = wasmtime_func_call_unchecked(function->context, &function->function, values, 1, &trap);
  if (error == NULL && trap == NULL) {
    *result = values[0].i32;
    return true;
  }
  if (trap != NULL) wasm_trap_delete(trap);
  if (error != NULL) wasmtime_error_delete(error);
  return false;
}

static Wasi* wasiFor(int argc, char** argv, char** dirs, char** envs) {
  Wasi* wasi = wasi_config_new();
  static const char *names[64], *values[64];
  size_t count = 0;
  wasi_config_set_argv(wasi, (size_t)argc, (const char**)argv);
  for (; envs[count] != NULL; count++) {
    char* equals = strchr(envs[count], '=');
    if (equals == NULL) return NULL;
    *equals = 0;
    names[count] = envs[count];
    values[count] = equals + 1;
  }
  wasi_config_set_env(wasi, count, names, values);
  wasi_config_inherit_stdin(wasi);
  wasi_config_inherit_stdout(wasi);
  wasi_config_inherit_stderr(wasi);
  for (; *dirs != NULL; dirs++) {
    char* colons = strstr(*dirs, "::");
    if (colons == NULL) return NULL;
    *colons = 0;
    if (!wasi_config_preopen_dir(wasi, *dirs, colons + 2, true)) return NULL;
  }
  return wasi;
}

int hostRun(HostModule* module, int argc, char** argv, char** dirs, char** envs) {
  Linker* own = wasmtime_linker_new(engine);
  StoreObject* store = wasmtime_store_new(engine, NULL, NULL);
  Context* context = prepare(store);
  Wasi* wasi = wasiFor(argc, argv, dirs, envs);
  if (wasi == NULL) {
    snprintf(hostError, sizeof hostError, "a directory or variable is not as expected");
    return -1;
  }
  if (failed(wasmtime_linker_define_wasi(own), NULL) || failed(wasmtime_context_set_wasi(context, wasi), NULL)) return -1;
  InstanceHandle handle;
  Trap* trap = NULL;
  Error* error = wasmtime_linker_instantiate(own, context, module->object, &handle, &trap);
  External start;
  if (failed(error, trap)) return -1;
  if (!wasmtime_instance_export_get(context, &handle, "_start", 6, &start)) return -1;
  trap = NULL;
  Raw none[1];
  error = wasmtime_func_call_unchecked(context, &start.of.function, none, 0, &trap);
  int code = 0;
  if (error != NULL && wasmtime_error_exit_status(error, &code)) return code;
  return failed(error, trap) ? -1 : 0;
}
