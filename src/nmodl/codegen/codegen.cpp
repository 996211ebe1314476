#include "cellwright/nmodl/codegen.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/abi/mechanism_abi.h"
#include "nmodl/codegen/derivatives.hpp"
#include "nmodl/codegen/effects.hpp"
#include "nmodl/codegen/implicit_step.hpp"
#include "nmodl/codegen/layout.hpp"
#include "nmodl/codegen/liveness.hpp"
#include "nmodl/codegen/prelude.hpp"
#include "nmodl/codegen/single_step.hpp"
#include "nmodl/codegen/statement_writer.hpp"
#include "nmodl/codegen/system_writer.hpp"
#include "nmodl/passes/collect_factors.hpp"
#include "nmodl/passes/fast_rates.hpp"
#include "nmodl/passes/usual_exponentials.hpp"

namespace cellwright::nmodl {
namespace {

/// In the order of HookBlock::Moment and cw_hook.
constexpr std::array hook_names = {"before_initial", "after_initial", "before_breakpoint", "after_solve",
                                   "before_step"};

constexpr const char* engine_names[] = {"v", "t", "dt", "celsius", "area", "diam"};

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) >= ' ') result += c;
  }
  return result + "\"";
}

class Generator {
 public:
  Generator(const MechanismDescription& mechanism, const std::string& entry_symbol, bool fast)
      : mechanism_(mechanism),
        entry_symbol_(entry_symbol),
        layout_(make_layout(mechanism)),
        has_context_(mechanism.net_receive || !mechanism.randoms.empty() || !mechanism.vectors.empty() ||
                     !layout_.pointers.empty()),
        effects_(mechanism),
        statements_(mechanism, layout_),
        plan_(plan_derivatives(mechanism, fast)),
        single_(fast ? plan_single_step(mechanism) : SingleStepPlan{}) {
    if (fast) mark_usual_exponentials();
  }

  std::string generate() {
    refuse_what_is_missing();
    find_transients();
    CodeText functions, phases, whole;
    write_functions(functions);
    write_phases(phases);
    write_frame(whole);
    whole.append(functions);
    whole.append(phases);
    write_descriptor(whole);
    std::string head = fmt::format("// Mechanism '{}', made by cellwright (generator {}) from its mod file.\n",
                                   mechanism_.name, generator_version);
    head += generated_prelude;
    if (has_context_) head += context_prelude;
    CodeText text;
    for (std::size_t begin = 0; begin < head.size();) {
      const std::size_t end = std::min(head.find('\n', begin), head.size());
      text.line(head.substr(begin, end - begin));
      begin = end + 1;
    }
    text.append(whole);
    return text.print(mechanism_.files, "mechanism.cpp");
  }

 private:
  /// A function of the ABI that the mechanism has.
  struct Phase {
    std::string name;
    Effects effects;
    bool lanes_together;  ///< vectorise over lanes
    bool rows = false;    ///< compute all lanes of a row at once where the instruction set has rows
  };

  void mark_usual_exponentials() {
    if (mechanism_.find_function("exp") != nullptr) return;
    for (Block* block : {&plan_.rates.body, &plan_.usual_rates.body, &plan_.currents.body})
      has_usual_exp_in_implicit_ = nmodl::mark_usual_exponentials(*block) || has_usual_exp_in_implicit_;
    collect_factors(plan_.usual_rates.body);
    use_powers_of_two(plan_.usual_rates.body);
    if (single_.state) has_usual_exp_in_state_ = nmodl::mark_usual_exponentials(*single_.state);
    if (single_.usual_state) {
      nmodl::mark_usual_exponentials(*single_.usual_state);
      use_powers_of_two(*single_.usual_state);
    }
  }

  // ------------------------------------------------------------------------------------------------- checks

  void refuse_what_is_missing() const {
    const SourceSpan place{.file = mechanism_.files.empty() ? "" : mechanism_.files.front()};
    if (mechanism_.kind == MechanismKind::artificial_cell && !mechanism_.breakpoint.empty()) {
      throw unsupported(fmt::format("the ARTIFICIAL_CELL '{}' has a BREAKPOINT", mechanism_.name), place,
                        "use a POINT_PROCESS, or let net_send run the cell");
    }
    const auto is_electrode = [](const Current& current) { return current.kind == CurrentKind::electrode; };
    if (!mechanism_.conductances.empty() &&
        std::any_of(mechanism_.currents.begin(), mechanism_.currents.end(), is_electrode)) {
      throw unsupported("CONDUCTANCE together with an ELECTRODE_CURRENT is not supported", place,
                        "remove the CONDUCTANCE statement: the conductance is then computed");
    }
  }

  /// What fills a table must be known before INITIAL: parameters, constants, celsius, dt.
  void check_table(const Function& function, const Effects& body) {
    for (const std::string& name : body.reads) {
      const Slot& slot = layout_.slots.at(name);
      const bool known = slot.table == Table::param || slot.uniform || body.writes.count(name) > 0 ||
                         (slot.table == Table::engine && (name == "area" || name == "diam"));
      if (known) continue;
      throw unsupported(fmt::format("the TABLE of '{}' depends on '{}', which is not a PARAMETER", function.name, name),
                        function.table->span,
                        "compute it inside the function from PARAMETERs and celsius, or take the TABLE away");
    }
  }

  // ------------------------------------------------------------------------------------------------- transients

  /// Rows of `var` that every phase assigns before it reads them: only recordings need their values.
  void find_transients() {
    LivenessFinder finder(mechanism_);
    LivenessFinder::Names live, assigned;
    const auto add = [&](const Block& block) { live.merge(finder.live_in(block, assigned)); };
    add(mechanism_.initial);
    assigned.clear();
    // What solves a system reads, besides its unknowns, what `step` has assigned: it begins with `step`.
    for (const SolveBlock& solve : mechanism_.solves) add(solve.step);
    if (!mechanism_.currents.empty()) assigned.clear();
    add(mechanism_.breakpoint);
    for (const Current& current : mechanism_.currents) {
      if (!assigned.count(current.name)) live.insert(current.name);
    }
    for (const std::string& name : mechanism_.conductances) {
      if (!assigned.count(name)) live.insert(name);
    }
    for (const HookBlock& hook : mechanism_.hooks) live.merge(used(effects_.of(hook.body)));
    for (const std::string& name : used_by_events()) live.insert(name);
    for (const auto& [name, slot] : layout_.slots) {
      const auto own = layout_.own_current.find(name);
      const bool in_var = (slot.table == Table::var && slot.index >= layout_.n_states && slot.array_size == 0) ||
                          (own != layout_.own_current.end() && !is_read_from_ion(name));
      if (in_var && !live.count(name)) transients_.insert(slot.table == Table::var ? slot.index : own->second);
    }
  }

  /// Functions outside the three phases have no lean form: what they touch is kept.
  std::set<std::string> used_by_events() {
    if (!mechanism_.net_receive) return {};
    const NetReceive& receive = *mechanism_.net_receive;
    Effects effects = effects_.of_body(receive.body);
    if (receive.initial) effects.merge(effects_.of_body(*receive.initial));
    for (const WatchCondition& row : receive.watches)
      effects.merge(effects_.of({{CallStatement{Call{"", {row.condition}}}, {}}}));
    return used(effects);
  }

  // ------------------------------------------------------------------------------------------------- functions

