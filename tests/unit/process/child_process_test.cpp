#include "cellwright/process/child_process.hpp"

#include <gmock/gmock.h>

#include <poll.h>

#include "cellwright/base/error.hpp"
#include "cellwright/process/run_program.hpp"

namespace cellwright::process {
namespace {

using Received = ChildProcess::Received;

/// Sends what is queued and receives by `receive`, waiting until something is there.
template <class Receive>
Received exchange(ChildProcess& child, const Receive& receive) {
  for (;;) {
    child.send();
    const Received received = receive();
    if (received != Received::nothing) return received;
    pollfd descriptor{.fd = child.output(), .events = POLLIN, .revents = 0};
    ::poll(&descriptor, 1, 20);
  }
}

TEST(RunProgram, CollectsBothStreamsAndTheExitCode) {
  const ProgramResult result = run_program({"sh", "-c", "echo out; echo err >&2; cat; exit 3"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "out\nerr\n");
  EXPECT_EQ(run_program({"sh", "-c", "kill -9 $$"}).exit_code, 137);
  EXPECT_EQ(run_program({"/no/such/program"}).exit_code, 127);
  EXPECT_EQ(run_program({"pwd"}, "/").output, "/\n");
}

TEST(ChildProcess, ExchangesLines) {
  ChildProcess child({.arguments = {"cat"}});
  child.queue_line("one");
  child.queue_line("two");
  std::string line;
  EXPECT_EQ(exchange(child, [&] { return child.receive_line(line); }), Received::complete);
  EXPECT_EQ(line, "one");
  EXPECT_EQ(exchange(child, [&] { return child.receive_line(line); }), Received::complete);
  EXPECT_EQ(line, "two");
}

TEST(ChildProcess, ExchangesMoreBytesThanAPipeHolds) {
  ChildProcess child({.arguments = {"cat"}});
  std::string sent;
  for (int k = 0; k < 1'000'000; ++k) sent += static_cast<char>(k % 251);
  child.queue_bytes(sent);
  std::string bytes;
  EXPECT_EQ(exchange(child, [&] { return child.receive_bytes(sent.size(), bytes); }), Received::complete);
  EXPECT_TRUE(bytes == sent);
  EXPECT_FALSE(child.sending());
}

TEST(ChildProcess, TellsTheEndAndHowItCame) {
  ChildProcess child({.arguments = {"sh", "-c", "printf ab; exit 4"}});
  std::string bytes;
  EXPECT_EQ(exchange(child, [&] { return child.receive_bytes(3, bytes); }), Received::end);
  child.kill();
  EXPECT_THAT(child.how_it_ended(), ::testing::AnyOf("exit status 4", ::testing::HasSubstr("signal 9")));
}

TEST(ChildProcess, RefusesAProgramThatDoesNotExistInTheCallersWords) {
  try {
    const ChildProcess child({.arguments = {"/no/such/program"}, .error_code = "mine", .start_fix = "buy it"});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.code(), "mine-command");
    EXPECT_EQ(error.diagnostics().front().message, "cannot start '/no/such/program': No such file or directory");
    EXPECT_EQ(error.diagnostics().front().fix, "buy it");
  }
}

}  // namespace
}  // namespace cellwright::process
