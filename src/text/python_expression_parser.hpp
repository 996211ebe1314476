#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/python_expression_nodes.hpp"

namespace cellwright::text {

/// @throws ConfigError as PythonExpression's constructor.
std::shared_ptr<const PythonExpression::Node> parse_python_expression(std::string_view text,
                                                                      const std::vector<std::string>& placeholders,
                                                                      const SourceSpan& span);

const char* operator_text(BinaryOperator operation);
bool node_uses(const PythonExpression::Node& node, std::size_t placeholder);

}  // namespace cellwright::text
