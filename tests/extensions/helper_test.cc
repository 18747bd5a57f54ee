// The helper process, starting programs and ending them: HelperProcess, spawnProgram, supervise,
// endChildren. What has to be over is seen by the end of a pipe that the processes hold.
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "extensions/cgi/held_program.h"
#include "extensions/cgi/wire.h"
#include "extensions/helper/children.h"
#include "extensions/helper/helper_process.h"
#include "extensions/helper/spawn.h"
#include "extensions/helper/supervise.h"

namespace bls::extensions {
namespace {

using Texts = std::vector<std::string>;

// Up to the end, at which nobody holds the other end any more. Closes.
std::string rest(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  std::string out;
  char piece[4096];
  ssize_t got;
  while ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR)) {
    if (got > 0) out.append(piece, static_cast<size_t>(got));
  }
  close(fd);
  return out;
}

struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0); }
  // What comes until the last writer has gone.
  std::string drain() {
    close(ends[1]);
    return rest(ends[0]);
  }
  int ends[2];
};

struct Folder {
  Folder() {
    char name[] = "/tmp/bls-helper-test-XXXXXX";
    path = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& text, unsigned mode = 0755) const {
    const std::string file = path + "/" + name;
    std::ofstream(file) << text;
    chmod(file.c_str(), mode);
    return file;
  }
  std::string path;
};

int openForReading(const std::string& path) { return open(path.c_str(), O_RDONLY | O_CLOEXEC); }

// Runs a program to its end and gives what it printed; "errno N" when it cannot be started.
std::string output(int program, const Texts& arguments, const ChildLimits& limits = {}) {
  Pipe pipe;
  SpawnRequest request;
  request.program = program;
  request.arguments = arguments;
  request.environment = {"PATH=/usr/bin:/bin", "ONLY=this"};
  request.out = pipe.ends[1];
  request.limits = limits;
  int error = 0;
  const pid_t pid = spawnProgram(request, &error);
  const std::string out = pipe.drain();
  if (pid < 0) return "errno " + std::to_string(error);
  waitpid(pid, nullptr, 0);
  return out;
}

std::string shell(const std::string& script, const ChildLimits& limits = {}) {
  const int program = openForReading("/bin/sh");
  const std::string out = output(program, {"sh", "-c", script}, limits);
  close(program);
  return out;
}

std::string file(const std::string& path) {
  const int program = openForReading(path);
  const std::string out = output(program, {path});
  close(program);
  return out;
}

// --- spawnProgram ---

TEST(Spawn, SaysWhyAProgramCannotBeStarted) {
  const Folder folder;
  EXPECT_EQ(file(folder.write("lost", "#!/no/such/interpreter\n")),
            "errno " + std::to_string(ENOENT));
  EXPECT_EQ(file(folder.write("plain", "#!/bin/sh\n", 0644)), "errno " + std::to_string(EACCES));
  EXPECT_EQ(file(folder.write("text", "no program")), "errno " + std::to_string(ENOEXEC));
  EXPECT_EQ(file(folder.write("empty", "")), "errno " + std::to_string(ENOEXEC));
  const std::string busy = folder.write("busy", "");
  std::filesystem::copy_file("/bin/true", busy, std::filesystem::copy_options::overwrite_existing);
  const int writer = open(busy.c_str(), O_WRONLY | O_CLOEXEC);
  EXPECT_EQ(file(busy), "errno " + std::to_string(ETXTBSY));
  close(writer);
  EXPECT_EQ(file(busy), "");
  // Reaped.
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(Spawn, GivesAChildItsArgumentsAndVariablesAndNoMore) {
  const int program = openForReading("/bin/sh");
  EXPECT_EQ(
      output(program, {"sh", "-c", "echo $# \"$0\" \"$1\"; env | sort | grep -v '^_=\\|^PWD='",
                       "zero", "two words"}),
      "1 zero two words\nONLY=this\nPATH=/usr/bin:/bin\n");
  close(program);
}

TEST(Spawn, GivesAChildThreeDescriptors) {
  const int kept = dup2(2, 40);  // stays open over exec
  ASSERT_EQ(kept, 40);
  EXPECT_EQ(shell("for f in /proc/$$/fd/*; do [ -e $f ] && echo ${f##*/}; done"), "0\n1\n2\n");
  // Standard input and error are /dev/null when nothing else is said.
  EXPECT_EQ(shell("readlink /proc/$$/fd/0 /proc/$$/fd/2"), "/dev/null\n/dev/null\n");
  // A script's interpreter has the script besides.
  const Folder folder;
  const std::string script = folder.write(
      "script", "#!/bin/sh\n[ -e /proc/$$/fd/3 ] && [ ! -e /proc/$$/fd/40 ] && echo $0");
  EXPECT_EQ(file(script), "/dev/fd/3\n");
  close(kept);
}

TEST(Spawn, GivesAChildStandardSignals) {
  const auto before = signal(SIGINT, SIG_IGN);
  const auto handled = signal(SIGUSR1, [](int) {});
  sigset_t blocked;
  sigset_t mask;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR2);
  sigprocmask(SIG_BLOCK, &blocked, &mask);
  // (Some programs set a handler of their own.)
  std::istringstream lines(shell("exec cat /proc/self/status"));
  size_t seen = 0;
  for (std::string row; std::getline(lines, row);) {
    if (!row.starts_with("SigBlk:") && !row.starts_with("SigIgn:") && !row.starts_with("SigCgt:"))
      continue;
    ++seen;
    EXPECT_TRUE(row.ends_with(":\t0000000000000000")) << row;
  }
  EXPECT_EQ(seen, 3u);
  sigset_t now;
  sigprocmask(SIG_SETMASK, &mask, &now);
  EXPECT_EQ(sigismember(&now, SIGUSR2), 1);
  signal(SIGINT, before);
  signal(SIGUSR1, handled);
}