  void write_functions(CodeText& code) {
    for (const Function& function : mechanism_.functions) {
      statements_.function(code, function);
      code.blank();
      if (!function.table) continue;
      const Effects body = effects_.of_body(function);
      check_table(function, body);
      table_reads_.insert(body.reads.begin(), body.reads.end());
      const Effects limits = effects_.of({Statement{CallStatement{Call{function.name, {}}}, {}}});
      table_reads_.insert(limits.reads.begin(), limits.reads.end());
      tables_.push_back(&function);
    }
    SystemWriter systems(mechanism_, statements_);
    for (const auto* list : {&mechanism_.solves, &mechanism_.initial_solves}) {
      for (const SolveBlock& solve : *list) {
        if (solve.system) systems.write(code, solve);
      }
    }
    for (const auto& [name, block] :
         {std::pair{"s_initial", &mechanism_.initial}, {"s_current", &mechanism_.breakpoint}}) {
      code.open(fmt::format("CW_INLINE void {}(Frame& f, Arrays& a) {{", name));
      statements_.block(code, *block, {});
      code.close();
      code.blank();
    }
    code.open("CW_INLINE void s_state(Frame& f, Arrays& a) {");
    for (const SolveBlock& solve : mechanism_.solves) statements_.solve(code, solve, false);
    if (mechanism_.currents.empty()) code.line("s_current(f, a);");
    code.close();
    code.blank();
    write_hook_functions(code);
    if (!mechanism_.net_receive) return;
    if (mechanism_.net_receive->initial) {
      statements_.event_function(code, "s_net_init", *mechanism_.net_receive->initial);
    }
    statements_.event_function(code, "s_net_receive", mechanism_.net_receive->body);
    if (mechanism_.net_receive->watches.empty()) return;
    code.open("CW_INLINE double s_watch([[maybe_unused]] Frame& f, [[maybe_unused]] Arrays& a, int condition) {");
    for (std::size_t k = 0; k < mechanism_.net_receive->watches.size(); ++k) {
      statements_.watch_value(code, static_cast<int>(k), mechanism_.net_receive->watches[k]);
    }
    code.line("return 0.0 * condition;");
    code.close();
    code.blank();
  }

  /// BEFORE and AFTER blocks: those of one moment after each other.
  void write_hook_functions(CodeText& code) {
    for (std::size_t moment = 0; moment < hook_names.size(); ++moment) {
      if (!has_hook(moment)) continue;
      code.open(fmt::format("CW_INLINE void s_{}(Frame& f, Arrays& a) {{", hook_names[moment]));
      for (const HookBlock& hook : mechanism_.hooks) {
        if (static_cast<std::size_t>(hook.moment) != moment) continue;
        code.open("{");
        statements_.block(code, hook.body, {});
        code.close();
      }
      code.close();
      code.blank();
    }
  }

  bool has_hook(std::size_t moment) const {
    return std::any_of(mechanism_.hooks.begin(), mechanism_.hooks.end(),
                       [&](const HookBlock& hook) { return static_cast<std::size_t>(hook.moment) == moment; });
  }

  void write_frame(CodeText& code) const {
    code.line("// The variables of one instance in one lane.");
    code.line("template <class real>");
    code.open("struct FrameOf {");
    std::set<std::string> members(std::begin(engine_names), std::end(engine_names));
    for (const auto& [name, slot] : layout_.slots) {
      if (slot.array_size == 0 && slot.table != Table::constant) members.insert(name);
    }
    code.line("using Time = typename cw_kind<real>::Time;");
    code.line("using OfLane = typename cw_kind<real>::OfLane;");
    for (const std::string& member : members) {
      const bool is_time = member == "t" || member == "dt";
      code.line(fmt::format("{} {};", is_time ? "Time" : "real", frame_member(member)));
    }
    for (std::size_t i = 0; i < hoisted().size(); ++i) code.line(fmt::format("real u{};", i));
    for (std::size_t k = 0; k < single_.rests.size(); ++k) code.line(fmt::format("real rest{};", k));
    code.line("const cw_real* table;");
    code.line("int32_t table_offset;");
    if (has_context_) code.line("Context context;");
    code.close("};");
    code.line("template <class real>");
    code.open("struct ArraysOf {");
    for (const auto& [name, slot] : layout_.slots) {
      if (slot.array_size > 0) code.line(fmt::format("real {}[{}];", frame_member(name), slot.array_size));
    }
    code.close("};");
    code.line("using Frame = FrameOf<double>;");
    code.line("using Arrays = ArraysOf<double>;");
    code.blank();
  }

  const std::vector<std::string>& hoisted() const { return statements_.hoisted(); }

  // ------------------------------------------------------------------------------------------------- phases

  void write_phases(CodeText& code) {
    if (!tables_.empty()) write_build_tables(code);
    write_slopes(code);
    SingleStepWriter(mechanism_, layout_, single_, statements_).advances(code);
    Effects initial = effects_.of(mechanism_.initial);
    const Effects current = effects_.of(mechanism_.breakpoint);
    Effects state;
    for (const SolveBlock& solve : mechanism_.solves) state.merge(effects_.of(solve));
    if (mechanism_.currents.empty()) state.merge(current);
    has_current_ = !mechanism_.currents.empty();
    has_state_ = !mechanism_.solves.empty() || (!has_current_ && !mechanism_.breakpoint.empty());
    has_initial_ = !mechanism_.initial.empty();
    if (has_initial_) write_phase(code, {"initial", initial, false});
    if (has_current_) write_phase(code, {"current", current, current.fits_vectors()});
    if (has_state_) write_phase(code, {"state", state, state.fits_vectors()});
    for (std::size_t moment = 0; moment < hook_names.size(); ++moment) {
      if (!has_hook(moment)) continue;
      Effects effects;
      for (const HookBlock& hook : mechanism_.hooks) {
        if (static_cast<std::size_t>(hook.moment) == moment) effects.merge(effects_.of(hook.body));
      }
      write_phase(code, {hook_names[moment], effects, false});
    }
    if (mechanism_.net_receive) write_events(code);
    write_derivatives(code);
  }

  /// The derivatives of functions with a TABLE, and of ghk, that are called for.
  void write_slopes(CodeText& code) {
    std::set<std::string> written;
    for (const auto* slopes : {&plan_.slopes, &single_.slopes}) {
      for (const TableSlope& slope : *slopes) {
        if (!written.insert(slope.name).second) continue;
        const Function* function = mechanism_.find_function(slope.function);
        if (function != nullptr) {
          statements_.table_slope(code, *function, slope.output, slope.name);
        } else {
          statements_.special_slope(code, slope.name);
        }
      }
    }
  }

  // ------------------------------------------------------------------------------------------------- events

  void write_events(CodeText& code) {
    const NetReceive& receive = *mechanism_.net_receive;
    if (receive.initial) write_event(code, "net_init", effects_.of_body(*receive.initial));
    write_event(code, "net_receive", effects_.of_body(receive.body));
    if (!receive.watches.empty()) write_watch(code, receive.watches);
  }

  /// A function for one event of one instance in one lane.
  void write_event(CodeText& code, const std::string& name, const Effects& effects) {
    const Phase phase{name, effects, false};
    code.open(fmt::format("void phase_{}(const cw_block* b, const cw_net_call* call) {{", name));
    code.line("const int32_t i = call->instance;");
    code.line("const int lane = call->lane;");
    write_base_pointers(code, phase);
    write_places(code);
    write_loads(code, phase, "call->connection");
    code.line("f.x_t = call->t;");
    code.line(fmt::format("s_{}(f, a, call->weight, call->flag);", name));
    // What NET_RECEIVE assigns to v is the node's new voltage, as in NEURON; everywhere else v is a copy.
    if (name == "net_receive" && !is_artificial() && effects.writes.count("v") > 0)
      code.line("b->v[node * W + lane] = f.x_v;");
    write_stores(code, phase);
    code.close();
    code.blank();
  }

