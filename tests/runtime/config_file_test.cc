// Configuration files: every key of the table with values of every type, substitution, versions,
// what is refused and how, merging with options.
#include <gtest/gtest.h>

#include "runtime/config_input.h"
#include "runtime/module_calls.h"
#include "runtime/run_request.h"
#include "runtime/tuning.h"

namespace bls::cli {
namespace {

struct Parsed {
  bool ok = false;
  ConfigFile config;
  ConfigError error;
};

Parsed parse(const std::string& text, const ConfigRoots& roots = {},
             bool (*exists)(const char*) = nullptr) {
  Parsed out;
  out.ok = parseConfig(text, roots, exists, &out.config, &out.error);
  return out;
}

Parsed parseWith(const std::string& members) {
  return parse(R"({"entry": "a.wasm", )" + members + "}");
}

// One value of each JSON type, and the numbers that are no u64.
constexpr const char* kValues[] = {"true",       "1",  "-1",  "1.5", "18446744073709551616",
                                   "\"text\"",   "[]", "[1]", "{}",  "[\"x\"]",
                                   "{\"a\": []}"};

// What a row of the table takes.
bool takes(const OptionInfo& info, std::string_view value) {
  switch (info.type) {
    case OptionType::Number: return value == "1";
    case OptionType::Flag:
    case OptionType::Ignored: return info.value[0] == 0 ? value == "true" : value == "\"text\"";
    case OptionType::List: return value.starts_with('[');
    default: return value == "\"text\"";
  }
}

TEST(ConfigFile, EveryKeyWithEveryType) {
  u32 keys = 0;
  for (u32 i = 0; i < kOptionCount; ++i) {
    const OptionInfo& info = optionInfo(static_cast<OptionId>(i));
    if (info.key[0] == 0 || info.id == OptionId::Entry || info.id == OptionId::ConfigVersion)
      continue;
    ++keys;
    for (std::string_view value : kValues) {
      const Parsed got = parseWith("\"" + std::string(info.key) + "\": " + std::string(value));
      if (info.id == OptionId::Dir) {
        EXPECT_EQ(got.ok, value == "[]") << info.key << ": " << value;
        continue;
      }
      if (info.id == OptionId::Optimize) {
        EXPECT_EQ(got.ok, value != "{\"a\": []}") << value;
        if (value != "{}" && got.ok) EXPECT_EQ(got.config.warnings.size(), 1u) << value;
        continue;
      }
      ASSERT_TRUE(got.ok) << info.key << ": " << value << ": " << got.error.message;
      const bool fits = takes(info, value) && value != "[1]" && value != "[\"x\"]";
      EXPECT_EQ(got.config.warnings.empty(), fits) << info.key << ": " << value;
      if (!fits) EXPECT_TRUE(got.config.settings.empty()) << info.key << ": " << value;
      if (!fits)
        EXPECT_NE(got.config.warnings[0].find(std::string(info.key).substr(0, 10)),
                  std::string::npos);
    }
    EXPECT_TRUE(parseWith("\"" + std::string(info.key) + "\": null").config.warnings.empty());
  }
  EXPECT_GE(keys, 16u);
}

TEST(ConfigFile, WhatIsTakenBecomesAnOption) {
  const Parsed got = parseWith(
      R"("limited_fuel": 7, "fs_root_path": "/data", "debug_info": true, "run_time": 300,
         "permissions": ["http://a", "no url", "https://b c"], "stdin": "a\u0000b",
         "optimize": {"opt_level": "s", "memory_reservation": 5, "memory_may_move": false})");
  ASSERT_TRUE(got.ok) << got.error.message;
  EXPECT_EQ(got.config.find(OptionId::LimitedFuel)->number, 7u);
  EXPECT_EQ(got.config.find(OptionId::RunTime)->number, 300u);
  EXPECT_EQ(got.config.find(OptionId::FsRootPath)->text, "/data");
  EXPECT_EQ(got.config.find(OptionId::Stdin)->text, std::string("a\0b", 3));
  EXPECT_EQ(got.config.find(OptionId::Permission)->text, "http://a");
  EXPECT_EQ(got.config.warnings.size(), 2u);
  u32 pairs = 0;
  for (const ConfigSetting& setting : got.config.settings)
    pairs += setting.id == OptionId::Optimize ? 1 : 0;
  EXPECT_EQ(pairs, 3u);
}

TEST(ConfigFile, OptionsWinOverTheFileAndTheFileOverDefaults) {
  const Parsed got = parseWith(
      R"("limited_fuel": 7, "limited_memory": 9, "permissions": ["http://a", "http://b"],
         "map_dirs": [{"host": "/h", "guest": "/g"}], "stdout": "null")");
  ASSERT_TRUE(got.ok);
  char arguments[4][32] = {"c.json", "--limited-fuel=5", "--permission=http://c", "--dir=/x"};
  char* words[] = {arguments[0], arguments[1], arguments[2], arguments[3]};
  ParsedOptions options;
  std::string why;
  ASSERT_EQ(parseOptions({words, 3}, OptionPlace::Runtime, &options, &why), ParseEnd::Ok) << why;
  applyConfig(got.config, &options);
  EXPECT_EQ(options.number(OptionId::LimitedFuel, 0), 5u);
  EXPECT_EQ(options.number(OptionId::LimitedMemory, 0), 9u);
  EXPECT_STREQ(options.text(OptionId::Stdout), "null");
  ASSERT_EQ(options.list(OptionId::Permission).size(), 1u);
  EXPECT_STREQ(options.list(OptionId::Permission)[0], "http://c");
  RunRequest request;
  ASSERT_TRUE(makeRunRequest(options, OptionPlace::Runtime, &request, &why, &got.config)) << why;
  EXPECT_EQ(request.file, "a.wasm");
  EXPECT_EQ(request.fuel, 5u);
  ASSERT_EQ(request.wasi.preopens.size(), 1u);
  EXPECT_EQ(request.wasi.preopens[0].guestPath, "/g");
  EXPECT_NE(request.input, nullptr);  // fixed, and empty
  EXPECT_TRUE(request.logToStderr);

  ParsedOptions more;
  ASSERT_EQ(parseOptions({words, 4}, OptionPlace::Runtime, &more, &why), ParseEnd::Ok) << why;
  applyConfig(got.config, &more);
  RunRequest other;
  ASSERT_TRUE(makeRunRequest(more, OptionPlace::Runtime, &other, &why, &got.config)) << why;
  ASSERT_EQ(other.wasi.preopens.size(), 1u);
  EXPECT_EQ(other.wasi.preopens[0].guestPath, "/x");
}

TEST(ConfigFile, TokensAreReplacedInParsedStringsOnly) {
  ConfigRoots roots{true, R"(/d","permissions":["*)", "cid"};
  const Parsed got = parse(
      R"({"entry": "$ROOT/a.wasm", "fs_root_path": "$ENV_ROOT_PATH", "$ROOT": 1,
          "modules": [{"file": "$ENV_ROOT_PATH$ENV_ROOT_PATH"}]})",
      roots);
  ASSERT_TRUE(got.ok) << got.error.message;
  EXPECT_EQ(got.config.entry, roots.directory + "/cid/a.wasm");
  EXPECT_EQ(got.config.find(OptionId::FsRootPath)->text, roots.directory);
  EXPECT_EQ(got.config.find(OptionId::Permission), nullptr);
  EXPECT_EQ(got.config.modules[0].file, roots.directory + roots.directory);
  EXPECT_EQ(parse(R"({"entry": "$ROOT/a"})").config.entry, "$ROOT/a");
  EXPECT_EQ(parse(R"({"entry": "$ROOT/a"})", {true, "/data", ""}).config.entry, "/data//a");
  ConfigRoots endless{true, "$ROOT$ROOT", ""};
  EXPECT_EQ(parse(R"({"entry": "$ROOT"})", endless).config.entry, "$ROOT$ROOT/");
  ConfigRoots large{true, std::string(4000, 'x'), ""};
  std::string many;
  for (int i = 0; i < 100; ++i) many += "$ROOT";
  EXPECT_NE(parse("{\"entry\": \"" + many + "\"}", large).error.message.find("$ROOT replaced"),
            std::string::npos);
}

TEST(ConfigFile, WhatEndsWithTheConfigurationStatusAndWhatDoesNot) {
  struct Case {
    const char* text;
    bool configure;
    const char* message;
  };
  for (const Case& c : {
           Case{"", false, "not valid JSON at byte"},
           Case{"{", false, "not valid JSON at byte"},
           Case{"{\"entry\": \"a\"} // comment", false, "not valid JSON at byte"},
           Case{"[]", false, "not a JSON object"},
           Case{"{\"entry\": \"\xff\"}", false, "UTF-8"},
           Case{"\xef\xbb\xbf{}", false, "byte order mark"},
           Case{"{}", true, "\"entry\""},
           Case{"{\"entry\": 1}", true, "\"entry\""},
           Case{"{\"entry\": \"a\\u0000b\"}", true, "zero byte"},
           Case{"{\"entry\": \"a\", \"version\": 2}", true, "\"version\" must be 0 or 1, not 2"},
           Case{"{\"entry\": \"a\", \"map_dirs\": {}}", false, "the map dir item should be array."},
           Case{"{\"entry\": \"a\", \"map_dirs\": [{\"guest\": \"/\"}]}", false,
                "host item is not define."},
           Case{"{\"entry\": \"a\", \"map_dirs\": [{\"host\": \"/\"}]}", false,
                "guest item is not define."},
           Case{"{\"entry\": \"a\", \"optimize\": {\"no_such\": 1}}", false,
                "there is no optimize argument: no_such"},
           Case{"{\"entry\": \"a\", \"optimize\": {\"opt_level\": \"x\"}}", false, "opt_level"},
       }) {
    const Parsed got = parse(c.text);
    EXPECT_FALSE(got.ok) << c.text;
    EXPECT_EQ(got.error.configure, c.configure) << c.text;
    EXPECT_NE(got.error.message.find(c.message), std::string::npos)
        << c.text << ": " << got.error.message;
  }
  EXPECT_EQ(parse("{\"entry\": \"a\", \"version\": -1}").config.version, 0u);
  EXPECT_EQ(parse("{\"entry\": \"a\", \"version\": \"1\"}").config.warnings.size(), 1u);
}

TEST(ConfigFile, TheReaderIsBounded) {
  std::string deep(100000, '[');
  EXPECT_NE(parse("{\"entry\": " + deep).error.message.find("nested more than"), std::string::npos);
  std::string wide = "{\"entry\": \"a\", \"x\": [0";
  for (int i = 0; i < 100001; ++i) wide += ",0";
  EXPECT_NE(parse(wide + "]}").error.message.find("more than 100000 values"), std::string::npos);
  std::string large(kMaxConfigBytes + 1, ' ');
  EXPECT_NE(parse(large).error.message.find("bytes"), std::string::npos);
  std::string unknown = "{\"entry\": \"a\"";
  for (int i = 0; i < 1000; ++i) unknown += ", \"k" + std::to_string(i) + "\": 0";
  const Parsed got = parse(unknown + "}");
  ASSERT_TRUE(got.ok);
  EXPECT_LE(got.config.warnings.size(), 21u);
}

TEST(ConfigFile, UnknownKeysAreNamedWithWhatIsClose) {
  const Parsed got =
      parseWith(R"("limited_feul": 1, "zzzzzz": 1, "modules": [{"file": "a", "nmae": "b"}])");
  ASSERT_TRUE(got.ok);
  ASSERT_EQ(got.config.warnings.size(), 3u);
  EXPECT_EQ(got.config.warnings[0], "unknown key 'nmae' in \"modules\"; did you mean 'name'?");
  EXPECT_EQ(got.config.warnings[1],
            "unknown key 'limited_feul' in the configuration; did you mean 'limited_fuel'?");
  EXPECT_EQ(got.config.warnings[2], "unknown key 'zzzzzz' in the configuration; ignored");
}

TEST(ConfigFile, AnEntryModuleWithoutVersionMeansVersionOneUnlessTheFileExists) {
  const std::string text =
      R"({"entry": "main", "modules": [{"file": "a", "type": "entry"}, {"file": "b", "type": "Entry"}]})";
  EXPECT_EQ(parse(text).config.version, 1u);
  EXPECT_EQ(parse(text, {}, [](const char*) { return false; }).config.version, 1u);
  EXPECT_EQ(parse(text, {}, [](const char*) { return true; }).config.version, 0u);
  EXPECT_FALSE(parse(text).config.modules[1].entry);
  EXPECT_EQ(parse(R"({"version": 0, "entry": "m", "modules": [{"type": "ENTRY"}]})").config.version,
            0u);
}

TEST(ConfigFile, AnArchiveGrantsItselfNothing) {
  Parsed got = parseWith(
      R"("map_dirs": [{"host": "/", "guest": "/"}], "drivers": [{"schema": "a", "path": "b"}],
         "drivers_root_path": "/d", "permissions": ["http://a"], "runtime_logger": "../x",
         "limited_fuel": 3)");
  ASSERT_TRUE(got.ok);
  narrowToArchive(&got.config);
  EXPECT_TRUE(got.config.directories.empty());
  EXPECT_TRUE(got.config.drivers.empty());
  ASSERT_EQ(got.config.settings.size(), 1u);
  EXPECT_EQ(got.config.settings[0].id, OptionId::LimitedFuel);
  EXPECT_EQ(got.config.warnings.size(), 5u);
}

TEST(ConfigFile, ADriversPinNeverVanishes) {
  const Parsed got = parseWith(
      R"("drivers": [{"schema": "a", "path": "p"}, {"schema": "b", "path": "p", "sha256": "AB"},
         {"schema": "c", "path": "p", "sha256": ""}, {"schema": "d", "path": "p", "sha256": 5},
         {"schema": "e", "path": "p", "sha256": null}, {"schema": "f"}, 7])");
  ASSERT_TRUE(got.ok);
  ASSERT_EQ(got.config.drivers.size(), 5u);
  EXPECT_EQ(got.config.drivers[0].sha256, "");
  EXPECT_EQ(got.config.drivers[1].sha256, "AB");
  for (size_t i = 2; i < 5; ++i) EXPECT_EQ(got.config.drivers[i].sha256, "none") << i;
}