TEST(Spawn, LimitsAChild) {
  ChildLimits limits;
  limits.cpuSeconds = 7;
  limits.memoryBytes = u64{3} << 30;
  limits.files = 33;
  limits.fileBytes = 4096;
  limits.processes = 999;
  std::istringstream lines(shell("exec cat /proc/self/limits", limits));
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    // A name of some words, the limit, the hard limit, a unit.
    std::istringstream words(line.substr(0, 26));
    std::istringstream values(line.substr(std::min<size_t>(26, line.size())));
    std::string text;
    std::string soft;
    std::string hard;
    for (std::string word; words >> word;) text += word + " ";
    values >> soft >> hard;
    EXPECT_TRUE(hard != "7" || soft == hard);
    seen.insert(text + soft + " " + hard);
  }
  for (const char* row :
       {"Max cpu time 7 7", "Max address space 3221225472 3221225472", "Max open files 33 33",
        "Max file size 4096 4096", "Max processes 999 999", "Max core file size 0 0"})
    EXPECT_TRUE(seen.count(row) == 1) << row;
  // Never more than this process has.
  struct rlimit own{};
  getrlimit(RLIMIT_NOFILE, &own);
  limits.files = ~u64{0};
  EXPECT_EQ(shell("ulimit -n", limits), std::to_string(own.rlim_max) + "\n");
}

TEST(Spawn, GivesAChildItsOwnSessionAndNoNewPrivileges) {
  EXPECT_EQ(shell("set -- $(cat /proc/$$/stat); [ $6 = $$ ] && [ $5 = $$ ] && echo own; "
                  "grep NoNewPrivs /proc/$$/status"),
            "own\nNoNewPrivs:\t1\n");
}

// --- What was checked is what runs ---

TEST(HeldProgram, RunsWhatWasCheckedWhateverHappensToTheName) {
  const Folder folder;
  const std::string path = folder.write("program", "");
  std::filesystem::copy_file("/bin/echo", path, std::filesystem::copy_options::overwrite_existing);
  const int program = openForReading(path);
  std::string why;
  cgi::HeldProgram held;
  ASSERT_TRUE(held.hold(program, &why)) << why;
  EXPECT_FALSE(held.isCopy());
  std::filesystem::copy_file("/bin/false", path + ".new");
  std::filesystem::rename(path + ".new", path);
  EXPECT_EQ(output(held.file(), {"echo", "checked"}), "checked\n");
  held.release();
  close(program);
}

TEST(HeldProgram, KeepsWritersOutUntilItRuns) {
  const Folder folder;
  const std::string path = folder.write("program", "");
  std::filesystem::copy_file("/bin/cat", path, std::filesystem::copy_options::overwrite_existing);
  const int program = openForReading(path);
  std::string why;
  cgi::HeldProgram held;
  ASSERT_TRUE(held.hold(program, &why)) << why;
  EXPECT_EQ(open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC), -1);
  EXPECT_EQ(errno, EWOULDBLOCK);
  EXPECT_EQ(open(path.c_str(), O_RDWR | O_TRUNC | O_NONBLOCK | O_CLOEXEC), -1);
  held.release();  // and the signal that a writer caused ends nobody
  const int writer = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  EXPECT_GE(writer, 0);
  EXPECT_FALSE(held.hold(program, &why));
  EXPECT_NE(why, "");
  close(writer);
  why.clear();
  EXPECT_TRUE(held.hold(program, &why)) << why;
  held.release();
  close(program);
}

