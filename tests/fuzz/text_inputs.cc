// Checks, seeds and edits.
#include "tests/fuzz/text_inputs.h"

#include <cstring>

#include "runtime/config_input.h"
#include "runtime/dotenv.h"
#include "runtime/module_calls.h"
#include "runtime/run_request.h"
#include "runtime/tuning.h"

namespace bls::test {
namespace {

// What makes a request open or read files is left out.
bool touchesFiles(OptionId id) {
  return id == OptionId::Stdout || id == OptionId::Stderr || id == OptionId::EnvFile ||
         id == OptionId::FsRootPath;
}

std::string makeRequest(ParsedOptions* options, OptionPlace place, const cli::ConfigFile* config) {
  for (u32 i = 0; i < kOptionCount; ++i) {
    if (touchesFiles(static_cast<OptionId>(i))) options->values[i] = {};
  }
  cli::RunRequest request;
  std::string why;
  return cli::makeRunRequest(*options, place, &request, &why, config) ? "" : wrongMessage(why);
}

std::string checkConfig(std::string_view input, bool* accepted) {
  const cli::ConfigRoots roots{input.size() % 2 == 0, "/data/\"quoted\"", "bafy"};
  cli::ConfigFile config;
  cli::ConfigError error;
  auto exists = [](const char* path) { return path[0] == 'f'; };
  *accepted = cli::parseConfig(input, roots, exists, &config, &error);
  if (!*accepted) return wrongMessage(error.message);
  if (config.version > 1) return "a version above 1";
  if (config.entry.find('\0') != std::string::npos) return "a zero byte in entry";
  if (config.warnings.size() > 21) return "too many warnings";
  for (const std::string& warning : config.warnings) {
    if (const std::string wrong = wrongMessage(warning); !wrong.empty()) return wrong;
  }
  if (input.size() % 3 == 0) cli::narrowToArchive(&config);
  char file[] = "config.json";
  char* words[] = {file};
  ParsedOptions options;
  std::string why;
  if (parseOptions(words, OptionPlace::Runtime, &options, &why) != ParseEnd::Ok) return why;
  cli::applyConfig(config, &options);
  return makeRequest(&options, OptionPlace::Runtime, &config);
}

std::string checkDotenv(std::string_view input, bool* accepted) {
  auto outer = [](const char* name) -> const char* {
    return name[0] == 'O' ? "outer value" : nullptr;
  };
  const cli::Environment env = cli::parseDotenv(input, outer);
  *accepted = !env.empty();
  size_t bytes = 0;
  for (const auto& [name, value] : env) {
    bytes += value.size();
    if (name.empty() || name.find_first_of(std::string_view("=\0 \n", 4)) != std::string::npos)
      return "a bad name";
    if (value.find('\0') != std::string::npos) return "a zero byte in a value";
  }
  return bytes > input.size() + (size_t{16} << 20) ? "values too large" : "";
}

// The words of a command line, separated by line ends; the first byte chooses the program.
std::string checkArguments(std::string_view input, bool* accepted) {
  constexpr OptionPlace kPlaces[] = {OptionPlace::Run,  OptionPlace::Runtime, OptionPlace::Validate,
                                     OptionPlace::Wast, OptionPlace::Objdump, OptionPlace::Explain};
  if (input.empty()) return "";
  const OptionPlace place = kPlaces[static_cast<unsigned char>(input[0]) % std::size(kPlaces)];
  input.remove_prefix(1);
  std::vector<std::string> words(1);
  for (char c : input) {
    if (c == '\n') {
      words.emplace_back();
    } else if (c != '\0') {
      words.back().push_back(c);
    }
  }
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  ParsedOptions options;
  std::string message;
  const ParseEnd end = parseOptions(pointers, place, &options, &message);
  *accepted = end == ParseEnd::Ok;
  if (!*accepted) return wrongMessage(message);
  if (place != OptionPlace::Run && place != OptionPlace::Runtime) return "";
  return makeRequest(&options, place, nullptr);
}

std::string checkModuleCall(std::string_view input, bool* accepted) {
  std::string method;
  std::string params;
  std::string why;
  *accepted = cli::readModuleCall(input, &method, &params, &why);
  if (!*accepted) return wrongMessage(why);
  // What the callee gets is JSON, too, and no longer.
  std::string again;
  std::string same;
  if (params.size() > input.size() && params != "null") return "parameters grew";
  return cli::readModuleCall("{\"mcall\":\"x\",\"params\":" + params + "}", &again, &same, &why) &&
                 same == params
             ? ""
             : "parameters do not read back";
}

constexpr std::string_view kConfigSeeds[] = {
    R"({ "fs_root_path": "/data", "drivers_root_path": "/data/drivers", "runtime_logger": "runtime.log", "limited_fuel": 200000000, "limited_memory": 30, "entry": "lib.wasm", "permissions": ["http://httpbin.org/anything"] })",
    R"({ "version": 1, "fs_root_path": ".", "entry": "run", "modules": [ { "file": "main.wat", "name": "main", "type": "entry",  "md5": "0" }, { "file": "$ROOT/lib.wat", "name": "lib",  "type": "module", "md5": "1" } ] })",
    R"({"entry":"f","map_dirs":[{"host":"/h","guest":"$ENV_ROOT_PATH"}],"drivers":[{"schema":"a","path":"b"}],"stdin":"inherit","stdout":"null","stderr":"x","debug_info":true,"run_time":300,"max_memory_size":65536,"runtime_logger_level":"INFO","extensions_path":"e"})",
    R"({"entry":"a","optimize":{"opt_level":"s","memory_reservation":1,"memory_may_move":false,"memory_guard_size":"0x10"}})"};
constexpr std::string_view kConfigWords[] = {"\"version\":",
                                             "\"entry\":",
                                             "\"modules\":",
                                             "[",
                                             "]",
                                             "{",
                                             "}",
                                             ",",
                                             "null",
                                             "true",
                                             "-1",
                                             "1.5",
                                             "18446744073709551615",
                                             "1e999",
                                             "\"\\u0000\"",
                                             "$ROOT",
                                             "$ENV_ROOT_PATH",
                                             "\"md5\":",
                                             "\"type\":\"entry\"",
                                             "\"map_dirs\":",
                                             "\"permissions\":",
                                             "\"optimize\":{",
                                             "\\",
                                             "\"",
                                             "\xff",
                                             "\\ud800",
                                             "\"limited_fuel\":"};

constexpr std::string_view kDotenvSeeds[] = {
    "# comment\nexport A=one\nB='$A'\nC=\"x $A ${OUTER}\\n\"\nbad line\nD=$A#no\nE=v # yes\n",
    "A=xxxxxxxxxxxxxxxx\nB=$A$A$A$A\nC=$B$B$B$B\nD=$C$C$C$C\nE=$D$D$D$D\nF=$E$E$E$E\n",
    "A.b=1\r\n_x='a'\"b\"c\\ d\nO=${O}\n"};
constexpr std::string_view kDotenvWords[] = {"export ", "=",  "'",  "\"", "$",  "${",   "}",  "\\",
                                             "#",       "\n", "\r", "A",  "$A", "${B}", "\t", " "};

constexpr std::string_view kArgumentSeeds[] = {
    "\1/f.wasm\n--entry\nE\n--run-time\n5\n--debug-info\n--drivers-root-path\n/"
    "e\n--limited-fuel\n9\n--limited-memory\n1\n--permission\nhttp://a\n--\n-x",
    "\1a.wasm\n-O\nopt_level=s,memory_may_move=y\n--module=lib=l.wasm\n--tcplisten\n127.0.0.1:0::"
    "4\n--env\nA=b",
    "\1--dir=/x::/y::z\n--stdin=text\n--unknown_imports_trap\n--max_memory_size=3\na\nb",
    "\n--features=-simd,-threads\n--compile-only=0-9,12\n--tier=baseline\n--stats=json\nx.wasm",
    "\2--repeat\n3\n--json\nx"};
constexpr std::string_view kArgumentWords[] = {"\n--",
                                               "\n-O",
                                               "=",
                                               "\n",
                                               ",",
                                               "-",
                                               "--help",
                                               "\n--invoke=x",
                                               "::",
                                               "18446744073709551616",
                                               "0x",
                                               "--seed\n1",
                                               "--deterministic",
                                               "--profile=gdb",
                                               "\x1b",
                                               "\xff",
                                               "--module\n",
                                               "--opt=",
                                               "--nn"};

constexpr std::string_view kCallSeeds[] = {
    R"({"mcall": "lib::echo", "params": {"b": [1, 2.50e3, {}], "a": " \"x\\ "}})",
    R"({"params":null,"mc\u0061ll":"x"})", R"([{"mcall":"a"}])"};