  void write_watch(CodeText& code, const std::vector<WatchCondition>& watches) {
    Block conditions;
    for (const WatchCondition& row : watches) conditions.push_back({CallStatement{Call{"", {row.condition}}}, {}});
    const Phase phase{"watch", effects_.of(conditions), false};
    code.open("double watch(const cw_block* b, int32_t i, int32_t lane, int32_t condition) {");
    write_base_pointers(code, phase);
    write_places(code);
    write_loads(code, phase, "-1");
    code.line("return s_watch(f, a, condition);");
    code.close();
    code.blank();
  }

  static std::set<std::string> used(const Effects& effects) {
    std::set<std::string> names = effects.reads;
    names.insert(effects.writes.begin(), effects.writes.end());
    return names;
  }

  void write_phase(CodeText& code, const Phase& phase) {
    Phase whole = phase;
    if (phase.name == "current") {
      for (const Current& current : mechanism_.currents) whole.effects.reads.insert(current.name);
      whole.effects.reads.insert(mechanism_.conductances.begin(), mechanism_.conductances.end());
    }
    if (phase.name == "state" && single_.state) return write_single_state(code, whole);
    if (phase.name != "current" || !single_.current) return write_double_phase(code, phase, whole);
    code.line("#if CW_SINGLE");
    write_single_current(code, whole);
    code.line("#else");
    write_double_phase(code, phase, whole);
    code.line("#endif");
    code.blank();
  }

  void write_single_current(CodeText& code, Phase phase) {
    CodeText body;  // first, because it adds to what is hoisted
    SingleStepWriter writer(mechanism_, layout_, single_, statements_);
    phase.rows = writer.current_fits_rows();
    writer.current(body, phase.rows);
    write_stores(body, phase);
    code.line("template <bool keep>");
    open_single_phase(code, phase, "phase_current");
    write_loop(code, phase, body, {});
    code.close();
  }

  /// What a function computes in, other than double.
  static void compute_in(CodeText& code, const char* number) {
    code.line(fmt::format("using real = {};", number));
    code.line("using Frame = FrameOf<real>;");
    code.line("using Arrays = ArraysOf<real>;");
  }

  void open_single_phase(CodeText& code, const Phase& phase, const char* name) const {
    code.open(fmt::format("void {}(const cw_block* b) {{", name));
    code.line("const int32_t n = b->n_instances;");
    compute_in(code, phase.rows ? "cw_wide" : "cw_real");
    write_base_pointers(code, phase);
  }

  /// The solved blocks. What records transient variables does not save time with usual v.
  void write_single_state(CodeText& code, const Phase& phase) {
    SingleStepWriter writer(mechanism_, layout_, single_, statements_);
    const std::optional<SplitState> split = writer.split(*single_.state, effects_);
    if (!split) return write_whole_state(code, phase, writer);
    std::optional<SplitState> usual;
    if (single_.usual_state && keeps_nothing(split->rates)) usual = writer.split(*single_.usual_state, effects_);
    write_split_state(code, phase, writer, *split, usual);
  }

  /// Each instance at once.
  void write_whole_state(CodeText& code, Phase phase, SingleStepWriter& writer) {
    CodeText body;  // first, because it adds to what is hoisted
    for_each_rest(body, load_rest);
    phase.rows = writer.fits_rows(*single_.state);
    writer.statements(body, *single_.state, phase.rows);
    for_each_rest(body, store_rest);
    write_stores(body, phase);
    open_state(code, phase, has_usual_exp_in_state_);
    write_instances(code, phase, "for (int32_t i = 0; i < n; ++i) {", body, {});
    close_state(code, has_usual_exp_in_state_);
  }

  /// Whether the block assigns nothing that a lean phase has to store.
  bool keeps_nothing(const Block& rates) {
    const Effects effects = effects_.of(rates);
    return std::all_of(effects.writes.begin(), effects.writes.end(), [&](const std::string& name) {
      const Slot& slot = layout_.slots.at(name);
      return slot.table == Table::engine || *guard(name, slot) != '\0';
    });
  }

  /// `twice`: for any v, and for usual v.
  void open_state(CodeText& code, const Phase& phase, bool twice) const {
    code.line(twice ? "template <bool keep, bool usual>" : "template <bool keep>");
    open_single_phase(code, phase, twice ? "phase_state_where" : "phase_state");
    for_each_rest(code, [&](std::size_t k) { return rest_pointer(phase, k); });
    if (twice) write_usual_exp(code);
    write_hoisted(code);
  }
  static void close_state(CodeText& code, bool twice) {
    code.close();
    code.blank();
    if (!twice) return;
    code.line("template <bool keep>");
    code.open("void phase_state(const cw_block* b) {");
    code.line("if constexpr (!keep) {");
    code.line("  if (cw_v_is_usual(b)) return phase_state_where<false, true>(b);");
    code.line("}");
    code.line("phase_state_where<keep, false>(b);");
    code.close();
    code.blank();
  }

  static std::string passed_place(const std::string& name) {
    return fmt::format("passed_{}[(i - begin) * W + lane]", name);
  }

  /// Rates are a long chain of operations that wait for each other, and so is what follows from them. Over some
  /// instances one chain after the other, the processor has several of them in hand: 6 % of L5PC's step.
  /// @param usual  what else computes the rates of the lanes in which v is usual
  void write_split_state(CodeText& code, Phase phase, SingleStepWriter& writer, const SplitState& split,
                         const std::optional<SplitState>& usual) {
    const bool twice = usual || has_usual_exp_in_state_;
    phase.rows =
        writer.fits_rows(split.rates) && writer.fits_rows(split.advances) && (!usual || writer.fits_rows(usual->rates));
    const Phase first{phase.name, effects_.of(split.rates), phase.lanes_together, phase.rows};
    Phase second{phase.name, split.advances_effects, phase.lanes_together, phase.rows};
    CodeText rates, advances, usual_rates;
    writer.statements(rates, split.rates, phase.rows);
    if (usual) writer.statements(usual_rates, usual->rates, phase.rows);
    for (const std::string& name : split.passed) {
      const std::string place = passed_place(name), value = "f." + frame_member(name);
      rates.line(usual ? fmt::format("{0} = cw_select(cw_is_usual(all_v[node * W + lane]), {0}, {1});", place, value)
                       : fmt::format("{} = {};", place, value));
      usual_rates.line(fmt::format("{} = {};", place, value));
      advances.line(fmt::format("{} = {};", value, place));
      second.effects.reads.erase(name);
    }
    write_stores(rates, first);
    for_each_rest(advances, load_rest);
    writer.statements(advances, split.advances, phase.rows);
    for_each_rest(advances, store_rest);
    write_stores(advances, second);
    if (usual)
      write_usual_rates(code, {phase.name, effects_.of(usual->rates), phase.lanes_together, phase.rows}, *usual,
                        usual_rates);
    open_state(code, phase, twice);
    code.line(fmt::format("constexpr int together = {};", SplitState::instances));
    for (const std::string& name : split.passed) {
      code.line(fmt::format("alignas(64) cw_real values_of_{}[together * W];", name));
      code.line(fmt::format("{} const passed_{} = values_of_{};", rows_type(phase, "cw_real"), name, name));
    }
    code.open("for (int32_t begin = 0; begin < n; begin += together) {");
    code.line("const int32_t end = begin + together < n ? begin + together : n;");
    if (usual) {
      code.line(fmt::format("usual_rates(b, begin, end, {});", fmt::join(shared_arrays(*usual), ", ")));
      code.line("if constexpr (!usual)");
    }
    write_instances(code, first, "for (int32_t i = begin; i < end; ++i) {", rates, {});
    write_instances(code, second, "for (int32_t i = begin; i < end; ++i) {", advances, {});
    code.close();
    close_state(code, twice);
  }

