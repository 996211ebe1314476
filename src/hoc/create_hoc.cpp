#include "cellwright/hoc/create_hoc.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/version.hpp"
#include "cellwright/text/hoc_function.hpp"
#include "hoc/fill_template.hpp"
#include "hoc/replace_axon.hpp"
#include "hoc/statements.hpp"

namespace cellwright::hoc {
namespace {

constexpr std::array section_lists = {"all", "somatic", "basal", "apical", "axonal", "myelinated"};
/// The template's section arrays and the lists that hold the same sections.
constexpr std::pair<std::string_view, std::string_view> list_of_array[] = {
    {"soma", "somatic"}, {"dend", "basal"}, {"apic", "apical"}, {"axon", "axonal"}, {"myelin", "myelinated"}};

/// With the statements that check and that set the globals, and what both procedures begin with.
constexpr std::string_view global_procedures = R"hoc(// check_parameter(name, what the model needs, what NEURON has)
proc check_parameter() {{
  if ($2 != $3) {{
    printf("%s is %.17g, the model needs %.17g\n", $s1, $3, $2)
    execerror($s1, "differs from what the model needs: call set_simulator()")
  }}
}}
// Stops if a global of NEURON is not what the model needs.
proc check_simulator() {{{2}
{0}}}
// Sets the globals of NEURON that the model needs.
proc set_simulator() {{{2}
{1}}}
)hoc";

std::string number(double value) { return fmt::format("{:.17g}", value); }

/// A name that hoc allows: letters, digits and underscores, a letter first.
std::string valid_name(const std::string& name) {
  std::string result;
  for (const char c : name) result += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  if (result.empty() || std::isalpha(static_cast<unsigned char>(result.front())) == 0) result = "cell_" + result;
  return result;
}

/// Where a distance scaler measures from, and what it computes.
struct Distribution {
  std::string expression;
  std::vector<std::string> placeholders;
  std::string origin_section = "soma[0]";
  double origin_x = 0.5;
  std::vector<double> steps;  ///< step_begin and step_end, if the scaler has them
};

Distribution distribution_of(const model::CellParameter& parameter) {
  std::vector<std::string> more = parameter.param_dependencies;
  more.insert(more.end(), parameter.dist_param_names.begin(), parameter.dist_param_names.end());
  Distribution result{.placeholders = model::NrnSegmentSomaDistanceScaler::placeholders(more)};
  std::visit(
      [&](const auto& s) {
        if constexpr (requires { s.distribution; }) result.expression = s.distribution.text();
        if constexpr (requires { s.soma_ref_location; }) result.origin_x = s.soma_ref_location;
        if constexpr (requires { s.ref_section; })
          result.origin_section = s.ref_section, result.origin_x = s.ref_location;
        if constexpr (requires { s.step_begin_um; }) {
          result.steps = {s.step_begin_um, s.step_end_um};
          result.placeholders = s.placeholders(more);
        }
      },
      *parameter.value_scaler);
  return result;
}

/// One of the template's arrays with an index, such as soma[0].
bool is_full_section_name(const std::string& name) {
  const std::size_t bracket = name.find('[');
  const auto known =
      std::ranges::find(list_of_array, name.substr(0, bracket), &std::pair<std::string_view, std::string_view>::first);
  return bracket != std::string::npos && known != std::end(list_of_array) && name.ends_with(']') &&
         name.find_first_not_of("0123456789", bracket + 1) == name.size() - 1;
}

class HocCreator {
 public:
  HocCreator(const model::CellModel& cell, const std::vector<NamedValue>& values, const HocSettings& settings)
      : cell_(cell), settings_(settings) {
    collect_values(values);
    refuse_the_unsupported();
  }

  std::string create() {
    std::map<std::string, std::string> values = {
        {"banner", banner()},
        {"template_name", settings_.template_name.empty() ? valid_name(cell_.name) : settings_.template_name},
        {"morphology", cell_.morphology.morphology_path.filename().string()},
        {"nseg_frequency", number(cell_.morphology.nseg_frequency_um.value_or(0))},
        {"check_globals", check_globals()},
        {"gid", fmt::to_string(cell_.gid)},
        {"insert", insert()},
        {"re_init_rng", re_init_rng()}};
    write_parameters();
    values["biophysics"] = biophysics_.text();
    values["distributions"] = distributions_;
    values["replace_axon_procedure"] = axon_procedure();
    values["replace_axon"] = values["replace_axon_procedure"].empty() ? "" : "replace_axon()";
    problems_.throw_if_errors<ConfigError>();
    return settings_.template_text.empty() ? fill_template(default_template(), values, "cell_template.hoc")
                                           : fill_template(settings_.template_text, values, settings_.template_file);
  }

