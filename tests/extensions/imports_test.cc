// Every host import that guests can have: its type is the one of the reference's table, and it says
// what it needs of the operator. Reference: hostcalls, section 1, "Every import at a glance".
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "extensions/base/list.h"
#include "extensions/drivers/url.h"
#include "extensions/socket/tcp.h"
#include "wasi/preview1.h"

namespace bls {
namespace {

using host::Capability;

struct Row {
  const char* module;
  const char* function;
  u32 params;  // all i32; the result is one i32
  Capability capability;
};

// What a call on something open may do was decided when it was opened.
constexpr Row kTable[] = {
    {"blockless_drivers", "blockless_open", 5, Capability::Network},
    {"blockless_http", "http_req", 6, Capability::Network},
    {"blockless_http", "http_close", 1, Capability::Descriptor},
    {"blockless_http", "http_read_header", 6, Capability::Descriptor},
    {"blockless_http", "http_read_body", 4, Capability::Descriptor},
    {"blockless_ipfs", "ipfs_command", 4, Capability::Network},
    {"blockless_ipfs", "ipfs_read", 4, Capability::Descriptor},
    {"blockless_ipfs", "ipfs_write", 4, Capability::Descriptor},
    {"blockless_ipfs", "ipfs_close", 1, Capability::Descriptor},
    {"blockless_s3", "bucket_command", 4, Capability::Network},
    {"blockless_s3", "bucket_put_object", 4, Capability::Network},
    {"blockless_s3", "s3_read", 4, Capability::Descriptor},
    {"blockless_s3", "s3_close", 1, Capability::Descriptor},
    {"blockless_memory", "memory_read", 3, Capability::Arguments},
    {"blockless_memory", "env_var_read", 3, Capability::Environment},
    {"blockless_cgi", "cgi_list_exec", 1, Capability::Process},
    {"blockless_cgi", "cgi_open", 3, Capability::Process},
    {"blockless_cgi", "cgi_list_read", 4, Capability::Descriptor},
    {"blockless_cgi", "cgi_stdout_read", 4, Capability::Descriptor},
    {"blockless_cgi", "cgi_stderr_read", 4, Capability::Descriptor},
    {"blockless_cgi", "cgi_stdin_write", 4, Capability::Descriptor},
    {"blockless_cgi", "cgi_close", 1, Capability::Descriptor},
    {"blockless_socket", "create_tcp_bind_socket", 3, Capability::Listen},
    {"blockless_socket", "tcp_connect", 3, Capability::Network},
    {"blockless_llm", "llm_set_model_request", 3, Capability::Process},
    {"blockless_llm", "llm_get_model_response", 4, Capability::Descriptor},
    {"blockless_llm", "llm_get_model_options", 4, Capability::Descriptor},
    {"blockless_llm", "llm_read_prompt_response", 4, Capability::Descriptor},
    {"blockless_llm", "llm_set_model_options_request", 3, Capability::Descriptor},
    {"blockless_llm", "llm_prompt_request", 3, Capability::Descriptor},
    {"blockless_llm", "llm_close", 1, Capability::Descriptor},
    {"bless", "rpc_call", 5, Capability::Network},
};

std::vector<const extensions::ExtensionInfo*> everyExtension() {
  std::vector<const extensions::ExtensionInfo*> out;
  for (const auto list : {extensions::staticExtensions(), extensions::libraryExtensions()})
    out.insert(out.end(), list.begin(), list.end());
  return out;
}

TEST(Imports, OfExtensionsAreThoseOfTheTable) {
  std::set<std::string> modules;
  for (const extensions::ExtensionInfo* info : everyExtension()) {
    SCOPED_TRACE(info->module);
    EXPECT_TRUE(modules.insert(info->module).second) << "listed twice";
    EXPECT_GT(std::string(info->summary).size(), 10u);
    EXPECT_NE(info->make, nullptr);
    std::map<std::string, const host::HostFunc*> functions;
    for (const host::HostFunc& function : info->functions)
      EXPECT_TRUE(functions.emplace(function.name, &function).second) << function.name;
    size_t listed = 0;
    for (const Row& row : kTable) {
      if (std::string_view(row.module) != info->module) continue;
      ++listed;
      SCOPED_TRACE(row.function);
      ASSERT_EQ(functions.count(row.function), 1u);
      const host::HostFunc& function = *functions[row.function];
      EXPECT_EQ(function.params.size(), row.params);
      for (const ValType type : function.params) EXPECT_EQ(type, ValType(ValType::I32));
      ASSERT_EQ(function.results.size(), 1u);
      EXPECT_EQ(function.results[0], ValType(ValType::I32));
    }
    EXPECT_EQ(functions.size(), listed) << "a function that the table does not have";
  }
  for (const char* here : {"blockless_memory", "blockless_socket", "blockless_drivers"})
    EXPECT_EQ(modules.count(here), 1u) << here;
}

bool reachesOut(Capability capability) {
  return capability == Capability::Network || capability == Capability::Listen ||
         capability == Capability::Process;
}

TEST(Imports, SayWhatTheyNeed) {
  for (const extensions::ExtensionInfo* info : everyExtension()) {
    for (const host::HostFunc& function : info->functions) {
      SCOPED_TRACE(std::string(info->module) + "." + function.name);
      EXPECT_LT(static_cast<u8>(function.capability), host::kCapabilityCount);
      EXPECT_NE(function.capability, Capability::None) << "no capability";
      EXPECT_NE(std::string(function.spec), "") << "no place in the reference";
      for (const Row& row : kTable) {
        if (std::string_view(row.module) != info->module ||
            std::string_view(row.function) != function.name)
          continue;
        // What a call on a handle says is its own affair; what reaches out must say so.
        if (row.capability != Capability::Descriptor) {
          EXPECT_EQ(reachesOut(function.capability), reachesOut(row.capability))
              << host::capabilityName(function.capability);
        }
        if (row.capability == Capability::Network || row.capability == Capability::Listen) {
          EXPECT_TRUE(info->needs.network) << "the sandbox would stop it";
        }
        if (row.capability == Capability::Process) {
          EXPECT_TRUE(info->needs.helper) << "nothing to start programs with";
        }
      }
    }
  }
}

TEST(Imports, OfWasiSayWhatTheyNeed) {
  wasi::ContextConfig config;
  config.in = config.out = config.err = wasi::Stdio::null();
  Diagnostics diag;
  auto made = wasi::makeContext(std::move(config), diag);
  ASSERT_TRUE(made.ok());
  const std::set<std::string> needNothing = {"proc_raise", "sched_yield"};
  for (const bool unstable : {false, true}) {
    const host::HostModule module =
        unstable ? wasi::unstableModule(*made.value()) : wasi::preview1Module(*made.value());
    EXPECT_EQ(module.functions().size(), unstable ? 45u : 46u);
    for (const host::HostFunc& function : module.functions()) {
      EXPECT_EQ(function.capability == Capability::None, needNothing.count(function.name) == 1)
          << function.name;
    }
    EXPECT_EQ(module.find("sock_accept") == nullptr, unstable);
  }
}

TEST(DriverUrl, FollowsTheGrammar) {
  struct Good {
    const char* text;
    const char* again;
    size_t segments;
  };
  for (const Good& good : {Good{"tcp://", "tcp://", 0}, Good{"tcp:////", "tcp://", 0},
                           Good{"TCP://a:1", "tcp://a:1", 1}, Good{"d://a//b///c/", "d://a/b/c", 3},
                           Good{"d:///a", "d://a", 1}, Good{"a+b.c-1://x", "a+b.c-1://x", 1},
                           Good{"d://a://b", "d://a:/b", 2}, Good{"d://~!?#%", "d://~!?#%", 1}}) {
    drivers::DriverUrl url;
    std::string why;
    ASSERT_TRUE(drivers::parseDriverUrl(good.text, &url, &why)) << good.text << ": " << why;
    EXPECT_EQ(url.text(), good.again);
    EXPECT_EQ(url.segments.size(), good.segments) << good.text;
  }
  for (const std::string& bad :
       {std::string(), std::string("tcp"), std::string("tcp:/x"), std::string("://x"),
        std::string("a b://x"), std::string("a://<"), std::string("a://>"), std::string("a://\x7f"),
        std::string("a://\xc3\xa9"), std::string("a://\0", 5),
        "a://" + std::string(drivers::kMaxDriverUrlBytes, 'x')}) {
    drivers::DriverUrl url;
    std::string why;
    EXPECT_FALSE(drivers::parseDriverUrl(bad, &url, &why)) << bad;
    EXPECT_NE(why, "");
  }
}

TEST(TcpEndpoint, HasOneSpelling) {
  struct Good {
    const char* text;
    const char* again;
    bool literal;
  };
  for (const Good& good :
       {Good{"127.0.0.1:80", "127.0.0.1:80", true}, Good{"[::1]:65535", "[::1]:65535", true},
        Good{"[::FFFF:1.2.3.4]:5", "1.2.3.4:5", true}, Good{"Host:00080", "host:80", false},
        Good{"a.B-c_d.:0", "a.b-c_d:0", false},
        Good{"xn--a.example:1", "xn--a.example:1", false}}) {
    net::Endpoint endpoint;
    ASSERT_TRUE(net::parseEndpoint(good.text, &endpoint)) << good.text;
    EXPECT_EQ(endpoint.text(), good.again);
    EXPECT_EQ(endpoint.literal, good.literal);
  }
  for (const char* bad : {"",
                          ":",
                          "a",
                          "a:",
                          ":80",
                          "a:x",
                          "a:65536",
                          "a:000080",
                          "a:-1",
                          "a:+1",
                          "a: 1",
                          "a:1 ",
                          "a b:1",
                          "::1:80",
                          "[::1]",
                          "[::1:80",
                          "::1]:80",
                          "[::1%lo]:80",
                          "127.1:80",
                          "2130706433:80",
                          "0x7f.1:80",
                          "1.2.3.4.5:80",
                          "0177.0.0.1:80",
                          "256.1.1.1:80",
                          "a..b:80",
                          ".a:80",
                          "a/b:80",
                          "u@a:80",
                          "a\\b:80",
                          "a%2e:80",
                          "b\xc3\xbc:80",
                          "[a]:80",
                          "1.2.3.4.:80"}) {
    net::Endpoint endpoint;
    EXPECT_FALSE(net::parseEndpoint(bad, &endpoint)) << bad;
  }
  net::Endpoint endpoint;
  EXPECT_TRUE(net::parseEndpoint(std::string(63, 'a') + ":1", &endpoint));
  EXPECT_FALSE(net::parseEndpoint(std::string(64, 'a') + ":1", &endpoint));
  std::string deep;
  for (int i = 0; i < 130; ++i) deep += "a.";
  EXPECT_FALSE(net::parseEndpoint(deep + "a:1", &endpoint));
}

}  // namespace
}  // namespace bls