constexpr std::string_view kCallWords[] = {
    "\"", "\\",          "{",          "}",       "[",   "]", ":",
    ",",  "\"params\":", "\"mcall\":", "\\u0022", "1e9", " ", "true"};

constexpr TextTarget kTargets[] = {
    {"config", checkConfig, kConfigSeeds, kConfigWords},
    {"dotenv", checkDotenv, kDotenvSeeds, kDotenvWords},
    {"argv", checkArguments, kArgumentSeeds, kArgumentWords},
    {"mcall", checkModuleCall, kCallSeeds, kCallWords},
};

}  // namespace

bool oneLine(std::string_view text) {
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

std::string wrongMessage(const std::string& text) {
  if (text.empty()) return "rejected without a message";
  if (!oneLine(text)) return "control bytes in a message: " + text;
  return text.size() > 1024 ? "a message of " + std::to_string(text.size()) + " bytes" : "";
}

std::span<const TextTarget> textTargets() {
  static const std::vector<TextTarget> all = [] {
    std::vector<TextTarget> out(std::begin(kTargets), std::end(kTargets));
#if BLS_HAS_EXTENSIONS
    for (const TextTarget& target : extensionTargets()) out.push_back(target);
#endif
    return out;
  }();
  return all;
}

const TextTarget* textTarget(std::string_view name) {
  for (const TextTarget& target : textTargets()) {
    if (name == target.name) return &target;
  }
  return nullptr;
}

std::string TextMutator::next() {
  std::string text(target_.seeds[random_.below(static_cast<u32>(target_.seeds.size()))]);
  const u32 edits = random_.below(6);  // none is an input, too
  for (u32 i = 0; i < edits; ++i) edit(&text);
  return text;
}

void TextMutator::edit(std::string* text) {
  const u32 size = static_cast<u32>(text->size());
  const u32 at = random_.below(size + 1);
  const u32 length = random_.below(std::min<u32>(size - at, 40) + 1);
  switch (random_.below(6)) {
    case 0:
      if (at < size) (*text)[at] = static_cast<char>(random_.below(256));
      break;
    case 1: text->erase(at, length); break;
    case 2: text->insert(random_.below(size + 1), text->substr(at, length)); break;
    case 3: {
      const std::string_view word =
          target_.words[random_.below(static_cast<u32>(target_.words.size()))];
      const u32 times = random_.below(8) == 0 ? random_.below(200) : 1;
      for (u32 i = 0; i < times; ++i) text->insert(at, word);
      break;
    }
    case 4:
      text->replace(at, length,
                    target_.words[random_.below(static_cast<u32>(target_.words.size()))]);
      break;
    default: {
      const std::string_view other =
          target_.seeds[random_.below(static_cast<u32>(target_.seeds.size()))];
      const size_t from = random_.below(static_cast<u32>(other.size()));
      text->insert(at, other.substr(from, random_.below(60)));
      break;
    }
  }
}

}  // namespace bls::test
