#include "cli/usage.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::cli {
namespace {

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->check_name(name)) return command;
  }
  return nullptr;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
    for (const std::string& alias : command->get_aliases()) names.push_back(alias);
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

bool looks_like_option(const std::string& argument) {
  return argument.size() > 1 && argument[0] == '-' &&
         (argument[1] == '-' || std::isalpha(static_cast<unsigned char>(argument[1])) != 0);
}

const CLI::Option* find_option(const CLI::App& command, const std::string& name) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->check_name(name)) return option;
  }
  return nullptr;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known, const std::string& otherwise) {
  const bool is_letter = word.size() == 2 && word[0] == '-';  // every other letter would be near
  const std::string near = is_letter ? std::string() : nearest_name(word, known);
  return near.empty() ? otherwise : fmt::format("did you mean '{}'?", near);
}

/// The chosen command, for the hint where to find help.
std::string help_hint(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return fmt::format("`{} --help` shows how it is used",
                     chosen.empty() ? "cellwright" : "cellwright " + chosen.front()->get_name());
}

}  // namespace

std::optional<UsageProblem> find_unknown(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* command = &app;
  std::string command_text = "cellwright";
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") return std::nullopt;
    if (looks_like_option(argument)) {
      const std::string name = argument.substr(0, argument.find('='));
      const CLI::Option* option = find_option(*command, argument[1] == '-' ? name : name.substr(0, 2));
      if (option == nullptr) {
        return UsageProblem{
            fmt::format("unknown option '{}' of `{}`", name, command_text),
            did_you_mean(name, option_names(*command), fmt::format("`{} --help` lists the options", command_text))};
      }
      if (option->get_expected_max() > 0 && argument.find('=') == std::string::npos) ++i;  // its value
    } else if (command == &app) {
      command = find_command(app, argument);
      if (command == nullptr) {
        return UsageProblem{fmt::format("unknown command '{}'", argument),
                            did_you_mean(argument, command_names(app), "`cellwright --help` lists the commands")};
      }
      command_text = "cellwright " + argument;
    }
  }
  return std::nullopt;
}

UsageProblem describe(const CLI::ParseError& error, const CLI::App& app) {
  const std::string kind = error.get_name();
  const std::string text = error.what();
  const std::string subject = text.substr(0, text.find(':'));
  if (kind == "ArgumentMismatch") return {fmt::format("option '{}' needs a value", subject), help_hint(app)};
  if (kind == "ValidationError") {  // "--eta: must be ..."
    const std::size_t colon = text.find(": ");
    return {colon == std::string::npos ? text : fmt::format("{} {}", subject, text.substr(colon + 2)), help_hint(app)};
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {  // its name is the command's
    const std::size_t colon = text.find(": ");                     // "The following argument was not expected: x"
    return {colon == std::string::npos ? text : fmt::format("unexpected argument '{}'", text.substr(colon + 2)),
            help_hint(app)};
  }
  if (kind == "RequiredError") {
    return {text == "A subcommand is required"
                ? "no command is given"
                : fmt::format("{} is missing", text.substr(0, text.find(" is required"))),
            help_hint(app)};
  }
  return {text, help_hint(app)};
}

}  // namespace cellwright::cli