 private:
  void problem(std::string code, std::string message, const SourceSpan& span, std::string fix) {
    problems_.add({.code = std::move(code), .message = std::move(message), .span = span, .fix = std::move(fix)});
  }

  void collect_values(const std::vector<NamedValue>& given) {
    std::vector<std::string> names;
    for (const model::CellParameter* parameter : cell_.free_parameters()) names.push_back(parameter->name);
    for (const NamedValue& value : given) {
      if (std::ranges::count(names, value.name) == 0) {
        const std::string nearest = nearest_name(value.name, names);
        problem("hoc-params", fmt::format("'{}' is no free parameter of the cell", value.name), {},
                nearest.empty() ? "leave it out" : fmt::format("did you mean '{}'?", nearest));
      }
      values_[value.name] = value.value;
    }
    for (const model::CellParameter& parameter : cell_.parameters) {
      if (parameter.frozen()) values_[parameter.name] = *parameter.value;
      for (const model::CellParameter& sub : parameter.sub_parameters) values_[sub.name] = values_[parameter.name];
      if (!values_.contains(parameter.name)) {
        problem("hoc-params", fmt::format("there is no value for the parameter '{}'", parameter.name), parameter.span,
                "give a value for each free parameter");
      }
    }
  }

  void refuse_the_unsupported() {
    const auto refuse = [this](const auto& items, const char* what) {
      if (items.empty()) return;
      problem("hoc-unsupported", fmt::format("a hoc template cannot have {} of the cell model", what),
              items.front().span, "connect them in NEURON to the cell that the template makes");
    };
    refuse(cell_.point_processes, "the point processes");
    refuse(cell_.artificial_cells, "the artificial cells");
    refuse(cell_.connections, "the connections");
    refuse(cell_.pointers, "the pointers");
    refuse(cell_.random_streams, "the random streams");
    refuse(cell_.number_lists, "the lists of numbers");
    const model::NrnFileMorphology& shape = cell_.morphology;
    if (shape.morph_modifiers.empty() != shape.morph_modifiers_hoc.empty()) {
      problem("hoc-unsupported",
              shape.morph_modifiers.empty() ? "the cell model has morph_modifiers_hoc but no morph_modifiers"
                                            : "nothing says what the morph_modifiers of the cell model are in hoc",
              shape.span, "give both morph_modifiers and morph_modifiers_hoc");
    }
    if (cell_.hoc) {
      problem("hoc-unsupported", "the cell model is hoc already", cell_.hoc->span, "use its own hoc file");
    }
  }

  std::string banner() const {
    if (!settings_.banner) return "";
    return fmt::format(
        "// {}: a cell model with its parameters, for NEURON.\n// Made by cellwright {} (cellwright export hoc).",
        cell_.name, version());
  }

  std::string check_globals() {
    std::string checks, sets, ignored;
    for (const model::CellParameter& parameter : cell_.parameters) {
      if (parameter.kind != model::ParameterKind::global) continue;
      const std::string& name = parameter.param_name;
      const std::string value = number(values_[parameter.name]);
      if (std::ranges::count(settings_.ignored_globals, name) > 0) {
        ignored += fmt::format("// The global parameter {} = {} is left to whoever loads this file.\n", name, value);
        continue;
      }
      checks += fmt::format("  check_parameter(\"{0}\", {1}, {0})\n", name, value);
      sets += fmt::format("  {} = {}\n", name, value);
    }
    check_ignored_globals();
    std::string random;
    if (cell_.random123_globalindex != 0) {
      random = " localobj rng\n  rng = new Random()";
      checks += fmt::format("  check_parameter(\"Random123_globalindex\", {}, rng.Random123_globalindex())\n",
                            cell_.random123_globalindex);
      sets += fmt::format("  rng.Random123_globalindex({})\n", cell_.random123_globalindex);
    }
    return checks.empty() ? ignored : ignored + fmt::format(global_procedures, checks, sets, random);
  }

  void check_ignored_globals() {
    std::vector<std::string> names;
    for (const model::CellParameter& parameter : cell_.parameters) {
      if (parameter.kind == model::ParameterKind::global) names.push_back(parameter.param_name);
    }
    for (const std::string& name : settings_.ignored_globals) {
      if (std::ranges::count(names, name) > 0) continue;
      const std::string nearest = nearest_name(name, names);
      problem("hoc-global", fmt::format("the model has no global parameter '{}' to ignore", name), {},
              nearest.empty() ? fmt::format("its global parameters are: {}", fmt::join(names, ", "))
                              : fmt::format("did you mean '{}'?", nearest));
    }
  }