  /// What usual_rates gets from its caller: what it passes on, and what all instances share.
  std::vector<std::string> shared_arrays(const SplitState& usual) const {
    std::vector<std::string> names;
    for (const std::string& name : usual.passed) names.push_back("passed_" + name);
    for (std::size_t k = 0; k < hoisted().size(); ++k) names.push_back(fmt::format("u{}", k));
    return names;
  }

  /// The rates of the instances from `begin` up to `end`, for usual v.
  void write_usual_rates(CodeText& code, const Phase& phase, const SplitState& usual, const CodeText& body) const {
    std::string parameters;
    for (const std::string& name : usual.passed)
      parameters += fmt::format(", {} passed_{}", rows_type(phase, "cw_real"), name);
    for (std::size_t k = 0; k < hoisted().size(); ++k) parameters += fmt::format(", const cw_real* u{}", k);
    code.line("// Never inlined: in every call the same code.");
    code.line("__attribute__((noinline, noclone))");
    code.open(fmt::format("void usual_rates(const cw_block* b, int32_t begin, int32_t end{}) {{", parameters));
    compute_in(code, phase.rows ? "cw_wide" : "cw_real");
    code.line("[[maybe_unused]] constexpr bool keep = false;");
    code.line("[[maybe_unused]] constexpr auto cw_usual_exp2 = [](real x) { return cw_exp2_within(x); };");
    write_base_pointers(code, phase);
    write_instances(code, phase, "for (int32_t i = begin; i < end; ++i) {", body, {});
    code.close();
    code.blank();
  }

  static std::string load_rest(std::size_t k) { return fmt::format("f.rest{0} = rest{0}[own + lane];", k); }
  static std::string store_rest(std::size_t k) { return fmt::format("rest{0}[own + lane] = f.rest{0};", k); }
  static std::string rest_pointer(const Phase& phase, std::size_t k) {
    return fmt::format("{1} const rest{0} = b->rest[{0}];", k, rows_type(phase, "cw_real"));
  }
  /// What a phase reaches rows of numbers with.
  static std::string rows_type(const Phase& phase, const char* number) {
    return phase.rows ? fmt::format("cw_rows<{}>", number) : fmt::format("{}*", number);
  }

  /// The line `line_of(k)` for each rest of the plan, of which there are none in double.
  template <class LineOf>
  void for_each_rest(CodeText& code, const LineOf& line_of) const {
    if (single_.rests.empty()) return;
    code.line("#if CW_SINGLE");
    for (std::size_t k = 0; k < single_.rests.size(); ++k) code.line(line_of(k));
    code.line("#endif");
  }

  /// The same in a phase that computes in double, with floats in the rows: a state and its rest are one number there.
  template <class LineOf>
  void write_rests_in_double(CodeText& code, const Phase& phase, const LineOf& line_of) const {
    if (phase.name == "state" && !single_.state) for_each_rest(code, line_of);
  }

  /// Where the state's floats stand in the block.
  std::string stored_place(const KeptRest& rest) const {
    const Slot& slot = layout_.slots.at(rest.state);
    if (rest.element < 0) return scalar_place(rest.state, slot);
    return fmt::format("b->var[{}][own + lane]", slot.index + rest.element);
  }

  void write_double_phase(CodeText& code, const Phase& phase, const Phase& whole) {
    code.line("template <bool keep>");
    code.open(fmt::format("void phase_{}(const cw_block* b) {{", phase.name));
    code.line("const int32_t n = b->n_instances;");
    write_base_pointers(code, whole);
    write_rests_in_double(code, phase, [&](std::size_t k) { return rest_pointer(phase, k); });
    CodeText body;
    write_rests_in_double(body, phase, [&](std::size_t k) {
      return fmt::format("{} += rest{}[own + lane];", SingleStepWriter::place_of(single_.rests[k]), k);
    });
    if (phase.name == "current") {
      write_current_body(body);
    } else {
      body.line(fmt::format("s_{}(f, a);", phase.name));
    }
    write_stores(body, whole);
    write_rests_in_double(body, phase, [&](std::size_t k) {
      const KeptRest& rest = single_.rests[k];
      return fmt::format("rest{}[own + lane] = {} - {};", k, SingleStepWriter::place_of(rest), stored_place(rest));
    });
    write_loop(code, whole, body, {});
    code.close();
    code.blank();
  }

  bool is_artificial() const { return mechanism_.kind == MechanismKind::artificial_cell; }

  /// Where instance i's values stand.
  void write_places(CodeText& code) const {
    code.line(
        "[[maybe_unused]] const long row = static_cast<long>(b->param_row[i]) * W, own = static_cast<long>(i) * W;");
    for (std::size_t k = 0; k < mechanism_.ions.size(); ++k) {
      code.line(fmt::format("const long slot{0} = static_cast<long>(b->ion[{0}].slot[i]) * W;", k));
    }
    for (std::size_t k = 0; k < layout_.pointers.size(); ++k) {
      code.line(fmt::format("[[maybe_unused]] cw_real* const target{0} = b->pointer[{0}][i];", k));
    }
    if (is_artificial()) return;
    code.line("const long node = b->node[i];");
    code.line("const double area = b->area[node], diam = b->diam[node];");
  }

  void write_base_pointers(CodeText& code, const Phase& phase) const {
    const auto pointer = [&](const char* table, int row) {
      code.line(fmt::format("{2} const {0}{1} = b->{0}[{1}];", table, row, rows_type(phase, "cw_real")));
    };
    for (const std::string& name : used(phase.effects)) {
      const auto found = layout_.slots.find(name);
      if (found == layout_.slots.end() || found->second.array_size > 0) continue;
      const Slot& slot = found->second;
      if (slot.table == Table::param) pointer("param", slot.index);
      if (slot.table == Table::var) pointer("var", slot.index);
      if (slot.table == Table::global) pointer("global", slot.index);
      if (slot.table == Table::ion) {
        code.line(fmt::format("{2} const ion{0}_{1} = b->ion[{0}].{1};", slot.index, ion_array(slot.role),
                              rows_type(phase, "cw_real")));
        const auto own = layout_.own_current.find(name);
        if (own != layout_.own_current.end()) pointer("var", own->second);
      }
    }
    if (!is_artificial()) code.line(fmt::format("{} const all_v = b->v;", rows_type(phase, "const cw_real")));
    for (const char* name : {"t", "dt"})
      code.line(fmt::format("{0} const all_{1} = b->{1};", rows_type(phase, "const double"), name));
    code.line(fmt::format("{} const all_celsius = b->celsius;", rows_type(phase, "const cw_real")));
    if (phase.name == "current") {
      for (const char* name : {"rhs", "d"})
        code.line(fmt::format("{0} const {1} = b->{1};", rows_type(phase, "cw_real"), name));
    }
    if (!tables_.empty()) {
      code.line("const cw_real* const table = b->table;");
      code.line("const int32_t* const table_offset = b->table_offset;");
    }
  }

