/// VERBATIM blocks -> NMODL, as far as their C code is of the kind that published mechanisms have:
///   VERBATIM  value = nrnran123_dblpick((nrnran123_State*)_p_rng);  ENDVERBATIM   ->   value = random_uniform(rng)
///   VERBATIM  return 0;  ENDVERBATIM                                             ->   RETURN
/// Variables that hold a random generator become RANDOMs, those that hold a Vector become VECTORs, which the model
/// fills. What only NEURON's interpreter can call (setRNG, bbsavestate, play ...) is left out: the engine sets streams
/// and lists itself. Everything else is refused at its place (docs/decisions/0006-verbatim.md).

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>

#include <fmt/format.h>

#include "nmodl/passes/pass.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/passes/verbatim/c_translator.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

constexpr const char* what_to_do = "write it in NMODL (random numbers: RANDOM), or simulate this model with NEURON";

bool holds_verbatim(const CodeBlock& block) {
  bool found = false;
  walk_statements(block.body, [&](const Statement& s) { found = found || std::holds_alternative<Verbatim>(s.node); });
  return found;
}

/// What a piece of C does with the variables that hold pointers, judged by the words in it.
class HandleFinder {
 public:
  explicit HandleFinder(CContext& context) : context_(context) {}

  void add(const std::vector<CToken>& tokens) {
    Piece piece;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const std::string& text = tokens[i].text;
      piece.streams = piece.streams || text.starts_with("nrnran123_") || text.starts_with("nrn_random_");
      piece.lists = piece.lists || text.starts_with("vector_") || text == "IvocVect";
      piece.makes_streams = piece.makes_streams || text.starts_with("nrnran123_newstream");
      const bool address = i >= 2 && tokens[i - 1].is("&") && tokens[i - 2].is("(");
      const bool pointer = text.starts_with("_p_") && text.size() > 3;
      if (tokens[i].kind != CToken::Kind::name || (!pointer && !address)) continue;
      const std::string name = pointer ? text.substr(3) : text;
      if (!context_.variables.contains(name)) continue;
      piece.names.push_back(name);
      vote_by_cast(tokens, i, name);
    }
    vote(piece);
    if (piece.makes_streams) note_flags(tokens, piece);
  }

  void finish() {
    for (const auto& [name, votes] : votes_) {
      if (votes == 0) continue;
      const Handle::Kind kind = votes > 0 ? Handle::Kind::stream : Handle::Kind::list;
      context_.handles[name] = {kind, kind == Handle::Kind::stream && !made_.contains(name)};
    }
    std::erase_if(context_.flags, [&](const auto& flag) { return !context_.handles.contains(flag.second); });
  }

 private:
  struct Piece {
    bool streams = false, lists = false, makes_streams = false;
    std::vector<std::string> names;
  };

  /// (nrnran123_State*)_p_x, *((IvocVect**)(&x)): the type tells.
  void vote_by_cast(const std::vector<CToken>& tokens, std::size_t at, const std::string& name) {
    for (std::size_t back = 1; back <= 7 && back <= at; ++back) {
      const CToken& token = tokens[at - back];
      if (token.kind != CToken::Kind::name) {
        if (!token.is("(") && !token.is(")") && !token.is("*") && !token.is("&")) return;
        continue;
      }
      if (token.text == "nrnran123_State" || token.text == "Rand") votes_[name] += 10;
      if (token.text == "IvocVect") votes_[name] -= 10;
      return;
    }
  }

  void vote(const Piece& piece) {
    for (const std::string& name : piece.names) {
      if (piece.streams && !piece.lists) ++votes_[name];
      if (piece.lists && !piece.streams) --votes_[name];
      if (piece.makes_streams) made_.insert(name);
    }
  }

  /// `usingR123 = 1;` beside nrnran123_newstream3.
  void note_flags(const std::vector<CToken>& tokens, const Piece& piece) {
    for (std::size_t i = 0; i + 3 < tokens.size() && !piece.names.empty(); ++i) {
      const bool set = tokens[i + 1].is("=") && tokens[i + 2].text == "1" && tokens[i + 3].is(";");
      if (set && context_.variables.contains(tokens[i].text)) context_.flags[tokens[i].text] = piece.names.front();
    }
  }

  CContext& context_;
  std::map<std::string, int> votes_;  ///< above 0: stream
  std::set<std::string> made_;        ///< gets a Random123 generator somewhere
};

class VerbatimPass {
 public:
  explicit VerbatimPass(PassContext& context) : context_(context), module_(context.module) {}

  void run() {
    collect_names();
    find_handles();
    translate_items();
    translate_c_functions();
    put_constants();
    report_reachable();
    redeclare();
    std::erase_if(module_.items, [](const Item& item) {
      if (std::holds_alternative<Verbatim>(item.node)) return true;
      const auto* block = std::get_if<CodeBlock>(&item.node);
      const bool memory = block != nullptr &&
                          (block->kind == CodeBlock::Kind::destructor || block->kind == CodeBlock::Kind::constructor);
      return memory && block->body.empty();
    });
  }

 private:
  // ------------------------------------------------------------------------------------------------ what there is

