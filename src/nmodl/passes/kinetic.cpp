/// Turns KINETIC blocks into assignments of the balance of each STATE and of its derivatives:
///   ~ A + B <-> C (kf, kb)
/// becomes, with A, B, C the unknowns 0, 1, 2,
///   k_forward = kf
///   f_flux = k_forward*A*B
///   k_backward = kb
///   b_flux = k_backward*C
///   k_net = f_flux - b_flux
///   k_flux[0] = k_flux[0] - k_net     k_flux[1] = k_flux[1] - k_net     k_flux[2] = k_flux[2] + k_net
///   k_slope = k_forward*B
///   k_matrix[0] = k_matrix[0] + k_slope  ...
/// where k is the block and k_matrix[e] belongs to ImplicitSystem::entries[e] of (row, column). Stoichiometric numbers
/// are exponents of the mass action as well as weights of the balance. Species that are no STATEs only take part in the
/// mass action. COMPARTMENT gives k_volume, CONSERVE k_missing and k_weight.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "nmodl/passes/dependence.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/passes/system_builder.hpp"

namespace cellwright::nmodl {
namespace {

constexpr double max_coefficient = 16;

/// One side of a reaction: how often each species takes part. STATEs have an unknown.
struct Participant {
  Name species;
  int count = 1;
  std::optional<int> unknown;
};

class KineticLowering {
 public:
  KineticLowering(PassContext& context, CodeBlock& block)
      : context_(context), block_(block), builder_(context, block, ImplicitSystem::Kind::balance) {}

  void run() {
    collect_unknowns();
    if (context_.diagnostics.has_errors()) return;
    if (builder_.size() == 0) {
      context_.reporter.error("nmodl-kinetic", block_.name.place,
                              fmt::format("no reaction of '{}' changes a STATE", block_.name.name),
                              "add a reaction such as ~ A <-> B (forward, backward)");
      return;
    }
    choose_conserved_rows();
    builder_.system.ends_with_update = other_statements_depend_on_unknowns();
    Block volumes = compartment_statements(block_.body);
    context_.right_hand_sides[block_.name.name] = variable_step_form(volumes);
    lower(block_.body);
    std::move(volumes.begin(), volumes.end(), std::inserter(block_.body, first_statement()));
    declare_all();
    builder_.finish();
  }

 private:
  // ----------------------------------------------------------------------------------------------- unknowns
  void collect_unknowns() {
    walk_statements(block_.body, [this](const Statement& statement) {
      if (const auto* reaction = std::get_if<Reaction>(&statement.node)) check_reaction(*reaction, statement.place);
    });
    walk_statements(block_.body, [this](const Statement& statement) {
      const auto* conserve = std::get_if<Conserve>(&statement.node);
      if (conserve == nullptr) return;
      for (const ReactionTerm& term : conserve->terms) builder_.unknown(term.species, term.place);
      conserves_.push_back(*conserve);
    });
  }

  void check_reaction(const Reaction& reaction, const Place& place) {
    int most = 0;
    for (const auto* side : {&reaction.left, &reaction.right}) {
      int count = 0;
      for (const ReactionTerm& term : *side) {
        builder_.unknown(term.species, term.place);
        count += coefficient(term);
      }
      most = std::max(most, count);
    }
    // NEURON decides this on the text too, species that are no STATEs included.
    if (reaction.kind != Reaction::Kind::source) {
      builder_.system.is_linear = builder_.system.is_linear && most <= 1;
      return;
    }
    const bool one_state = reaction.left.size() == 1 && most == 1 && builder_.find(reaction.left.front().species);
    if (one_state || context_.diagnostics.has_errors()) return;
    context_.reporter.error("nmodl-kinetic", place, "'<<' needs one STATE on its left side", "write ~ A << (flux)");
  }

  int coefficient(const ReactionTerm& term) {
    const auto value = literal_value(term.coefficient);
    if (value && *value >= 1 && *value <= max_coefficient && *value == std::floor(*value)) {
      return static_cast<int>(*value);
    }
    context_.reporter.error(
        "nmodl-kinetic", term.place,
        fmt::format("the number of '{}' must be a whole number from 1 to {}", term.species.name, max_coefficient),
        "put other factors into the rates");
    return 1;
  }

