// text_round_trip [--features LIST] FILE...: wasm → wat → wasm over whole files.
//
// FILE is a binary module or a script of the test suite, of which every valid module is taken. For
// each module m, printed flat and folded:
//   * the text reads back as a module that equals m field by field (module_difference.h), the same
//     bytes from both forms;
//   * that module prints as exactly the same text, and small ones are read once more: text and
//     bytes are fixed points from the first trip on;
//   * a module that our own encoder wrote (any text of a script) comes back byte for byte;
//   * the annotations in the text are known ones, and those that hold bytes hold custom sections.
// One line a file; the closing line counts modules.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "engine/decode/module_decoder.h"
#include "engine/text/printer.h"
#include "engine/text/script.h"
#include "engine/validate/module_validator.h"
#include "runtime/run_request.h"
#include "tests/round_trip/module_difference.h"

namespace bls {
namespace {

constexpr size_t kSmall = size_t{1} << 20;  // bytes of a module that is parsed a second time

struct Totals {
  u64 passed = 0;
  u64 failed = 0;
  u64 text = 0;  // bytes
};

void noFree(void*, const u8*, size_t) {}

bool readFile(const char* path, std::string* out) {
  FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return false;
  std::fseek(file, 0, SEEK_END);
  long size = std::ftell(file);
  std::rewind(file);
  out->resize(size < 0 ? 0 : static_cast<size_t>(size));
  bool good = size >= 0 && std::fread(out->data(), 1, out->size(), file) == out->size();
  std::fclose(file);
  return good;
}

// Decoded and validated; the bytes stay the caller's.
Status load(std::span<const u8> bytes, Features features, Diagnostics& diag,
            std::unique_ptr<Module>* out) {
  ModuleMeta meta;
  TRY(decodeModule(ModuleBytes(bytes.data(), bytes.size(), noFree, nullptr), features, diag, out));
  return validateModule(**out, ValidateOptions(), &meta, diag);
}

// Takes printed text and compares it with text that is there already.
struct Follower {
  std::string_view expected;
  size_t at = 0;
  bool same = true;
  static void take(void* context, std::string_view piece) {
    auto* self = static_cast<Follower*>(context);
    self->same = self->same && self->expected.substr(self->at, piece.size()) == piece;
    self->at += piece.size();
  }
};

// Every annotation outside strings must be one of the three, and a @custom one name a custom
// section of the module.
std::string annotationProblem(const Module& m, std::string_view text) {
  size_t customs = 0;
  const char* p = text.data();
  const char* end = p + text.size();
  while (p != end) {
    char c = *p++;
    if (c == '"') {
      while (p != end && *p != '"') p += *p == '\\' ? 2 : 1;
      if (p != end) ++p;
    } else if (c == '(' && p != end && *p == '@') {
      std::string_view rest(p, static_cast<size_t>(end - p));
      auto is = [rest](std::string_view word) { return rest.substr(0, word.size()) == word; };
      if (is("@custom \"")) ++customs;
      if (!is("@custom \"") && !is("@name \"") && !is("@metadata.code.branch_hint \"\\0"))
        return "annotation " + std::string(rest.substr(0, 40));
    }
  }
  return customs > m.customs.size() ? "more @custom annotations than custom sections" : "";
}

class Trip {
 public:
  Trip(std::span<const u8> bytes, bool ours, Features features, u64* text)
      : bytes_(bytes), ours_(ours), features_(features), text_(text) {
    options_.features = features;
  }
  /// Empty, or what went wrong.
  std::string run(const Module& m) {
    std::vector<u8> flat;
    for (bool folded : {false, true}) {
      std::vector<u8> again;
      std::string problem = trip(m, folded, &again);
      if (problem.empty() && folded && again != flat) problem = "other bytes than from flat text";
      if (!problem.empty()) return std::string(folded ? "folded: " : "flat: ") + problem;
      flat = std::move(again);
    }
    return {};
  }

