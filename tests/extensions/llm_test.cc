// blockless_llm's parts that need no server: events of a stream, names of models, options.
#include <gtest/gtest.h>

#include "extensions/llm/model.h"
#include "extensions/llm/options.h"
#include "extensions/llm/sse.h"

namespace bls::llm {
namespace {

// The events of a text that comes in pieces of `step` bytes, as `type=data;`.
std::string events(std::string_view text, size_t step) {
  EventReader reader;
  std::string out;
  for (size_t at = 0; at < text.size(); at += step) {
    if (!reader.add(text.substr(at, step))) return "too long";
    for (Event event; reader.next(&event);) out += event.type + "=" + event.data + ";";
  }
  return out;
}

TEST(LlmEvents, AreTheSameHoweverTheyCome) {
  const std::pair<const char*, const char*> cases[] = {
      {"data: a\n\n", "message=a;"},
      {"event: endpoint\r\ndata: /m?x:y\r\n\r\n", "endpoint=/m?x:y;"},
      {"data: a\rdata:b\rdata:  c\r\rdata\n\n", "message=a\nb\n c;message=;"},
      {": note\nid: 5\nretry: 1\ndata:x\n\n\n\nevent: e\n\ndata: y\n\n", "message=x;message=y;"},
      {"data: never ended\n", ""},
      {"\xef\xbb\xbf"
       "data: a\n\n\xef\xbb\xbf"
       "data: b\n\n",
       "message=a;"},
      {"", ""},
  };
  for (const auto& [text, wanted] : cases) {
    for (size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{1000}})
      EXPECT_EQ(events(text, step), wanted) << text << " by " << step;
  }
}

TEST(LlmEvents, AreBounded) {
  const std::string line(EventReader::kMostBytes + 1, 'x');
  EXPECT_EQ(events("data: " + line, 65536), "too long");
  std::string lines;
  while (lines.size() <= EventReader::kMostBytes) lines += "data: " + std::string(1000, 'x') + "\n";
  EXPECT_EQ(events(lines + lines, 65536), "too long");
}

TEST(LlmModel, NamesAndFiles) {
  Model known;
  Model one;
  ASSERT_TRUE(resolveModel("gemma-2-9b-it.q4f16_1", "https://h", &known));
  EXPECT_EQ(known.file, "gemma-2-9b-it.q4f16_1.llamafile");
  EXPECT_EQ(known.url,
            "https://h/Mozilla/gemma-2-9b-it-llamafile/resolve/main/"
            "gemma-2-9b-it.q4f16_1.llamafile?download=true");
  EXPECT_EQ(known.name, "gemma-2-9b-it");
  EXPECT_FALSE(resolveModel("gemma-2-9b-it\n", "https://h", &one));
  EXPECT_FALSE(isModelFile("a/b.llamafile"));
  EXPECT_FALSE(isModelFile(".llamafile"));
  EXPECT_FALSE(isModelFile("..llamafile"));
  EXPECT_FALSE(isModelFile(std::string("a\0.llamafile", 12)));
  EXPECT_TRUE(isModelFile("a.llamafile"));
}

TEST(LlmOptions, PromptSaysWhatThereIs) {
  Options options;
  ASSERT_TRUE(parseOptions(R"({"system_message":"Say less."})", &options));
  const std::string plain = systemPrompt(options, "", 0);
  EXPECT_TRUE(plain.starts_with("Today Date: January 01, 1970\n")) << plain;
  EXPECT_EQ(plain.find("function"), plain.npos);
  EXPECT_NE(systemPrompt(options, "[{\"name\":\"t\"}]", 0).find("[{\"name\":\"t\"}]"), plain.npos);
  EXPECT_FALSE(parseOptions(R"({"top_p":3.5e38})", &options));
}

}  // namespace
}  // namespace bls::llm