TEST(TuningTest, PairsAreCheckedByName) {
  Tuning tuning;
  std::string why;
  EXPECT_TRUE(
      parseTuning("opt_level=ss,memory_guard_size=0x10,signals_based_traps=n", &tuning, &why));
  EXPECT_TRUE(tuning.checkedMemory);
  EXPECT_FALSE(parseTuning("opt_level", &tuning, &why));
  EXPECT_NE(why.find("must be of the form `key=value,`"), std::string::npos);
  EXPECT_FALSE(parseTuning("nope=1", &tuning, &why));
  EXPECT_EQ(why, "there is no optimize argument: nope");
  for (const char* bad :
       {"opt_level=2", "memory_may_move=1", "memory_guard_size=0x", "memory_guard_size=-1",
        "regalloc_algorithm=x", "pooling_total_tables=18446744073709551616"})
    EXPECT_FALSE(parseTuning(bad, &tuning, &why)) << bad;
  const std::string help = tuningHelp();
  EXPECT_EQ(std::count(help.begin(), help.end(), '\n'), 39);
  EXPECT_TRUE(help.starts_with("   -O     opt_level -- "));
}

TEST(ModuleCallText, MethodAndParametersAreFound) {
  std::string method;
  std::string params;
  std::string why;
  ASSERT_TRUE(readModuleCall(
      R"( { "params" : { "a b" : [ 1 , "x \" } ,", {} ] , "c":1.50 } , "\u006dcall" : "m\u003a:f" } )",
      &method, &params, &why))
      << why;
  EXPECT_EQ(method, "m::f");
  EXPECT_EQ(params, R"({"a b":[1,"x \" } ,",{}],"c":1.50})");
  ASSERT_TRUE(readModuleCall(R"({"mcall":"f","other":[1,2]})", &method, &params, &why));
  EXPECT_EQ(params, "null");
  for (const char* bad : {"", "{", "[]", "1", "{}", R"({"mcall":1})", R"({"mcall":"f",})"})
    EXPECT_FALSE(readModuleCall(bad, &method, &params, &why)) << bad;
  EXPECT_FALSE(readModuleCall(std::string(200, '['), &method, &params, &why));
  EXPECT_NE(why.find("nested"), std::string::npos);
}

}  // namespace
}  // namespace bls::cli