 private:
  std::string trip(const Module& m, bool folded, std::vector<u8>* again) {
    Diagnostics diag;
    text::PrintOptions form;
    form.folded = folded;
    std::string first;
    Status done = text::printModule(m, form, diag, &first);
    *text_ += first.size();
    if (done.ok()) done = text::parseText(first, options_, diag, again);
    std::unique_ptr<Module> back;
    if (done.ok()) done = load(*again, features_, diag, &back);
    if (!done.ok()) return done.error()->format("");
    if (ours_ && !std::equal(bytes_.begin(), bytes_.end(), again->begin(), again->end()))
      return "other bytes";
    std::string problem = moduleDifference(m, *back);
    if (problem.empty()) problem = annotationProblem(m, first);
    if (!problem.empty()) return problem;

    Follower second{first};
    form.take = Follower::take;
    form.context = &second;
    std::string buffer;
    done = text::printModule(*back, form, diag, &buffer);
    if (!done.ok()) return done.error()->format("");
    if (!second.same || second.at != first.size()) return "other text the second time";
    if (again->size() > kSmall) return {};  // the same text gives the same bytes
    std::vector<u8> third;
    done = text::parseText(first, options_, diag, &third);
    if (!done.ok()) return done.error()->format("");
    return third == *again ? "" : "other bytes the second time";
  }

  std::span<const u8> bytes_;
  bool ours_;
  Features features_;
  u64* text_;
  text::TextOptions options_;
};

class Runner {
 public:
  explicit Runner(Features features) : features_(features) {}

  void file(const char* path) {
    auto start = std::chrono::steady_clock::now();
    u64 before = totals_.passed, text = totals_.text;
    std::string content;
    std::string_view name(path);
    if (!readFile(path, &content)) {
      fail(path, "cannot be read");
    } else if (name.size() > 5 && name.substr(name.size() - 5) == ".wast") {
      script(path, std::move(content));
    } else {
      std::span<const u8> bytes(reinterpret_cast<const u8*>(content.data()), content.size());
      Diagnostics diag;
      std::unique_ptr<Module> module;
      Status status = load(bytes, features_, diag, &module);
      judge(path, status.ok() ? Trip(bytes, false, features_, &totals_.text).run(*module)
                              : status.error()->format(""));
    }
    std::chrono::duration<f64> took = std::chrono::steady_clock::now() - start;
    std::printf("%8.2f s  %4llu modules  %8.1f MB of text  %s\n", took.count(),
                static_cast<unsigned long long>(totals_.passed - before),
                static_cast<f64>(totals_.text - text) / 1e6, path);
    std::fflush(stdout);
  }
  int finish() {
    std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(totals_.passed),
                static_cast<unsigned long long>(totals_.failed));
    return totals_.failed == 0 && totals_.passed != 0 ? 0 : 1;
  }

 private:
  void fail(const std::string& what, const std::string& problem) {
    ++totals_.failed;
    std::printf("FAILED %s: %s\n", what.c_str(), problem.c_str());
  }
  void judge(const std::string& what, const std::string& problem) {
    if (problem.empty()) {
      ++totals_.passed;
    } else {
      fail(what, problem);
    }
  }
  void script(const char* path, std::string source) {
    text::Script script;
    Diagnostics diag;
    Status status = script.parse(std::move(source), diag);
    if (!status.ok()) return fail(path, status.error()->format(""));
    for (const text::Command& command : script.commands()) take(script, path, command);
  }
  void take(text::Script& script, const char* path, const text::Command& command) {
    for (const text::Command& child : command.children) take(script, path, child);
    if (!command.hasModule || command.isInstance) return;
    Diagnostics diag;
    std::vector<u8> bytes;
    std::unique_ptr<Module> module;
    text::TextOptions options;
    options.features = features_;
    Status status = script.assemble(command, options, diag, &bytes);
    if (status.ok()) status = load(bytes, features_, diag, &module);
    std::string where = std::string(path) + ":" + std::to_string(script.lineOf(command));
    bool mustBeValid = command.kind == text::CommandKind::Module ||
                       command.kind == text::CommandKind::ModuleDefinition;
    if (status.ok()) {
      // A quoted text may itself hold a module in binary form.
      bool ours = command.module.kind == text::ModuleFormKind::Fields;
      judge(where, Trip(bytes, ours, features_, &totals_.text).run(*module));
    } else if (mustBeValid) {
      fail(where, status.error()->format(""));
    }
  }

  Features features_;
  Totals totals_;
};

int run(int argc, char** argv) {
  Features features;
  int at = 1;
  if (argc > 2 && std::strcmp(argv[1], "--features") == 0) {
    std::string why;
    if (!cli::parseFeatures(argv[2], &features, &why)) {
      std::fprintf(stderr, "text_round_trip: %s\n", why.c_str());
      return 2;
    }
    at = 3;
  }
  if (at >= argc) {
    std::fprintf(stderr, "usage: text_round_trip [--features LIST] FILE...\n");
    return 2;
  }
  Runner runner(features);
  for (; at < argc; ++at) runner.file(argv[at]);
  return runner.finish();
}

}  // namespace
}  // namespace bls

int main(int argc, char** argv) { return bls::run(argc, argv); }
