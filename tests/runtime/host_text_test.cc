// Host calls as text: what is left out of what a guest passes.
#include "runtime/host_text.h"

#include <gtest/gtest.h>

#include <cstring>

#include "wasi/preview1.h"

namespace bls::cli {
namespace {

TEST(HostText, JsonLosesItsSecrets) {
  struct Row {
    const char* json;
    const char* shown;
  };
  for (
      const Row& row : {
          Row{R"({"method":"get","headers":"{\"Authorization\":\"Bearer s3cr3t\",\"Accept\":\"a\"}"})",
              R"({"headers":"{\"Accept\":\"a\",\"Authorization\":\"***\"}","method":"get"})"},
          Row{R"({"access_key":"s3cr3t","secret_key":"s3cr3t","bucket_name":"b"})",
              R"({"access_key":"***","bucket_name":"b","secret_key":"***"})"},
          Row{R"({"command":"x","envs":[{"env_name":"A","env_val":"s3cr3t"},{"name":"B","value":"s3cr3t"}]})",
              R"({"command":"x","envs":[{"env_name":"A","env_val":"***"},{"name":"B","value":"***"}]})"},
          Row{R"({"X-Api-KEY":["s3cr3t"],"Set-Cookie":"s3cr3t","PassWord":{"a":"s3cr3t"},"apiToken":1})",
              R"({"PassWord":"***","Set-Cookie":"***","X-Api-KEY":"***","apiToken":"***"})"},
          Row{R"({"url":"https://user:s3cr3t@a.com/p?t=s3cr3t#f","body":"s3cr3t"})",
              R"({"body":"<6 bytes>","url":"https://***@a.com/p?***"})"},
          Row{R"({"body":[1,2]})", R"({"body":"***"})"},
          Row{"", "\"\""},
          Row{"s3cr3t", "<6 bytes>"},
          Row{R"({"a":"s3cr3t)", "<12 bytes>"},
          Row{R"({"a":"{s3cr3t"})", R"({"a":"<7 bytes>"})"},
      }) {
    std::string shown = withoutSecrets(row.json);
    // The message form escapes what could end a line or a quotation.
    for (size_t at; (at = shown.find("\\\\")) != std::string::npos;) shown.erase(at, 1);
    EXPECT_EQ(shown, row.shown) << row.json;
    EXPECT_EQ(shown.find("s3cr3t"), std::string::npos);
  }
}

TEST(HostText, TextsInTextsEnd) {
  std::string json = "\"s3cr3t\"";
  for (int depth = 0; depth < 8; ++depth) {
    std::string quoted = "{\"a\":\"";
    for (const char c : json)
      quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    json = quoted + "\"}";
  }
  EXPECT_EQ(withoutSecrets(json).find("Bearer"), std::string::npos);
  EXPECT_EQ(withoutSecrets(std::string(100, '[') + std::string(100, ']')), "<200 bytes>");
  EXPECT_EQ(withoutSecrets("[" + std::string(70000, ' ') + "]"), "<70002 bytes>");
}

TEST(HostText, UrlsLoseUserAndQuery) {
  EXPECT_EQ(urlWithoutSecrets("tcp://127.0.0.1:80"), "tcp://127.0.0.1:80");
  EXPECT_EQ(urlWithoutSecrets("http://u:p@h/a@b"), "http://***@h/a@b");
  EXPECT_EQ(urlWithoutSecrets("http://u:p@h@i"), "http://***@i");
  EXPECT_EQ(urlWithoutSecrets("http://h/?"), "http://h/?***");
  EXPECT_EQ(urlWithoutSecrets("no url"), "no url");
}

// Every function of the table is described, with as many slots as it has parameters.
TEST(HostText, EveryWasiFunctionHasAShape) {
  wasi::ContextConfig config;
  config.in = config.out = config.err = wasi::Stdio::null();
  Diagnostics diag;
  auto made = wasi::makeContext(std::move(config), diag);
  ASSERT_TRUE(made.ok());
  const host::HostModule module = wasi::preview1Module(*made.value());
  u8 bytes[128] = {};
  const host::GuestMemory memory{bytes, sizeof bytes};
  std::memcpy(bytes + 64, "../etc\n", 7);
  const u32 vector[] = {16, 24};
  std::memcpy(bytes + 8, vector, sizeof vector);
  for (const host::HostFunc& function : module.functions()) {
    const u64 slots[12] = {};
    const std::string text = hostCallText(function, memory, slots);
    EXPECT_TRUE(text.starts_with(std::string(function.name) + "(")) << text;
    EXPECT_TRUE(text.ends_with(")")) << text;
    if (function.name == std::string_view("fd_read")) {
      EXPECT_EQ(text, "fd_read(0, <0 bytes>)") << "stored results come behind the call";
    }
  }
  const u64 write[] = {1, 8, 1, 32};
  EXPECT_EQ(hostCallText(*module.find("fd_write"), memory, write), "fd_write(1, <24 bytes>)");
  const u64 unlink[] = {3, 64, 7};
  EXPECT_EQ(hostCallText(*module.find("path_unlink_file"), memory, unlink),
            "path_unlink_file(3, \"../etc\\x0a\")");
  const u64 bad[] = {3, 127, 0xffffffff};
  EXPECT_EQ(hostCallText(*module.find("path_unlink_file"), memory, bad),
            "path_unlink_file(3, <bad pointer>)");
  const u64 seek[] = {3, ~u64{0}, 0, 32};
  EXPECT_EQ(hostCallText(*module.find("fd_seek"), memory, seek), "fd_seek(3, -1, 0)");
  bytes[32] = 7;
  const u64 good[] = {0};
  const u64 badf[] = {8};
  EXPECT_EQ(hostResultText("wasi_unstable", *module.find("fd_write"), memory, write, good),
            " = 0, 7");
  EXPECT_EQ(hostResultText("wasi_unstable", *module.find("fd_write"), memory, write, badf),
            " = 8 (Badf)");
  EXPECT_EQ(hostResultText("blockless_s3", *module.find("fd_write"), memory, write, badf), " = 8");
  EXPECT_EQ(hostBytesMoved(*module.find("fd_write"), memory, write), 7u);
  EXPECT_EQ(hostBytesMoved(*module.find("fd_close"), memory, write), 0u);
  EXPECT_EQ(hostResultText("wasi_unstable", *module.find("proc_exit"), memory, write, good), "");
}

}  // namespace
}  // namespace bls::cli