  /// The template's list of that name; an array's name stands for its list.
  std::optional<std::string> section_list(const std::string& name, const SourceSpan& span) {
    for (const auto& [array, list] : list_of_array) {
      if (array == name) return std::string(list);
    }
    if (std::ranges::count(section_lists, name) > 0) return name;
    problem("hoc-unsupported", fmt::format("the hoc template has no section list '{}'", name), span,
            fmt::format("use one of: {}", fmt::join(section_lists, ", ")));
    return std::nullopt;
  }

  std::string insert() {
    SectionStatements statements;
    for (const model::NrnMODMechanism& mechanism : cell_.mechanisms) {
      if (const auto list = section_list(mechanism.location.seclist_name, mechanism.span))
        statements.add(*list, std::nullopt, "insert " + mechanism.suffix);
    }
    return statements.text();
  }

  /// BluePyOpt's rule: mechanisms whose suffix contains "Stoch" have a switch.
  std::string re_init_rng() {
    SectionStatements statements;
    for (const model::NrnMODMechanism& mechanism : cell_.mechanisms) {
      if (!mechanism.stochastic()) continue;
      if (const auto list = section_list(mechanism.location.seclist_name, mechanism.span))
        write_noise(mechanism, *list, statements);
    }
    return statements.text();
  }

  /// Without noise a switch; with noise each segment's stream gets the number of the cell and a hash of the place.
  static void write_noise(const model::NrnMODMechanism& mechanism, const std::string& list,
                          SectionStatements& statements) {
    const std::string& suffix = mechanism.suffix;
    statements.add(list, std::nullopt, fmt::format("deterministic_{} = {}", suffix, mechanism.deterministic ? 1 : 0));
    if (mechanism.deterministic) return;
    // for (x, 0) adds up its x, which may differ in the last bit, and with it the hash, from the segment's x in Python.
    statements.add(list, std::nullopt, "for k = 1, nseg {\n    x = (k - 0.5)/nseg");
    statements.add(list, std::nullopt, fmt::format("  setdata_{0}(x)", suffix));
    statements.add(list, std::nullopt,
                   fmt::format("  if (channel_seed_set) setRNG_{0}(gid, hash_of_place(x), channel_seed)", suffix));
    statements.add(list, std::nullopt,
                   fmt::format("  if (!channel_seed_set) setRNG_{0}(gid, hash_of_place(x))", suffix));
    statements.add(list, std::nullopt, "}");
  }

  void write_parameters() {
    for (const model::CellParameter& parameter : cell_.parameters) {
      write_parameter(parameter);
      for (const model::CellParameter& sub : parameter.sub_parameters) write_parameter(sub);
    }
  }
  /// Nothing for globals, which check_globals has, and for parameters that only write to others.
  void write_parameter(const model::CellParameter& parameter) {
    using enum model::ParameterKind;
    if (parameter.kind == global || parameter.kind == meta || parameter.kind == meta_list_equal) return;
    for (const model::ParameterLocation& location : parameter.locations)
      std::visit([&](const auto& l) { write_parameter(parameter, l); }, location);
  }

  /// What a meta parameter gives to an attribute of a parameter's scaler.
  double scaler_number(const model::CellParameter& parameter, std::string_view attribute, double otherwise) {
    const auto* meta = cell_.meta_parameter(model::ScalerTarget{parameter.name}, attribute);
    return meta ? values_[meta->name] : otherwise;
  }
  void write_parameter(const model::CellParameter& parameter, const model::NrnSeclistLocation& location) {
    write_at(parameter, location.seclist_name, std::nullopt, location.span);
  }
  void write_parameter(const model::CellParameter& parameter, const model::NrnSeclistSecLocation& location) {
    write_at(parameter, location.seclist_name, location.sec_index, location.span);
  }
  void write_parameter(const model::CellParameter& parameter, const model::NrnPointProcessLocation&) {
    problem("hoc-unsupported", fmt::format("parameter '{}' is one of a point process", parameter.name), parameter.span,
            "a hoc template cannot have the point processes of the cell model");
  }

