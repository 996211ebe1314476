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
  std::string words = "cellwright";
  for (auto chosen = app.get_subcommands(); !chosen.empty(); chosen = chosen.front()->get_subcommands())
    words += " " + chosen.front()->get_name();
  return fmt::format("`{} --help` shows how it is used", words);
}

}  // namespace

std::optional<UsageProblem> find_unknown(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* command = &app;
  std::string command_text = "cellwright ";  ///< with a blank at its end
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") return std::nullopt;
    if (looks_like_option(argument)) {
      const std::string name = argument.substr(0, argument.find('='));
      const CLI::Option* option = find_option(*command, argument[1] == '-' ? name : name.substr(0, 2));
      if (option == nullptr) {
        return UsageProblem{
            fmt::format("unknown option '{}' of `{}`", name, command_text.substr(0, command_text.size() - 1)),
            did_you_mean(name, option_names(*command), fmt::format("`{}--help` lists the options", command_text))};
      }
      if (option->get_expected_max() > 0 && argument.find('=') == std::string::npos) ++i;  // its value
    } else if (const std::vector<std::string> names = command_names(*command); !names.empty()) {
      const CLI::App* found = find_command(*command, argument);
      if (found == nullptr) {
        return UsageProblem{fmt::format("unknown command '{}'", command_text.substr(11) + argument),
                            did_you_mean(argument, names, fmt::format("`{}--help` lists the commands", command_text))};
      }
      command = found;
      command_text += argument + " ";
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