  void collect_names() {
    for (const char* name : {"v", "t", "dt", "celsius", "area", "diam"}) c_.variables.insert(name);
    for (const Item& item : module_.items) {
      std::visit(Overloaded{[&](const NeuronBlock& block) { collect_names(block); },
                            [&](const DefinitionBlock& block) {
                              for (const Definition& d : block.definitions) c_.variables.insert(d.variable.name);
                            },
                            [&](const UnitsBlock& block) {
                              for (const UnitDefinition& d : block.definitions) c_.variables.insert(d.name.name);
                            },
                            [&](const Local& local) {
                              for (const Declarator& d : local.variables) c_.variables.insert(d.name);
                            },
                            [&](const CodeBlock& block) {
                              if (block.kind == CodeBlock::Kind::function) c_.functions.insert(block.name.name);
                              if (block.kind == CodeBlock::Kind::procedure) c_.procedures.insert(block.name.name);
                            },
                            [](const auto&) {}},
                 item.node);
    }
  }

  void collect_names(const NeuronBlock& block) {
    for (const NeuronStatement& statement : block.statements) {
      if (const auto* list = std::get_if<NameList>(&statement.node)) {
        for (const Identifier& id : list->names) c_.variables.insert(id.name);
      }
      if (const auto* ion = std::get_if<UseIon>(&statement.node)) {
        for (const auto* names : {&ion->reads, &ion->writes}) {
          for (const Identifier& id : *names) c_.variables.insert(id.name);
        }
      }
    }
  }

  void find_handles() {
    CReader reader;
    HandleFinder finder(c_);
    const auto read = [&](const Verbatim& verbatim, const Place& place) {
      try {
        finder.add(reader.read(verbatim, place));
      } catch (const Refusal&) {
        // Told when the block is translated.
      }
    };
    for (const Item& item : module_.items) {
      if (const auto* verbatim = std::get_if<Verbatim>(&item.node)) read(*verbatim, item.place);
      const auto* block = std::get_if<CodeBlock>(&item.node);
      if (block == nullptr) continue;
      walk_statements(block->body, [&](const Statement& statement) {
        if (const auto* verbatim = std::get_if<Verbatim>(&statement.node)) read(*verbatim, statement.place);
      });
    }
    finder.finish();
  }

  // ------------------------------------------------------------------------------------------------ translation

  void translate_items() {
    CReader reader;
    for (Item& item : module_.items) {
      if (const auto* verbatim = std::get_if<Verbatim>(&item.node)) file_level(*verbatim, item.place, reader);
      auto* block = std::get_if<CodeBlock>(&item.node);
      if (block == nullptr || !holds_verbatim(*block)) continue;
      if (block->kind == CodeBlock::Kind::destructor) {
        block->body.clear();  // gives memory back
        continue;
      }
      COwner owner{block->kind, block->name.name, {}};
      for (const Declarator& argument : block->arguments) owner.arguments.insert(argument.name);
      if (block->kind == CodeBlock::Kind::net_receive) owner.arguments.insert("flag");
      c_.silent = reader.silent();
      attempt(*block, [&] { block->body = translate_block(block->body, owner, c_, reader); });
    }
  }

  void file_level(const Verbatim& verbatim, const Place& place, CReader& reader) {
    std::vector<CToken> tokens;
    try {
      tokens = reader.read(verbatim, place);
    } catch (const Refusal& refusal) {
      refusals_[""].push_back(refusal);
      return;
    }
    CDeclarations declarations = parse_c_declarations(tokens);
    if (declarations.refusal) refusals_[""].push_back(*declarations.refusal);
    for (CFunction& function : declarations.functions) {
      const std::string name = function.name;
      c_.c_functions.insert_or_assign(name, std::move(function));
    }
    for (const CStatement& variable : declarations.variables) {
      const bool number = variable.type != "*" && !variable.size && variable.initial.size() == 1;
      if (!number) continue;
      if (const auto value = number_of(variable.initial[0])) c_.constants[variable.name] = *value;
    }
  }

  static std::optional<double> number_of(const CExpression& e) {
    if (e.kind == CExpression::Kind::unary && e.text == "-") {
      const auto inner = number_of(e.parts[0]);
      return inner ? std::optional(-*inner) : std::nullopt;
    }
    double value = 0;
    const auto result = std::from_chars(e.text.data(), e.text.data() + e.text.size(), value);
    if (e.kind != CExpression::Kind::number || result.ec != std::errc()) return std::nullopt;
    return value;
  }

  template <class Translate>
  void attempt(CodeBlock& block, const Translate& translate) {
    try {
      translate();
    } catch (const Refusal& refusal) {
      const bool callable = block.kind == CodeBlock::Kind::function || block.kind == CodeBlock::Kind::procedure;
      const std::string name = callable ? block.name.name : "";
      collect_calls(block, calls_of_refused_[name]);
      block.body.clear();
      refusals_[name].push_back(refusal);
    }
  }

