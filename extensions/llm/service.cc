#include "extensions/llm/service.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "extensions/cgi/discovery.h"
#include "extensions/cgi/environment.h"
#include "extensions/cgi/wire.h"
#include "extensions/helper/children.h"
#include "extensions/helper/spawn.h"
#include "extensions/helper/supervise.h"
#include "extensions/llm/model.h"

namespace bls::llm {
namespace {

namespace cgi = extensions::cgi;
using cgi::FrameKind;
using extensions::HelperRequest;
using extensions::Settings;
using extensions::SpawnRequest;

constexpr u32 kBusyTries = 100;
constexpr long kBusyNs = 10'000'000;

void answer(int channel, Started started, const std::string& text) {
  cgi::sendFrame(channel, FrameKind::Result, std::string(1, static_cast<char>(started)) + text);
}

void tellGone(int channel) { cgi::sendFrame(channel, FrameKind::Gone, {}); }

// A port of the loopback address that nobody uses now; 0: none.
u16 freePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const bool bound = bind(fd, any, size) == 0 && getsockname(fd, any, &size) == 0;
  close(fd);
  return bound ? ntohs(address.sin_port) : u16{0};
}

int openModel(const Settings& settings, const std::string& name, std::string* why) {
  *why = "the name is not one of a model";
  if (settings.modelFolder.empty() || !isModelFile(name)) return -1;
  const int folder = open(settings.modelFolder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  *why = "there is no model folder";
  if (folder < 0) return -1;
  cgi::Identity identity;
  const int program = cgi::openProgram(folder, name, &identity, why);
  close(folder);
  if (program < 0 && why->empty()) *why = "it is no program";
  return program;
}

// An executable for several systems, which the kernel does not know but any shell runs.
bool isShellProgram(int program) {
  char start[6];
  if (pread(program, start, sizeof start, 0) != sizeof start) return false;
  const std::string_view text(start, sizeof start);
  return text == "MZqFpD" || text == "jartsr";
}

pid_t startModel(const HelperRequest& request, const std::string& name, u16 port,
                 std::string* why) {
  const int program = openModel(*request.settings, name, why);
  if (program < 0) return -1;
  // What an operator has set for CGI children is not meant for models.
  Settings settings = *request.settings;
  settings.childrenGetEnvironment = false;
  settings.childVariables.clear();
  SpawnRequest spawn;
  spawn.program = program;
  spawn.arguments = {settings.modelFolder + "/" + name,
                     "--server",
                     "--nobrowser",
                     "--host",
                     "127.0.0.1",
                     "--port",
                     std::to_string(port)};
  spawn.environment = cgi::childEnvironment(settings, environ, {}).variables;
  spawn.limits = settings.childLimits;
  int error = 0;
  pid_t pid = extensions::spawnProgram(spawn, &error);
  // Another execution that waited for the same download may have it open for a moment more.
  for (u32 i = 0; pid < 0 && error == ETXTBSY && i < kBusyTries; ++i) {
    const timespec moment{0, kBusyNs};
    nanosleep(&moment, nullptr);
    pid = extensions::spawnProgram(spawn, &error);
  }
  if (pid < 0 && error == ENOEXEC && isShellProgram(program)) {
    const int shell = open("/bin/sh", O_RDONLY | O_CLOEXEC);
    spawn.program = shell;
    spawn.arguments.insert(spawn.arguments.begin(), "sh");
    if (shell >= 0) pid = extensions::spawnProgram(spawn, &error);
    if (shell >= 0) close(shell);
  }
  close(program);
  if (pid < 0) *why = strerror(error);
  return pid;
}

}  // namespace

bool serveModel(const HelperRequest& request) {
  const int channel = request.channel;
  const u16 port = freePort();
  if (port == 0) {
    answer(channel, Started::No, "no free port");
    return false;
  }
  extensions::prepareToSupervise();
  std::string why;
  const pid_t pid = startModel(request, std::string(request.body), port, &why);
  if (pid < 0) {
    answer(channel, Started::No, why);
    return false;
  }
  answer(channel, Started::Yes, std::to_string(port));
  extensions::supervise(channel, pid, tellGone);
  extensions::endChildren({}, nullptr);
  tellGone(channel);
  return false;
}

}  // namespace bls::llm