  void write_at(const model::CellParameter& parameter, const std::string& list_name, std::optional<int> index,
                const SourceSpan& span) {
    const auto list = section_list(list_name, span);
    if (!list) return;
    double value = values_[parameter.name];
    const model::ParameterScaler scaler = parameter.value_scaler.value_or(model::NrnSegmentLinearScaler{});
    const auto* linear = std::get_if<model::NrnSegmentLinearScaler>(&scaler);
    if (!linear) return write_distribution(parameter, *list, index);
    value = scaler_number(parameter, "multiplier", linear->multiplier) * value +
            scaler_number(parameter, "offset", linear->offset);
    biophysics_.add(*list, index, fmt::format("{} = {}", parameter.param_name, number(value)));
  }

  void write_distribution(const model::CellParameter& parameter, const std::string& list, std::optional<int> index) {
    const Distribution distribution = distribution_of(parameter);
    if (parameter.kind != model::ParameterKind::range || !is_full_section_name(distribution.origin_section)) {
      problem("hoc-unsupported",
              parameter.kind == model::ParameterKind::range
                  ? fmt::format("parameter '{}': '{}' is not the full name of a section", parameter.name,
                                distribution.origin_section)
                  : fmt::format("parameter '{}': only range parameters can depend on the distance", parameter.name),
              parameter.span, "hoc needs a name such as soma[0], and a parameter of type range");
      return;
    }
    const auto function = function_of(parameter, distribution);
    if (!function) return;
    biophysics_.add_alone(
        fmt::format("{} distance(0, {})", distribution.origin_section, number(distribution.origin_x)));
    biophysics_.add(list, index, fmt::format("for (x, 0) {}(x) = {}(distance(x))", parameter.param_name, *function));
  }

  /// The name of the function of the distance, which is defined once for a parameter.
  std::optional<std::string> function_of(const model::CellParameter& parameter, const Distribution& distribution) {
    const auto [known, is_new] = functions_.try_emplace(&parameter, "");
    if (!is_new) return known->second;
    std::vector<double> arguments = {0, values_[parameter.name]};
    for (const std::string& name : parameter.param_dependencies) {
      if (!values_.contains(name)) {
        problem("hoc-params",
                fmt::format("parameter '{}' depends on '{}', which is no parameter", parameter.name, name),
                parameter.span, "give its full name");
        return std::nullopt;
      }
      arguments.push_back(values_[name]);
    }
    for (const std::string& name : parameter.dist_param_names) {
      const auto* meta = cell_.meta_parameter(model::ScalerTarget{parameter.name}, name);
      if (meta == nullptr) {
        problem("hoc-params",
                fmt::format("parameter '{}': nothing sets '{}' of its distribution", parameter.name, name),
                parameter.span, "add a parameter of type meta for it");
        return std::nullopt;
      }
      arguments.push_back(values_[meta->name]);
    }
    if (!distribution.steps.empty()) {
      arguments.push_back(scaler_number(parameter, "step_begin", distribution.steps[0]));
      arguments.push_back(scaler_number(parameter, "step_end", distribution.steps[1]));
    }
    known->second = fmt::format("distribution_{}", functions_.size());
    try {
      distributions_ += fmt::format(
          "// {}: {} by the path distance $1 in um\n{}\n", parameter.name, parameter.param_name,
          text::hoc_function(known->second, distribution.expression, distribution.placeholders, 0, arguments));
    } catch (const ConfigError& error) {
      for (Diagnostic diagnostic : error.diagnostics()) {
        if (diagnostic.span.file.empty()) diagnostic.span = parameter.span;
        problems_.add(std::move(diagnostic));
      }
      return std::nullopt;
    }
    return known->second;
  }

  /// As in BluePyOpt, the text of the modifiers follows; it may define replace_axon() anew.
  std::string axon_procedure() const {
    const model::NrnFileMorphology& shape = cell_.morphology;
    std::string text;
    if (shape.do_replace_axon) {
      text = shape.replace_axon_hoc.empty()
                 ? replace_axon_procedure(shape.axon_stub_length_um, shape.axon_nseg_frequency_um)
                 : shape.replace_axon_hoc;
    }
    for (const std::string& modifier : shape.morph_modifiers_hoc) text += (text.empty() ? "" : "\n") + modifier;
    return text;
  }

  const model::CellModel& cell_;
  const HocSettings& settings_;
  DiagnosticList problems_;
  std::map<std::string, double> values_;  ///< of all parameters by full name
  SectionStatements biophysics_;
  std::string distributions_;
  std::map<const model::CellParameter*, std::string> functions_;
};

}  // namespace

std::string create_hoc(const model::CellModel& cell, const std::vector<NamedValue>& values,
                       const HocSettings& settings) {
  return HocCreator(cell, values, settings).create();
}

}  // namespace cellwright::hoc
