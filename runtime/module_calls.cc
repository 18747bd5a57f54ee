// Registering methods and calling them.
#include "runtime/module_calls.h"

#include <array>

#include "extensions/base/json.h"

namespace bls::cli {
namespace {

using extensions::Json;
using extensions::jsonProblem;
using extensions::readJson;

constexpr u32 kMaxCallDepth = 128;            // of the JSON text
constexpr u64 kMaxCallBytes = u64{16} << 20;  // what may be buffered for a guest
constexpr u64 kMaxRegisterBytes = u64{1} << 20;
constexpr u64 kMaxRegisterValues = 20000;
constexpr size_t kMaxMethods = 10000;

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Walks text that is known to be JSON, so it only has to find where things end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  char peek() {
    while (at_ < text_.size() && isSpace(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  void skip() { ++at_; }
  std::string_view value() {
    peek();
    const size_t start = at_;
    u32 depth = 0;
    do {
      const char c = text_[at_];
      if (c == '"') {
        string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        --depth;
        ++at_;
      } else if (depth != 0) {
        ++at_;
      } else {
        while (at_ < text_.size() && !isSpace(text_[at_]) && text_[at_] != ',' &&
               text_[at_] != '}') {
          ++at_;
        }
      }
    } while (depth != 0 && at_ < text_.size());
    return text_.substr(start, at_ - start);
  }

 private:
  void string() {
    ++at_;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    ++at_;
  }
  std::string_view text_;
  size_t at_ = 0;
};

std::string decoded(std::string_view text) {
  const Json value = Json::parse(text.begin(), text.end(), nullptr, false);
  return value.is_string() ? value.get_ref<const std::string&>() : std::string();
}

std::string compact(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!inString && isSpace(text[i])) continue;
    if (text[i] == '"') inString = !inString;
    out += text[i];
    if (inString && text[i] == '\\') out += text[++i];
  }
  return out;
}

bool hasType(const FuncObj* function, size_t params, size_t results) {
  const FuncType& type = signatureOf(function);
  if (type.params.size() != params || type.results.size() != results) return false;
  for (ValType t : type.params) {
    if (t != ValType::I32) return false;
  }
  for (ValType t : type.results) {
    if (t != ValType::I32) return false;
  }
  return true;
}

FuncObj* exported(bls::Instance* instance, std::string_view name, size_t params, size_t results) {
  Extern found;
  if (!findExport(instance, name, &found) || found.kind != ExternKind::Func ||
      !hasType(found.func, params, results)) {
    return nullptr;
  }
  return found.func;
}

// These end the run; any other trap of a callee is the caller's to hear of.
bool endsRun(Trap trap) {
  return trap == Trap::Exit || trap == Trap::OutOfFuel || trap == Trap::TimeLimit ||
         trap == Trap::Interrupt;
}

host::GuestMemory memoryOf(const bls::Instance* instance) {
  const MemoryObj* memory = instance->exportedMemory;
  if (memory == nullptr) return {};
  return {memory->base, memory->size.load(std::memory_order_acquire)};
}

// One call into the callee. False when it trapped; a trap that ends the run is raised as well.
bool enter(host::Caller& caller, FuncObj* function, std::span<const Value> args, u32* result) {
  Value value;
  const std::span<Value> results(&value, result != nullptr ? 1 : 0);
  ExecCtx* cx = caller.cx();
  const Trap trap = callFunc(cx, function, args, results);
  if (trap == Trap::None) {
    if (result != nullptr) *result = static_cast<u32>(value.lo);
    return true;
  }
  if (endsRun(trap)) {
    caller.raise(trap);
  } else {
    cx->trace->trap = Trap::None;  // this one is over: the next must list its own frames
    cx->trapDetail->clear();
  }
  return false;
}

}  // namespace

bool readModuleCall(std::string_view text, std::string* method, std::string* params,
                    std::string* why) {
  *why = jsonProblem(text, kMaxCallDepth, ~u64{0});
  if (!why->empty()) return false;
  Scanner in(text);
  bool named = false;
  *params = "null";
  if (in.peek() == '{') {
    in.skip();
    while (in.peek() != '}') {
      const std::string key = decoded(in.value());
      in.peek();
      in.skip();  // the colon
      const std::string_view value = in.value();
      if (key == "mcall") {
        named = value.starts_with('"');
        *method = decoded(value);
      } else if (key == "params") {
        *params = compact(value);
      }
      if (in.peek() == ',') in.skip();
    }
  }
  if (!named) *why = "\"mcall\" must be a string, as in {\"mcall\": \"module::method\"}";
  return named;
}

void ModuleCalls::addLibrary(const std::string& name, const bls::Module* module) {
  libraries_[module] = name;
}

void ModuleCalls::define(embed::Linker& linker) {
  linker.function("blockless", "register",
                  [this](host::Caller& caller, u32 in, u32 inSize, u32 out, u32 outSize) {
                    return answer(caller, {in, inSize}, {out, outSize}, &ModuleCalls::enroll);
                  });
  linker.function("blockless", "mcall",
                  [this](host::Caller& caller, u32 in, u32 inSize, u32 out, u32 outSize) {
                    return answer(caller, {in, inSize}, {out, outSize}, &ModuleCalls::call);
                  });
}

u32 ModuleCalls::answer(host::Caller& caller, const Buffer& in, const Buffer& out, Work work) {
  bls::Instance* instance = caller.cx()->instance;
  if (instance == nullptr || instance->exportedMemory == nullptr)
    return static_cast<u32>(ModuleCallCode::NoMemory);
  const host::GuestMemory memory = caller.memory();
  if (!memory.contains(in.address, in.size) || !memory.contains(out.address, out.size)) {
    caller.raise(Trap::BadGuestPointer);
    return 0;
  }
  ModuleCallCode code = ModuleCallCode::Failed;
  std::string why;
  if (in.size > kMaxCallBytes - buffered_) {
    why = "more than " + std::to_string(kMaxCallBytes) + " bytes of JSON in nested calls";
  } else {
    // A copy: what is called may change the caller's memory.
    std::string text;
    if (in.size != 0) text.assign(reinterpret_cast<const char*>(memory.base) + in.address, in.size);
    buffered_ += in.size;
    code = (this->*work)(caller, text, out, &why);
    buffered_ -= in.size;
  }
  if (code != ModuleCallCode::Failed) return static_cast<u32>(code);
  const std::string text =
      Json{{"code", -1}, {"message", why}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  const host::GuestMemory now = caller.memory();
  if (out.size != 0)
    std::memcpy(now.base + out.address, text.data(), std::min<size_t>(text.size(), out.size));
  return static_cast<u32>(code);
}

ModuleCallCode ModuleCalls::enroll(host::Caller& caller, std::string_view text, const Buffer&,
                                   std::string* why) {
  bls::Instance* instance = caller.cx()->instance;
  auto library = libraries_.find(instance->module);
  if (library == libraries_.end()) return ModuleCallCode::NotALibrary;
  if (text.size() > kMaxRegisterBytes) {
    *why = "more than " + std::to_string(kMaxRegisterBytes) + " bytes of JSON";
    return ModuleCallCode::Failed;
  }
  Json top;
  if (!readJson(text, &top, why, kMaxCallDepth, kMaxRegisterValues)) return ModuleCallCode::Failed;
  const auto methods = top.is_object() ? top.find("methods") : top.end();
  if (!top.is_object() || methods == top.end() || !methods->is_array()) {
    *why = "\"methods\" must be an array of names";
    return ModuleCallCode::Failed;
  }
  Method found;
  found.instance = instance;
  found.alloc = exported(instance, "alloc", 1, 1);
  found.dealloc = exported(instance, "dealloc", 2, 0);
  if (found.alloc == nullptr || found.dealloc == nullptr) {
    *why = std::string("no export ") +
           (found.alloc == nullptr ? "alloc (i32) -> i32" : "dealloc (i32 i32)");
    return ModuleCallCode::Failed;
  }
  for (const Json& item : *methods) {
    const std::string name = item.is_string() ? item.get<std::string>() : std::string();
    found.function = exported(instance, name, 4, 1);
    if (found.function == nullptr) {
      *why = "no export \"" + escapeForMessage(name, 100) + "\" (i32 i32 i32 i32) -> i32";
      return ModuleCallCode::Failed;
    }
    if (methods_.size() >= kMaxMethods) {
      *why = "more than " + std::to_string(kMaxMethods) + " methods";
      return ModuleCallCode::Failed;
    }
    methods_.insert_or_assign(library->second + "::" + name, found);
  }
  return ModuleCallCode::Ok;
}

ModuleCallCode ModuleCalls::call(host::Caller& caller, std::string_view text, const Buffer& out,
                                 std::string* why) {
  std::string name;
  std::string params;
  if (!readModuleCall(text, &name, &params, why)) return ModuleCallCode::Failed;
  if (methods_.empty()) {
    *why = "no mcall register.";
    return ModuleCallCode::Failed;
  }
  const auto found = methods_.find(name);
  if (found == methods_.end()) {
    *why = "mcall node not found";
    return ModuleCallCode::Failed;
  }
  const Method method = found->second;  // what is called may register others
  const u32 size = static_cast<u32>(params.size());
  auto number = [](u32 value) { return Value::i32(static_cast<i32>(value)); };
  auto allocate = [&](u32 bytes, u32* address) {
    const Value args[] = {number(bytes)};
    return enter(caller, method.alloc, args, address) &&
           memoryOf(method.instance).contains(*address, bytes);
  };
  u32 in = 0;
  u32 result = 0;
  if (!allocate(size, &in)) return ModuleCallCode::AllocFailed;
  if (size != 0) std::memcpy(memoryOf(method.instance).base + in, params.data(), size);
  if (!allocate(out.size, &result)) return ModuleCallCode::AllocFailed;
  u32 ignored = 0;
  const Value args[] = {number(in), number(size), number(result), number(out.size)};
  if (!enter(caller, method.function, args, &ignored)) return ModuleCallCode::Trapped;
  // Memories never shrink; both may have moved. They may be one.
  if (out.size != 0) {
    std::memmove(caller.memory().base + out.address, memoryOf(method.instance).base + result,
                 out.size);
  }
  for (const auto& [address, bytes] : {std::pair{in, size}, std::pair{result, out.size}}) {
    const Value freed[] = {number(address), number(bytes)};
    if (!enter(caller, method.dealloc, freed, nullptr)) return ModuleCallCode::DeallocFailed;
  }
  return ModuleCallCode::Ok;
}

}  // namespace bls::cli