  /// Costly values that all instances share, once per lane; those that this phase does not need vanish in the compiler.
  void write_hoisted(CodeText& code) const {
    if (hoisted().empty()) return;
    for (std::size_t k = 0; k < hoisted().size(); ++k) code.line(fmt::format("alignas(64) Frame::OfLane u{}[W];", k));
    code.line("#pragma omp simd");
    code.open("for (int lane = 0; lane < W; ++lane) {");
    code.line("FrameOf<double> f;  // each rounded once: 1 - u0 may be small");
    code.line("f.x_celsius = b->celsius[lane];");
    code.line("f.x_dt = b->dt[lane];");
    write_hoisted_of_lane(code, true);
    code.close();
  }

  void write_hoisted_of_lane(CodeText& code, bool keep) const {
    if (hoisted().empty()) return;
    for (const auto& [name, slot] : layout_.slots) {
      if (slot.table == Table::global && slot.uniform && slot.array_size == 0) {
        code.line(fmt::format("f.{} = b->global[{}][lane];", frame_member(name), slot.index));
      }
    }
    for (std::size_t k = 0; k < hoisted().size(); ++k) {
      code.line(fmt::format("{1}f.u{0} = {2};", k, keep ? fmt::format("u{}[lane] = ", k) : "", hoisted()[k]));
    }
  }

  /// `alone`: the lane's own call, without values that were hoisted for all lanes before.
  void write_engine_loads(CodeText& code, const Phase& phase, const std::string& connection, bool alone) const {
    code.line("Frame f;");
    code.line("Arrays a;");
    if (!is_artificial()) {
      code.line("f.x_v = all_v[node * W + lane];");
      code.line("f.x_area = area;");
      code.line("f.x_diam = diam;");
    }
    code.line("f.x_t = all_t[lane];");
    code.line("f.x_dt = all_dt[lane];");
    code.line("f.x_celsius = all_celsius[lane];");
    if (has_context_ && !phase.rows) code.line(fmt::format("f.context = {{b, i, lane, {}}};", connection));
    if (alone) {
      write_hoisted_of_lane(code, false);
    } else {
      for (std::size_t k = 0; k < hoisted().size(); ++k) code.line(fmt::format("f.u{0} = cw_shared(u{0}, lane);", k));
    }
    if (!tables_.empty() && !phase.rows) {  // rows call no functions
      code.line("f.table = table;");
      code.line("f.table_offset = table_offset[lane];");
    }
  }

  bool is_read_from_ion(const std::string& name) const {
    for (const Ion& ion : mechanism_.ions) {
      for (const IonVariable& part : ion.variables) {
        if (part.name == name) return part.read || part.role != IonRole::current;
      }
    }
    return false;
  }

  static std::string var_place(int row) { return fmt::format("var{}[own + lane]", row); }

  /// What stands before a load or store: transient variables have no memory in the lean phases.
  const char* guard(const std::string& name, const Slot& slot) const {
    const auto own = layout_.own_current.find(name);
    int row = slot.table == Table::var ? slot.index : -1;
    if (own != layout_.own_current.end() && !is_read_from_ion(name)) row = own->second;
    return transients_.count(row) ? "if constexpr (keep) " : "";
  }

  /// Where a scalar's value of this lane stands.
  std::string scalar_place(const std::string& name, const Slot& slot) const {
    switch (slot.table) {
      case Table::param:
        return fmt::format("param{}[row + lane]", slot.index);
      case Table::var:
        return var_place(slot.index);
      case Table::global:
        return fmt::format("global{}[lane]", slot.index);
      case Table::ion:
        if (!is_read_from_ion(name)) return var_place(layout_.own_current.at(name));
        return fmt::format("ion{0}_{1}[slot{0} + lane]", slot.index, ion_array(slot.role));
      case Table::constant:
      case Table::engine:
      case Table::pointer:
        break;
    }
    return "";
  }

  static std::string element_place(const Slot& slot) {
    if (slot.table == Table::param) return fmt::format("b->param[{} + k][row + lane]", slot.index);
    if (slot.table == Table::var) return fmt::format("b->var[{} + k][own + lane]", slot.index);
    return fmt::format("b->global[{} + k][lane]", slot.index);
  }

  /// `connection`: of Context.
  void write_loads(CodeText& code, const Phase& phase, const std::string& connection) const {
    const bool alone = phase.name == "net_receive" || phase.name == "net_init" || phase.name == "watch";
    write_engine_loads(code, phase, connection, alone);
    for (const std::string& name : used(phase.effects)) {
      const auto found = layout_.slots.find(name);
      if (found == layout_.slots.end()) continue;
      const Slot& slot = found->second;
      if (slot.array_size > 0) {
        code.line(fmt::format("for (int k = 0; k < {}; ++k) a.{}[k] = {};", slot.array_size, frame_member(name),
                              element_place(slot)));
      } else if (slot.table == Table::pointer) {
        code.line(fmt::format("f.{} = cw_follow(target{}, lane);", frame_member(name), slot.index));
      } else if (slot.table != Table::constant && slot.table != Table::engine) {
        code.line(fmt::format("{}f.{} = {};", guard(name, slot), frame_member(name), scalar_place(name, slot)));
      }
    }
  }

  void write_stores(CodeText& code, const Phase& phase) const {
    for (const std::string& name : phase.effects.writes) {
      const Slot& slot = layout_.slots.at(name);
      if (slot.table == Table::engine || slot.table == Table::constant || slot.table == Table::param) continue;
      if (slot.array_size > 0) {
        code.line(fmt::format("for (int k = 0; k < {}; ++k) {} = a.{}[k];", slot.array_size, element_place(slot),
                              frame_member(name)));
      } else if (slot.table == Table::pointer) {
        code.line(fmt::format("if (target{0}) target{0}[lane] = f.{1};", slot.index, frame_member(name)));
      } else if (slot.table == Table::ion && slot.role == IonRole::current) {
        const auto own = layout_.own_current.find(name);
        if (own != layout_.own_current.end()) {
          code.line(fmt::format("{}{} = f.{};", guard(name, slot), var_place(own->second), frame_member(name)));
        }
      } else {
        code.line(fmt::format("{}{} = f.{};", guard(name, slot), scalar_place(name, slot), frame_member(name)));
      }
    }
  }

  // ------------------------------------------------------------------------------------------------- derivatives

  void write_derivatives(CodeText& code) {
    write_checked_derivatives(code, "rates", plan_.rates);
    write_checked_derivatives(code, "currents", plan_.currents);
    write_derivative_phase(code, "times", plan_.times, "double");
    write_implicit_step(code);
  }

  /// What only tests call.
  void write_checked_derivatives(CodeText& code, const char* name, const DerivativeBlock& block) {
    if (block.outputs.empty()) return;
    code.line("#if CELLWRIGHT_DERIVATIVES");
    write_derivative_phase(code, name, block);
    code.line("#else");
    code.line(fmt::format("constexpr cw_output_function derive_{} = nullptr;", name));
    code.line("#endif");
    code.blank();
  }

  void write_implicit_step(CodeText& code) {
    if (is_artificial() || !ImplicitStepWriter::is_needed(plan_)) return;
    if (!has_usual_exp_in_implicit_) {
      ImplicitStepWriter writer(mechanism_, layout_, plan_, plan_.rates, statements_);
      const Phase phase = implicit_phase(plan_.rates);
      CodeText body;  // first, because it adds to what is hoisted
      writer.body(body);
      code.open("void implicit_step(const cw_block* b, const cw_implicit_step* step) {");
      code.line("const int32_t n = b->n_instances;");
      write_implicit_begin(code, phase, writer, "");
      writer.kept_currents(code);
      CodeText behind;
      writer.ion_currents(behind);
      write_loop(code, phase, body, behind);
      code.close();
      code.blank();
      return;
    }
    write_usual_implicit_step(code);
    write_implicit_step_of_lane(code);
    write_implicit_step_by_lane(code);
  }