  /// As NEURON does: from the last CONSERVE to the first, the last of its STATEs that is not taken. NEURON does not
  /// take elements of arrays; they come last here.
  void choose_conserved_rows() {
    std::vector<int> rows(conserves_.size(), -1);
    std::set<int> taken;
    for (std::size_t c = conserves_.size(); c-- > 0;) {
      const std::vector<ReactionTerm>& terms = conserves_[c].terms;
      for (const bool arrays : {false, true}) {
        for (auto term = terms.rbegin(); term != terms.rend() && rows[c] < 0; ++term) {
          const auto unknown = builder_.find(term->species);
          if (!unknown || static_cast<bool>(term->species.index) != arrays || taken.contains(*unknown)) continue;
          rows[c] = *unknown;
        }
      }
      if (rows[c] < 0) {
        context_.reporter.error("nmodl-kinetic", terms.front().place, "CONSERVE has no STATE left to determine",
                                "remove it or one of the others");
      }
      taken.insert(rows[c]);
    }
    conserved_rows_ = std::move(rows);
  }

  bool other_statements_depend_on_unknowns() {
    std::set<std::string> sources = {"f_flux", "b_flux"};
    for (const Unknown& unknown : builder_.system.unknowns) sources.insert(unknown.state);
    bool depends = false;
    DependenceFinder finder(context_);
    walk_statements(block_.body, [&](const Statement& statement) {
      const auto& node = statement.node;
      const bool own = std::holds_alternative<Reaction>(node) || std::holds_alternative<Conserve>(node) ||
                       std::holds_alternative<Compartment>(node);
      depends = depends || (!own && have_common(finder.of(statement).reads, sources));
    });
    return depends;
  }

  // -------------------------------------------------------------------------------------------- compartments
  /// NEURON computes the volumes before everything else in the block.
  Block compartment_statements(const Block& body) {
    std::map<int, Statement> volumes;
    walk_statements(body, [&](const Statement& statement) {
      if (const auto* node = std::get_if<Compartment>(&statement.node)) {
        for (const Identifier& id : node->species) compartment(*node, id, volumes);
      }
    });
    builder_.system.has_volumes = !volumes.empty();
    Block result;
    if (volumes.empty()) return result;
    for (int k = 0; k < builder_.size(); ++k) {
      const auto found = volumes.find(k);
      result.push_back(found != volumes.end() ? found->second
                                              : builder_.assign("volume", k, make_number(1), block_.name.place));
    }
    return result;
  }

  void compartment(const Compartment& node, const Identifier& species, std::map<int, Statement>& volumes) {
    for (int k = 0; k < builder_.size(); ++k) {
      const Unknown& unknown = builder_.system.unknowns[static_cast<std::size_t>(k)];
      if (unknown.state != species.name) continue;
      Expression volume = node.volume;
      if (node.index) {
        const Expression index = make_number(unknown.element.value_or(0));
        walk_expression(volume, [&](Expression& e) {
          const auto* name = std::get_if<Name>(&e.node);
          if (name != nullptr && name->name == node.index->name) e.node = index.node;
        });
      }
      Block statement = {builder_.assign("volume", k, std::move(volume), species.place)};
      fold_block(statement);
      volumes.insert_or_assign(k, std::move(statement.front()));
    }
  }

  // --------------------------------------------------------------------------------------------- variable step
  /// The block as x' = f of each STATE, for variable steps, in which NEURON ignores CONSERVE. k_rate_0 ... sum up what
  /// flows into the unknowns, k_size_0 ... are their volumes.
  Block variable_step_form(const Block& volumes) {
    Local scalars;
    Block result;
    const auto declare = [&](const std::string& scalar) {
      scalars.variables.push_back({scalar, std::nullopt, block_.name.place});
    };
    for (const char* flux : {"f_flux", "b_flux"}) declare(flux);
    for (const char* rate : {"forward", "backward"}) declare(name(rate));
    for (int k = 0; k < builder_.size(); ++k) {
      declare(numbered("rate", k));
      result.push_back(set(numbered("rate", k), make_number(0), block_.name.place));
      if (volumes.empty()) continue;
      declare(numbered("size", k));
      const Statement& volume = volumes[static_cast<std::size_t>(k)];
      result.push_back(set(numbered("size", k), std::get<Assignment>(volume.node).value, volume.place));
    }
    append_rates(block_.body, result);
    for (int k = 0; k < builder_.size(); ++k) {
      Expression rate = make_name(numbered("rate", k));
      if (!volumes.empty()) rate = make_quotient(std::move(rate), make_name(numbered("size", k)));
      result.push_back({Equation{builder_.name_of(k), 1, block_.name.place, std::move(rate)}, block_.name.place});
    }
    const auto behind_locals = std::find_if(result.begin(), result.end(),
                                            [](const Statement& s) { return !std::holds_alternative<Local>(s.node); });
    result.insert(behind_locals, Statement{std::move(scalars), block_.name.place});
    return result;
  }

