// Option parsing, dotenv files, value text, JSON, the pool and the deadline: the parts of the
// command core without a process.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "engine/base/platform.h"
#include "runtime/config.h"
#include "runtime/deadline.h"
#include "runtime/dotenv.h"
#include "runtime/executor.h"
#include "runtime/json_text.h"
#include "runtime/run_request.h"
#include "runtime/values.h"

namespace bls {
namespace {

ParseEnd parse(std::vector<const char*> words, OptionPlace place, ParsedOptions* out,
               std::string* message) {
  std::vector<char*> args;
  for (const char* word : words) args.push_back(const_cast<char*>(word));
  return parseOptions(args, place, out, message);
}

TEST(Options, BothSpellingsOfAValueWork) {
  for (std::vector<const char*> words :
       {std::vector<const char*>{"--entry", "x", "a.wasm"}, {"a.wasm", "--entry=x"}}) {
    ParsedOptions options;
    std::string message;
    ASSERT_EQ(parse(words, OptionPlace::Run, &options, &message), ParseEnd::Ok) << message;
    EXPECT_STREQ(options.text(OptionId::Entry), "x");
    EXPECT_EQ(options.positionals.size(), 1u);
  }
}

TEST(Options, DoubleDashEndsThem) {
  ParsedOptions options;
  std::string message;
  ASSERT_EQ(parse({"a.wasm", "--", "--entry", "--"}, OptionPlace::Run, &options, &message),
            ParseEnd::Ok);
  EXPECT_FALSE(options.has(OptionId::Entry));
  EXPECT_EQ(options.rest.size(), 2u);
}

TEST(Options, EveryRowIsConsistent) {
  for (u32 i = 0; i < kOptionCount; ++i) {
    const OptionInfo& info = optionInfo(static_cast<OptionId>(i));
    EXPECT_EQ(static_cast<u32>(info.id), i);
    EXPECT_EQ(info.places == 0, info.flag[0] == 0) << info.key;
    if (info.flag[0] == 0) {
      EXPECT_NE(info.key[0], 0) << i;
      continue;
    }
    const bool hidden = info.id == OptionId::Stress || info.id == OptionId::CompileOnly ||
                        info.id == OptionId::ModelSource;  // for tests and mirrors
    EXPECT_EQ(info.help[0] == 0, hidden) << info.flag;
    bool listed = info.type != OptionType::Refused && info.type != OptionType::Ignored;
    if (listed) {
      EXPECT_NE(std::string(info.example).find(std::string("--") + info.flag), std::string::npos)
          << info.flag;
    }
    if (info.type == OptionType::Number) {
      EXPECT_LE(info.min, info.max) << info.flag;
    }
  }
}

// The examples of the help must be accepted by the parser that prints them.
TEST(Options, ExamplesParse) {
  for (u32 i = 0; i < kOptionCount; ++i) {
    const OptionInfo& info = optionInfo(static_cast<OptionId>(i));
    if (info.flag[0] == 0 || info.example[0] == 0 || info.type == OptionType::Refused) continue;
    std::string example = info.example;
    std::vector<std::string> words;
    for (size_t at = 0; at <= example.size();) {
      size_t end = std::min(example.find(' ', at), example.size());
      words.push_back(example.substr(at, end - at));
      at = end + 1;
    }
    std::vector<const char*> args;
    for (const std::string& word : words) args.push_back(word.c_str());
    u16 place = 1;
    while ((info.places & place) == 0) place = static_cast<u16>(place << 1);
    ParsedOptions options;
    std::string message;
    EXPECT_EQ(parse(args, static_cast<OptionPlace>(place), &options, &message), ParseEnd::Ok)
        << example << ": " << message;
    EXPECT_TRUE(options.has(info.id)) << example;
  }
}

TEST(Options, DidYouMeanStaysWithinTwoEdits) {
  const char* words[] = {"run", "validate", "inspect"};
  EXPECT_STREQ(closestWord("rum", words), "run");
  EXPECT_STREQ(closestWord("validte", words), "validate");
  EXPECT_STREQ(closestWord("inpsect", words), "inspect");
  EXPECT_EQ(closestWord("zzzzzz", words), nullptr);
  EXPECT_EQ(closestWord(std::string(1000, 'r'), words), nullptr);
}

TEST(Options, NumbersAreDecimalAndBounded) {
  u64 value = 0;
  EXPECT_TRUE(parseU64("18446744073709551615", &value));
  EXPECT_EQ(value, ~u64{0});
  for (const char* bad :
       {"", "-1", "+1", "0x10", "1 ", "18446744073709551616", "99999999999999999999"}) {
    EXPECT_FALSE(parseU64(bad, &value)) << bad;
  }
}

TEST(Request, LogNamesFollowTheFirstDot) {
  EXPECT_EQ(cli::logNameFor("/x/a.b.wasm"), "a.log");
  EXPECT_EQ(cli::logNameFor("plain"), "runtime.log");
  EXPECT_EQ(cli::logNameFor("/d.ir/plain"), "runtime.log");
}

TEST(Request, SmallerMemoryLimitWins) {
  for (auto [bytes, pages, expected] :
       {std::tuple{"100000", "1", u64{65536}}, {"1000", "9", u64{1000}}}) {
    ParsedOptions options;
    std::string message;
    ASSERT_EQ(parse({"--max-memory-size", bytes, "--limited-memory", pages, "a.wasm"},
                    OptionPlace::Run, &options, &message),
              ParseEnd::Ok);
    cli::RunRequest request;
    ASSERT_TRUE(cli::makeRunRequest(options, OptionPlace::Run, &request, &message)) << message;
    EXPECT_EQ(request.limits.memoryBytesEach, expected);
  }
}

TEST(Request, FeatureListsAreExact) {
  Features features;
  std::string why;
  EXPECT_TRUE(cli::parseFeatures("-simd,custom-descriptors", &features, &why));
  EXPECT_FALSE(features.has(Feature::Simd));
  EXPECT_TRUE(features.has(Feature::CustomDescriptors));
  EXPECT_TRUE(cli::parseFeatures("profile-1.0,threads", &features, &why));
  EXPECT_FALSE(features.has(Feature::MultiValue));
  EXPECT_FALSE(cli::parseFeatures("treads", &features, &why));
  EXPECT_NE(why.find("did you mean 'threads'?"), std::string::npos);
}

TEST(Dotenv, MalformedLinesAreSkipped) {
  cli::Environment env = cli::parseDotenv(
      "A=1\n=x\nno equals\nB='open\nC=\"a\\\"b\"\r\nD=${A}${missing}$\nE=x y\n", nullptr);
  cli::Environment expected = {{"A", "1"}, {"C", "a\"b"}, {"D", "1$"}};
  EXPECT_EQ(env, expected);
}

TEST(Dotenv, LinesThatDoubleEachOtherAndManyVariablesAreBounded) {
  std::string text = "V0=xxxxxxxxxxxxxxxx\n";
  for (int i = 1; i < 60; ++i) {
    const std::string before = "$V" + std::to_string(i - 1);
    text += "V" + std::to_string(i) + "=" + before + before + "\n";
  }
  size_t total = 0;
  for (const auto& [name, value] : cli::parseDotenv(text, nullptr)) total += value.size();
  EXPECT_GT(total, size_t{1} << 20);
  EXPECT_LE(total, size_t{17} << 20);
  std::string many;
  for (int i = 0; i < 200000; ++i) many += "K" + std::to_string(i) + "=1\n";
  EXPECT_EQ(cli::parseDotenv(many, nullptr).size(), 200000u);
  EXPECT_TRUE(cli::parseDotenv(std::string("A=x\0y\n", 6), nullptr).empty());
  cli::Environment again = {{"A", "2"}, {"B", "1"}};
  EXPECT_EQ(cli::parseDotenv("A=1\nB=$A\nA=2\n", nullptr), again);
}

TEST(Values, TextReadsBackAsTheSameBits) {
  std::vector<Value> values = {Value::i32(-5),
                               Value::i64(INT64_MIN),
                               Value::f32(0.1f),
                               Value::f64(1e-310),
                               Value::f64(-0.0),
                               {ValType::F32, 0x7fc00001, 0},
                               {ValType::F64, 0xfff0000000000001, 0},
                               {ValType::V128, 0x0123456789abcdef, 0xfedcba9876543210}};
  for (const Value& value : values) {
    Value back;
    std::string text = cli::printValue(value);
    EXPECT_TRUE(cli::parseValue(text.c_str(), value.type, &back)) << text;
    EXPECT_EQ(back, value) << text;
  }
  Value out;
  for (const char* bad : {"", "-", "1x", "0x", "2147483648000", " 1"})
    EXPECT_FALSE(cli::parseValue(bad, ValType::I32, &out)) << bad;
  for (const char* bad : {"", "nan:0x800000", "nan:0x0", "1.5x", "infinite"}) {
    EXPECT_FALSE(cli::parseValue(bad, ValType::F32, &out)) << bad;
  }
}

TEST(Json, StringsAreEscaped) {
  cli::JsonText json;
  json.open('{')
      .key("a")
      .string("q\"\n\x01")
      .key("b")
      .open('[')
      .number(1)
      .boolean(false)
      .null()
      .close(']')
      .close('}');
  EXPECT_EQ(json.text(), "{\"a\":\"q\\\"\\u000a\\u0001\",\"b\":[1,false,null]}");
  cli::JsonText raw;
  raw.string("\xff");
  EXPECT_EQ(raw.text(), "\"\xef\xbf\xbd\"");
}

TEST(Pool, EveryIndexRunsOnce) {
  ThreadPool pool(3);
  for (u32 n : {0u, 1u, 2u, 1000u}) {
    std::vector<std::atomic<u32>> hits(n);
    pool.parallelFor(
        n,
        [](void* context, u32 i) { ++(*static_cast<std::vector<std::atomic<u32>>*>(context))[i]; },
        &hits);
    for (auto& hit : hits) EXPECT_EQ(hit.load(), 1u);
  }
}

TEST(DeadlineTest, FiresOnceThenAsToldAndNotAfterDisarm) {
  struct Seen {
    std::mutex lock;
    std::condition_variable changed;
    u32 count = 0;
  } seen;
  Deadline deadline;
  auto expired = [](void* context) -> u64 {
    Seen& s = *static_cast<Seen*>(context);
    std::lock_guard<std::mutex> held(s.lock);
    s.changed.notify_all();
    return ++s.count == 1 ? platform::monotonicNs() : 0;
  };
  ASSERT_TRUE(deadline.arm(platform::monotonicNs() + 1000, expired, &seen));
  {
    std::unique_lock<std::mutex> held(seen.lock);
    seen.changed.wait(held, [&] { return seen.count == 2; });
  }
  ASSERT_TRUE(deadline.arm(~u64{0}, expired, &seen));
  deadline.disarm();
  EXPECT_EQ(seen.count, 2u);
}

}  // namespace
}  // namespace bls