  Phase implicit_phase(const DerivativeBlock& rates) {
    Phase phase = derivative_phase("implicit", rates);
    const Phase currents = derivative_phase("currents", plan_.currents);
    phase.effects.merge(currents.effects);
    phase.lanes_together = phase.lanes_together && currents.lanes_together;
    // The residual of an equation needs its state, also where the equation does not.
    if (ImplicitStepWriter::is_coupled(mechanism_, plan_)) {
      for (const DerivedState& state : plan_.states) phase.effects.reads.insert(state.name);
    }
    return phase;
  }

  /// `usual_exp`: the end of the name of what computes e^x for arguments that are small while v is usual.
  void write_implicit_begin(CodeText& code, const Phase& phase, const ImplicitStepWriter& writer,
                            const char* usual_exp) const {
    compute_in(code, "cw_real");
    code.line("[[maybe_unused]] constexpr auto cw_exp = [](real x) { return cw_implicit_exp(x); };");
    code.line(fmt::format(
        "[[maybe_unused]] constexpr auto cw_usual_exp = [](real x) {{ return cw_implicit_exp{}(x); }};", usual_exp));
    code.line("[[maybe_unused]] constexpr bool keep = false;  // nothing here reads a transient variable");
    write_base_pointers(code, phase);
    writer.pointers(code);
  }

  /// Of all lanes of the instances from `first` up to `end`, for usual v.
  void write_usual_implicit_step(CodeText& code) {
    const DerivativeBlock& rates =
        ImplicitStepWriter::has_usual_rates(mechanism_, plan_) ? plan_.usual_rates : plan_.rates;
    ImplicitStepWriter writer(mechanism_, layout_, plan_, rates, statements_);
    const Phase phase = implicit_phase(rates);
    CodeText body;  // first, because it adds to what is hoisted
    writer.body(body);
    code.line("// Never inlined: in every call the same code.");
    code.line("__attribute__((noinline, noclone))");
    code.open(
        "void implicit_step_usual(const cw_block* b, const cw_implicit_step* step, int32_t first, int32_t end) {");
    write_implicit_begin(code, phase, writer, "_within");
    writer.kept_currents(code);
    CodeText behind;
    writer.ion_currents(behind);
    write_hoisted(code);
    write_instances(code, phase, "for (int32_t i = first; i < end; ++i) {", body, behind);
    code.close();
    code.blank();
  }

  /// Of one instance in one lane, for any v.
  void write_implicit_step_of_lane(CodeText& code) {
    ImplicitStepWriter writer(mechanism_, layout_, plan_, plan_.rates, statements_);
    const Phase phase = implicit_phase(plan_.rates);
    CodeText body;  // first, because it adds to what is hoisted
    writer.body(body);
    code.open("void implicit_step_of_lane(const cw_block* b, const cw_implicit_step* step, int32_t i, int lane) {");
    write_implicit_begin(code, phase, writer, "");
    writer.kept_currents(code);
    write_hoisted(code);
    write_places(code);
    write_loads(code, phase, "-1");
    code.append(body);
    writer.ion_currents_of_lane(code);
    code.close();
    code.blank();
  }

  void write_implicit_step_by_lane(CodeText& code) {
    const ImplicitStepWriter writer(mechanism_, layout_, plan_, plan_.rates, statements_);
    code.open("void implicit_step(const cw_block* b, const cw_implicit_step* step) {");
    code.line("if (cw_v_is_usual(b)) return implicit_step_usual(b, step, 0, b->n_instances);");
    write_implicit_begin(code, implicit_phase(plan_.rates), writer, "");
    code.open("for (int32_t i = 0; i < b->n_instances; ++i) {");
    write_places(code);
    code.line(fmt::format("cw_real* const rows[] = {{{}}};", fmt::join(writer.rows(), ", ")));
    code.line("const auto usual = [&] { implicit_step_usual(b, step, i, i + 1); };");
    code.line("cw_by_lane(all_v + node * W, rows, usual, [&](int lane) { implicit_step_of_lane(b, step, i, lane); });");
    code.close();
    code.close();
    code.blank();
  }

  /// Where `usual` says that v is, what computes e^x for arguments that then are small.
  static void write_usual_exp(CodeText& code) {
    code.open("[[maybe_unused]] constexpr auto cw_usual_exp = [](real x) {");
    code.line("if constexpr (usual) return cw_exp_within(x);");
    code.line("else return cw_exp(x);");
    code.close("};");
  }

  void write_loop(CodeText& code, const Phase& phase, const CodeText& body, const CodeText& behind) const {
    write_hoisted(code);
    write_instances(code, phase, "for (int32_t i = 0; i < n; ++i) {", body, behind);
  }

  /// Over instances and lanes; `body` after the loads, `behind` once an instance.
  void write_instances(CodeText& code, const Phase& phase, const char* loop, const CodeText& body,
                       const CodeText& behind) const {
    code.open(loop);
    write_places(code);
    if (phase.lanes_together && !phase.rows) code.line("#pragma omp simd");
    code.open(phase.rows ? "CW_LANES {" : "for (int lane = 0; lane < W; ++lane) {");
    write_loads(code, phase, "-1");
    code.append(body);
    code.close();
    code.append(behind);
    code.close();
  }

  void write_derivative_phase(CodeText& code, const char* name, const DerivativeBlock& block,
                              const char* number = "cw_real") {
    if (block.outputs.empty()) return;
    const Phase phase = derivative_phase(name, block);
    CodeText body;  // first, because it adds to what is hoisted
    write_derivative_body(body, block);
    code.open(fmt::format("void derive_{}(const cw_block* b, {}* const* out) {{", name, number));
    code.line("const int32_t n = b->n_instances;");
    code.line("[[maybe_unused]] constexpr bool keep = false;  // nothing here reads a transient variable");
    write_base_pointers(code, phase);
    for (std::size_t k = 0; k < block.outputs.size(); ++k) {
      code.line(fmt::format("{0}* const out{1} = out[{1}];", number, k));
    }
    write_loop(code, phase, body, {});
    code.close();
    code.blank();
  }

  Phase derivative_phase(const char* name, const DerivativeBlock& block) {
    Phase phase{name, effects_.of(block.body), false};
    phase.lanes_together = phase.effects.fits_vectors();
    Block more;
    for (const DerivativeOutput& output : block.outputs) more.push_back({Assignment{{}, {}, output.value}, {}});
    for (const TableSlope& slope : plan_.slopes) more.push_back({CallStatement{Call{slope.function, {}}}, {}});
    phase.effects.merge(effects_.of(more));
    return phase;
  }

  void write_derivative_body(CodeText& code, const DerivativeBlock& block) {
    NameScope scope;
    statements_.statements(code, block.body, scope);
    const bool scaled = mechanism_.kind == MechanismKind::point_process;
    if (scaled) code.line("const double scale = 1.e2 / area;");
    for (std::size_t k = 0; k < block.outputs.size(); ++k) {
      const DerivativeOutput& output = block.outputs[k];
      const bool is_current = output.kind == DerivativeOutput::Kind::current;
      code.line(fmt::format("out{}[own + lane] = {}{};", k, statements_.value(output.value, scope),
                            scaled && is_current ? " * scale" : ""));
    }
  }