TEST(HeldProgram, CopiesAScriptWhoseFileMayThenChange) {
  const Folder folder;
  const std::string path = folder.write("script", "#!/bin/sh\necho checked\n");
  const int program = openForReading(path);
  std::string why;
  cgi::HeldProgram held;
  ASSERT_TRUE(held.hold(program, &why)) << why;
  EXPECT_TRUE(held.isCopy());
  folder.write("script", "#!/bin/sh\necho changed\n");
  EXPECT_EQ(output(held.file(), {path}), "checked\n");
  // Nor can the program that runs change it for the next reader.
  EXPECT_EQ(write(held.file(), "x", 1), -1);
  EXPECT_EQ(ftruncate(held.file(), 0), -1);
  EXPECT_EQ(output(program, {path}), "changed\n");
  held.release();
  close(program);
}

// --- HelperProcess ---

// Each service answers with text on the channel.
void say(const HelperRequest& request, const std::string& text) {
  (void)!send(request.channel, text.data(), text.size(), MSG_NOSIGNAL);
}

bool reply(const HelperRequest& request) {
  say(request, std::to_string(getpid()) + " " + std::to_string(getppid()) + " " +
                   std::to_string(request.body.size()) + " " + std::to_string(request.fds.size()));
  for (int fd : request.fds) close(fd);
  return true;
}

bool replyOnce(const HelperRequest& request) {
  reply(request);
  return false;
}

// Runs the body as a shell script whose standard output and error are the descriptors.
bool run(const HelperRequest& request) {
  SpawnRequest spawn;
  const std::string body(request.body);
  spawn.program = openForReading("/bin/sh");
  spawn.arguments = {"sh", "-c", body};
  spawn.environment = {"PATH=/usr/bin:/bin"};
  spawn.out = request.fds[0];
  spawn.err = request.fds[1];
  prepareToSupervise();
  int error = 0;
  const pid_t pid = spawnProgram(spawn, &error);
  close(spawn.program);
  for (int fd : request.fds) close(fd);
  if (pid < 0) return false;
  say(request, "started");
  supervise(request.channel, pid);
  return true;
}

constexpr HelperService kReply = HelperService::Resolve;
constexpr HelperService kReplyOnce = HelperService::CgiList;
constexpr HelperService kRun = HelperService::CgiOpen;
constexpr HelperService kNone = HelperService::RunModel;

struct Fixture : testing::Test {
  Fixture() {
    const std::set<int> before = sockets();
    std::string why;
    helper = HelperProcess::start(settings, services, &why);
    EXPECT_NE(helper, nullptr) << why;
    for (int fd : sockets()) {
      if (before.count(fd) == 0) control = fd;
    }
  }
  static std::set<int> sockets() {
    std::set<int> out;
    for (int fd = 3; fd < 64; ++fd) {
      int type = 0;
      socklen_t size = sizeof type;
      if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET)
        out.insert(fd);
    }
    return out;
  }
  // The words of an answer: pid, the helper's pid, size of the body, descriptors.
  std::vector<long> ask(HelperService service = kReply, const std::string& body = {},
                        const std::vector<int>& fds = {}) {
    const int channel = helper->request(service, body, fds);
    if (channel < 0) return {};
    std::istringstream words(rest(channel));
    std::vector<long> out;
    for (long word; words >> word;) out.push_back(word);
    return out;
  }
  // Starts a script; `alive` is what its processes hold as standard error.
  int start(const std::string& script, Pipe& out, Pipe& alive) {
    const int fds[] = {out.ends[1], alive.ends[1]};
    const int channel = helper->request(kRun, script, fds);
    char text[16];
    fcntl(channel, F_SETFL, 0);
    EXPECT_GT(read(channel, text, sizeof text), 0);
    close(out.ends[1]);
    out.ends[1] = -1;
    return channel;
  }
  Settings settings;
  const HelperServe services[kHelperServiceCount] = {reply, replyOnce, run, nullptr};
  std::unique_ptr<HelperProcess> helper;
  int control = -1;
};
using Helper = Fixture;

// A line that the script prints once it is ready.
std::string line(int fd) {
  std::string out;
  char c;
  while (read(fd, &c, 1) == 1 && c != '\n') out += c;
  return out;
}

// Two processes, one of which has left the session, that no SIGTERM ends.
constexpr char kStubborn[] =
    "trap '' TERM HUP\n"
    "setsid sh -c 'trap \"\" TERM HUP; echo ready; while :; do sleep 100; done' </dev/null &\n"
    "while :; do sleep 100; done";

