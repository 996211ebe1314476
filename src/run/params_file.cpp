#include "cellwright/run/params_file.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cellwright/base/number_text.hpp"
#include "cellwright/text/located_json.hpp"
#include "config_reader.hpp"

namespace cellwright::run {
namespace {

using text::JsonMember;
using text::JsonValue;

class SetReader {
 public:
  SetReader(const std::vector<KnownParameter>& parameters, DiagnosticList& problems)
      : parameters_(parameters), problems_(problems) {
    for (const KnownParameter& parameter : parameters) {
      if (!parameter.value) free_.push_back(&parameter);
    }
  }

  std::size_t free_count() const { return free_.size(); }

  /// One set; `row` is in the order of the free parameters.
  std::vector<std::pair<std::string, double>> read(const JsonValue& value, std::span<double> row) {
    std::vector<std::pair<std::string, double>> given;
    if (!value.is_object()) {
      problems_.add(value.diagnostic("params-type", "must be an object: full name -> value"));
      return given;
    }
    for (const JsonMember& member : value.as_object()) {
      if (!is_comment_key(member.key)) read_member(member, row, given);
    }
    for (const KnownParameter* parameter : free_) {
      if (value.find(parameter->name) != nullptr) continue;
      problems_.add(
          value.diagnostic("params-missing", fmt::format("free parameter '{}' is missing", parameter->name),
                           fmt::format("add it, from {} to {}", (*parameter->bounds)[0], (*parameter->bounds)[1])));
    }
    return given;
  }

 private:
  void read_member(const JsonMember& member, std::span<double> row,
                   std::vector<std::pair<std::string, double>>& given) {
    const auto found = std::ranges::find(free_, member.key, [](const KnownParameter* p) { return p->name; });
    if (found == free_.end()) return refuse_name(member);
    if (!member.value.is_number() || !std::isfinite(member.value.as_number())) {
      problems_.add(member.value.diagnostic("params-type", "must be a finite number"));
      return;
    }
    const double number = member.value.as_number();
    const auto [lower, upper] = *(*found)->bounds;
    if (number < lower || number > upper) {
      problems_.add(member.value.diagnostic(
          "params-bounds", fmt::format("{} is not within the bounds {} to {}", shortest_number(number), lower, upper)));
    }
    row[static_cast<std::size_t>(found - free_.begin())] = number;
    given.emplace_back(member.key, number);
  }

  void refuse_name(const JsonMember& member) {
    const auto known = std::ranges::find(parameters_, member.key, &KnownParameter::name);
    if (known != parameters_.end()) {
      problems_.add(member.diagnostic("params-frozen",
                                      fmt::format("parameter '{}' is frozen at {}", member.key, *known->value),
                                      "remove it here, or give it bounds in the cell file"));
      return;
    }
    std::vector<std::string> names;
    for (const KnownParameter* parameter : free_) names.push_back(parameter->name);
    problems_.add(member.diagnostic("params-unknown", fmt::format("unknown parameter '{}'", member.key),
                                    suggest(member.key, names, "the free parameters are")));
  }

  const std::vector<KnownParameter>& parameters_;
  std::vector<const KnownParameter*> free_;
  DiagnosticList& problems_;
};

}  // namespace

ParameterSets load_params(const std::filesystem::path& path, const model::CellModel& cell) {
  std::vector<KnownParameter> parameters;
  for (const model::CellParameter& p : cell.parameters) parameters.push_back({p.name, p.value, p.bounds});
  return load_params(path, parameters);
}

ParameterSets load_params(const std::filesystem::path& path, const std::vector<KnownParameter>& parameters) {
  const text::JsonDocument document = text::load_json(path);
  const JsonValue& root = document.root();
  DiagnosticList problems;
  SetReader reader(parameters, problems);
  ParameterSets sets;
  sets.is_list = root.is_array();
  const std::size_t count = sets.is_list ? root.as_array().size() : 1;
  sets.values = Table<double>(count, reader.free_count());
  for (std::size_t i = 0; i < count; ++i) {
    sets.given.push_back(reader.read(sets.is_list ? root.as_array()[i] : root, sets.values.row(i)));
  }
  problems.throw_if_errors<ConfigError>();
  return sets;
}

}  // namespace cellwright::run
