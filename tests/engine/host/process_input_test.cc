// ProcessInput: what arrives, what is given up, and the request that ends the wait.
#include "engine/host/process_input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/support/asleep.h"

namespace bls::host {
namespace {

class InputTest : public testing::Test {
 protected:
  InputTest() {
    EXPECT_EQ(pipe2(pipe_, O_CLOEXEC), 0);
    interrupt_.wakeFd = eventfd(0, EFD_CLOEXEC);
    cx_.interrupt = &interrupt_;
  }
  ~InputTest() override {
    for (int fd : {pipe_[0], pipe_[1], interrupt_.wakeFd}) close(fd);
  }
  void send(std::string_view text, bool last = true) {
    EXPECT_EQ(write(pipe_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    if (last) close(pipe_[1]), pipe_[1] = -1;
  }
  std::string take(ProcessInput& input) {
    std::string_view text;
    EXPECT_EQ(input.text(&cx_, &text), WaitEnd::Ready);
    return std::string(text);
  }
  int pipe_[2];
  InterruptState interrupt_;
  ExecCtx cx_;
};

bool onlyLetters(const char* data, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (data[i] < 'a' || data[i] > 'z') return false;
  }
  return true;
}

TEST_F(InputTest, TheTextIsReadOnceAndKept) {
  ProcessInput input(pipe_[0], "otherwise", onlyLetters);
  send("hello");
  EXPECT_EQ(take(input), "hello");
  EXPECT_EQ(take(input), "hello");
}

TEST_F(InputTest, EmptyAndUnacceptableInputLeavesTheOther) {
  ProcessInput input(pipe_[0], "otherwise", onlyLetters);
  send("HELLO");
  EXPECT_EQ(take(input), "otherwise");
  ProcessInput ended(pipe_[0], "empty");
  EXPECT_EQ(take(ended), "empty");
  ProcessInput closed(-1, "none", nullptr, 1);
  EXPECT_EQ(take(closed), "none");
}

TEST_F(InputTest, InputThatDoesNotEndIsGivenUp) {
  ProcessInput input(pipe_[0], "otherwise", nullptr, 2'000'000);
  send("late", false);
  EXPECT_EQ(take(input), "otherwise");
}

TEST_F(InputTest, MoreThanTheMostIsGivenUp) {
  ProcessInput input(pipe_[0], "otherwise", nullptr, kWaitForever);
  std::thread writer([&] {
    const std::string piece(1 << 20, 'x');
    for (int i = 0; i < 17; ++i) {
      for (size_t done = 0; done < piece.size();) {
        const ssize_t n = write(pipe_[1], piece.data() + done, piece.size() - done);
        if (n <= 0) return;
        done += static_cast<size_t>(n);
      }
    }
  });
  EXPECT_EQ(take(input), "otherwise");
  char rest[65536];
  fcntl(pipe_[0], F_SETFL, O_NONBLOCK);
  std::thread drain([&] {
    while (true) {
      const ssize_t n = read(pipe_[0], rest, sizeof rest);
      if (n == 0) return;
      if (n < 0) std::this_thread::yield();
    }
  });
  writer.join();
  close(pipe_[1]), pipe_[1] = -1;
  drain.join();
}

TEST_F(InputTest, ARequestEndsTheWaitAndTheNextCallGoesOn) {
  ProcessInput input(pipe_[0], "otherwise", nullptr, kWaitForever);
  send("first ", false);
  WaitEnd end = WaitEnd::Ready;
  std::atomic<test::ThreadId> id{0};
  std::thread waiter([&] {
    id = test::currentThread();
    std::string_view text;
    end = input.text(&cx_, &text);
  });
  while (id == 0) sched_yield();
  test::waitUntilAsleep(id);
  interrupt_.requested.store(static_cast<u8>(Trap::TimeLimit));
  u64 one = 1;
  EXPECT_EQ(write(interrupt_.wakeFd, &one, 8), 8);
  waiter.join();
  EXPECT_EQ(end, WaitEnd::Interrupted);
  interrupt_.requested.store(0);
  EXPECT_EQ(read(interrupt_.wakeFd, &one, 8), 8);
  send("second");
  EXPECT_EQ(take(input), "first second");
}

}  // namespace
}  // namespace bls::host