  // ------------------------------------------------------------------------------------------------- currents

  /// 0 + i1 + i2 ... of the membrane or of the electrode currents, in NEURON's order.
  std::string current_sum(bool electrode) const {
    std::string sum = "0.0";
    for (const Current& current : mechanism_.currents) {
      if ((current.kind == CurrentKind::electrode) != electrode) continue;
      if (!layout_.slots.count(current.name)) throw InternalError("a current is not a variable: " + current.name);
      sum = fmt::format("({} + f.{})", sum, frame_member(current.name));
    }
    return sum;
  }

  std::string conductance_sum() const {
    std::string sum = "0.0";
    for (const std::string& name : mechanism_.conductances) sum += fmt::format(" + f.{}", frame_member(name));
    return sum;
  }

  bool has_current(bool electrode) const {
    return std::any_of(mechanism_.currents.begin(), mechanism_.currents.end(),
                       [&](const Current& c) { return (c.kind == CurrentKind::electrode) == electrode; });
  }

  /// neuron-semantics 3.3: BREAKPOINT at v + 0.001 mV and at v, conductance by the difference; or CONDUCTANCE's sum.
  void write_current_body(CodeText& code) const {
    const bool differs = mechanism_.conductances.empty();
    code.line("const double v = f.x_v;");
    if (differs) {
      code.line("f.x_v = v + 0.001;");
      code.line("s_current(f, a);");
      for (const bool electrode : {false, true}) {
        if (has_current(electrode))
          code.line(fmt::format("const double above_{:d} = {};", electrode, current_sum(electrode)));
      }
      code.line("f.x_v = v;");
    }
    code.line("s_current(f, a);");
    const bool point = mechanism_.kind == MechanismKind::point_process;
    if (point) code.line("const double scale = 1.e2 / area;");
    for (const bool electrode : {false, true}) {
      if (!has_current(electrode)) continue;
      code.line(fmt::format("const double at_{:d} = {};", electrode, current_sum(electrode)));
      code.line(
          fmt::format(fmt::runtime(differs ? "const double slope_{0:d} = CW_CHOOSE((above_{0:d} - at_{0:d}) / .001, "
                                             "(above_{0:d} - at_{0:d}) * 1000.0);"
                                           : "const double slope_{0:d} = {1};"),
                      electrode, conductance_sum()));
      const char* scaled = point ? " * scale" : "";
      code.line(fmt::format("rhs[node * W + lane] {}= at_{:d}{};", electrode ? '+' : '-', electrode, scaled));
      code.line(fmt::format("d[node * W + lane] {}= slope_{:d}{};", electrode ? '-' : '+', electrode, scaled));
    }
    for (const Current& current : mechanism_.currents) {
      if (current.kind != CurrentKind::ion) continue;
      const Slot& slot = layout_.slots.at(current.name);
      code.line(fmt::format("if (ion{0}_i) ion{0}_i[slot{0} + lane] += f.{1}{2};", slot.index,
                            frame_member(current.name), point ? " * 1.e2 / area" : ""));
    }
  }

  // ------------------------------------------------------------------------------------------------- tables

  void write_table_loads(CodeText& code, const char* lane) const {
    code.line(fmt::format("f.x_celsius = b->celsius[{}];", lane));
    code.line(fmt::format("f.x_dt = b->dt[{}];", lane));
    if (!is_artificial()) {
      code.line("f.x_area = b->area[b->node[0]];");
      code.line("f.x_diam = b->diam[b->node[0]];");
    }
    for (const std::string& name : table_reads_) {
      const Slot& slot = layout_.slots.at(name);
      if (slot.table == Table::global && slot.array_size == 0) {
        code.line(fmt::format("f.{} = b->global[{}][{}];", frame_member(name), slot.index, lane));
      } else if (slot.table == Table::global) {
        code.line(fmt::format("for (int k = 0; k < {}; ++k) a.{}[k] = b->global[{} + k][{}];", slot.array_size,
                              frame_member(name), slot.index, lane));
      } else if (slot.table == Table::param && slot.array_size == 0) {
        code.line(fmt::format("f.{} = b->param[{}][row + {}];", frame_member(name), slot.index, lane));
      } else if (slot.table == Table::param) {
        code.line(fmt::format("for (int k = 0; k < {}; ++k) a.{}[k] = b->param[{} + k][row + {}];", slot.array_size,
                              frame_member(name), slot.index, lane));
      }
    }
  }

  /// The rows of parameters and globals that decide whether two lanes have the same tables.
  std::vector<std::string> table_keys() const {
    std::vector<std::string> keys = {"b->celsius[{0}]", "b->dt[{0}]"};
    if (!table_reads_.count("dt")) keys.pop_back();
    for (const std::string& name : table_reads_) {
      const Slot& slot = layout_.slots.at(name);
      for (int k = 0; k < std::max(1, slot.array_size); ++k) {
        if (slot.table == Table::global) keys.push_back(fmt::format("b->global[{}][{{0}}]", slot.index + k));
        if (slot.table == Table::param) keys.push_back(fmt::format("b->param[{}][row + {{0}}]", slot.index + k));
      }
    }
    return keys;
  }

  void write_build_tables(CodeText& code) {
    code.open("bool same_tables([[maybe_unused]] const cw_block* b, int one, int other) {");
    code.line("[[maybe_unused]] const long row = static_cast<long>(b->param_row[0]) * W;");
    code.line("bool same = true;");
    for (const std::string& key : table_keys()) {
      code.line(fmt::format("same = same && {} == {};", fmt::format(fmt::runtime(key), "one"),
                            fmt::format(fmt::runtime(key), "other")));
    }
    code.line("return same;");
    code.close();
    code.blank();
    code.open("void build_lane_tables(const cw_block* b, int lane) {");
    code.line("Frame f{};");
    code.line("[[maybe_unused]] Arrays a{};");
    code.line("cw_real* const table = b->table;");
    code.line("[[maybe_unused]] const long row = static_cast<long>(b->param_row[0]) * W;");
    write_table_loads(code, "lane");
    for (std::size_t k = 0; k < hoisted().size(); ++k) code.line(fmt::format("f.u{} = {};", k, hoisted()[k]));
    code.line("f.table = table;");
    code.line("f.table_offset = b->table_offset[lane];");
    for (const Function* function : tables_) statements_.fill_table(code, *function);
    code.close();
    code.blank();
    code.open("void build_tables(const cw_block* b) {");
    code.line("if (b->n_instances == 0) return;");
    code.open("for (int lane = 0; lane < W; ++lane) {");
    code.line("int same = 0;");
    code.line("while (same < lane && !same_tables(b, same, lane)) ++same;");
    code.line(fmt::format("b->table_offset[lane] = same * {};", statements_.table_values()));
    code.line("if (same == lane) build_lane_tables(b, lane);");
    code.close();
    code.close();
    code.blank();
  }

  // ------------------------------------------------------------------------------------------------- descriptor

  static std::vector<TableEntry> named_rows(const std::vector<std::string>& names) {
    std::vector<TableEntry> rows;
    for (const std::string& name : names) rows.push_back({name, "", 0, 1, -1});
    return rows;
  }

  std::vector<std::string> weights() const {
    return mechanism_.net_receive ? mechanism_.net_receive->weights : std::vector<std::string>{};
  }