TEST_F(Helper, AnswersRequestsOfEveryAllowedSize) {
  const int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  for (size_t size : {size_t{0}, size_t{1}, HelperProcess::kMaxBody}) {
    for (size_t count : {size_t{0}, HelperProcess::kMaxFds}) {
      const std::vector<long> words =
          ask(kReply, std::string(size, 'x'), std::vector<int>(count, zero));
      ASSERT_EQ(words.size(), 4u);
      EXPECT_EQ(words[2], static_cast<long>(size));
      EXPECT_EQ(words[3], static_cast<long>(count));
    }
  }
  close(zero);
}

TEST_F(Helper, RefusesWhatIsTooLarge) {
  EXPECT_EQ(helper->request(kReply, std::string(HelperProcess::kMaxBody + 1, 'x'), {}), -1);
  const std::vector<int> many(HelperProcess::kMaxFds + 1, 2);
  EXPECT_EQ(helper->request(kReply, {}, many), -1);
  EXPECT_EQ(ask().size(), 4u);
}

TEST_F(Helper, HangsUpOnAServiceThatThereIsNot) {
  EXPECT_EQ(rest(helper->request(kNone, "x", {})), "");
  EXPECT_EQ(rest(helper->request(static_cast<HelperService>(200), "x", {})), "");
  EXPECT_EQ(ask().size(), 4u);
}

TEST_F(Helper, SurvivesMessagesThatAreNone) {
  ASSERT_GE(control, 0);
  // Shorter than a head, without a channel, longer than any request.
  const std::string huge(HelperProcess::kMaxBody + 4096, 'x');
  EXPECT_EQ(send(control, "x", 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(send(control, "\0\0\0\0body", 8, MSG_NOSIGNAL), 8);
  EXPECT_GT(send(control, huge.data(), huge.size(), MSG_NOSIGNAL), 0);
  // More descriptors than any request has.
  constexpr size_t kMany = HelperProcess::kMaxFds + 20;
  Pipe pipe;
  alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int) * kMany)] = {};
  char head[4] = {};
  iovec part{head, sizeof head};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * kMany);
  const std::vector<int> all(kMany, pipe.ends[1]);
  std::memcpy(CMSG_DATA(header), all.data(), sizeof(int) * kMany);
  EXPECT_EQ(sendmsg(control, &message, MSG_NOSIGNAL), 4);
  EXPECT_EQ(pipe.drain(), "");  // nobody kept them
  EXPECT_EQ(ask().size(), 4u);
}

TEST_F(Helper, ServesAgainInAProcessThatIsAsItWas) {
  std::set<long> seen;
  for (int i = 0; i < 50; ++i) {
    const std::vector<long> words = ask();
    ASSERT_EQ(words.size(), 4u);
    seen.insert(words[0]);
  }
  EXPECT_LE(seen.size(), HelperProcess::kMaxIdle + 1);
  // And in a new one where it is not.
  const long once = ask(kReplyOnce).at(0);
  for (int i = 0; i < 10; ++i) EXPECT_NE(ask().at(0), once);
}

TEST_F(Helper, ServesManyAtOnceAndKeepsFew) {
  constexpr size_t kMany = 40;
  std::vector<int> channels;
  Pipe alive;
  for (size_t i = 0; i < kMany; ++i) {
    Pipe out;
    channels.push_back(start("echo ready; cat <&-; exec sleep 100", out, alive));
    EXPECT_EQ(line(out.ends[0]), "ready");
    close(out.ends[0]);
  }
  for (int channel : channels) EXPECT_EQ(rest((shutdown(channel, SHUT_WR), channel)), "");
  std::set<long> pids;
  for (int i = 0; i < 50; ++i) pids.insert(ask().at(0));
  EXPECT_LE(pids.size(), 2 * HelperProcess::kMaxIdle + 1);
  alive.drain();
}

TEST_F(Helper, EndsEverythingWhenAChannelIsClosed) {
  Pipe out;
  Pipe alive;
  const int channel = start(kStubborn, out, alive);
  EXPECT_EQ(line(out.ends[0]), "ready");
  close(channel);
  rest(out.ends[0]);
  alive.drain();
  EXPECT_EQ(ask().size(), 4u);
}

TEST_F(Helper, EndsEverythingAtItsEnd) {
  Pipe out;
  Pipe alive;
  const int channel = start(kStubborn, out, alive);
  EXPECT_EQ(line(out.ends[0]), "ready");
  helper->end();
  rest(out.ends[0]);
  alive.drain();
  helper->end();
  EXPECT_EQ(helper->request(kReply, {}, {}), -1);
  close(channel);
}