  std::string numbered(const char* stem, int k) const { return name(fmt::format("{}_{}", stem, k)); }

  static Statement set(const std::string& scalar, Expression value, const Place& place) {
    return {Assignment{{scalar, {}}, place, std::move(value)}, place};
  }

  void append_rates(const Block& body, Block& result) {
    for (const Statement& statement : body) {
      if (const auto* reaction = std::get_if<Reaction>(&statement.node)) {
        append_rates(*reaction, statement.place, result);
      } else if (!std::holds_alternative<Conserve>(statement.node) &&
                 !std::holds_alternative<Compartment>(statement.node)) {
        Statement copy = statement;
        for_each_block(copy, [this](Block& inner) {
          Block rates;
          append_rates(inner, rates);
          inner = std::move(rates);
        });
        result.push_back(std::move(copy));
      }
    }
  }

  void append_rates(const Reaction& reaction, const Place& place, Block& result) {
    fluxes(reaction, place, result);
    const Expression net = make_difference(make_name("f_flux"), make_name("b_flux"));
    const auto add = [&](const std::vector<ReactionTerm>& side, int sign, const Expression& flux) {
      for (const Participant& p : participants(side)) {
        if (!p.unknown) continue;
        const std::string sum = numbered("rate", *p.unknown);
        result.push_back(set(sum, make_sum(make_name(sum), make_product(make_number(sign * p.count), flux)), place));
      }
    };
    if (reaction.kind == Reaction::Kind::source) {
      add(reaction.left, 1, make_name("b_flux"));
    } else {
      add(reaction.left, -1, net);
      add(reaction.right, 1, net);
    }
  }

  // ----------------------------------------------------------------------------------------------- lowering
  void lower(Block& body) {
    Block result;
    for (Statement& statement : body) {
      if (const auto* reaction = std::get_if<Reaction>(&statement.node)) {
        lower(*reaction, statement.place, result);
      } else if (const auto* conserve = std::get_if<Conserve>(&statement.node)) {
        lower(*conserve, statement.place, result);
      } else if (!std::holds_alternative<Compartment>(statement.node)) {
        for_each_block(statement, [this](Block& inner) { lower(inner); });
        result.push_back(std::move(statement));
      }
    }
    body = std::move(result);
  }

  std::vector<Participant> participants(const std::vector<ReactionTerm>& terms) {
    std::vector<Participant> result;
    for (const ReactionTerm& term : terms) {
      const int count = coefficient(term);
      const auto same =
          std::find_if(result.begin(), result.end(), [&](const Participant& p) { return p.species == term.species; });
      if (same != result.end()) {
        same->count += count;
      } else {
        result.push_back({term.species, count, builder_.find(term.species)});
      }
    }
    return result;
  }

  /// rate*A*A*B for 2 A + B; with `by`, its derivative by that participant.
  Expression mass_action(const std::string& rate, const std::vector<Participant>& side, const Participant* by) const {
    Expression result = make_name(rate);
    for (const Participant& p : side) {
      const bool derived = &p == by;
      if (derived) result = make_product(make_number(p.count), std::move(result));
      for (int i = derived ? 1 : 0; i < p.count; ++i) result = make_product(std::move(result), {p.species, {}});
    }
    return result;
  }

  /// f_flux and b_flux of a reaction, by way of its rates.
  void fluxes(const Reaction& reaction, const Place& place, Block& result) {
    if (reaction.kind == Reaction::Kind::source) {
      result.push_back(set("f_flux", make_number(0), place));
      result.push_back(set("b_flux", reaction.forward, place));
      return;
    }
    const std::string forward = name("forward"), backward = name("backward");
    result.push_back(set(forward, reaction.forward, place));
    result.push_back(set("f_flux", mass_action(forward, participants(reaction.left), nullptr), place));
    const bool reversible = reaction.backward.has_value();
    if (reversible) result.push_back(set(backward, *reaction.backward, place));
    Expression flux = reversible ? mass_action(backward, participants(reaction.right), nullptr) : make_number(0);
    result.push_back(set("b_flux", std::move(flux), place));
  }

