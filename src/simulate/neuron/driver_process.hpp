#pragma once
/// One NEURON process that runs driver.py.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/process/child_process.hpp"

namespace cellwright::simulate::neuron {

/// A message in either direction: four letters and bytes (see driver.py).
struct Frame {
  std::string kind;
  std::string payload;
};

/// What became of a request.
struct DriverReply {
  enum class Kind {
    frame,
    died,  ///< the process ended, or did not keep to the exchange
    late   ///< no answer within the time limit
  };
  Kind kind = Kind::frame;
  Frame frame;
  std::string text;  ///< died: how it ended, and the last line that NEURON printed
};

class DriverProcess {
 public:
  /// @param command  NeuronInstallation::command. @param log  gets what NEURON prints.
  /// @throws ToolchainError "neuron-command" if the program cannot be started.
  DriverProcess(const std::vector<std::string>& command, std::filesystem::path log);

  /// Sends a request; nothing is sent for an empty kind. Waits for the answer.
  DriverReply exchange(std::string_view kind, std::string_view payload, std::optional<double> timeout_s);
  /// The last line of what NEURON printed that is not empty; "" if there is none.
  std::string last_words() const;
  /// The last of the log's lines that start with "NEURON: ", without that; "" if there is none.
  std::string last_complaint() const;

 private:
  std::optional<DriverReply> try_receive();
  DriverReply death();
  /// The last line of the log that starts so and is not blank, without that start and without leading blanks.
  std::string last_line(std::string_view start) const;

  std::filesystem::path log_;
  process::ChildProcess child_;
  std::optional<std::string> head_;  ///< of a frame whose payload is awaited
};

/// The text of driver.py.
extern const std::string_view driver_text;

}  // namespace cellwright::simulate::neuron