  void translate_c_functions() {
    std::set<std::string> done;
    while (true) {
      const auto next = std::find_if(c_.used_functions.begin(), c_.used_functions.end(),
                                     [&](const std::string& name) { return !done.contains(name); });
      if (next == c_.used_functions.end()) return;
      const std::string name = *next;
      done.insert(name);
      const CFunction& function = c_.c_functions.at(name);
      CodeBlock block;
      block.kind = CodeBlock::Kind::function;
      block.name = {name, function.place};
      attempt(block, [&] {
        if (function.refusal) throw *function.refusal;
        block = translate_function(function, c_);
      });
      module_.items.push_back({std::move(block), function.place});
    }
  }

  /// Constants of C code at file level that NMODL statements use.
  void put_constants() {
    for (Item& item : module_.items) {
      auto* block = std::get_if<CodeBlock>(&item.node);
      if (block == nullptr || c_.constants.empty()) continue;
      walk_all_expressions(block->body, [&](Expression& e) {
        const auto* name = std::get_if<Name>(&e.node);
        const auto found = name != nullptr ? c_.constants.find(name->name) : c_.constants.end();
        if (found != c_.constants.end() && !c_.variables.contains(found->first))
          e.node = make_number(found->second).node;
      });
    }
  }

  // ------------------------------------------------------------------------------------------------ reports

  void collect_calls(const CodeBlock& block, std::deque<std::string>& names) const {
    walk_statements(block.body, [&](const Statement& statement) {
      if (const auto* call = std::get_if<CallStatement>(&statement.node)) names.push_back(call->call.name);
      if (const auto* solve = std::get_if<Solve>(&statement.node)) names.push_back(solve->block.name);
      for_each_expression(statement, [&](const Expression& expression) {
        walk_expression(expression, [&](const Expression& e) {
          if (const auto* call = std::get_if<Call>(&e.node)) names.push_back(call->name);
        });
      });
    });
  }

  /// Code that only the interpreter can call is not part of the mechanism here, so it may be anything.
  void report_reachable() {
    std::map<std::string, const CodeBlock*> blocks;
    std::deque<std::string> names = {""};
    for (const Item& item : module_.items) {
      const auto* block = std::get_if<CodeBlock>(&item.node);
      if (block == nullptr) continue;
      const bool callable = block->kind == CodeBlock::Kind::function || block->kind == CodeBlock::Kind::procedure;
      if (callable) blocks.emplace(block->name.name, block);
      if (!callable) collect_calls(*block, names);
    }
    std::set<std::string> seen;
    for (; !names.empty(); names.pop_front()) {
      const std::string name = names.front();
      if (!seen.insert(name).second) continue;
      for (const Refusal& refusal : refusals_[name]) {
        context_.reporter.error("nmodl-verbatim", refusal.place,
                                fmt::format("VERBATIM: there is no translation for {}", refusal.reason), what_to_do);
      }
      if (const auto block = blocks.find(name); block != blocks.end()) collect_calls(*block->second, names);
      const std::deque<std::string>& more = calls_of_refused_[name];
      names.insert(names.end(), more.begin(), more.end());
    }
  }

  // ------------------------------------------------------------------------------------------------ declarations

  void redeclare() {
    const auto is_handle = [&](const std::string& name) { return c_.handles.contains(name); };
    NeuronBlock* neuron = nullptr;
    for (Item& item : module_.items) {
      if (auto* block = std::get_if<DefinitionBlock>(&item.node)) {
        std::erase_if(block->definitions, [&](const Definition& d) { return is_handle(d.variable.name); });
      }
      auto* block = std::get_if<NeuronBlock>(&item.node);
      if (block == nullptr) continue;
      neuron = block;
      for (NeuronStatement& statement : block->statements) {
        auto* list = std::get_if<NameList>(&statement.node);
        if (list != nullptr) std::erase_if(list->names, [&](const Identifier& id) { return is_handle(id.name); });
      }
      std::erase_if(block->statements, [](const NeuronStatement& statement) {
        const auto* list = std::get_if<NameList>(&statement.node);
        return list != nullptr && list->names.empty();
      });
    }
    if (neuron == nullptr) return;
    for (const auto& [name, handle] : c_.handles) {
      if (handle.kind == Handle::Kind::stream) {
        neuron->statements.push_back({RandomDeclaration{{{name, {}}}}, {}});
      } else {
        neuron->statements.push_back({NameList{NameList::Kind::vector, {{name, {}}}}, {}});
      }
    }
  }

  PassContext& context_;
  Module& module_;
  CContext c_;
  std::map<std::string, std::deque<std::string>> calls_of_refused_;  ///< what their NMODL statements call
  std::map<std::string, std::vector<Refusal>> refusals_;  ///< by FUNCTION or PROCEDURE; "": of blocks that always run
};

}  // namespace

void verbatim_pass(PassContext& context) {
  const bool needed = std::any_of(context.module.items.begin(), context.module.items.end(), [](const Item& item) {
    const auto* block = std::get_if<CodeBlock>(&item.node);
    return std::holds_alternative<Verbatim>(item.node) || (block != nullptr && holds_verbatim(*block));
  });
  if (needed) VerbatimPass(context).run();
}

}  // namespace cellwright::nmodl