TEST_F(Helper, EndsEverythingWhenTheProcessThatServesIsKilled) {
  Pipe out;
  Pipe alive;
  const int channel = start(std::string("echo $PPID\n") + kStubborn, out, alive);
  const pid_t server = static_cast<pid_t>(std::stol(line(out.ends[0])));
  EXPECT_EQ(line(out.ends[0]), "ready");
  kill(server, SIGKILL);
  rest(out.ends[0]);
  alive.drain();
  EXPECT_EQ(rest(channel), "");
  EXPECT_EQ(ask().size(), 4u);
}

TEST_F(Helper, EndsEverythingWhenItIsKilled) {
  Pipe out;
  Pipe alive;
  const pid_t pid = static_cast<pid_t>(ask().at(1));
  const int channel = start(kStubborn, out, alive);
  EXPECT_EQ(line(out.ends[0]), "ready");
  kill(pid, SIGKILL);
  // It has ended only when all is gone that it was there for.
  helper->end();
  EXPECT_EQ(rest(channel), "");
  fcntl(out.ends[0], F_SETFL, O_NONBLOCK);
  char c;
  EXPECT_EQ(read(out.ends[0], &c, 1), 0);
  close(out.ends[0]);
  alive.drain();
}

TEST_F(Helper, AnswersNothingWhenItIsDead) {
  const pid_t pid = static_cast<pid_t>(ask().at(1));
  kill(pid, SIGKILL);
  EXPECT_EQ(waitpid(pid, nullptr, 0), pid);
  for (int i = 0; i < 3; ++i) {
    const int channel = helper->request(kReply, {}, {});
    if (channel >= 0) close(channel);
  }
  helper->end();
  const int channel = helper->request(kReply, {}, {});
  EXPECT_EQ(channel < 0 ? "" : rest(channel), "");
}

// --- supervise, endChildren ---

TEST(EndChildren, LeavesNothingAndKeepsWhoIsToStay) {
  const pid_t tester = fork();
  if (tester == 0) {
    // In a process of its own: it becomes a subreaper and has no other children.
    bool good = becomeSubreaper();
    std::vector<pid_t> ended;
    endChildren({}, &ended);  // none at all
    const pid_t kept = fork();
    if (kept == 0) {
      for (;;) pause();
    }
    const pid_t over = fork();
    if (over == 0) _exit(0);
    siginfo_t info{};
    good = good && waitid(P_PID, static_cast<id_t>(over), &info, WEXITED | WNOWAIT) == 0;
    Pipe out;
    SpawnRequest spawn;
    spawn.program = openForReading("/bin/sh");
    spawn.arguments = {"sh", "-c", kStubborn};
    spawn.environment = {"PATH=/usr/bin:/bin"};
    spawn.out = out.ends[1];
    int error = 0;
    good = good && spawnProgram(spawn, &error) > 0;
    close(out.ends[1]);
    good = good && line(out.ends[0]) == "ready";
    const pid_t all[] = {kept, over};
    endChildren(all, &ended);
    good = good && rest(out.ends[0]).empty() && ended == std::vector<pid_t>{over} &&
           children() == std::vector<pid_t>{kept};
    endChildren({}, nullptr);
    good = good && children().empty() && waitpid(-1, nullptr, 0) < 0 && errno == ECHILD;
    _exit(good ? 0 : 1);
  }
  int status = -1;
  EXPECT_EQ(waitpid(tester, &status, 0), tester);
  EXPECT_EQ(status, 0);
}

// --- What comes back from the helper ---

TEST(CgiFrames, StopAtWhatMakesNoSense) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  // A frame that says it is 4 GiB long: never whole, and not kept without end.
  const std::string head("\1\xff\xff\xff\xff", 5);
  ASSERT_EQ(send(ends[0], head.data(), head.size(), 0), 5);
  const std::string piece(16384, 'x');
  cgi::FrameReader reader;
  cgi::Frame frame;
  size_t sent = 0;
  while (reader.fill(ends[1]) && sent < 4 * cgi::kMaxFrame) {
    EXPECT_FALSE(reader.next(&frame));
    ASSERT_EQ(send(ends[0], piece.data(), piece.size(), 0), static_cast<ssize_t>(piece.size()));
    sent += piece.size();
  }
  EXPECT_GE(sent, cgi::kMaxFrame);
  EXPECT_LE(sent, cgi::kMaxFrame + 4 * piece.size());
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace bls::extensions
