#pragma once
/// What is wrong with a command line, in our own words.

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace cellwright::cli {

struct UsageProblem {
  std::string message;
  std::string fix;
};

/// Finds unknown commands and options before CLI11 does, to name the nearest one.
std::optional<UsageProblem> find_unknown(const CLI::App& app, const std::vector<std::string>& arguments);

/// CLI11's error as a message for people.
UsageProblem describe(const CLI::ParseError& error, const CLI::App& app);

}  // namespace cellwright::cli