  void lower(const Reaction& reaction, const Place& place, Block& result) {
    fluxes(reaction, place, result);
    if (reaction.kind == Reaction::Kind::source) {
      const int row = *builder_.find(reaction.left.front().species);
      result.push_back(builder_.add("flux", row, make_name("b_flux"), place));
      return;
    }
    const std::vector<Participant> left = participants(reaction.left), right = participants(reaction.right);
    result.push_back(set(name("net"), make_difference(make_name("f_flux"), make_name("b_flux")), place));
    for (const Participant& p : left) add_flux(p, -1, place, result);
    for (const Participant& p : right) add_flux(p, 1, place, result);
    slopes(name("forward"), left, right, place, result);
    if (reaction.backward) slopes(name("backward"), right, left, place, result);
  }

  void add_flux(const Participant& p, int sign, const Place& place, Block& result) {
    if (!p.unknown) return;
    result.push_back(
        builder_.add("flux", *p.unknown, make_product(make_number(sign * p.count), make_name(name("net"))), place));
  }

  /// The matrix gets minus the derivative of the flux: what leaves `from` counts positively there.
  void slopes(const std::string& rate, const std::vector<Participant>& from, const std::vector<Participant>& to,
              const Place& place, Block& result) {
    for (const Participant& by : from) {
      if (!by.unknown) continue;
      result.push_back({Assignment{{name("slope"), {}}, place, mass_action(rate, from, &by)}, place});
      const auto add = [&](const Participant& row, int sign) {
        if (!row.unknown) return;
        const int entry = builder_.entry(*row.unknown, *by.unknown);
        result.push_back(builder_.add("matrix", entry,
                                      make_product(make_number(sign * row.count), make_name(name("slope"))), place));
      };
      for (const Participant& row : from) add(row, 1);
      for (const Participant& row : to) add(row, -1);
    }
  }

  void lower(const Conserve& conserve, const Place& place, Block& result) {
    ImplicitSystem::Conservation conservation;
    const auto number = builder_.system.conservations.size();
    conservation.row = conserved_rows_[number];
    conservation.first_weight = weights_;
    Expression sum = make_number(0);
    for (const Participant& p : participants(conserve.terms)) {
      Expression weight = make_number(p.count);
      if (p.unknown) {
        if (builder_.system.has_volumes) {
          weight = make_product(std::move(weight), builder_.element("volume", *p.unknown));
        }
        conservation.columns.push_back(*p.unknown);
        result.push_back(builder_.assign("weight", weights_, weight, place));
        weight = builder_.element("weight", weights_++);
      }
      sum = make_sum(std::move(sum), make_product(std::move(weight), {p.species, {}}));
    }
    result.push_back(
        builder_.assign("missing", static_cast<int>(number), make_difference(conserve.total, std::move(sum)), place));
    builder_.system.conservations.push_back(std::move(conservation));
  }

  std::string name(const std::string& scalar) const { return builder_.system.prefix + "_" + scalar; }

  Block::iterator first_statement() {
    return std::find_if(block_.body.begin(), block_.body.end(),
                        [](const Statement& s) { return !std::holds_alternative<Local>(s.node); });
  }

  void declare_all() {
    builder_.declare("flux", builder_.size());
    builder_.declare("matrix", static_cast<int>(builder_.system.entries.size()));
    builder_.declare("volume", builder_.system.has_volumes ? builder_.size() : 0);
    builder_.declare("missing", static_cast<int>(builder_.system.conservations.size()));
    builder_.declare("weight", weights_);
    for (const char* scalar : {"forward", "backward", "net", "slope"}) builder_.declare_scalar(name(scalar));
    builder_.declare_scalar("f_flux");
    builder_.declare_scalar("b_flux");
  }

  PassContext& context_;
  CodeBlock& block_;
  SystemBuilder builder_;
  std::vector<Conserve> conserves_;
  std::vector<int> conserved_rows_;
  int weights_ = 0;
};

}  // namespace

void kinetic_pass(PassContext& context) {
  for (Item& item : context.module.items) {
    auto* block = std::get_if<CodeBlock>(&item.node);
    if (block != nullptr && block->kind == CodeBlock::Kind::kinetic) KineticLowering(context, *block).run();
  }
}

}  // namespace cellwright::nmodl
