#include "cellwright/ephys/parameterscalers.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/number_text.hpp"
#include "cellwright/numeric/python_format.hpp"

namespace cellwright::ephys {
namespace {

ConfigError scaler_error(const DistanceScaler& scaler, const std::string& message) {
  return ConfigError(Diagnostic{
      .code = "ephys-scaler", .message = fmt::format("{} '{}': {}", scaler.short_class_name(), scaler.name, message)});
}

/// Python's str.format() for names in braces: `text_of(name)` gives what stands for {name}, or nothing to leave it as
/// it is. Doubled braces become single ones.
template <class TextOf>
std::string format_braces(const std::string& text, const TextOf& text_of) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = (c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c;
    const std::size_t close = c == '{' && !doubled ? text.find('}', i) : std::string::npos;
    if (doubled) ++i;
    if (close == std::string::npos) {
      result += c;
      continue;
    }
    const std::string name = text.substr(i + 1, close - i - 1);
    result += text_of(name).value_or("{" + name + "}");
    i = close;
  }
  return result;
}

std::optional<double> find(const OrderedMap<double>& map, const std::string& name) {
  const auto found = std::ranges::find(map, name, &std::pair<std::string, double>::first);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

/// The first section whose name contains the text; -1 if there is none.
int find_section_like(const morphology::Morphology& cell, const std::string& text) {
  const auto found = std::ranges::find_if(
      cell.sections, [&](const morphology::Section& section) { return section.name.find(text) != std::string::npos; });
  return found == cell.sections.end() ? -1 : static_cast<int>(found - cell.sections.begin());
}

}  // namespace

std::string format_float(double value) { return numeric::format_17g(value); }

double NrnSegmentLinearScaler::scale(const ScaleValues& values, const Segment& /*segment*/) const {
  const auto value = values.find("value");
  if (value == values.end()) {
    throw ConfigError(Diagnostic{.code = "ephys-scaler",
                                 .message = fmt::format("NrnSegmentLinearScaler '{}' was given no value", name)});
  }
  return scale(value->second);
}

model::ParameterScaler NrnSegmentLinearScaler::snapshot(const std::vector<std::string>& /*dependencies*/) const {
  return model::NrnSegmentLinearScaler{.multiplier = multiplier, .offset = offset};
}

std::string NrnSegmentLinearScaler::to_string() const {
  return fmt::format("{} * value + {}", shortest_number(multiplier), shortest_number(offset));
}

void DistanceScaler::check() const {
  const Parts p = parts();
  if (!(p.ref_location >= 0.0 && p.ref_location <= 1.0))
    throw scaler_error(*this, fmt::format("the origin {} is not within 0 to 1", p.ref_location));
  for (const std::string& parameter : p.dist_param_names) {
    if (!p.distribution || p.distribution->find(parameter) == std::string::npos)
      throw scaler_error(
          *this, fmt::format("'{}' does not occur in the distribution \"{}\"", parameter, p.distribution.value_or("")));
  }
}

std::string DistanceScaler::inst_distribution(const std::vector<std::string>& varied) const {
  const Parts p = parts();
  return format_braces(required(p.distribution, *this, name, "distribution"),
                       [&](const std::string& placeholder) -> std::optional<std::string> {
                         if (std::ranges::count(p.dist_param_names, placeholder) == 0) return std::nullopt;
                         if (std::ranges::count(varied, placeholder) > 0) return std::nullopt;
                         const std::optional<double> value = find(p.dist_param_values, placeholder);
                         if (!value) throw scaler_error(*this, fmt::format("'{}' has no value yet", placeholder));
                         return shortest_number(*value);
                       });
}

std::map<std::string, std::string> DistanceScaler::scale_dict(const ScaleValues& values, double distance) const {
  std::map<std::string, std::string> texts;
  for (const auto& [placeholder, value] : values) texts[placeholder] = format_float(value);
  texts["distance"] = format_float(distance);
  return texts;
}

std::string DistanceScaler::eval_dist(const ScaleValues& values, double distance) const {
  const std::map<std::string, std::string> texts = scale_dict(values, distance);
  return format_braces(inst_distribution(), [&](const std::string& placeholder) -> std::optional<std::string> {
    const auto found = texts.find(placeholder);
    if (found == texts.end()) throw scaler_error(*this, fmt::format("there is no value for {{{}}}", placeholder));
    return found->second;
  });
}

double DistanceScaler::scale(const ScaleValues& values, const Segment& segment) const {
  const Parts p = parts();
  const int origin = find_section_like(segment.cell, p.ref_section);
  if (origin < 0) throw scaler_error(*this, fmt::format("the cell has no section '{}'", p.ref_section));
  const double distance = morphology::path_distance(segment.cell, {origin, p.ref_location}, segment.place);
  return text::PythonExpression(eval_dist(values, distance), {}).evaluate({});
}

void DistanceScaler::set_attribute(const std::string& attribute, double value) {
  if (std::ranges::count(parts().dist_param_names, attribute) == 0)
    return ParameterScaler::set_attribute(attribute, value);
  OrderedMap<double>& values = dist_param_values_to_set();
  const auto found = std::ranges::find(values, attribute, &std::pair<std::string, double>::first);
  if (found == values.end()) {
    values.emplace_back(attribute, value);
  } else {
    found->second = value;
  }
}

std::optional<double> DistanceScaler::attribute(const std::string& attribute) const {
  return find(parts().dist_param_values, attribute);
}

std::string DistanceScaler::to_string() const { return parts().distribution.value_or("None"); }

bool DistanceScaler::can_vary(const std::string& attribute) const {
  return std::ranges::count(parts().dist_param_names, attribute) > 0;
}

text::PythonExpression DistanceScaler::expression(std::vector<std::string> placeholders,
                                                  const std::vector<std::string>& varied) const {
  return {inst_distribution(varied), std::move(placeholders)};
}

NrnSegmentSectionDistanceScaler::NrnSegmentSectionDistanceScaler(std::string object_name,
                                                                 NrnSegmentSectionDistanceScalerArguments given,
                                                                 std::string object_comment)
    : NamedRecord(std::move(object_name), std::move(given), std::move(object_comment)) {
  check();
}

DistanceScaler::Parts NrnSegmentSectionDistanceScaler::parts() const {
  return {distribution, dist_param_names, dist_param_values, ref_section, ref_location};
}

model::ParameterScaler NrnSegmentSectionDistanceScaler::snapshot(const std::vector<std::string>& placeholders) const {
  return model::NrnSegmentSectionDistanceScaler{
      .distribution = expression(model::NrnSegmentSomaDistanceScaler::placeholders(placeholders), placeholders),
      .ref_section = ref_section,
      .ref_location = ref_location};
}

NrnSegmentSomaDistanceScaler::NrnSegmentSomaDistanceScaler(std::string object_name,
                                                           NrnSegmentSomaDistanceScalerArguments given,
                                                           std::string object_comment)
    : NamedRecord(std::move(object_name), std::move(given), std::move(object_comment)) {
  check();
}

DistanceScaler::Parts NrnSegmentSomaDistanceScaler::parts() const {
  return {distribution, dist_param_names, dist_param_values, "soma[0]", soma_ref_location};
}

model::ParameterScaler NrnSegmentSomaDistanceScaler::snapshot(const std::vector<std::string>& placeholders) const {
  return model::NrnSegmentSomaDistanceScaler{
      .distribution = expression(model::NrnSegmentSomaDistanceScaler::placeholders(placeholders), placeholders),
      .soma_ref_location = soma_ref_location};
}

NrnSegmentSomaDistanceStepScaler::NrnSegmentSomaDistanceStepScaler(std::string object_name,
                                                                   NrnSegmentSomaDistanceStepScalerArguments given,
                                                                   std::string object_comment)
    : NamedRecord(std::move(object_name), std::move(given), std::move(object_comment)) {
  check();
}

DistanceScaler::Parts NrnSegmentSomaDistanceStepScaler::parts() const {
  return {distribution, dist_param_names, dist_param_values, "soma[0]", soma_ref_location};
}

std::map<std::string, std::string> NrnSegmentSomaDistanceStepScaler::scale_dict(const ScaleValues& values,
                                                                                double distance) const {
  std::map<std::string, std::string> texts = DistanceScaler::scale_dict(values, distance);
  texts["step_begin"] = shortest_number(required(step_begin, *this, name, "step_begin"));
  texts["step_end"] = shortest_number(required(step_end, *this, name, "step_end"));
  return texts;
}

bool NrnSegmentSomaDistanceStepScaler::can_vary(const std::string& attribute) const {
  return attribute == "step_begin" || attribute == "step_end" || DistanceScaler::can_vary(attribute);
}

model::ParameterScaler NrnSegmentSomaDistanceStepScaler::snapshot(const std::vector<std::string>& placeholders) const {
  return model::NrnSegmentSomaDistanceStepScaler{
      .distribution = expression(model::NrnSegmentSomaDistanceStepScaler::placeholders(placeholders), placeholders),
      .soma_ref_location = soma_ref_location,
      .step_begin_um = required(step_begin, *this, name, "step_begin"),
      .step_end_um = required(step_end, *this, name, "step_end")};
}

}  // namespace cellwright::ephys