  static void write_rows(CodeText& code, const char* name, const std::vector<TableEntry>& rows,
                         const std::set<int>& transients = {}) {
    if (rows.empty()) {
      code.line(fmt::format("constexpr const cw_variable* {} = nullptr;", name));
      return;
    }
    code.open(fmt::format("const cw_variable {}[] = {{", name));
    int index = 0;
    for (const TableEntry& row : rows) {
      code.line(fmt::format("{{{}, {}, {}, {}, {:d}}},", quoted(row.name), quoted(row.unit), literal(row.default_value),
                            row.array_size, transients.count(index++) > 0));
    }
    code.close("};");
  }

  void write_ions(CodeText& code) const {
    if (mechanism_.ions.empty()) {
      code.line("constexpr const cw_ion* ions = nullptr;");
      return;
    }
    code.open("const cw_ion ions[] = {");
    for (const Ion& ion : mechanism_.ions) {
      int reads = 0, writes = 0;
      for (const IonVariable& part : ion.variables) {
        if (part.read) reads |= ion_bit(part.role);
        if (part.written) writes |= ion_bit(part.role);
      }
      code.line(fmt::format("{{{}, {}, {}, {}}},", quoted(ion.name), static_cast<int>(ion.valence.value_or(0)), reads,
                            writes));
    }
    code.close("};");
  }

  void write_state_initials(CodeText& code) const {
    if (layout_.n_states == 0) {
      code.line("constexpr const int32_t* state_initial = nullptr;");
      return;
    }
    std::vector<int> initials;
    for (int i = 0; i < layout_.n_states; ++i)
      initials.push_back(layout_.vars[static_cast<std::size_t>(i)].state_initial);
    code.line(fmt::format("const int32_t state_initial[] = {{{}}};", fmt::join(initials, ", ")));
  }

  bool writes_concentration() const {
    for (const Ion& ion : mechanism_.ions) {
      for (const IonVariable& part : ion.variables) {
        if (part.written && (part.role == IonRole::inside || part.role == IonRole::outside)) return true;
      }
    }
    return false;
  }

  void write_descriptor(CodeText& code) {
    write_rows(code, "params", layout_.params);
    write_rows(code, "vars", layout_.vars, transients_);
    write_rows(code, "globals", layout_.globals);
    write_rows(code, "pointers", layout_.pointers);
    write_rows(code, "randoms", named_rows(mechanism_.randoms));
    write_rows(code, "weights", named_rows(weights()));
    write_rows(code, "vectors", named_rows(mechanism_.vectors));
    write_ions(code);
    write_state_initials(code);
    const bool derived = plan_.reason.empty();
    if (derived) DerivativesWriter(mechanism_, layout_, plan_).descriptor(code);
    const char* kind = mechanism_.kind == MechanismKind::density ? "CW_DENSITY"
                       : is_artificial()                         ? "CW_ARTIFICIAL_CELL"
                                                                 : "CW_POINT_PROCESS";
    const auto function = [](bool exists, const char* name) { return exists ? name : "nullptr"; };
    code.open("const cw_mechanism mechanism = {");
    code.line(".abi_version = CELLWRIGHT_ABI_VERSION, .lanes = CELLWRIGHT_LANES, .real_bytes = sizeof(cw_real),");
    code.line(".numeric_mode = CELLWRIGHT_FAST ? CW_FAST : CW_STRICT,");
    code.line(fmt::format(".name = {}, .kind = {},", quoted(mechanism_.name), kind));
    code.line(fmt::format(".n_params = {}, .n_vars = {}, .n_states = {}, .n_globals = {}, .n_ions = {},",
                          layout_.params.size(), layout_.vars.size(), layout_.n_states, layout_.globals.size(),
                          mechanism_.ions.size()));
    code.line(".param = params, .var = vars, .global = globals, .ion = ions, .state_initial = state_initial,");
    code.line(fmt::format(".table_values = {},", statements_.table_values()));
    code.line(fmt::format(".writes_concentration = {:d}, .fixed_step_only = {:d},", writes_concentration(), !derived));
    code.line(fmt::format(".build_tables = {},", function(!tables_.empty(), "build_tables")));
    code.line(fmt::format(".init = {},", function(has_initial_, "phase_initial<true>")));
    code.line(fmt::format(".current = {},", function(has_current_, "phase_current<true>")));
    code.line(fmt::format(".state = {},", function(has_state_, "phase_state<true>")));
    code.line(fmt::format(".lean_init = {},", function(has_initial_, "phase_initial<false>")));
    code.line(fmt::format(".lean_current = {},", function(has_current_, "phase_current<false>")));
    code.line(fmt::format(".lean_state = {},", function(has_state_, "phase_state<false>")));
    const auto& receive = mechanism_.net_receive;
    const std::size_t n_watches = receive ? receive->watches.size() : 0;
    code.line(fmt::format(".n_pointers = {}, .n_randoms = {}, .n_weights = {}, .n_watches = {},",
                          layout_.pointers.size(), mechanism_.randoms.size(), weights().size(), n_watches));
    code.line(".pointer = pointers, .random = randoms, .weight = weights,");
    code.line(fmt::format(".net_init = {},", function(receive && receive->initial, "phase_net_init")));
    code.line(fmt::format(".net_receive = {},", function(receive.has_value(), "phase_net_receive")));
    code.line(fmt::format(".watch = {},", function(n_watches > 0, "watch")));
    std::vector<std::string> hooks;
    for (std::size_t moment = 0; moment < hook_names.size(); ++moment) {
      hooks.push_back(has_hook(moment) ? fmt::format("phase_{}<true>", hook_names[moment]) : "nullptr");
    }
    code.line(fmt::format(".hook = {{{}}},", fmt::join(hooks, ", ")));
    code.line(fmt::format(".derivatives = {},", derived ? "&derivatives" : "nullptr"));
    code.line(fmt::format(".n_vectors = {}, .vector = vectors,", mechanism_.vectors.size()));
    code.line(fmt::format(".no_derivatives = {},", derived ? "nullptr" : quoted(plan_.reason)));
    code.line(fmt::format(".n_rests = {},", single_.rests.size()));
    code.close("};");
    code.blank();
    code.line("}  // namespace");
    code.blank();
    code.open(
        fmt::format("extern \"C\" __attribute__((visibility(\"default\"))) const cw_mechanism* {}(int32_t* count) {{",
                    entry_symbol_));
    code.line("*count = 1;");
    code.line("return &mechanism;");
    code.close();
  }

  const MechanismDescription& mechanism_;
  const std::string entry_symbol_;
  const Layout layout_;
  const bool has_context_;
  EffectsFinder effects_;
  StatementWriter statements_;
  DerivativePlan plan_;
  SingleStepPlan single_;                                                    ///< empty in the strict mode
  bool has_usual_exp_in_implicit_ = false, has_usual_exp_in_state_ = false;  ///< of the single phase
  std::vector<const Function*> tables_;
  std::set<std::string> table_reads_;
  std::set<int> transients_;  ///< rows of `var`, see find_transients
  bool has_initial_ = false, has_current_ = false, has_state_ = false;
};

}  // namespace

std::string generate_cpp(const MechanismDescription& mechanism, const std::string& entry_symbol) {
  const std::string strict = Generator(mechanism, entry_symbol, false).generate();
  const MechanismDescription rewritten = for_fast_mode(mechanism);
  const std::string fast = Generator(rewritten, entry_symbol, true).generate();
  if (fast == strict) return strict;
  return fmt::format("#if CELLWRIGHT_FAST\n{}#else\n{}#endif\n", fast, strict);
}

}  // namespace cellwright::nmodl
