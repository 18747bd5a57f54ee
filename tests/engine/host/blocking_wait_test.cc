// blockingWait: readiness, timeouts, and the request that ends it.
#include "engine/host/blocking_wait.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/asleep.h"

namespace bls::host {
namespace {

class WaitTest : public testing::Test {
 protected:
  WaitTest() {
    EXPECT_EQ(pipe2(pipe_, O_CLOEXEC), 0);
    interrupt_.wakeFd = eventfd(0, EFD_CLOEXEC);
    cx_.interrupt = &interrupt_;
  }
  ~WaitTest() override {
    close(pipe_[0]);
    close(pipe_[1]);
    close(interrupt_.wakeFd);
  }
  void request(Trap trap) {
    interrupt_.requested.store(static_cast<u8>(trap));
    u64 one = 1;
    EXPECT_EQ(write(interrupt_.wakeFd, &one, 8), 8);
  }
  WaitFd reading() {
    WaitFd fd;
    fd.fd = pipe_[0];
    fd.wantRead = true;
    return fd;
  }
  int pipe_[2];
  InterruptState interrupt_;
  ExecCtx cx_;
};

TEST_F(WaitTest, TimesOutWithoutAnyDescriptor) {
  EXPECT_EQ(blockingWait(&cx_, {}, 0), WaitEnd::TimedOut);
  EXPECT_EQ(blockingWait(&cx_, {}, 1'000'000), WaitEnd::TimedOut);
  cx_.interrupt = nullptr;
  EXPECT_EQ(blockingWait(&cx_, {}, 1000), WaitEnd::TimedOut);
  EXPECT_EQ(interruptTrap(&cx_), Trap::None);
}

TEST_F(WaitTest, ReportsReadinessHangupAndBadDescriptors) {
  WaitFd fds[3] = {reading(), {}, {}};
  fds[1].fd = pipe_[1];
  fds[1].wantWrite = true;
  fds[2].fd = 100000;
  fds[2].wantRead = true;
  EXPECT_EQ(blockingWait(&cx_, fds, 0), WaitEnd::Ready);
  EXPECT_FALSE(fds[0].ready());
  EXPECT_TRUE(fds[1].writable);
  EXPECT_TRUE(fds[2].error);
  close(pipe_[1]);
  WaitFd one = reading();
  EXPECT_EQ(blockingWait(&cx_, {&one, 1}, kWaitForever), WaitEnd::Ready);
  EXPECT_TRUE(one.hangup);
  pipe_[1] = -1;
}

TEST_F(WaitTest, DataEndsAnEndlessWait) {
  std::thread writer([&, waiting = test::currentThread()] {
    test::waitUntilAsleep(waiting);
    EXPECT_EQ(write(pipe_[1], "x", 1), 1);
  });
  WaitFd one = reading();
  EXPECT_EQ(blockingWait(&cx_, {&one, 1}, kWaitForever), WaitEnd::Ready);
  EXPECT_TRUE(one.readable);
  writer.join();
}

TEST_F(WaitTest, RequestEndsTheWaitWithOrWithoutWakeDescriptor) {
  for (bool wake : {true, false}) {
    int fd = interrupt_.wakeFd;
    if (!wake) interrupt_.wakeFd = -1;
    std::thread watchdog([&, waiting = test::currentThread()] {
      test::waitUntilAsleep(waiting);
      if (wake) {
        request(Trap::TimeLimit);
      } else {
        interrupt_.requested.store(static_cast<u8>(Trap::TimeLimit));
      }
    });
    WaitFd one = reading();
    EXPECT_EQ(blockingWait(&cx_, {&one, 1}, kWaitForever), WaitEnd::Interrupted);
    EXPECT_EQ(interruptTrap(&cx_), Trap::TimeLimit);
    watchdog.join();
    interrupt_.wakeFd = fd;
    interrupt_.requested = 0;
    u64 drained = 0;
    EXPECT_TRUE(!wake || read(fd, &drained, 8) == 8);
  }
}

TEST_F(WaitTest, EarlierRequestWinsOverReadyData) {
  EXPECT_EQ(write(pipe_[1], "x", 1), 1);
  request(Trap::Interrupt);
  WaitFd one = reading();
  EXPECT_EQ(blockingWait(&cx_, {&one, 1}, 0), WaitEnd::Interrupted);
}

TEST_F(WaitTest, WakeDescriptorWithoutRequestDoesNotSpinOrEnd) {
  u64 value = 1;
  ASSERT_EQ(write(interrupt_.wakeFd, &value, 8), 8);
  EXPECT_EQ(blockingWait(&cx_, {}, 3'000'000), WaitEnd::TimedOut);
}

TEST_F(WaitTest, ManyDescriptorsAreBounded) {
  std::vector<WaitFd> fds(kMaxWaitFds + 1, reading());
  EXPECT_EQ(blockingWait(&cx_, fds, 0), WaitEnd::Failed);
  EXPECT_EQ(write(pipe_[1], "x", 1), 1);
  std::vector<WaitFd> fine(100, reading());
  EXPECT_EQ(blockingWait(&cx_, fine, 0), WaitEnd::Ready);
  EXPECT_TRUE(fine[99].readable);
}

}  // namespace
}  // namespace bls::host
